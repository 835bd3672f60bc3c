"""What the templates are given: everything on the page as texts and numbers, nothing of it HTML."""

from __future__ import annotations

from dataclasses import dataclass

from aegis.domain.results import Status
from aegis.domain.severity import Severity
from aegis.report.html.charts import Chart
from aegis.report.html.graph import Drawing


@dataclass(frozen=True, slots=True)
class Code:
    """Something to copy, in lines that are the same when pasted; no lines where it cannot be shown so."""

    language: str
    lines: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class FixView:
    """A proposal with its trial: ``figures`` are a measure, before and after."""

    title: str
    tried: str
    tone: str
    code: Code | None
    undo: Code | None
    caveat: str
    below: str
    figures: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Query:
    """A fact with the query that gave it."""

    id: str
    text: str
    code: Code | None


@dataclass(frozen=True, slots=True)
class SampleView:
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    code: Code | None


@dataclass(frozen=True, slots=True)
class FindingView:
    id: str
    title: str
    severity: Severity
    rows: str
    facts: tuple[tuple[str, str], ...]
    keys: tuple[str, ...]
    sample: SampleView | None
    failing: Code | None


@dataclass(frozen=True, slots=True)
class CauseView:
    id: str
    title: str
    severity: Severity
    rows: str
    by: str
    facts: tuple[tuple[str, str], ...]
    fixes: tuple[FixView, ...]
    no_fix: str
    drawing: Drawing | None
    charts: tuple[Chart, ...]
    findings: tuple[FindingView, ...]
    queries: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class RowView:
    """A result in the table of all results. ``rank`` and ``share`` are what it is sorted by."""

    rule: str
    status: Status
    severity: Severity
    about: str
    column: str
    rows: str
    failed: int
    seconds: str
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    title: str
    tone: str
    mark: str
    of: str
    counts: tuple[tuple[str, str, str], ...]
    index: tuple[tuple[str, Severity, str, str, bool], ...]
    causes: tuple[CauseView, ...]
    loose: tuple[FindingView, ...]
    silent: tuple[tuple[str, str, str], ...]
    results: tuple[RowView, ...]
    shortened: int
