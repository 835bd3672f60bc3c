"""sources.json to results. A source that is too old failed; one whose age could not be told could not run."""

from __future__ import annotations

from aegis.dbt.artifacts.messages import clean
from aegis.dbt.artifacts.schema import FreshnessResult, Manifest, Node, Period, Sources
from aegis.dbt.graph.nodes import file_path, owner_of, plain_name, severity_of, table_name
from aegis.domain.report import Notice
from aegis.domain.results import Result, ResultKind, Status
from aegis.domain.severity import Level, Severity
from aegis.domain.text import plural_of

_STATUSES = {
    "pass": Status.PASS,
    "warn": Status.WARN,
    "error": Status.FAIL,
    "runtime error": Status.ERROR,
    "skipped": Status.SKIPPED,
}
_NEVER = "0001-01-01"
"""dbt's word for the newest time of a table that has none."""
_NO_ROWS = "no rows, or none with a time"
_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def freshness_results(manifest: Manifest, sources: Sources) -> tuple[Result, ...]:
    """One result per checked source."""
    return tuple(_result(manifest, check) for check in sources.results)


def unmeasured(manifest: Manifest, sources: Sources) -> list[Notice]:
    """dbt 1 writes nothing about a source whose age it could not query, so that it must be missed to be seen."""
    seen = {check.unique_id for check in sources.results}
    wanted = {uid: node for uid, node in (manifest.sources or {}).items() if _asks(node)}
    absent = [table_name(node) or uid for uid, node in wanted.items() if uid not in seen]
    if not absent:
        return []
    names = ", ".join(sorted(absent)[:5]) + (", …" if len(absent) > 5 else "")
    what = f"{len(absent):,} with freshness limits {'is' if len(absent) == 1 else 'are'} not in sources.json: {names}"
    hint = "dbt leaves out the sources it was not asked about and those it could not query: see its output"
    return [Notice(what=f"sources: {what}", hint=hint)]


def _asks(node: Node) -> bool:
    enabled = node.config is None or node.config.enabled is not False
    limits = (node.freshness.warn_after, node.freshness.error_after) if node.freshness else ()
    return enabled and any(limit is not None and limit.count for limit in limits)


def freshness_id(unique_id: str) -> str:
    """``source.shop.raw.orders`` is ``source_freshness.raw.orders``."""
    return f"source_freshness.{plain_name(unique_id)}"


def _result(manifest: Manifest, check: FreshnessResult) -> Result:
    # dbt 2 writes `Pass`, `Warn`, `Error`.
    word = (check.status or "").casefold()
    status = _STATUSES.get(word, Status.ERROR)
    node = manifest.find(check.unique_id)
    level = Level.WARN if status is Status.WARN else Level.ERROR
    return Result(
        unique_id=check.unique_id,
        rule_id=freshness_id(check.unique_id),
        rule_type="source_freshness",
        kind=ResultKind.FRESHNESS,
        status=status,
        severity=_severity(node, status),
        level=level,
        node=check.unique_id,
        table=table_name(node) or plain_name(check.unique_id),
        observed=_observed(check),
        expected=_expected(check),
        message=_message(check, word, status),
        seconds=seconds_of(check.execution_time),
        owner=owner_of(manifest, node),
        description=(node.description or None) if node else None,
        tags=tuple(dict.fromkeys(node.tags or ())) if node else (),
        path=file_path(node),
    )


def _severity(node: Node | None, status: Status) -> Severity:
    return severity_of(node, "warn" if status is Status.WARN else "error")


def _message(check: FreshnessResult, word: str, status: Status) -> str | None:
    if status in (Status.PASS, Status.FAIL, Status.WARN):
        late = f"it has {_NO_ROWS}" if _is_empty(check) else "the newest row is too old"
        return None if status is Status.PASS else late
    if word not in _STATUSES:
        return f"dbt reported the status {word[:40]!r}, which is not known"
    told = clean(str(check.error)) if check.error is not None else None
    if status is Status.SKIPPED:
        return told or "skipped by dbt"
    return told or "its age could not be queried, and dbt does not say why"


def _observed(check: FreshnessResult) -> str | None:
    age = seconds_of(check.max_loaded_at_time_ago_in_s)
    if _is_empty(check):
        return _NO_ROWS
    if age is None:
        return None
    newest = f", newest row {check.max_loaded_at[:32]}" if check.max_loaded_at else ""
    return f"{duration(age)} old{newest}"


def _is_empty(check: FreshnessResult) -> bool:
    return (check.max_loaded_at or "").startswith(_NEVER)


def _expected(check: FreshnessResult) -> str | None:
    criteria = check.criteria
    if criteria is None:
        return None
    limits = (("warn", criteria.warn_after), ("error", criteria.error_after))
    return ", ".join(f"{word} after {_period(limit)}" for word, limit in limits if limit and limit.count) or None


def _period(limit: Period) -> str:
    return f"{limit.count} {plural_of(limit.count or 0, limit.period or '')}"


def duration(seconds: float) -> str:
    """The two largest units: ``319 d 17 h``."""
    rest = int(seconds)
    parts: list[str] = []
    for unit, size in _UNITS:
        count, rest = divmod(rest, size)
        if count or (unit == "s" and not parts):
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2])


def seconds_of(value: float | None) -> float | None:
    """A duration that is one: finite and not negative (dbt 2 writes ``-0.0``)."""
    return abs(value) if value is not None and 0 <= value < float("inf") else None
