"""Which past is asked: the one that the options name, or the first that knows anything."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from aegis.analysis.audit_past import AuditPast
from aegis.analysis.past import Past, Told
from aegis.domain.past import PastBuild
from aegis.domain.report import RunInfo

if TYPE_CHECKING:
    from aegis.analysis.options import AnalyzeOptions
    from aegis.connection.access import WarehouseAccess
    from aegis.dbt.artifacts.read import Artifacts


@dataclass(slots=True)
class FirstThatKnows:
    """The first of two pasts, or the other one where it has nothing."""

    first: Past
    other: Past
    _chosen: Past | None = None

    @property
    def source(self) -> Literal["audit", "warehouse"]:
        return (self._chosen or self.first).source

    def last(self) -> Told:
        told = self.first.last()
        if told.statuses:
            self._chosen = self.first
            return told
        self._chosen = self.other
        more = self.other.last()
        return Told(more.statuses, (*told.notices, *more.notices))

    def builds(self, rules: Collection[str]) -> tuple[PastBuild, ...]:
        return (self._chosen or self.first).builds(rules)


def past_of(info: RunInfo, options: AnalyzeOptions, access: WarehouseAccess, artifacts: Artifacts) -> Past:
    """The past that the options name."""
    audit = AuditPast(info, options)
    if options.history == "audit":
        return audit
    from aegis.analysis.warehouse_past import WarehousePast

    warehouse = WarehousePast(info, access, artifacts)
    return warehouse if options.history == "warehouse" else FirstThatKnows(audit, warehouse)
