"""The hidden first line by which a comment of ours is found again, and what it remembers of the last failing run."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from aegis.domain.failing import Failing
from aegis.errors import UsageError

_NAME = re.compile(r"[A-Za-z0-9](?:[._-]?[A-Za-z0-9]){0,63}")
_WORD = re.compile(r"[A-Za-z0-9_](?:[.-]?[A-Za-z0-9_]){0,63}")
_MARKER = re.compile(
    rf"<!-- aegis:(?P<name>{_NAME.pattern})"
    rf"(?: run=(?P<run>{_WORD.pattern}) at=(?P<at>\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\dZ)"
    r" findings=(?P<findings>\d{1,9}) causes=(?P<causes>\d{1,9}))? -->"
)
_MOST = 999_999_999


def check_name(name: str) -> None:
    """A comment's name goes into an HTML comment, where two hyphens or a ``>`` would end it.

    Raises:
        UsageError: It holds more than letters, digits, and single dots, hyphens and underscores between them.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r:.80} cannot be the name of a comment",
            hint="Take up to 64 letters and digits, with single dots, hyphens or underscores between them.",
        )


def marker(name: str, failing: Failing | None) -> str:
    """The first line of a comment."""
    if failing is None:
        return f"<!-- aegis:{name} -->"
    run = failing.run_id if _WORD.fullmatch(failing.run_id) else "unknown"
    findings, causes = (min(max(0, number), _MOST) for number in (failing.findings, failing.causes))
    return f"<!-- aegis:{name} run={run} at={_time(failing.at)} findings={findings} causes={causes} -->"


def is_marked(body: str, name: str) -> bool:
    """Whether a comment's first line is the marker of that name. What stands further below may be quoted from data."""
    found = _MARKER.match(body)
    return found is not None and found["name"] == name


def remembered(body: str) -> Failing | None:
    """The last failing run, as the marker tells it."""
    found = _MARKER.match(body)
    if found is None or found["run"] is None:
        return None
    try:
        at = datetime.fromisoformat(found["at"])
    except ValueError:
        return None  # no such day: then it was not written here, and what it remembers is not worth a failure
    return Failing(run_id=found["run"], at=at, findings=int(found["findings"]), causes=int(found["causes"]))


def _time(at: datetime) -> str:
    """RFC 3339 in UTC, whole seconds; four digits for every year, which ``%Y`` does not give."""
    try:
        utc = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except OverflowError:  # the first or last day there is, in another zone: a report of somebody else may say so
        utc = datetime.min.replace(tzinfo=UTC)
    return utc.replace(microsecond=0, tzinfo=None).isoformat() + "Z"
