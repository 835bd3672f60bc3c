"""How to run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aegis.analysis.options import AnalyzeOptions

if TYPE_CHECKING:
    from aegis.dbt.engine.invoke import Progress


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How to run."""

    analyze: AnalyzeOptions = field(default_factory=AnalyzeOptions)
    """How to reach the project and how deep to go."""
    select: tuple[str, ...] = ()
    """dbt's node selection."""
    exclude: tuple[str, ...] = ()
    """What dbt is to leave out, in the same form."""
    threads: int | None = None
    """dbt's threads."""
    on_progress: Callable[[Progress], None] | None = None
    """Told of each node that dbt finishes."""
