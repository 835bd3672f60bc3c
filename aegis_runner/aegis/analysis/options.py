"""What an analysis is asked to do, and what is refused before anything is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from aegis.connection.project import ProjectOptions
from aegis.domain.choices import Depth, History, PrivacyMode
from aegis.errors import UsageError

if TYPE_CHECKING:
    from aegis.llm import LlmConfig


@dataclass(frozen=True, slots=True)
class AnalyzeOptions:
    """What to look at and how deep."""

    connection: ProjectOptions = field(default_factory=ProjectOptions)
    """How the project and its warehouse are reached."""
    depth: Depth = "causes"
    """How far to look: at results, evidence, or causes and fixes."""
    fail_on: str = "high"
    """The severity from which on the exit code is 1, or ``never``."""
    privacy: PrivacyMode = "strict"
    """How much of the data may be shown."""
    audit_db: Path | None = None
    """The audit trail; the default one if None."""
    audit: bool = True
    """Whether an audit trail is written."""
    history: History = "audit"
    """Where the past of rules is read: their last statuses, since when they fail, how often they flip."""
    offline: bool = False
    """Whether only the artifacts are read and the warehouse is never opened."""
    state: Path | None = None
    """A target folder or manifest of before, to see what changed."""
    max_queries: int | None = None
    """How many queries the search for causes may ask; None is `Bounds`' own number."""
    max_seconds: float | None = None
    """How many seconds it may spend on them."""
    max_rows: int | None = None
    """How large a table a fix is tried on; None is `SandboxLimits`' own number."""
    propose: bool = True
    """Whether fixes are looked for, and tried on a copy."""
    build: bool = True
    """Whether the user's dbt may compile models, and build fixes of files in a copy of the project and its database."""
    llm: LlmConfig | None = None
    """The language model that explains; None for none."""
    require_llm: bool = False
    """Whether a model that leaves questions unanswered fails the run (exit code 4)."""
    on_query: Callable[[str], None] | None = None
    """Told, before each query of the investigation, what it asks."""


def check(options: AnalyzeOptions) -> None:
    """Refuse options that are wrong before anything is built, read or asked.

    Raises:
        UsageError: A value is not one that the option takes.
        ConfigError: The language model cannot be used as it is set.
    """
    from aegis.dbt.results.findings import parse_fail_on

    parse_fail_on(options.fail_on)
    for name, value, accepted in (
        ("depth", options.depth, Depth),
        ("privacy", options.privacy, PrivacyMode),
        ("history", options.history, History),
    ):
        if value not in get_args(accepted):
            raise UsageError(f"{name} cannot be {value!r}", hint=f"It is one of {', '.join(get_args(accepted))}.")
    if options.llm is not None and options.depth != "results":
        from aegis.llm import open_model

        open_model(options.llm)
