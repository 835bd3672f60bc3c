"""Numbers, widths and harmless text: what the renderers for people share.

Text from data is never trusted. `one_line` and `lines_of` leave nothing in it that a terminal would act on:
every character that is not printable (control characters and ANSI escapes, bidirectional overrides, zero
width and private use characters, lone surrogates) is shown as its escape, so nothing is silently dropped.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_BREAKS = re.compile(r"[\t\n\r\x0b\x0c\x85\u2028\u2029]+")
_LINE_ENDS = re.compile(r"\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
# GitHub Actions reads "::name::" at the start of a log line and "##[name]" anywhere in it as a command; Azure
# Pipelines and TeamCity read "##vso[…]" and "##teamcity[…]".
_COMMAND_START = re.compile(r"(?m)^([^\S\n]*)::")
_COMMAND_ANYWHERE = re.compile(r"##(?=\w*\[)")


def one_line(text: str) -> str:
    """``text`` on one line, every character that is not printable shown as an escape, and no log command in it."""
    if not text.isprintable():
        text = " ".join(part.strip(" ") for part in _BREAKS.split(text)).strip(" ")
    return _escaped(text)


def lines_of(text: str) -> list[str]:
    """The lines of ``text`` that are not blank, tabs as four spaces, each made harmless as `one_line` does."""
    rows = (row.replace("\t", "    ").rstrip() for row in _LINE_ENDS.split(text))
    return [_escaped(row) for row in rows if row.strip()]


def _escaped(text: str) -> str:
    if not text.isprintable():
        text = "".join(char if char.isprintable() else _shown(char) for char in text)
    return _COMMAND_ANYWHERE.sub("## ", text) if "##" in text else text


def _shown(char: str) -> str:
    if unicodedata.category(char) == "Zs":
        return " "
    return char.encode("unicode_escape").decode("ascii")


def sanitize_commands(text: str) -> str:
    """Lines of which none starts as a log command does. The two colons become one sign, so no line grows."""
    return _COMMAND_START.sub(r"\1∷", text) if "::" in text else text


def sanitize_sql(text: str) -> str:
    """As `sanitize_commands`, for SQL: a cast (``::int``) that starts a line is held off by an empty comment."""
    return _COMMAND_START.sub(r"\1/**/::", text) if "::" in text else text


def duration(seconds: float) -> str:
    """``0.6 s``, ``12 s``, ``3 min 05 s``, ``1 h 12 min``; a clock that ran backwards counts as no time."""
    seconds = max(0.0, seconds)
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest:02d} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def width_of(text: str) -> int:
    """Terminal columns that ``text`` takes (East Asian wide characters take two, combining ones none)."""
    if text.isascii():
        return len(text)
    return sum(map(_columns, text))


def _columns(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def cut(text: str, width: int) -> str:
    """``text``, ended with an ellipsis where it is wider than ``width`` columns."""
    if width_of(text) <= width:
        return text
    if text.isascii():
        return text[: max(0, width - 1)] + "…"
    used, kept = 1, []
    for char in text:
        used += _columns(char)
        if used > width:
            break
        kept.append(char)
    return "".join(kept) + "…"


def wrap(text: str, width: int, *, most: int | None = None) -> list[str]:
    """``text`` broken at spaces into lines of ``width`` columns; after ``most`` lines it ends with an ellipsis."""
    if most is not None:
        # More than this is not shown, and a message may be a megabyte.
        text = text[: (most + 2) * width]
    lines: list[str] = []
    current = ""
    for piece in _pieces(text.split(" "), width):
        joined = f"{current} {piece}" if current else piece
        if current and width_of(joined) > width:
            lines.append(current.rstrip())
            current = piece
        else:
            current = joined
    lines.append(current)
    if most is not None and len(lines) > most:
        return [*lines[: most - 1], cut(" ".join(lines[most - 1 : most + 1]), width)]
    return lines


def _pieces(words: Iterable[str], width: int) -> Iterable[str]:
    """``words``, those wider than a line broken into parts that fit."""
    for word in words:
        if width_of(word) <= width:
            yield word
            continue
        size = width if word.isascii() else max(1, width // 2)
        yield from (word[start : start + size] for start in range(0, len(word), size))
