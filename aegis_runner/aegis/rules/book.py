"""The rules of a project, as one value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from aegis.domain.severity import Severity
from aegis.errors import Problem, RulesError

if TYPE_CHECKING:
    from aegis.rules.model import Rule, SourceLocation


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """A rule that cannot run, or a file that holds none, and why.

    ``id`` is what it is called: its id, else the one it would have been given, else where it is written. What else is
    known of it is there as far as it could be read.
    """

    id: str
    problems: tuple[Problem, ...]
    type: str | None = None
    table: str | None = None
    column: str | None = None
    severity: Severity = Severity.MEDIUM
    source: SourceLocation | None = None

    @property
    def message(self) -> str:
        """Why it cannot run, with file and line: one line for each problem."""
        return "\n".join(map(_in_a_line, self.problems))


def _in_a_line(problem: Problem) -> str:
    place = problem.file if problem.line is None else f"{problem.file}:{problem.line}"
    words = " ".join(problem.message.split())
    return ": ".join(part for part in (place, problem.field, words) if part)


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Rules in file order, and the files that were read, in the order they were read.

    Ids are unique within a book; `load_rules` sees to it, and `RuleBook.of` for rules made in Python. ``broken`` are
    those that `read_rules` found to be wrong, with all ``problems`` in file order; ``unread`` names sections of the
    files that nothing reads.
    """

    rules: tuple[Rule, ...]
    files: tuple[str, ...] = ()
    broken: tuple[BrokenRule, ...] = ()
    problems: tuple[Problem, ...] = ()
    unread: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules)

    def __len__(self) -> int:
        return len(self.rules)

    @classmethod
    def of(cls, *rules: Rule) -> RuleBook:
        """A book of rules made in Python.

        Raises:
            RulesError: Two rules have the same id.
        """
        problems = repeated_ids(rules)
        if problems:
            raise RulesError(problems, fine=len(rules) - len(problems))
        return cls(rules)

    def whole(self) -> RuleBook:
        """The book itself, if nothing in it is wrong.

        Raises:
            RulesError: With every problem.
        """
        if self.problems:
            raise RulesError(self.problems, fine=len(self.rules))
        return self

    def without(self, problems: Iterable[Problem]) -> RuleBook:
        """The book less the rules that these problems name by their ids; those are among its broken ones then."""
        found = tuple(problems)
        blamed: dict[str, list[Problem]] = {}
        for problem in found:
            if problem.rule_id is not None:
                blamed.setdefault(problem.rule_id, []).append(problem)
        broken = tuple(broken_rule(rule, blamed[rule.id]) for rule in self.rules if rule.id in blamed)
        left = tuple(rule for rule in self.rules if rule.id not in blamed)
        problems_now = in_file_order((*self.problems, *found), self.files)
        return replace(self, rules=left, broken=self.broken + broken, problems=problems_now)


def in_file_order(problems: Iterable[Problem], files: Iterable[str]) -> tuple[Problem, ...]:
    """Problems in the order in which their files were read, each file from top to bottom."""
    order = {file: index for index, file in enumerate(files)}
    return tuple(sorted(problems, key=lambda one: (order.get(one.file, -1), one.line or 0)))


def broken_rule(rule: Rule, problems: Iterable[Problem]) -> BrokenRule:
    """A rule that is one, and cannot run."""
    return BrokenRule(
        id=rule.id,
        problems=tuple(problems),
        type=rule.type,
        table=rule.table,
        column=", ".join(rule.columns_named) or None,
        severity=rule.severity,
        source=rule.source,
    )


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
