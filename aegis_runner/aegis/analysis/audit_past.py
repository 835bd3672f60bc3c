"""The past as the audit trail has it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from aegis.analysis.past import BUILDS, Told
from aegis.domain.past import PastBuild
from aegis.domain.report import RunInfo
from aegis.errors import AuditError

if TYPE_CHECKING:
    from aegis.analysis.options import AnalyzeOptions
    from aegis.audit import AuditTrail


@dataclass(slots=True)
class AuditPast:
    """The audit trail: the last finished run that looked at another build is the past."""

    info: RunInfo
    options: AnalyzeOptions
    source: Literal["audit", "warehouse"] = "audit"

    def last(self) -> Told:
        from aegis.analysis.record import left_alone, notice

        try:
            trail = self._opened()
            if trail is None:
                return Told({}, left_alone(self.options.audit_db) if self.options.audit else ())
            with trail:
                info = self.info
                return Told(
                    trail.last_results(
                        project=info.project, target=info.target, dbt_invocation_id=info.dbt_invocation_id
                    )
                )
        except AuditError as error:
            return Told({}, (notice("the last run could not be read", error),))

    def builds(self, rules: Collection[str]) -> tuple[PastBuild, ...]:
        try:
            trail = self._opened()
            if trail is None:
                return ()
            with trail:
                info = self.info
                place = {"project": info.project, "target": info.target}
                return trail.builds(**place, rules=rules, most=BUILDS - 1, but=info.dbt_invocation_id)
        except AuditError:
            return ()  # `last` has read the same file, and says so

    def _opened(self) -> AuditTrail | None:
        from aegis.analysis.record import trail_path
        from aegis.audit import AuditTrail

        if not self.options.audit:
            return None
        path = trail_path(self.options.audit_db)
        return AuditTrail.open(path) if path.exists() else None
