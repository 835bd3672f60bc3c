"""An investigation without a model: findings in, findings with their origins and the causes behind them out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aegis.dbt.anatomy import Anatomies
from aegis.dbt.artifacts import Artifacts, compiled_sql
from aegis.dbt.state import Change, changes
from aegis.dbt.tables import tables_of
from aegis.domain.report import Cause, Finding
from aegis.domain.results import ResultKind, Status
from aegis.errors import WarehouseError
from aegis.investigate.causes import Traced, reconcile
from aegis.investigate.localise import Known, localise
from aegis.investigate.meter import Meter, Spent
from aegis.investigate.probes import Probes
from aegis.investigate.symptoms import symptom_of

if TYPE_CHECKING:
    from aegis.dbt.lineage import Lineage
    from aegis.dbt.shapes import Manifest
    from aegis.domain.results import Result


@dataclass(frozen=True, slots=True)
class Investigation:
    findings: tuple[Finding, ...]
    causes: tuple[Cause, ...]


def investigate(
    findings: Sequence[Finding],
    results: Sequence[Result],
    artifacts: Artifacts,
    lineage: Lineage,
    meter: Meter,
    state: Manifest | None,
) -> Investigation:
    """Trace every finding, then put together those of one origin."""
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
    traced = []
    for finding in findings:
        symptom = symptom_of(finding.result, manifest, tables)
        traced.append(Traced(finding, symptom, localise(symptom, known, probes) if symptom is not None else None))
    told, causes = reconcile(traced, lineage, manifest, changed)
    return Investigation(told, causes)


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
