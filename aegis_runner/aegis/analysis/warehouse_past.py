"""The past as the package wrote it into the warehouse: its table of results, read in one query."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from aegis.analysis.past import BUILDS, Told
from aegis.dbt.graph.nodes import PRIVATE
from aegis.dbt.project.settings import PROJECT_FILE, read_yaml_mapping
from aegis.dbt.results.history import (
    MOST_ROWS,
    history_query,
    history_relation,
    is_missing,
    past_builds,
)
from aegis.domain.past import PastBuild
from aegis.domain.report import Notice, RunInfo
from aegis.domain.results import Status
from aegis.errors import AegisError, ConfigError, WarehouseError

if TYPE_CHECKING:
    from aegis.connection.access import WarehouseAccess
    from aegis.dbt.artifacts.read import Artifacts

_TURN_ON = (
    "Set `aegis_history: true` under `vars:` in dbt_project.yml: from then on each `dbt build` adds to it. "
    "--history audit reads the audit trail."
)
_NO_PROJECT = Notice(
    what="there is no history in the warehouse without a dbt project: the package writes it when dbt builds",
    hint="Leave --history out: the past is in the audit trail.",
)


@dataclass(slots=True)
class WarehousePast:
    """The table `aegis_rule_results`. A rule's last status is that of the last build that it was in."""

    info: RunInfo
    access: WarehouseAccess
    artifacts: Artifacts
    source: Literal["audit", "warehouse"] = "warehouse"
    _builds: tuple[PastBuild, ...] = ()

    def last(self) -> Told:
        project = self.access.project
        if (project is None and self.access.warehouse is not None) or (project and project.project.name == PRIVATE):
            return Told({}, (_NO_PROJECT,))
        try:
            relation = self._relation()
            warehouse = self.access.connect()
        except AegisError as error:
            return Told({}, (_unread(error),))
        query = history_query(relation, self.info.project, self.info.target, self.info.dbt_invocation_id, BUILDS - 1)
        try:
            rows = warehouse.execute_sample(query, MOST_ROWS)
            self._builds = past_builds(rows.dicts())
        except WarehouseError as error:
            return Told({}, (_missing(relation) if is_missing(error.message) else _unread(error),))
        statuses: dict[str, Status] = {}
        for build in self._builds:
            statuses |= build.statuses
        return Told(statuses, (_CUT,) if len(rows.rows) == MOST_ROWS else ())

    def builds(self, rules: Collection[str]) -> tuple[PastBuild, ...]:
        return tuple(
            PastBuild(at=one.at, statuses={rule: status for rule, status in one.statuses.items() if rule in rules})
            for one in self._builds
        )

    def _relation(self) -> str:
        project = self.access.project
        settings: Mapping[str, Any] = project.profile.settings if project else {}
        return history_relation(self.artifacts.manifest, self._variables(), settings)

    def _variables(self) -> dict[str, Any]:
        """Variables of the project that say where the table is; those of the command line have precedence."""
        found: dict[str, Any] = {}
        project = self.access.project
        if project is not None:
            given = read_yaml_mapping(project.project.folder / PROJECT_FILE).get("vars")
            scopes = [given, *((given or {}).get(name) for name in ("aegis", project.project.name))]
            for scope in scopes if isinstance(given, dict) else ():
                found |= scope if isinstance(scope, dict) else {}
        told = (self.artifacts.run_results.args or {}).get("vars")
        return found | (told if isinstance(told, dict) else {})


_CUT = Notice(what=f"of the history in the warehouse only the newest {MOST_ROWS:,} rows were read")


def _missing(relation: str) -> Notice:
    return Notice(what="there is no history in the warehouse yet", where=relation, hint=_TURN_ON)


def _unread(error: AegisError) -> Notice:
    hint = error.hint if isinstance(error, ConfigError) else "--history audit reads the audit trail."
    return Notice(what=f"the history in the warehouse was not read: {error.message}", where=error.where, hint=hint)
