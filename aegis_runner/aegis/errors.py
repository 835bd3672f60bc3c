"""Everything that can go wrong, as one tree. Each class has an exit code and each message a next step.

    AegisError                    what, where, and what to do next
    ├── UsageError           2    the command line or a path is wrong
    ├── ConfigError          2    a project, profile or settings file is wrong
    │   └── RulesError       2    one or more rules are wrong; carries every problem at once
    ├── DbtError             3    dbt is missing, too old, or could not run
    ├── WarehouseError       3    the database cannot be opened or queried
    ├── ArtifactError        3    manifest.json or run_results.json cannot be used
    ├── AuditError           3    the audit trail cannot be read or written
    ├── ForgeError           3    GitHub or GitLab refused, or could not be reached
    ├── ProviderError        4    a language model was required and failed
    └── RefusedError         5    policy, a stale plan or a missing approval says no

Exit code 0 is "fine", 1 "findings at or above the threshold", 130 "interrupted", 70 "a bug in Aegis". A report
exits with 3, too, when a rule or test could not run, or when nothing was checked at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

EXIT_OK = 0
EXIT_FINDINGS = 1
EXIT_PROVIDER = 4
EXIT_BUG = 70
EXIT_INTERRUPTED = 130


class AegisError(Exception):
    """A failure that a person can act on.

    Args:
        message: What went wrong, one sentence, no traceback.
        where: The file (with line), node, table or setting it concerns.
        hint: What to do next.
    """

    exit_code = 70

    def __init__(self, message: str, *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        head = f"{self.where}: {self.message}" if self.where else self.message
        return f"{head}\n  {self.hint}" if self.hint else head


class UsageError(AegisError):
    """The command line, an argument or a path is wrong."""

    exit_code = 2


class ConfigError(AegisError):
    """A project, profile or settings file is wrong."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a rules file.

    ``file`` and ``line`` (1-based) say where, ``rule_id`` and ``field`` (a dotted path such as
    ``logic.min_value``) say what; ``message`` may hold several lines.
    """

    file: str
    line: int | None
    rule_id: str | None
    field: str | None
    message: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        head = "  ".join(part for part in (place, self.rule_id, self.field) if part)
        return head + "".join(f"\n  {line}" for line in self.message.splitlines())


class RulesError(ConfigError):
    """Every problem found in the rules, so that one bad rule never hides another."""

    def __init__(self, problems: Sequence[Problem], *, fine: int = 0) -> None:
        self.problems = tuple(problems)
        self.fine = fine
        count = len(self.problems)
        tail = f"{count} error{'' if count == 1 else 's'}, {fine} rule{'' if fine == 1 else 's'} fine."
        super().__init__("\n".join([*map(str, self.problems), tail]))


class DbtError(AegisError):
    """dbt is missing, too old, or could not run."""

    exit_code = 3


class WarehouseError(AegisError):
    """The database cannot be opened or queried."""

    exit_code = 3


class ArtifactError(AegisError):
    """manifest.json or run_results.json cannot be used."""

    exit_code = 3


class AuditError(AegisError):
    """The audit trail cannot be read or written."""

    exit_code = 3


class ForgeError(AegisError):
    """GitHub or GitLab refused, or could not be reached. It never costs a report."""

    exit_code = 3


class ProviderError(AegisError):
    """A language model was required and failed."""

    exit_code = EXIT_PROVIDER


class RefusedError(AegisError):
    """Policy, a stale plan or a missing approval says no."""

    exit_code = 5
