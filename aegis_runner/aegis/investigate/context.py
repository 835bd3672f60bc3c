"""What all steps of one investigation share, and a finding on its way through them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from aegis.dbt.artifacts.read import compiled_sqls
from aegis.dbt.graph.column_lineage import LineageIndex
from aegis.dbt.graph.tables import Tables, tables_of
from aegis.dbt.graph.unique_sets import unique_sets
from aegis.domain.report import Finding
from aegis.domain.results import ResultKind, Status
from aegis.errors import WarehouseError
from aegis.investigate.checks import CheckRunner
from aegis.investigate.localise import Origin, TraceContext
from aegis.investigate.query_budget import BudgetExceeded, QueryBudget
from aegis.investigate.trail import Trail

if TYPE_CHECKING:
    from aegis.dbt.artifacts.read import Artifacts
    from aegis.dbt.artifacts.schema import Manifest, Node
    from aegis.dbt.graph.lineage import Lineage
    from aegis.dbt.graph.state import Change
    from aegis.domain.results import Result
    from aegis.investigate.explain import Explainer
    from aegis.investigate.symptoms import Symptom
    from aegis.privacy import Redactor

Depth = Literal["evidence", "causes"]


@dataclass(frozen=True, slots=True)
class FindingState:
    """A finding and what was found out: its place in the order of severity, the question that it is (None where it is
    none that other tables can be asked), where it began, and what could not be had, in words."""

    number: int
    finding: Finding
    symptom: Symptom | None = None
    origin: Origin | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What dbt built with another file in a scratch target: the results, which nodes, the changed one first, and which
    were asked for."""

    results: Sequence[Result]
    nodes: tuple[str, ...]
    wanted: tuple[str, ...]


@dataclass(frozen=True)
class InvestigationContext:
    """One investigation.

    Attributes:
        changes: Nodes whose code differs from the state manifest; ``None`` where there is none to compare with.
        new_tests: Tests that the earlier run did not have.
        personal: Tells of a column and its table whether its values are; they are put into no query.
        redactor: What passes it may leave the machine.
        explainer: A model that explains; ``None`` without one.
        propose: Whether fixes are looked for and tried.
        build: Builds a node's new file in a scratch target, in so many seconds, or raises an AegisError that says why
            not; None where nothing is to be built.
        most_rows: How large a table a fix is tried on, in rows; None is `SandboxLimits`' own number.
        counted: What was counted of all rows of a table for its findings: by the rows, by what was counted.
    """

    artifacts: Artifacts
    lineage: Lineage
    results: Sequence[Result]
    budget: QueryBudget
    changes: Mapping[str, Change] | None
    depth: Depth
    personal: Callable[[str, str | None], bool]
    redactor: Redactor
    explainer: Explainer | None = None
    propose: bool = True
    build: Callable[[Node, str, float], BuildResult] | None = None
    most_rows: int | None = None
    new_tests: frozenset[str] = frozenset()
    trail: Trail = field(default_factory=Trail)
    counted: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def manifest(self) -> Manifest:
        return self.artifacts.manifest

    @cached_property
    def probes(self) -> CheckRunner:
        return CheckRunner(self.manifest, self.budget)

    @cached_property
    def tables(self) -> Tables:
        return tables_of(self.manifest)


def known(context: InvestigationContext, findings: Sequence[Finding]) -> tuple[TraceContext, tuple[str, ...]]:
    """What the artifacts tell of everything above the findings, and what could not be had for it, in words."""
    # A test may read more tables than the one it is about.
    tests = [parent for one in findings for parent in context.lineage.parents.get(one.result.unique_id, ())]
    starts = [*tests, *(one.result.node for one in findings if one.result.node)]
    wanted = {*starts, *context.lineage.upstream(*starts)}
    columns, missing = _columns(context, wanted)
    found = TraceContext(
        lineage=context.lineage,
        column_lineages=LineageIndex(
            context.manifest, context.budget.dialect, columns, compiled_sqls(context.artifacts, wanted)
        ),
        changes=context.changes,
        broken=frozenset(
            one.unique_id for one in context.results if one.kind is ResultKind.MODEL and one.status is Status.ERROR
        ),
        unique=unique_sets(context.manifest),
        stale=frozenset(
            one.node for one in context.results if one.kind is ResultKind.FRESHNESS and one.failed and one.node
        ),
        personal=context.personal,
    )
    return found, missing


def _columns(context: InvestigationContext, wanted: set[str]) -> tuple[Mapping[str, list[str]], tuple[str, ...]]:
    """Columns of the nodes as the warehouse has them, by one look at its catalog; nothing, and why, if it refuses."""
    nodes = {uid: node for uid in wanted if (node := context.manifest.find(uid)) is not None and node.schema_}
    schemas = sorted({str(node.schema_) for node in nodes.values()})
    if not schemas:
        return {}, ()
    named = ", ".join("'" + name.replace("'", "''") + "'" for name in schemas)
    sql = (
        "select table_schema, table_name, column_name from information_schema.columns "
        f"where table_schema in ({named}) order by table_schema, table_name, ordinal_position"
    )
    try:
        rows = context.budget.ask(sql, "the columns of the tables on the way", 200_000).rows
    except WarehouseError as error:
        return {}, (f"the columns of the tables on the way: {error.message}",)
    except BudgetExceeded as spent:
        return {}, (f"the columns of the tables on the way: {spent}",)
    found: dict[tuple[str, str], list[str]] = {}
    for schema, table, column in rows:
        found.setdefault((str(schema).lower(), str(table).lower()), []).append(str(column))
    keys = {
        uid: (str(node.schema_).lower(), (node.identifier or node.alias or node.name or "").lower())
        for uid, node in nodes.items()
    }
    return {uid: found[key] for uid, key in keys.items() if key in found}, ()
