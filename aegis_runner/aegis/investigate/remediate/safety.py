"""When a fix does harm, though its rule may pass afterwards. Each law is one function that says what broke it, or None.

- Rows that passed the rule are left as they are.
- At most a fifth of the different rows goes; what goes beyond exact copies is data.
- No column gets more NULLs. (Blank texts may become NULL where blanks are the fault.)
- No column gets more blank texts.
- Only columns that the rule is about are changed.
- A key is not made up: rows that share one are not given others.
- Every key that was there is there afterwards.
- Values that differ do not become one, unless they are spellings of it.
- A value that is close to one accepted value does not become another.
- A value that was never there is not put where there was none.
- No row is added of which there is a copy.
- No other rule fails for more rows, and each can still be asked.
- The rule itself fails for no more rows than before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import JsonValue

from aegis.domain.text import plural
from aegis.investigate.spelling import alike, plain
from aegis.rules.traits import FixKind

if TYPE_CHECKING:
    from aegis.investigate.remediate.changed_rows import Difference, Pair
    from aegis.investigate.remediate.measure import State
    from aegis.investigate.remediate.target import FixTarget
    from aegis.sql.change import GatedChange

MOST_LOST = 0.2
"""The share of different rows that may go."""


@dataclass(frozen=True, slots=True)
class TrialOutcome:
    """A trial: the change, the table before and after, and what became of rows and values.

    ``different`` is how many different rows there were, or a smaller number that is enough for the laws (of a DELETE).
    ``pairs`` are the values put in place of others, None where nobody can tell; ``unseen`` are those that were put in
    place of nothing and that no row had.
    """

    target: FixTarget
    change: GatedChange
    before: State
    after: State
    difference: Difference
    different: int
    pairs: tuple[Pair, ...] | None = ()
    unseen: tuple[Pair, ...] = ()

    def shown(self, column: str, value: JsonValue) -> str:
        """A value in a message; of a personal column no value is told."""
        return "a value" if self.target.personal(column) else f"'{value}'"


def harm(seen: TrialOutcome) -> str | None:
    """The first law that a change breaks, in words."""
    return next((said for law in SAFETY_CHECKS if (said := law(seen)) is not None), None)


def _passing_rows_stay(seen: TrialOutcome) -> str | None:
    many = seen.difference.passing_gone
    return f"changes or removes {_rows(many)} that passed the rule" if many else None


def _few_rows_are_lost(seen: TrialOutcome) -> str | None:
    lost, different = seen.difference.lost, seen.different
    if seen.change.kind != "delete" or lost <= MOST_LOST * different:
        return None
    return f"removes {lost:,} of {different:,} different rows, more than {MOST_LOST:.0%}"


def _no_new_nulls(seen: TrialOutcome) -> str | None:
    blanks_may = FixKind.BLANK_TO_NULL in seen.target.fixes
    own = {name.lower() for name in seen.target.symptom.columns}
    for column, more in seen.difference.nulls.items():
        if blanks_may and column.lower() in own:
            more += seen.difference.blanks.get(column, 0)
        if more > 0:
            return f"puts NULL into {column}, {more:,} times"
    return None


def _no_new_blanks(seen: TrialOutcome) -> str | None:
    for column, more in seen.difference.blanks.items():
        if more > 0:
            return f"puts blanks into {column}, {more:,} times"
    return None


def _only_own_columns(seen: TrialOutcome) -> str | None:
    symptom = seen.target.symptom
    second = symptom.parameters.get("column_b")
    own = {str(name).lower() for name in (*symptom.columns, second) if name}
    if not own or seen.change.kind not in ("update", "merge"):
        return None
    foreign = [column for column in seen.change.columns if column.lower() not in own]
    return f"changes {', '.join(foreign)}, which the rule is not about" if foreign else None


def _keys_are_not_made_up(seen: TrialOutcome) -> str | None:
    symptom = seen.target.symptom
    key = {name.lower() for name in symptom.columns}
    made = symptom.identifies and key & {column.lower() for column in seen.change.columns}
    return "gives rows another key" if made and seen.change.kind in ("update", "merge") else None


def _every_key_stays(seen: TrialOutcome) -> str | None:
    before, after = seen.before.keys, seen.after.keys
    if before is None or after is None or after >= before:
        return None
    return f"leaves no row of {plural(before - after, 'key')}"


def _different_values_stay_apart(seen: TrialOutcome) -> str | None:
    spelled = alike if FixKind.SPELLING in seen.target.fixes else _same_text
    unlike: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for pair in seen.pairs or ():
        if pair.old is not None and pair.new is not None and not spelled(pair.old, pair.new):
            unlike[pair.column, str(pair.new)].add(plain(pair.old))
    for (column, new), old in unlike.items():
        if len(old) > 1:
            return f"puts one value ({seen.shown(column, new)}) in place of {len(old):,} different ones of {column}"
    return None


def _spelling_is_kept(seen: TrialOutcome) -> str | None:
    accepted = seen.target.symptom.parameters.get("values")
    if FixKind.SPELLING not in seen.target.fixes or not isinstance(accepted, list):
        return None
    for pair in seen.pairs or ():
        meant = [value for value in accepted if alike(pair.old, value)]
        if meant and not alike(pair.old, pair.new):
            new, old = seen.shown(pair.column, pair.new), seen.shown(pair.column, pair.old)
            return f"puts {new} in place of {old}, which is close to '{meant[0]}'"
    return None


def _nothing_is_made_up(seen: TrialOutcome) -> str | None:
    for pair in seen.unseen:
        new = seen.shown(pair.column, pair.new)
        return f"puts {new}, which {pair.column} never had, where there was nothing, {pair.rows:,} times"
    return None


def _no_copies_are_added(seen: TrialOutcome) -> str | None:
    many = seen.difference.repeated
    return f"adds {_rows(many)} of which there is a copy" if many and seen.change.kind in ("insert", "merge") else None


def _no_other_rule_gets_worse(seen: TrialOutcome) -> str | None:
    for rule, after in seen.after.others.items():
        if after is None:
            return f"{rule} can no longer run"
        before = seen.before.others[rule]
        if before is not None and after > before:
            return f"{rule} fails for {after:,} instead of {before:,}"
        if rule in seen.before.holding - seen.after.holding:
            return f"{rule} fails, which held before"
    return None


def _the_rule_gets_no_worse(seen: TrialOutcome) -> str | None:
    before, after = seen.before.failed, seen.after.failed
    if after is None:
        return "the rule can no longer run"
    return f"the rule fails for {after:,} instead of {before:,}" if before is not None and after > before else None


SAFETY_CHECKS: tuple[Callable[[TrialOutcome], str | None], ...] = (
    _passing_rows_stay,
    _no_other_rule_gets_worse,
    _the_rule_gets_no_worse,
    _few_rows_are_lost,
    _every_key_stays,
    _keys_are_not_made_up,
    _no_new_nulls,
    _no_new_blanks,
    _only_own_columns,
    _different_values_stay_apart,
    _spelling_is_kept,
    _nothing_is_made_up,
    _no_copies_are_added,
)


def _same_text(one: JsonValue, other: JsonValue) -> bool:
    return plain(one) == plain(other)


def _rows(many: int) -> str:
    return plural(many, "row")
