"""Rules files into rules. Every problem of every file is found before one error tells them all."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from aegis.errors import Problem, RulesError
from aegis.rules.book import BrokenRule, RuleBook, broken_rule, in_file_order, repeated_ids
from aegis.rules.broken import blame, unloaded_rule, unmade_rule
from aegis.rules.document import MAX_BYTES, LinedDict, LinedList, read_documents
from aegis.rules.forms import gather
from aegis.rules.ids import told_apart
from aegis.rules.model import Rule, SourceLocation
from aegis.rules.raw import Gathered, Place, RawRule
from aegis.rules.spell import printable
from aegis.rules.sql_fields import gated

SUFFIXES = frozenset({".yml", ".yaml"})

Paths = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A rule with what is wrong with it, if anything; ``problems`` says nothing of its SQL yet."""

    rule: Rule
    raw: RawRule
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True)
class _Found:
    """What the files gave. Each of ``problems`` is one of a rule that was loaded, or of one of ``broken``."""

    loaded: list[_Loaded] = field(default_factory=list)
    broken: list[BrokenRule] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)

    def whole_file(self, *problems: Problem) -> None:
        """A file that could not be read, or not to its end."""
        for problem in problems:
            self.problems.append(problem)
            place = problem.file if problem.line is None else f"{problem.file}:{problem.line}"
            self.broken.append(BrokenRule(place, (problem,), type="rules_file"))


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
    return read_rules(paths, dialect=dialect, allow_functions=allow_functions).whole()


def read_rules(paths: Paths, *, dialect: str | None = None, allow_functions: Iterable[str] = ()) -> RuleBook:
    """The rules that are fine, as `load_rules` takes them; those that are not are the book's ``broken`` ones."""
    found = _Found()
    files, missing = _files(paths)
    found.whole_file(*missing)
    settings = {"dialect": dialect, "allow_functions": frozenset(name.lower() for name in allow_functions)}
    for file in files:
        text, wrong = _text(file)
        found.whole_file(*wrong)
        if text is not None:
            _rules_in(text, file, settings, found)
    return _book(found, files)


def load_text(
    text: str, *, file: str = "rules.yml", dialect: str | None = None, allow_functions: Iterable[str] = ()
) -> RuleBook:
    """The rules in a text; ``file`` is what problems call it.

    Raises:
        RulesError: As `load_rules`.
    """
    found = _Found()
    settings = {"dialect": dialect, "allow_functions": frozenset(name.lower() for name in allow_functions)}
    _rules_in(text, file, settings, found)
    return _book(found, [file]).whole()


def _book(found: _Found, files: Sequence[str]) -> RuleBook:
    loaded = _with_unique_ids(found.loaded, found.broken)
    repeated = repeated_ids([entry.rule for entry in loaded])
    found.problems += repeated
    places = {(problem.file, problem.line): problem for problem in repeated}
    fine: list[Rule] = []
    broken = list(found.broken)
    for entry in loaded:
        refused = _refused_sql(entry)
        found.problems += refused
        source = entry.rule.source
        twice = places.get((source.file, source.line)) if source else None
        wrong = (*entry.problems, *((twice,) if twice and twice.rule_id == entry.rule.id else ()), *refused)
        if wrong:
            broken.append(broken_rule(entry.rule, wrong))
        else:
            fine.append(entry.rule)
    problems = in_file_order(found.problems, files)
    first = {problem: place for place, problem in reversed(list(enumerate(problems)))}
    broken.sort(key=lambda one: first[one.problems[0]])
    return RuleBook(tuple(fine), tuple(files), tuple(broken), problems, tuple(sorted(found.unread)))


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


def _rules_in(text: str, file: str, settings: Mapping[str, Any], found: _Found) -> None:
    documents, flaws = read_documents(text)
    present = [(line, value) for line, value in documents if value is not None]
    gathered = Gathered(file)
    found.whole_file(*(Problem(file, flaw.line, None, None, flaw.message) for flaw in flaws if flaw.fatal))
    slips = [Problem(file, flaw.line, None, None, flaw.message) for flaw in flaws if not flaw.fatal]
    found.problems += slips
    if not present and not flaws:
        found.whole_file(Problem(file, None, None, None, "the file is empty; it holds no rule"))
    for line, value in present:
        gather(gathered, line, value)
    found.problems += gathered.problems
    found.unread |= gathered.unread
    blame(gathered, slips, [line for line, _ in present])
    blamed = {problem for raw in gathered.rules for problem in raw.problems}
    blamed.update(problem for entry in gathered.unmade for problem in entry.problems)
    for problem in slips:
        if problem not in blamed:
            found.broken.append(BrokenRule(f"{file}:{problem.line}", (problem,), type="rules_file"))
    found.broken += [unmade_rule(entry, file) for entry in gathered.unmade]
    for raw in gathered.rules:
        try:
            rule = raw.cls(**raw.values, source=SourceLocation(file, raw.line), **settings)
        except RulesError as error:
            problems = [_placed(problem, raw) for problem in error.problems]
            found.problems += problems
            found.broken.append(unloaded_rule(raw, file, (*raw.problems, *problems)))
        else:
            found.loaded.append(_Loaded(rule, raw, raw.problems))


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


def _with_unique_ids(loaded: list[_Loaded], broken: Iterable[BrokenRule]) -> list[_Loaded]:
    """Rules that were given no id, and whose plain id another rule has too, are told apart by what they check. (A rule
    that is broken counts: what is wrong with one must not give another a new id.)"""
    uses: Counter[str] = Counter(entry.rule.id for entry in loaded)
    uses.update(one.id for one in broken)
    return [
        replace(entry, rule=entry.rule.model_copy(update={"id": told_apart(entry.rule)}))
        if uses[entry.rule.id] > 1 and "id" not in entry.raw.values
        else entry
        for entry in loaded
    ]
