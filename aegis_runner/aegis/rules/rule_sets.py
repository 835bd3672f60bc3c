"""Rules as Python hands them over: made here, in files, in folders, in books, or some of each."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from aegis.errors import UsageError

if TYPE_CHECKING:
    from aegis.rules.book import RuleBook
    from aegis.rules.model import Rule

    RuleSource: TypeAlias = str | os.PathLike[str] | Rule | RuleBook
    RuleSet: TypeAlias = RuleSource | Iterable[RuleSource]


def named_files(rules: RuleSet) -> str | None:
    """The files and folders as they were named, for people; None where there are none."""
    given = [rules] if isinstance(rules, str | os.PathLike) else rules
    named = [str(one) for one in given if isinstance(one, str | os.PathLike)] if isinstance(given, Iterable) else []
    return ", ".join(named) or None


def parted(rules: RuleSet) -> tuple[list[Rule], list[Path]]:
    """The rules that are made already, and the files and folders to load.

    Raises:
        UsageError: Something is neither.
    """
    from aegis.rules.book import RuleBook
    from aegis.rules.model import Rule

    made: list[Rule] = []
    paths: list[Path] = []
    given = [rules] if isinstance(rules, str | os.PathLike | Rule) else rules
    if not isinstance(given, Iterable):
        raise _neither(rules)
    for one in given:
        if isinstance(one, Rule):
            made.append(one)
        elif isinstance(one, RuleBook):
            made.extend(one.whole())
        elif isinstance(one, str | os.PathLike):
            paths.append(Path(one))
        else:
            raise _neither(one)
    return made, paths


def _neither(given: object) -> UsageError:
    kind = given.__name__ if isinstance(given, type) else type(given).__name__
    hint = "Give rules (rules.NotNull(table=…, column=…)), paths of files and folders, or a RuleBook."
    if isinstance(given, type):
        hint = f"{kind} is a class: call it with its values. {hint}"
    return UsageError(f"{kind} is not a rule", where="rules", hint=hint)


def with_made(book: RuleBook | None, made: Sequence[Rule], dialect: str | None) -> RuleBook:
    """A book of the rules of files and of those made in Python. Of the latter, those that were given no id and would
    share one are told apart by what they check, as in a file.

    Raises:
        RulesError: Two rules have one id, or the SQL of one is refused: with every problem.
    """
    from aegis.errors import RulesError
    from aegis.rules.book import RuleBook, repeated_ids
    from aegis.rules.sql_fields import gated

    if not made and book is not None:
        return book
    loaded = book.rules if book else ()
    whole = (*loaded, *_told_apart(made, Counter(rule.id for rule in (*loaded, *made))))
    problems = repeated_ids(whole)
    for rule in whole[len(loaded) :]:
        try:
            gated(rule, dialect)
        except RulesError as error:
            problems += error.problems
    if problems:
        raise RulesError(problems, fine=len(whole) - len({problem.rule_id for problem in problems}))
    return RuleBook(whole) if book is None else replace(book, rules=whole)


def _told_apart(made: Sequence[Rule], uses: Counter[str]) -> list[Rule]:
    from aegis.rules.ids import told_apart

    found = []
    for rule in made:
        unnamed = rule.id == type(rule).default_id(dict(rule.__dict__))
        shared = uses[rule.id] > 1 and unnamed
        found.append(rule.model_copy(update={"id": told_apart(rule)}) if shared else rule)
    return found
