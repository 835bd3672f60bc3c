"""Options of a run as keywords: the fields of all option types by their names, in one flat list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar, get_args

from aegis.domain.choices import Depth, History, PrivacyMode
from aegis.errors import UsageError

if TYPE_CHECKING:
    import os

    from aegis.app.run_options import RunOptions
    from aegis.dbt.engine.invoke import Progress
    from aegis.llm import LlmConfig

T = TypeVar("T")


class RunSettings(TypedDict, total=False):
    """What `run` takes by keyword; `ProjectOptions`, `AnalyzeOptions` and `RunOptions` say what each means."""

    project_dir: str | os.PathLike[str] | None
    profiles_dir: str | os.PathLike[str] | None
    target: str | None
    dbt: str | None
    wait: float
    timeout: float
    environment: Mapping[str, str] | None
    warehouse: object | None
    depth: Depth
    fail_on: str
    privacy: PrivacyMode
    audit_db: str | os.PathLike[str] | None
    audit: bool
    history: History
    state: str | os.PathLike[str] | None
    max_queries: int | None
    max_seconds: float | None
    max_rows: int | None
    propose: bool
    build: bool
    llm: LlmConfig | None
    require_llm: bool
    on_query: Callable[[str], None] | None
    select: str | tuple[str, ...]
    threads: int | None
    on_progress: Callable[[Progress], None] | None


_PATHS = frozenset({"project_dir", "profiles_dir", "audit_db", "state"})
_CHOICES: dict[str, tuple[str, ...]] = {
    "depth": get_args(Depth),
    "privacy": get_args(PrivacyMode),
    "history": get_args(History),
}


def with_settings(options: RunOptions, settings: Mapping[str, Any]) -> RunOptions:
    """The options, with each setting in its place.

    Raises:
        UsageError: There is no such setting, or it has another value than it takes.
    """
    if not settings:
        return options
    values = {name: _value(name, value) for name, value in settings.items()}
    connection = _changed(options.analyze.connection, values)
    analyze = _changed(replace(options.analyze, connection=connection), values)
    return _changed(replace(options, analyze=analyze), values)


def _value(name: str, value: Any) -> Any:
    known = RunSettings.__annotations__
    if name not in known:
        takes = ("database", *known)
        near = get_close_matches(name, takes, n=1)
        guess = f"did you mean {near[0]}? " if near else ""
        raise UsageError(f"run() takes no {name!r}", hint=f"{guess}It takes {', '.join(takes)}.")
    accepted = _CHOICES.get(name)
    if accepted is not None and value not in accepted:
        near = get_close_matches(str(value), accepted, n=1)
        guess = f"did you mean {near[0]!r}? " if near else ""
        raise UsageError(f"{name} cannot be {value!r}", hint=f"{guess}It is one of {', '.join(accepted)}.")
    if name in _PATHS:
        return None if value is None else Path(value)
    return (value,) if name == "select" and isinstance(value, str) else value


def _changed(options: T, values: Mapping[str, Any]) -> T:
    own = {one.name for one in fields(options)} - {"connection", "analyze"}  # type: ignore[arg-type]  # each is a dataclass
    return replace(options, **{name: value for name, value in values.items() if name in own})  # type: ignore[type-var]
