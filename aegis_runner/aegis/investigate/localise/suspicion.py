"""What is odd about the tables at the top, whatever was asked: copies, blanks, numbers out of the ordinary, no rows.

Where a value is computed, no question can be carried to what it is computed from. Then the tables above are looked at
for what commonly goes wrong, and each suspicion is tried: the table without it, all between made anew, and the finding
asked again. Only what makes it go away is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from aegis.dbt.suites.render import quoted
from aegis.domain.kinds import OriginKind
from aegis.errors import WarehouseError
from aegis.investigate.healed import healed
from aegis.investigate.localise.origin import GONE, Origin, Proof, is_made
from aegis.investigate.localise.proof import made_with
from aegis.investigate.localise.walk import Walk
from aegis.investigate.query_budget import to_count
from aegis.investigate.symptoms import Symptom
from aegis.rules.types.uniqueness import Unique

NO_ROWS = "it has no rows"
PERHAPS = 0.65
"""How sure an origin is of which something is odd that cannot be taken away to look again."""
_MOST_TABLES = 8
_MOST_COLUMNS = 40
_TIMES = 20
"""A number is out of the ordinary from so many times the median on."""
_FEW = 0.2
"""The share of rows that are odd at most: what is odd is rare."""
_NUMBERS = ("decimal", "numeric", "double", "real", "float", "int", "bigint", "hugeint", "smallint", "number")
_NAMES = ("id", "key", "code", "no", "number")
_TEXTS = ("varchar", "text", "char", "string")


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What is odd about a table: in words, in how many rows, of which column, and the table without it, as a query."""

    node: str
    what: str
    rows: int
    column: str | None
    healed: str


@dataclass(frozen=True, slots=True)
class Question:
    """A finding that can be asked of its node, or test, made by other SQL: how many rows fail now, and then."""

    node: str
    now: int
    count: Callable[[str], int | None]
    compiled: str | None = None


def suspected(question: Question, walk: Walk) -> tuple[Suspicion, Proof] | None:
    """The first suspicion without which the finding is gone.

    Raises:
        BudgetExceeded: No more may be asked.
    """
    for node in _tops(question.node, walk):
        for suspicion in _suspicions(node, walk):
            made = made_with(question.node, node, suspicion.healed, walk, question.compiled)
            left = None if made is None else question.count(made)
            if left is not None and left <= question.now * GONE:
                return suspicion, Proof(question.node, node, suspicion.rows, left, question.now, None)
    return None


def odd_table(test: str, compiled: str, walk: Walk) -> Origin | None:
    """The origin of a test that nobody understands, of which this is the SQL, if a table above it is odd."""
    now = walk.probes.count(compiled)
    found = suspected(Question(test, now, walk.probes.count, compiled), walk) if now else None
    if found is not None:
        odd, seen = found
        return Origin(odd.node, OriginKind.BAD_SOURCE_DATA, (), 0.95, detail=odd.what, proofs=(seen,))
    empty = empty_above(test, walk)
    return None if empty is None else Origin(empty, OriginKind.STALE, (), PERHAPS, detail=NO_ROWS)


def empty_above(node: str, walk: Walk) -> str | None:
    """The one table at the top that has no rows, if there is one."""
    found = []
    for one in _tops(node, walk):
        try:
            found += [one] if walk.probes.rows(one) == 0 else []
        except WarehouseError:
            continue
    return found[0] if len(found) == 1 else None


def _tops(node: str, walk: Walk) -> list[str]:
    """The tables above it that no SQL of the project makes, nearest first, without seeds that are as they were."""
    above = walk.known.lineage.upstream(node)
    return [one for one in above if not is_made(one) and not walk.is_as_before(one)][:_MOST_TABLES]


def _suspicions(node: str, walk: Walk) -> Iterator[Suspicion]:
    here, types = walk.probes.relation(node), walk.probes.types(node)
    if here is None or not types:
        return
    names = dict(list(types.items())[:_MOST_COLUMNS])
    texts = [name for name, kind in names.items() if kind.startswith(_TEXTS) and not kind.endswith("]")]
    # A number that names a row has no size.
    numbers = [
        name for name, kind in names.items()
        if kind.startswith(_NUMBERS) and not kind.endswith("]") and not name.lower().endswith(_NAMES)
    ]  # fmt: skip
    yield from _copies(node, here, walk)
    yield from _keys(node, here, next(iter(types)), walk)
    yield from _in_texts(node, here, texts, list(types), walk)
    yield from _in_numbers(node, here, numbers, list(types), walk)


def _copies(node: str, here: str, walk: Walk) -> Iterator[Suspicion]:
    copies = walk.probes.copies(node)
    if copies:
        yield Suspicion(node, "rows that are there twice", copies, None, f"select distinct * from {here}")


def _keys(node: str, here: str, first: str, walk: Walk) -> Iterator[Suspicion]:
    """Several rows of one key, where the first column looks like one."""
    if not first.lower().endswith("id"):
        return
    counts = _counts(
        here,
        [f"count({quoted(walk.probes.dialect, first)})", f"count(distinct {quoted(walk.probes.dialect, first)})"],
        walk,
    )
    if counts and 0 < counts[1] - counts[2] <= _FEW * counts[0]:
        key = Symptom(node, Unique.type, (first,))
        once = healed(key, walk.probes, walk.known.column_lineages.columns(node))
        if once is not None:
            yield Suspicion(node, f"several rows of one {first}", counts[1] - counts[2], first, once)


def _in_texts(node: str, here: str, texts: Sequence[str], every: Sequence[str], walk: Walk) -> Iterator[Suspicion]:
    """Texts with blanks around them; numbers written with a comma where the others have a point."""
    for what, condition, repaired in _TEXT_SLIPS:
        names = [quoted(walk.probes.dialect, name) for name in texts]
        odd = [condition.format(name) for name in names]
        for name, rows in _rare(here, texts, odd, walk):
            healed = _with(here, every, name, repaired, "true", walk)
            yield Suspicion(node, what.format(name), rows, name, healed)


_BARE = "regexp_replace({0}, '[^0-9.-]', '', 'g')"
_TEXT_SLIPS = (
    ("blanks around {}", "{0} <> trim({0})", "trim({0})"),
    ("{} with a comma in its numbers", "{0} like '%,%'", "replace(replace({0}, '.', ''), ',', '.')"),
    ("{} with more than its number", "{0} <> " + _BARE, _BARE),
)


def _in_numbers(node: str, here: str, numbers: Sequence[str], every: Sequence[str], walk: Walk) -> Iterator[Suspicion]:
    """Numbers out of the ordinary: left out, and a hundredth of them."""
    names = [quoted(walk.probes.dialect, name) for name in numbers]
    odd = [f"abs({name}) > {_TIMES} * (select {_median(name, walk)} from {here} where {name} <> 0)" for name in names]
    for name, rows in _rare(here, numbers, odd, walk):
        condition = odd[numbers.index(name)]
        what = f"{name} out of the ordinary"
        yield Suspicion(node, what, rows, name, f"select * from {here} where not coalesce({condition}, false)")
        yield Suspicion(node, what, rows, name, _with(here, every, name, "{0} / 100", condition, walk))


def _median(name: str, walk: Walk) -> str:
    if walk.probes.dialect in ("postgres", "redshift"):
        return f"percentile_cont(0.5) within group (order by abs({name}))"
    return f"median(abs({name}))"


def _with(here: str, every: Sequence[str], column: str, by: str, condition: str, walk: Walk) -> str:
    """The table with other values of a column in the rows that meet a condition."""
    names = {name: quoted(walk.probes.dialect, name) for name in every}
    other = f"case when {condition} then {by.format(names[column])} else {names[column]} end as {names[column]}"
    return f"select {', '.join(other if name == column else names[name] for name in every)} from {here}"


def _rare(here: str, columns: Sequence[str], odd: Sequence[str], walk: Walk) -> Iterator[tuple[str, int]]:
    """The columns of which some rows, and few, meet their condition, with how many."""
    counts = _counts(here, [f"sum(case when {one} then 1 else 0 end)" for one in odd], walk)
    for column, rows in zip(columns, counts[1:], strict=False):
        if 0 < rows <= _FEW * counts[0]:
            yield column, rows


def _counts(here: str, sums: Sequence[str], walk: Walk) -> list[int]:
    """How many rows there are, and each sum; nothing where the database refuses."""
    if not sums:
        return []
    try:
        row = walk.probes.row(f"select count(*), {', '.join(sums)} from {here}", "what is odd about it?")
    except WarehouseError:
        return []
    return [0 if value is None else to_count(value) for value in row]
