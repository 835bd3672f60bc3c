"""SQL to paste, as lines: broken only where that means nothing, and harmless to whatever prints it.

A literal is shown to the sign. One that holds what no terminal and no page shows as it is (line breaks, tabs, control
characters, the start of a log command) is written as the same text put together: ``('a'||chr(10)||'b')``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from aegis.domain.privacy import MASK
from aegis.report.text import lines_of, one_line, sanitize_sql, width_of, wrap
from aegis.sql.pieces import Piece, is_doubtful, pieces

#: What stands directly before a literal and says how to read it: ``E'…'``, ``date '…'``.
_PREFIX = re.compile(r"(?:\w|[uU]&|\b(?:date|time|timestamp|interval|datetime|json)\s*)\Z", re.IGNORECASE)
#: Where a line may be broken although there is no blank.
_SOFT = "\0"
#: The longest part of a literal that is put together, in characters.
_PART = 40
_COMMAND = re.compile(r"##(?=\w*\[)")


def sql_lines(sql: str, width: int | None = None) -> list[str] | None:
    """``sql`` in lines of at most ``width`` columns where it can be broken; ``None`` if it cannot be shown so that
    it is the same when it is pasted."""
    if sql.startswith(MASK):
        return _no_sql(sql, width)
    if is_doubtful(sql):
        # Where a literal ends depends on the dialect: nothing is touched.
        shown = [line.rstrip("\r") for line in sanitize_sql(sql).split("\n")]
        return shown if all(line.isprintable() and not _COMMAND.search(line) for line in shown) else None
    words = _words(sql)
    if words is None:
        return None
    return [line for words_of_line in _source_lines(words) for line in _broken(words_of_line, width)]


def diff_lines(text: str) -> list[str]:
    """A diff, to the sign as far as it is harmless: a line that were broken would fit no file."""
    lines = text.rstrip("\n").split("\n")
    return [line if line.isprintable() and "##" not in line else one_line(line.replace("\t", "    ")) for line in lines]


def _no_sql(text: str, width: int | None) -> list[str]:
    """Every line with the mask before it, the broken ones too."""
    lines = []
    for line in lines_of(text):
        body = line.removeprefix(MASK).strip()
        lines += [f"{MASK} {part}" for part in (wrap(body, width - len(MASK) - 1) if width else [body])]
    return lines


def _words(sql: str) -> list[str] | None:
    """What must stay together, with blanks and line breaks between; ``None`` if a part cannot be shown."""
    found: list[str] = []
    before = ""
    for piece in pieces(sql):
        shown = _shown(piece, before)
        if shown is None:
            return None
        found += shown
        before = piece.text
    return found


def _shown(piece: Piece, before: str) -> list[str] | None:
    if piece.kind == "code":
        return _code(piece.text)
    if piece.kind == "comment":
        lines = [one_line(line) for line in re.split(r"\r\n|[\n\r]", piece.text)]
        return [part for line in lines for part in ("\n", line)][1:]
    if piece.text.isprintable() and not _COMMAND.search(piece.text):
        return [piece.text]
    if piece.kind != "literal" or not piece.text.endswith("'") or _PREFIX.search(before):
        return None
    return _put_together(piece.body.replace("''", "'"))


def _code(text: str) -> list[str] | None:
    """Words, blanks as one each, and line breaks with the blanks after them."""
    found = []
    for part in re.findall(r"[^\S\n]*\n[^\S\n]*|[^\S\n]+|\S+", text):
        if not part.isspace():
            if not part.isprintable():
                return None
            found.append(_COMMAND.sub("## ", part))
        elif "\n" in part:
            indent = part.rpartition("\n")[2].replace("\t", "    ")
            found += ["\n", *([" " * len(indent)] if indent else [])]
        else:
            found.append(" ")
    return found


def _put_together(text: str) -> list[str]:
    """A literal from parts: those that can be shown in quotes, the other signs by their numbers. A line may be broken
    between them."""
    parts = []
    for plain, signs in groupby(_COMMAND.sub("#\0#", text), str.isprintable):
        run = "".join(signs)
        if plain:
            quoted = (run[start : start + _PART] for start in range(0, len(run), _PART))
            parts += ["'" + part.replace("'", "''") + "'" for part in quoted]
        else:
            # The mark between two number signs is ours: they only must not stand together.
            parts += [f"chr({ord(sign)})" for sign in run if sign != "\0"]
    joined = [f"({parts[0]}", *(f"||{part}" for part in parts[1:])]
    return [word for part in [*joined[:-1], f"{joined[-1]})"] for word in (part, _SOFT)][:-1]


def _source_lines(words: Iterable[str]) -> Iterator[list[str]]:
    line: list[str] = []
    for word in words:
        if word == "\n":
            if any(not part.isspace() for part in line):
                yield line
            line = []
        else:
            line.append(word)
    if any(not part.isspace() for part in line):
        yield line


def _broken(words: list[str], width: int | None) -> list[str]:
    """One line, broken at blanks outside quotes. One with a comment to its end stays whole, or it would not run."""
    margin = words[0] if words[0].isspace() else ""
    body = words[1:] if margin else words
    whole = "".join(body).replace(_SOFT, "").rstrip()
    lead = margin if width is None else margin[: width // 3]
    if width is None or width_of(lead + whole) <= width or any(word.startswith("--") for word in body):
        return [sanitize_sql(lead + whole)]
    lines, current, gap = [], lead, ""
    for is_gap, group in groupby(body, lambda word: word == _SOFT or word.isspace()):
        token = "".join(group)
        if is_gap:
            gap = " " if token.strip(_SOFT) else ""
            continue
        joined = current + (gap if current.strip() else "") + token
        # A line that starts with a cast would be read as a log command.
        if current.strip() and width_of(joined) > width and not token.startswith("::"):
            lines.append(current)
            joined = f"{lead}  {token}"
        current = joined
    return [sanitize_sql(line) for line in [*lines, current]]
