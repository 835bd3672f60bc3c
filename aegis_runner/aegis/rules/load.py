"""Rules files into rules. Every problem of every file is found before one error tells them all."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from aegis.errors import Problem, RulesError
from aegis.rules.book import RuleBook
from aegis.rules.document import MAX_BYTES, LinedDict, LinedList, read_documents
from aegis.rules.forms import gather
from aegis.rules.ids import told_apart
from aegis.rules.model import Rule, Source
from aegis.rules.raw import Gathered, Place, RawRule
from aegis.rules.spell import printable
from aegis.rules.sql_fields import gated

SUFFIXES = frozenset({".yml", ".yaml"})

Paths = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]


@dataclass(frozen=True, slots=True)
class _Loaded:
    rule: Rule
    raw: RawRule


def load_rules(paths: Paths, *, dialect: str | None = None, allow_functions: Iterable[str] = ()) -> RuleBook:
    """The rules of one or more files and folders (all ``*.yml`` and ``*.yaml`` in them, recursively, sorted).

    Args:
        paths: A file or folder, or several.
        dialect: The SQL dialect (a sqlglot name such as ``duckdb``) in which the rules' SQL must be one read-only
            expression or query; None checks it by sqlglot's generic grammar.
        allow_functions: Names of the warehouse's own functions without side effects that SQL may call, beyond those
            that `aegis.sql.functions` knows.

    Raises:
        RulesError: With every problem of every file: its file, line, rule id and field, what was given, what is
            accepted, and the nearest accepted spelling.
    """
    files, problems = _files(paths)
    settings = {"dialect": dialect, "allow_functions": frozenset(name.lower() for name in allow_functions)}
    loaded: list[_Loaded] = []
    for file in files:
        text, wrong = _text(file)
        problems += wrong
        if text is not None:
            loaded += _rules_in(text, file, settings, problems)
    return _book(loaded, files, problems)


def load_text(
    text: str, *, file: str = "rules.yml", dialect: str | None = None, allow_functions: Iterable[str] = ()
) -> RuleBook:
    """The rules in a text; ``file`` is what problems call it.

    Raises:
        RulesError: As `load_rules`.
    """
    problems: list[Problem] = []
    settings = {"dialect": dialect, "allow_functions": frozenset(name.lower() for name in allow_functions)}
    return _book(_rules_in(text, file, settings, problems), [file], problems)


def repeated_ids(rules: Sequence[Rule]) -> list[Problem]:
    """A problem for each rule whose id an earlier rule has."""
    first: dict[str, Rule] = {}
    problems = []
    for rule in rules:
        known = first.setdefault(rule.id, rule)
        if known is not rule:
            file, line = rule.source or (type(rule).__name__, None)
            place = f" at {known.source.file}:{known.source.line}" if known.source else ""
            what = "this rule stands already" if rule == known else "this id is used already"
            message = f"{what}{place}; ids are unique in a project"
            problems.append(Problem(file, line, rule.id, None, message))
    return problems


def _book(loaded: list[_Loaded], files: Sequence[str], problems: list[Problem]) -> RuleBook:
    loaded = _with_unique_ids(loaded)
    repeated = repeated_ids([entry.rule for entry in loaded])
    problems = problems + repeated
    blamed = {(problem.file, problem.line) for problem in repeated}
    fine = 0
    for entry in loaded:
        refused = _refused_sql(entry)
        problems += refused
        fine += not (refused or entry.raw.flawed or entry.rule.source in blamed)
    if problems:
        order = {file: index for index, file in enumerate(files)}
        problems.sort(key=lambda problem: (order.get(problem.file, -1), problem.line or 0))
        raise RulesError(problems, fine=fine)
    return RuleBook(tuple(entry.rule for entry in loaded), tuple(files))


def _refused_sql(entry: _Loaded) -> list[Problem]:
    try:
        gated(entry.rule, entry.rule.dialect)
    except RulesError as error:
        return [_placed(problem, entry.raw) for problem in error.problems]
    return []


def _files(paths: Paths) -> tuple[list[str], list[Problem]]:
    """Each file once, in the order given; the files of a folder sorted."""
    given = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    files: dict[Path, str] = {}
    problems = []
    for entry in given:
        path = Path(entry)
        found = _files_of(path) if path.is_dir() else [path]
        if not path.exists():
            problems.append(Problem(path.as_posix(), None, None, None, "there is no such file or folder"))
            continue
        if not found:
            problems.append(Problem(path.as_posix(), None, None, None, "the folder holds no *.yml or *.yaml file"))
        for file in found:
            files.setdefault(file.resolve(), file.as_posix())
    if not given:
        problems.append(Problem("rules", None, None, None, "no rules file or folder was named"))
    return list(files.values()), problems


def _files_of(folder: Path) -> list[Path]:
    """Hidden files and folders are not rules."""
    found = (child for child in folder.rglob("*") if child.suffix.lower() in SUFFIXES and child.is_file())
    return sorted(child for child in found if not any(part.startswith(".") for part in child.relative_to(folder).parts))


def _text(file: str) -> tuple[str | None, list[Problem]]:
    try:
        with Path(file).open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        return None, [Problem(file, None, None, None, f"cannot be read: {error.strerror}")]
    if len(raw) > MAX_BYTES:
        message = f"is larger than {MAX_BYTES / 1e6:.0f} MB; a rules file is not (split it, or is it data?)"
        return None, [Problem(file, None, None, None, message)]
    if raw[8:12] == b"DUCK":
        message = f"is a DuckDB database, not a rules file; to check it: aegis run RULES --db {file}"
        return None, [Problem(file, None, None, None, message)]
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return None, [Problem(file, 1, None, None, "is UTF-16; save it as UTF-8")]
    try:
        return raw.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        message = f"is not UTF-8 (byte 0x{raw[error.start]:02x}); save it as UTF-8"
        return None, [Problem(file, line, None, None, message)]


def _rules_in(text: str, file: str, settings: Mapping[str, Any], problems: list[Problem]) -> list[_Loaded]:
    documents, flaws = read_documents(text)
    problems += [Problem(file, flaw.line, None, None, flaw.message) for flaw in flaws]
    present = [(line, value) for line, value in documents if value is not None]
    if not present and not flaws:
        problems.append(Problem(file, None, None, None, "the file is empty; it holds no rule"))
    gathered = Gathered(file)
    for line, value in present:
        gather(gathered, line, value)
    problems += gathered.problems
    loaded = []
    for raw in gathered.rules:
        try:
            rule = raw.cls(**raw.values, source=Source(file, raw.line), **settings)
        except RulesError as error:
            problems += [_placed(problem, raw) for problem in error.problems]
        else:
            loaded.append(_Loaded(rule, raw))
    return loaded


def _placed(problem: Problem, raw: RawRule) -> Problem:
    """The problem, at the line and by the name under which its field is written."""
    if problem.field is None:
        return replace(problem, line=raw.line)
    name, *path = problem.field.split(".")
    place = raw.places.get(name)
    if place is None:
        written = ".".join([raw.written(name), *path])
        return replace(problem, line=raw.line, field=printable(written))
    line = _line_of(place, path)
    return replace(problem, line=line, field=printable(".".join([place.name, *path])))


def _line_of(place: Place, path: list[str]) -> int:
    line, value = place.line, place.value
    for part in path:
        if isinstance(value, LinedDict) and part in value:
            line, value = value.lines[part], value[part]
        elif isinstance(value, LinedList) and part.isdigit() and int(part) < len(value):
            line, value = value.lines[int(part)], value[int(part)]
        else:
            break
    return line


def _with_unique_ids(loaded: list[_Loaded]) -> list[_Loaded]:
    """Rules that were given no id, and whose plain id another rule has too, are told apart by what they check."""
    uses: Counter[str] = Counter(entry.rule.id for entry in loaded)
    return [
        replace(entry, rule=entry.rule.model_copy(update={"id": told_apart(entry.rule)}))
        if uses[entry.rule.id] > 1 and "id" not in entry.raw.values
        else entry
        for entry in loaded
    ]
