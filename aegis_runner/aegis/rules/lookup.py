"""The traits of a rule type, or of somebody else's test, by its name; and what follows from them for a result."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from aegis.domain.results import ResultKind
from aegis.rules.declared import NOT_YET, registry, stand_in_for
from aegis.rules.traits import Traits

if TYPE_CHECKING:
    from aegis.domain.report import Hop
    from aegis.domain.results import Result


@cache
def traits_of(rule_type: str) -> Traits | None:
    """The traits of a rule type, or of a generic test as results call it (``dbt_utils.accepted_range``); None for one
    that nobody here knows."""
    package, _, name = rule_type.rpartition(".")
    ours = name if name in registry() else stand_in_for(name) if name in NOT_YET else None
    if package in ("", "aegis") and ours is not None:
        return registry()[ours].traits
    from aegis.rules.foreign import foreign_test

    test = foreign_test(rule_type)
    return None if test is None else test.traits


def counts_rows(result: Result) -> bool:
    """Whether ``rows_failed`` are rows."""
    traits = traits_of(result.rule_type)
    return result.kind in (ResultKind.RULE, ResultKind.TEST) and (traits is None or traits.counts_rows)


def failed_share(result: Result) -> float | None:
    """Failed rows by checked rows, 0 to 1; None where either is unknown, nothing was checked, or what failed is not
    some of the rows that were checked: the whole table, or what a query gave."""
    failed, checked, traits = result.rows_failed, result.rows_checked, traits_of(result.rule_type)
    if not checked or failed is None or failed > checked or not counts_rows(result):
        return None
    return failed / checked if traits is None or traits.has_share else None


def rows_on_the_way(hop: Hop) -> int | None:
    """``rows_failed`` of a table on the way; None where the table is judged as one and shows the fault once."""
    traits = traits_of(hop.type) if hop.type else None
    return hop.rows_failed if traits is None or traits.counts_rows else None
