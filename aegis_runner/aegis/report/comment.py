"""The report as the one comment on a pull request: the Markdown report, with what was fixed since, or what has changed.

What an earlier run had comes from the comment itself, which remembers the last failing run.
"""

from __future__ import annotations

from dataclasses import replace

from aegis.domain.failing import Failing
from aegis.domain.report import Report
from aegis.domain.text import count, plural
from aegis.report.accounts import nothing_checked
from aegis.report.markdown import render
from aegis.report.markdown_text import code
from aegis.report.options import Options

_PASSED = "### ✅ "
_LINES = 600
"""More than what is added to the report takes, in characters."""


def is_green(report: Report) -> bool:
    """Whether nothing is wrong: no finding of any severity, nothing that could not run, and something was checked."""
    summary = report.summary
    return not (summary.exit_code or summary.findings or summary.errors or nothing_checked(report))


def failing(report: Report) -> Failing:
    """A run as a comment remembers it."""
    summary = report.summary
    return Failing(
        run_id=report.run.run_id, at=report.run.finished_at, findings=summary.findings, causes=summary.causes
    )


def comment(report: Report, before: Failing | None, options: Options) -> str:
    """``report`` as a comment of at most ``options.limit`` characters; ``before`` is the last failing run there was."""
    text = render(report, replace(options, limit=options.limit - _LINES))
    if before is None or before.run_id == report.run.run_id:
        return text
    if is_green(report):
        heading = f"{_PASSED}{_fixed(before)} {_since(before)}"
        return f"{heading}\n\n{text.removeprefix(_PASSED)}"
    return f"{text}\n<sub>{_change(before, report)} {_since(before)}</sub>\n"


def _fixed(before: Failing) -> str:
    if before.causes:
        return f"{plural(before.causes, 'cause')} behind {plural(before.findings, 'finding')} fixed"
    return f"{plural(before.findings, 'finding')} fixed" if before.findings else "Fixed"


def _since(before: Failing) -> str:
    return f"since run {code(before.run_id, 80)} ({before.at:%Y-%m-%d %H:%M} UTC)"


def _change(before: Failing, report: Report) -> str:
    """``2 → 1 causes, 7 → 3 findings``."""
    now = report.summary
    pairs = [("cause", before.causes, now.causes), ("finding", before.findings, now.findings)]
    told = [_pair(word, old, new) for word, old, new in pairs if old or new]
    return ", ".join(told) or "nothing has changed"


def _pair(word: str, old: int, new: int) -> str:
    return plural(new, word) if old == new else f"{count(old)} → {plural(new, word)}"
