"""Text from data inside Markdown: code spans and fenced blocks that nothing in them can close."""

from __future__ import annotations

import re

from aegis.report.text import lines_of, one_line

_QUICK_ACTION = re.compile(r"^/(?=[A-Za-z])", re.MULTILINE)
_TICKS = re.compile("`+")
TEXT_LIMIT = 600
"""The longest message that is quoted, in characters."""


def code(text: str, limit: int = TEXT_LIMIT) -> str:
    """``text`` as a code span: one line, nothing in it means anything."""
    line = one_line(text)
    line = line if len(line) <= limit else line[: limit - 1] + "…"
    if not line.strip():
        return "` `"
    ticks = "`" * (1 + max((len(run) for run in _TICKS.findall(line)), default=0))
    pad = " " if line[0] in "` " or line[-1] in "` " else ""
    return f"{ticks}{pad}{line}{pad}{ticks}"


def fence(text: str, language: str = "") -> str:
    """``text`` as a fenced block."""
    return fenced("\n".join(lines_of(text)), language)


def fenced(body: str, language: str) -> str:
    """Lines as a fenced block. GitLab looks for quick actions (``/close``) with a pattern that takes three backticks in
    the block for its end: a blank before the slash holds them off, and means nothing in SQL."""
    body = _QUICK_ACTION.sub(" /", body)
    ticks = "`" * max(3, 1 + max((len(run) for run in _TICKS.findall(body)), default=0))
    return f"{ticks}{language}\n{body}\n{ticks}"
