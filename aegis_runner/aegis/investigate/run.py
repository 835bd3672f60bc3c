"""An investigation without a model: findings in, findings with their origins and the causes behind them out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aegis.dbt.anatomy import Anatomies
from aegis.dbt.artifacts import Artifacts, compiled_sql
from aegis.dbt.columns import columns_of
from aegis.dbt.render import RenderedRelation
from aegis.dbt.state import Change, changes
from aegis.dbt.tables import tables_of
from aegis.domain.report import Cause, Finding
from aegis.domain.results import ResultKind, Status
from aegis.errors import WarehouseError
from aegis.investigate.causes import Traced, reconcile
from aegis.investigate.evidence import Scene, gather
from aegis.investigate.localise import Known, localise
from aegis.investigate.meter import Meter, Spent
from aegis.investigate.probes import Probes
from aegis.investigate.symptoms import Symptom, symptom_of

if TYPE_CHECKING:
    from aegis.dbt.lineage import Lineage
    from aegis.dbt.shapes import Manifest
    from aegis.domain.results import Result

MOST_EVIDENCE = 20
"""So many findings, the worst, get evidence of their own."""


@dataclass(frozen=True, slots=True)
class Investigation:
    """Findings with evidence and origin, the causes, and what could not be had, in words."""

    findings: tuple[Finding, ...]
    causes: tuple[Cause, ...]
    refused: tuple[str, ...] = ()


def investigate(
    findings: Sequence[Finding],
    results: Sequence[Result],
    artifacts: Artifacts,
    lineage: Lineage,
    meter: Meter,
    state: Manifest | None,
    depth: str,
    personal: Callable[[str, str | None], bool],
) -> Investigation:
    """Gather evidence for the worst findings, trace every one, then put together those of one origin. ``personal``
    tells of a column and its table whether its values are; they are put into no query."""
    manifest = artifacts.manifest
    changed = None if state is None else _with_state(state, artifacts)
    known = Known(
        lineage=lineage,
        anatomies=_anatomies(artifacts, lineage, findings, meter),
        changes=changed,
        broken=frozenset(
            one.unique_id for one in results if one.kind is ResultKind.MODEL and one.status is Status.ERROR
        ),
        stale=frozenset(one.node for one in results if one.kind is ResultKind.FRESHNESS and one.failed and one.node),
    )
    probes, tables = Probes(manifest, meter), tables_of(manifest)
    scenes = Scenes(artifacts, lineage, results, changed, probes, meter, personal)
    traced, refused = [], []
    for number, finding in enumerate(findings):
        symptom = symptom_of(finding.result, manifest, tables)
        if number < MOST_EVIDENCE:
            evidence, missing = gather(scenes.of(finding, symptom))
            finding = finding.model_copy(update={"evidence": evidence})
            refused += [f"{finding.rule_id}: {why}" for why in missing]
        if depth == "causes":
            origin = localise(symptom, known, probes) if symptom is not None else None
            traced.append(Traced(finding, symptom, origin))
        else:
            traced.append(Traced(finding, symptom, None))
    if depth != "causes":
        return Investigation(tuple(one.finding for one in traced), (), tuple(refused))
    told, causes = reconcile(traced, lineage, manifest, changed)
    return Investigation(told, causes, tuple(refused))


class Scenes:
    """Makes the scene of a finding: what all findings share, and what the table looks like."""

    def __init__(
        self,
        artifacts: Artifacts,
        lineage: Lineage,
        results: Sequence[Result],
        changed: Mapping[str, Change] | None,
        probes: Probes,
        meter: Meter,
        personal: Callable[[str, str | None], bool],
    ) -> None:
        self._manifest = artifacts.manifest
        self._lineage = lineage
        self._results = results
        self._changed = changed
        self._probes = probes
        self._meter = meter
        self._personal = personal

    def of(self, finding: Finding, symptom: Symptom | None) -> Scene:
        node = self._manifest.find(finding.result.node) if finding.result.node else None
        relation = node.relation_name if node is not None else None
        return Scene(
            finding=finding,
            symptom=symptom,
            failing=self._failing(finding, symptom),
            relation=relation,
            columns=self._columns(relation),
            meter=self._meter,
            manifest=self._manifest,
            lineage=self._lineage,
            results=self._results,
            changes=self._changed,
            personal=lambda column: self._personal(column, finding.result.table),
        )

    def _failing(self, finding: Finding, symptom: Symptom | None) -> str | None:
        """SQL of the failing rows with all columns of their table: as the suite gave it, else as a rule would."""
        if finding.result.rule_type == "custom_sql":
            # Its rows are whatever columns its query gives.
            return None
        if finding.result.kind is ResultKind.RULE:
            return finding.result.failing_rows_sql
        if symptom is None:
            return None
        try:
            return self._probes.ask([symptom])[0].rows_sql
        except Spent:
            return None

    def _columns(self, relation: str | None) -> dict[str, str]:
        if relation is None:
            return {}
        try:
            if self._meter.dialect == "duckdb":
                rows = self._meter.ask(f"describe select * from {relation}", "the table's columns", 10_000).rows
                return {str(row[0]): str(row[1]).lower() for row in rows}
            place = RenderedRelation(None, *_schema_and_name(relation), relation)
            found = columns_of(
                self._meter.dialect, place, lambda sql, most: self._meter.ask(sql, "the table's columns", most)
            )
        except (WarehouseError, Spent):
            return {}
        return {one["name"]: one["type"].lower() for one in found}


def _schema_and_name(relation: str) -> tuple[str | None, str]:
    parts = [part.strip('"`') for part in relation.split(".")]
    return (parts[-2] if len(parts) > 1 else None), parts[-1]


def _with_state(state: Manifest, artifacts: Artifacts) -> dict[str, Change]:
    return changes(state, artifacts.manifest)


def _anatomies(artifacts: Artifacts, lineage: Lineage, findings: Sequence[Finding], meter: Meter) -> Anatomies:
    """What the SQL of everything above the findings says."""
    # A test may read more tables than the one it is about.
    tests = [parent for one in findings for parent in lineage.parents.get(one.result.unique_id, ())]
    starts = [*tests, *(one.result.node for one in findings if one.result.node)]
    wanted = {*starts, *lineage.upstream(*starts)}
    compiled = {uid: sql for uid in wanted if (sql := compiled_sql(artifacts, uid)) is not None}
    columns = _columns(artifacts.manifest, wanted, meter)
    return Anatomies(artifacts.manifest, meter.dialect, columns, compiled)


def _columns(manifest: Manifest, wanted: set[str], meter: Meter) -> Mapping[str, list[str]]:
    """Columns of the nodes as the warehouse has them, by one look at its catalog."""
    nodes = {uid: node for uid in wanted if (node := manifest.find(uid)) is not None and node.schema_}
    schemas = sorted({str(node.schema_) for node in nodes.values()})
    if not schemas:
        return {}
    named = ", ".join("'" + name.replace("'", "''") + "'" for name in schemas)
    sql = (
        "select table_schema, table_name, column_name from information_schema.columns "
        f"where table_schema in ({named}) order by table_schema, table_name, ordinal_position"
    )
    try:
        rows = meter.ask(sql, "the columns of the tables on the way", 200_000).rows
    except (WarehouseError, Spent):
        return {}
    found: dict[tuple[str, str], list[str]] = {}
    for schema, table, column in rows:
        found.setdefault((str(schema).lower(), str(table).lower()), []).append(str(column))
    keys = {
        uid: (str(node.schema_).lower(), (node.identifier or node.alias or node.name or "").lower())
        for uid, node in nodes.items()
    }
    return {uid: found[key] for uid, key in keys.items() if key in found}
