"""YAML as rules files use it, with the line of every key and entry.

It is read from the parser's events (in C where libyaml is there), for four reasons: lines, duplicate keys, exact
numbers, and a bound on what anchors can expand to. Plain words mean what YAML 1.2 says: ``true``, ``false`` and
``null`` are special, ``yes``, ``no``, ``on`` and ``off`` are text (where true or false is wanted they are taken for
that), dates are text, ``1.50`` is an exact decimal. A plain number that YAML 1.1 and 1.2 read differently (``007``,
``1_000``, ``0b11``) is an error, and so are tags other than ``!!str``; see `aegis.rules.written` for unusual ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

import yaml

from aegis.rules.spell import shown
from aegis.rules.written import as_written

MAX_BYTES = 5_000_000
MAX_DEPTH = 40
MAX_NODES = 500_000
"""How many values a file may stand for once its aliases are followed."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STR_TAG = "tag:yaml.org,2002:str"
_MAYBE_SPECIAL = frozenset("0123456789+-.~nNtTfF")
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLS = {word: word.lower() == "true" for word in ("true", "True", "TRUE", "false", "False", "FALSE")}
_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_DIGITS = re.compile(r"[-+]?[0-9]{1,100}")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_AMBIGUOUS = re.compile(r"[-+]?(0[0-9_]+|[0-9][0-9_]*_[0-9_]*(\.[0-9_]*)?|0b[01_]+|0x[0-9a-fA-F_]+)")


class Flaw(NamedTuple):
    """Something wrong with the text itself. ``line`` is 1-based; ``fatal`` says that what follows was not read."""

    line: int | None
    message: str
    fatal: bool = False


class LinedDict(dict[str, Any]):
    """A mapping that knows its own line and the line of each of its keys (1-based)."""

    __slots__ = ("line", "lines")

    def __init__(self, line: int) -> None:
        self.line = line
        self.lines: dict[str, int] = {}


class LinedList(list[Any]):
    """A sequence that knows its own line and the line of each of its entries (1-based)."""

    __slots__ = ("line", "lines")

    def __init__(self, line: int) -> None:
        self.line = line
        self.lines: list[int] = []


@dataclass(slots=True)
class _Open:
    """A container that is being read; ``size`` counts the values in it with aliases followed."""

    value: LinedDict | LinedList
    anchor: str | None
    key: str | None = None
    key_line: int = 0
    size: int = 1
    merges: list[LinedDict] = field(default_factory=list)


class _Stop(Exception):
    """The rest of the file cannot be read."""

    def __init__(self, line: int | None, message: str) -> None:
        self.flaw = Flaw(line, message, fatal=True)


class Reader:
    """Builds the documents of one file. Flaws that leave the rest readable are collected in ``flaws``."""

    def __init__(self) -> None:
        self.documents: list[tuple[int, Any]] = []
        self.flaws: list[Flaw] = []
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._expanded = 0

    def read(self, text: str) -> None:
        handlers: dict[type, Callable[[Any], None]] = {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._open_mapping,
            yaml.SequenceStartEvent: self._open_sequence,
            yaml.MappingEndEvent: self._close,
            yaml.SequenceEndEvent: self._close,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._start,
        }
        try:
            for event in yaml.parse(text, Loader=_LOADER):
                handler = handlers.get(type(event))
                if handler is not None:
                    handler(event)
        except _Stop as stop:
            self.flaws.append(stop.flaw)
        except yaml.YAMLError as error:
            self.flaws.append(_explained(error, text))

    def _start(self, event: Any) -> None:
        del event
        self._anchors.clear()

    def _scalar(self, event: Any) -> None:
        line = event.start_mark.line + 1
        text: str = event.value
        top = self._stack[-1] if self._stack else None
        if top is not None and top.key is None and isinstance(top.value, LinedDict):
            self._key(top, event, text, line)
            return
        value: Any = text
        if event.tag is not None:
            if event.tag != _STR_TAG:
                self.flaws.append(Flaw(line, f"YAML tags such as {shown(_tag(event.tag))} are not supported here"))
        elif event.implicit[0] and (not text or text[0] in _MAYBE_SPECIAL):
            value = self._resolved(text, line)
        if event.anchor is not None:
            self._anchors[event.anchor] = (value, 1)
        self._add(value, line, 1)

    def _key(self, top: _Open, event: Any, text: str, line: int) -> None:
        if event.tag is not None and event.tag != _STR_TAG:
            self.flaws.append(Flaw(line, f"YAML tags such as {shown(_tag(event.tag))} are not supported here"))
        if event.anchor is not None:
            self._anchors[event.anchor] = (text, 1)
        top.key, top.key_line = text, line

    def _resolved(self, text: str, line: int) -> Any:
        try:
            return resolved(text)
        except ValueError as error:
            self.flaws.append(Flaw(line, str(error)))
            plain = text.replace("_", "")
            return int(plain) if _DIGITS.fullmatch(plain) else text  # a likely value, so that one flaw is one problem

    def _open_mapping(self, event: Any) -> None:
        self._open(LinedDict(event.start_mark.line + 1), event)

    def _open_sequence(self, event: Any) -> None:
        self._open(LinedList(event.start_mark.line + 1), event)

    def _open(self, value: LinedDict | LinedList, event: Any) -> None:
        if event.tag is not None:
            self.flaws.append(Flaw(value.line, f"YAML tags such as {shown(_tag(event.tag))} are not supported here"))
        if len(self._stack) >= MAX_DEPTH:
            raise _Stop(value.line, f"is nested more than {MAX_DEPTH} levels deep; rules files are not")
        top = self._stack[-1] if self._stack else None
        if top is not None and top.key is None and isinstance(top.value, LinedDict):
            hint = "; text that begins with { or [ wants quotes" if event.flow_style else ""
            raise _Stop(value.line, f"a key must be a plain word, not a list or a mapping{hint}")
        if event.anchor is not None:
            self._anchors.pop(event.anchor, None)
        self._stack.append(_Open(value, event.anchor))

    def _close(self, event: Any) -> None:
        del event
        done = self._stack.pop()
        for merged in done.merges:
            _merge(done.value, merged)
        if done.anchor is not None:
            self._anchors[done.anchor] = (done.value, done.size)
        self._add(done.value, done.value.line, done.size)

    def _alias(self, event: Any) -> None:
        line = event.start_mark.line + 1
        top = self._stack[-1] if self._stack else None
        if event.anchor not in self._anchors:
            raise _Stop(line, f"the alias {shown(event.anchor)} has no anchor before it, or stands inside it")
        value, size = self._anchors[event.anchor]
        if top is not None and top.key is None and isinstance(top.value, LinedDict):
            if not isinstance(value, str):
                raise _Stop(line, "a key must be a plain word")
            top.key, top.key_line = value, line
            return
        self._add(value, line, size)

    def _add(self, value: Any, line: int, size: int) -> None:
        if not self._stack:
            self._expanded += size
            self._bounded(self._expanded, line)
            self.documents.append((line, value))
            return
        top = self._stack[-1]
        top.size += size
        self._bounded(top.size, line)
        if isinstance(top.value, LinedList):
            top.value.append(value)
            top.value.lines.append(line)
            return
        key, top.key = top.key, None
        if key == "<<":
            self._merge_key(top, value, line)
        elif key is not None:
            self._entry(top, key, value)

    def _bounded(self, size: int, line: int) -> None:
        if size > MAX_NODES:
            raise _Stop(line, f"stands for more than {MAX_NODES:,} values once its aliases are followed; refused")

    def _entry(self, top: _Open, key: str, value: Any) -> None:
        into = top.value
        assert isinstance(into, LinedDict)
        if key in into:
            message = f"duplicate key {shown(key)}, first used at line {into.lines[key]}"
            self.flaws.append(Flaw(top.key_line, message))
            return
        into[key] = value
        into.lines[key] = top.key_line

    def _merge_key(self, top: _Open, value: Any, line: int) -> None:
        merged = value if isinstance(value, LinedList) else [value]
        if not all(isinstance(entry, LinedDict) for entry in merged):
            self.flaws.append(Flaw(line, "<< merges mappings; this is something else"))
            return
        top.merges.extend(merged)


def read_documents(text: str) -> tuple[list[tuple[int, Any]], list[Flaw]]:
    """The documents of a file with their lines, and what is wrong with the text."""
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        return [], [Flaw(line, "the file holds a NUL character; it is not YAML text", fatal=True)]
    reader = Reader()
    reader.read(text)
    return reader.documents, reader.flaws


def resolved(text: str) -> Any:
    """What a plain scalar stands for: None, a bool, an int, a Decimal, or the text itself.

    Raises:
        ValueError: YAML 1.1 and 1.2 read it as different numbers, or it is too long for one.
    """
    if text in _NULLS:
        return None
    if text in _BOOLS:
        return _BOOLS[text]
    if _INT.fullmatch(text):
        if len(text) > 1000:
            raise ValueError("is a number of more than 1000 digits")
        return as_written(int(text), text)
    if _AMBIGUOUS.fullmatch(text) and not _BASED.fullmatch(text):
        what = f"quote it ('{text}') if it is text, or write the number plainly"
        raise ValueError(f"{text} is read differently by YAML 1.1 and 1.2: {what}")
    if _BASED.fullmatch(text):
        return as_written(int(text, 0), text)
    if _FLOAT.fullmatch(text):
        return as_written(Decimal(text.lower().replace(".inf", "Infinity").replace(".nan", "NaN")), text)
    return text


def _merge(into: Any, merged: LinedDict) -> None:
    """Adds the keys that are not there: what is written out wins over what is merged."""
    for key, value in merged.items():
        if key not in into:
            into[key] = value
            into.lines[key] = merged.lines[key]


def _tag(tag: str) -> str:
    return tag.replace("tag:yaml.org,2002:", "!!")


def _explained(error: yaml.YAMLError, text: str) -> Flaw:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        return Flaw(None, f"is not YAML: {_first_line(str(error))}", fatal=True)
    line = mark.line + 1
    lines = text.splitlines()
    for number in _near(line, len(lines)):
        if re.match(r" *\t", lines[number - 1]):
            return Flaw(number, "the indentation has a tab; YAML needs spaces", fatal=True)
    problem = getattr(error, "problem", None) or _first_line(str(error))
    hint = "; text that holds ': ' or begins with one of {[*&!|>%@` wants quotes" if line <= len(lines) else ""
    return Flaw(line, f"is not YAML: {problem}{hint}", fatal=True)


def _near(line: int, last: int) -> Iterable[int]:
    return [number for number in (line, line - 1, line + 1) if 1 <= number <= last]


def _first_line(text: str) -> str:
    return text.splitlines()[0] if text else "unreadable"
