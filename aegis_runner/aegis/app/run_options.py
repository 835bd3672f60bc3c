"""How to run, and the first word of a run in the audit trail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from aegis.app.analyze_options import AnalyzeOptions
from aegis.domain.report import Notice

if TYPE_CHECKING:
    from aegis.dbt.engine.invoke import Progress


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How to run."""

    analyze: AnalyzeOptions = field(default_factory=lambda: AnalyzeOptions(command="run"))
    """How to reach the project and how deep to go."""
    select: tuple[str, ...] = ()
    """dbt's node selection."""
    exclude: tuple[str, ...] = ()
    """What dbt is to leave out, in the same form."""
    threads: int | None = None
    """dbt's threads."""
    on_progress: Callable[[Progress], None] | None = None
    """Told of each node that dbt finishes."""


def begin(options: RunOptions, began: datetime, project: str, target: str | None) -> tuple[str, tuple[Notice, ...]]:
    """A run id, written down before anything runs: a run that is killed is still seen to have begun. And what is to be
    said of the place where it is written down."""
    from aegis import __version__
    from aegis.app.analyze import new_run_id
    from aegis.app.record import begin as write

    run_id = new_run_id()
    notices = write(
        options.analyze,
        run_id=run_id,
        started_at=began,
        aegis_version=__version__,
        project=project,
        target=target,
    )
    return run_id, notices
