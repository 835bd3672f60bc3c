"""Models that their rows kept from being built: the rows are what failed, in the table that has them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from aegis.dbt.artifacts.refusals import Fault, Refusal, refusal_of
from aegis.dbt.graph.conversions import Conversion
from aegis.domain.report import Finding
from aegis.domain.results import Status
from aegis.investigate.checks import CheckRunner
from aegis.investigate.context import FindingState
from aegis.investigate.localise import Hop, Origin, TraceContext
from aegis.investigate.query_budget import BudgetExceeded
from aegis.investigate.symptoms import Symptom
from aegis.rules.types.completeness import NotNull
from aegis.rules.types.uniqueness import CompositeUnique, Unique
from aegis.rules.types.validity import SqlExpression
from aegis.sql.dialects import dialect_of


def rows_behind(
    unbuilt: Sequence[Finding], known: TraceContext, probes: CheckRunner, first: int
) -> Iterator[FindingState]:
    """Those findings of which the rows are found, numbered from ``first``, each as the question that finds them."""
    number = first
    for finding in unbuilt:
        try:
            symptom = _symptom(finding, known, probes)
        except BudgetExceeded:
            return
        if symptom is not None:
            number += 1
            yield FindingState(number - 1, finding.model_copy(update={"id": f"F{number}"}), symptom)


def _symptom(finding: Finding, known: TraceContext, probes: CheckRunner) -> Symptom | None:
    """The question that the most rows answer; None where no row does, or none can be asked."""
    node, refusal = finding.result.unique_id, refusal_of(finding.result.message)
    if refusal is None:
        return None
    if refusal.fault is Fault.CONVERSION:
        asked = [_convertible(one, probes.dialect) for one in known.column_lineages.conversions(node)]
    else:
        asked = _of_its_own_rows(node, refusal, known, probes)
    counted = [replace(one, count=count.failed) for one, count in zip(asked, probes.ask(asked), strict=True)]
    return max((one for one in counted if one.count), key=lambda one: one.count or 0, default=None)


def _convertible(conversion: Conversion, adapter: str) -> Symptom:
    """Whether the values that a model reads can be converted."""
    return Symptom(
        node=conversion.node,
        type=SqlExpression.type,
        columns=conversion.columns,
        parameters={"expression": conversion.holds},
        where=conversion.where,
        dialect=dialect_of(adapter),
    )


def _of_its_own_rows(node: str, refusal: Refusal, known: TraceContext, probes: CheckRunner) -> list[Symptom]:
    """Whether the rows that the model would have keep the constraint that it could not be built with."""
    sql = known.column_lineages.compiled(node)
    if sql is None:
        return []
    probes.stand_in(node, sql)
    if refusal.fault is Fault.NULL:
        return [Symptom(node, NotNull.type, refusal.columns[:1])] if refusal.columns else []
    promised = [refusal.columns] if refusal.columns else map(tuple, map(sorted, known.unique.get(node, ())))
    return [Symptom(node, Unique.type if len(key) == 1 else CompositeUnique.type, key) for key in promised]


def is_unbuilt(state: FindingState) -> bool:
    """Whether the finding is a model that could not be built."""
    return state.finding.result.status is Status.ERROR


def known_of(node: str, known: TraceContext) -> TraceContext:
    """What is known, but for that the model could not be built: that is what is asked about."""
    return replace(known, broken=known.broken - {node})


def down_to(node: str, origin: Origin) -> Origin:
    """The origin with the model that could not be built at the end of the way."""
    if origin.path and origin.path[0].node == node:
        return origin
    return replace(origin, path=(Hop(node, None, None, "it could not be built"), *origin.path))
