"""What is odd about the values of a table: copies, keys, blanks, forms of numbers and dates, large numbers, texts of
another column."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from aegis.investigate.healed import healed
from aegis.investigate.localise.origin import COPIES
from aegis.investigate.localise.top import FEW, Suspicion, Top
from aegis.investigate.symptoms import Symptom
from aegis.rules.types.uniqueness import Unique

_TIMES = 20
"""A number is out of the ordinary from so many times the median on."""
_USUAL = 0.05
"""A text is usual in a column from this share of its rows on."""
_MOST_SWAPPED = 6
"""So many columns of texts are looked at for values of each other."""


def copies(top: Top) -> Iterator[Suspicion]:
    """Rows that are equal in every column."""
    found = top.walk.probes.copies(top.node)
    if found:
        yield Suspicion(top.node, COPIES, found, None, f"select distinct * from {top.here}")


def repeated_keys(top: Top) -> Iterator[Suspicion]:
    """Several rows of one key, where the first column looks like one."""
    if top.key is None or top.is_picked_from(top.key):
        return
    name = top.quoted(top.key)
    counts = top.counts([f"count({name})", f"count(distinct {name})"])
    if counts and 0 < counts[1] - counts[2] <= FEW * counts[0]:
        known = top.walk.known.column_lineages.columns(top.node)
        once = healed(Symptom(top.node, Unique.type, (top.key,)), top.walk.probes, known)
        if once is not None:
            yield Suspicion(top.node, f"several rows of one {top.key}", counts[1] - counts[2], top.key, once)


def slips(top: Top) -> Iterator[Suspicion]:
    """Texts with blanks around them; numbers and dates in another form than the others have."""
    for what, condition, repaired in _SLIPS:
        odd = {name: condition.format(top.quoted(name)) for name in top.texts}
        for name, rows in top.rare(odd):
            put = top.with_values({name: repaired.format(top.quoted(name))})
            yield Suspicion(top.node, what.format(name), rows, name, put)


_BARE = "regexp_replace({0}, '[^0-9.-]', '', 'g')"
_YEAR_FIRST = r"regexp_replace({0}, '^(\d\d)[./](\d\d)[./](\d\d\d\d)', '\3-\2-\1')"
_SLIPS = (
    ("blanks around {}", "{0} <> trim({0})", "trim({0})"),
    ("{} with a comma in its numbers", "{0} like '%,%'", "replace(replace({0}, '.', ''), ',', '.')"),
    ("{} with the day before the month and the year", "{0} <> " + _YEAR_FIRST, _YEAR_FIRST),
    ("{} with more than its number", "{0} <> " + _BARE, _BARE),
)


def large_numbers(top: Top) -> Iterator[Suspicion]:
    """Numbers out of the ordinary: left out, and a hundredth of them."""
    odd = {name: _is_large(top, top.quoted(name)) for name in top.numbers}
    for name, rows in top.rare(odd):
        what = f"{name} out of the ordinary"
        without = f"select * from {top.here} where not coalesce({odd[name]}, false)"
        yield Suspicion(top.node, what, rows, name, without)
        hundredth = f"case when {odd[name]} then {top.quoted(name)} / 100 else {top.quoted(name)} end"
        yield Suspicion(top.node, what, rows, name, top.with_values({name: hundredth}))


def _is_large(top: Top, name: str) -> str:
    ordinary = median(top.dialect, f"abs({name})")
    return f"abs({name}) > {_TIMES} * (select {ordinary} from {top.here} where {name} <> 0)"


def median(dialect: str, sql: str) -> str:
    """The value in the middle, as SQL."""
    standard = f"percentile_cont(0.5) within group (order by {sql})"
    return standard if dialect in ("postgres", "redshift") else f"median({sql})"


def swapped_texts(top: Top) -> Iterator[Suspicion]:
    """Texts that are usual in another column, which has an unusual one in their place."""
    if len(top.texts) > _MOST_SWAPPED:
        return
    pairs = permutations(top.texts, 2)
    odd = {(one, other): f"{_usual(top, one, other)} and not {_usual(top, other, other)}" for one, other in pairs}
    for (one, other), rows in top.rare(odd):
        yield Suspicion(top.node, f"{one} and {other} swapped", rows, one, swapped(top, one, other, odd[one, other]))


def _usual(top: Top, column: str, of: str) -> str:
    """Whether a column has a text that is usual in one."""
    name = top.quoted(of)
    enough = f"{_USUAL} * (select count(*) from {top.here})"
    return f"{top.quoted(column)} in (select {name} from {top.here} group by {name} having count(*) >= {enough})"


def swapped(top: Top, one: str, other: str, condition: str) -> str:
    """The table with the values of two columns changed over where a condition holds."""
    ways = ((one, other), (other, one))
    put = {to: f"case when {condition} then {top.quoted(by)} else {top.quoted(to)} end" for to, by in ways}
    return top.with_values(put)
