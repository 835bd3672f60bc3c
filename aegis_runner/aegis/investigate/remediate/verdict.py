"""The verdict on a fix that was tried: what speaks against it, and whether a rule that passes is proof."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import JsonValue

from aegis.domain.kinds import Verdict
from aegis.domain.text import plural, plural_of
from aegis.investigate.remediate.changed_rows import Pair
from aegis.investigate.remediate.safety import TrialOutcome, harm
from aegis.investigate.remediate.target import relation_of
from aegis.rules.traits import Carry

if TYPE_CHECKING:
    from aegis.investigate.remediate.target import FixTarget


def filled(seen: TrialOutcome) -> list[Pair]:
    """Values put in place of nothing."""
    return [one for one in seen.pairs or () if not _nothing(one.new) and _nothing(one.old)]


def made_up(seen: TrialOutcome) -> list[Pair]:
    """Of these, the ones that come from nowhere: constants, or one value for several rows of which nothing was read."""
    put = filled(seen)
    alone = seen.change.simple and not _others_read(seen)
    values = {column: {str(one.new) for one in put if one.column == column} for column in seen.change.columns}
    several = {one.column for one in put if one.rows > 1 and len(values[one.column]) == 1}
    return [one for one in put if one.column in seen.change.constants or (alone and one.column in several)]


def overwritten(seen: TrialOutcome) -> list[str]:
    """Columns whose values gave way to those of another column of the row, which is there twice then; where the two
    change places, nothing is lost."""
    change, columns = seen.change, {name.lower() for name in seen.target.columns}
    assigned = {column.lower(): _own_column(value, seen) for column, value in change.assigned.items()}
    had_values = {one.column.lower() for one in seen.pairs or () if not _nothing(one.old)}
    return [
        column
        for column, other in assigned.items()
        if other in columns - {column} and other not in assigned and column in had_values
    ]


def _own_column(sql: str, seen: TrialOutcome) -> str | None:
    """The column of the changed table that the SQL is, if it is nothing but one."""
    table, _, name = sql.rpartition(".")
    own = {"", (seen.change.alias or seen.target.called).strip('"`').lower()}
    return name.strip('"`').lower() if table.strip('"`').lower() in own else None


def _others_read(seen: TrialOutcome) -> bool:
    """Whether the change reads another table, which may know what is missing."""
    own = relation_of(seen.target.node).name.lower()
    return any(one.name.lower() != own for one in seen.change.tables)


def _nothing(value: JsonValue) -> bool:
    return value is None or not str(value).strip()


def verdict_on(seen: TrialOutcome, *, failing_known: bool) -> tuple[Verdict, str | None]:
    """It, and why it is no better."""
    if not seen.difference.changed:
        return Verdict.USELESS, "it changes no row"
    broken = harm(seen)
    if broken is not None:
        return Verdict.HARMFUL, broken
    before, after = seen.before.failed, seen.after.failed
    assert before is not None and after is not None  # the laws have seen to it
    if after == before:
        return Verdict.USELESS, "the rule fails for as many rows as before"
    if after:
        return Verdict.PARTIAL, f"{after:,} of {before:,} still fail"
    return _doubt(seen, failing_known=failing_known)


def _doubt(seen: TrialOutcome, *, failing_known: bool) -> tuple[Verdict, str | None]:
    """A rule that passes, by means that a rule cannot see through, is no proof."""
    put = [one for one in filled(seen) if one.column in seen.change.constants or not _others_read(seen)]
    # Of rows that share a key, only exact copies are one row too many.
    lost = seen.difference.lost if seen.change.kind == "delete" and seen.target.symptom.carry is Carry.UNIQUENESS else 0
    lost_values = overwritten(seen)
    doubts = {
        "it is not known which value replaced which": seen.pairs is None,
        f"nothing shows that the values written to {put[0].column if put else ''} are right": bool(put),
        "rows were deleted rather than repaired": seen.change.kind == "delete" and not _fixed_by_delete(seen.target),
        f"it loses data: {plural(lost, 'row')} that {plural_of(lost, 'differs', 'differ')}": lost > 0,
        f"the values of {', '.join(lost_values)} are lost: they become those of another column": bool(lost_values),
        "the rule does not say which rows were wrong": not failing_known,
        "nothing shows that the added rows are right": seen.change.kind in ("insert", "merge")
        and seen.difference.new > seen.difference.gone,
    }
    doubt = next((said for said, there in doubts.items() if there), None)
    if doubt is not None:
        return Verdict.PARTIAL, f"the rule passes, but {doubt}"
    unasked = [rule for rule, failed in seen.before.others.items() if failed is None]
    return Verdict.VERIFIED, f"not checked, because they cannot run there: {', '.join(unasked)}" if unasked else None


def _fixed_by_delete(target: FixTarget) -> bool:
    """Whether the rule is about rows that should not be there, and not about a value in a row that should."""
    return target.symptom.traits is not None and target.symptom.traits.fixed_by_delete
