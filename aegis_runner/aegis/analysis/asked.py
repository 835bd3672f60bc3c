"""What an analysis was asked, what came back, and how far the artifacts are of what is there now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from aegis.analysis.places import placed
from aegis.analysis.results import results_of
from aegis.connection.project import ProjectOptions, project_here
from aegis.dbt.artifacts.read import Artifacts
from aegis.dbt.graph.lineage import Lineage
from aegis.dbt.results.accounting import Accounted, account, build_of
from aegis.dbt.results.asked import changed_rules, compiled_rules, of_book
from aegis.dbt.results.since_build import changed_files, later_command
from aegis.domain.report import Notice
from aegis.domain.text import plural
from aegis.errors import AegisError

if TYPE_CHECKING:
    from aegis.analysis.suite_rows import SuiteRows
    from aegis.connection.access import WarehouseAccess
    from aegis.dbt.project.settings import Project
    from aegis.rules.book import RuleBook

_NAMED = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run that Aegis started was asked for: the book, and what dbt was told to leave out, in words."""

    book: RuleBook
    selection: str | None = None


def answers_of(
    artifacts: Artifacts,
    access: WarehouseAccess,
    lineage: Lineage,
    asked: Asked | None,
    book: RuleBook | None,
    rows: SuiteRows | None = None,
) -> Accounted:
    """Each rule with one result, or left out and why. Without ``asked`` somebody else ran dbt, and ``book`` is what the
    project's rules files say now, where there are any. ``rows`` are those of suites that ran without dbt."""
    results, notices = results_of(artifacts, access, lineage, rows)
    if asked is not None:
        rules, build = of_book(asked.book), build_of(artifacts, selection=asked.selection, just_compiled=True)
    else:
        rules, build = of_book(book) if book else (), build_of(artifacts)
    found = account(rules, results, build)
    known = asked.book if asked is not None else book
    folder = access.project.project.folder if access.project else None
    results = placed(found.results, known, artifacts.manifest, folder)
    return replace(found, results=results, notices=(*notices, *found.notices))


def look_around(
    target_dir: Path, connection: ProjectOptions, artifacts: Artifacts, asked: Asked | None
) -> tuple[RuleBook | None, tuple[Notice, ...]]:
    """The rule book of the project that a target folder is of, and what makes a report of that folder doubtful.

    A folder by itself (downloaded, say) has no book, and only the doubts that it raises itself; a run that Aegis
    started has its own book.
    """
    if asked is not None:
        return None, artifacts.doubts if artifacts.run_results.results else ()
    book, doubts = _in_project(target_dir, connection, artifacts)
    return book, (*artifacts.doubts, *doubts)


def _in_project(
    target_dir: Path, connection: ProjectOptions, artifacts: Artifacts
) -> tuple[RuleBook | None, tuple[Notice, ...]]:
    try:
        project = project_here(target_dir, connection)
    except AegisError:
        return None, ()
    name = artifacts.manifest.metadata.project_name
    if name != project.name:
        # Only a folder inside the project is taken for its own.
        inside = name is not None and target_dir.absolute().is_relative_to(project.folder)
        what = f"the artifacts are of the project {name}, and this is {project.name}"
        return None, (Notice(what=what, where=str(target_dir)),) if inside else ()
    doubts = [*_target(artifacts, connection), *_since(artifacts, project)]
    book, problems = _book(project, artifacts)
    if book is not None:
        doubts += _changed(book, artifacts, project)
    return book, (*doubts, *problems)


def _target(artifacts: Artifacts, connection: ProjectOptions) -> list[Notice]:
    built, wanted = artifacts.target_name, connection.target
    if built is None or wanted is None or built == wanted:
        return []
    what = f"the artifacts are of the target {built}, and {wanted} was asked for"
    return [Notice(what=what, where=str(artifacts.target_dir), hint=f"Run `dbt build --target {wanted}` first.")]


def _since(artifacts: Artifacts, project: Project) -> list[Notice]:
    found = []
    command = later_command(project, artifacts.run_results.metadata.invocation_id, artifacts.generated_at)
    if command is not None:
        what = f"a later `dbt {command}` ended without results; these are of the build before it"
        found.append(Notice(what=what, where="logs/dbt.log", hint="Look at its output, then build again."))
    changed = changed_files(artifacts.manifest, project).files
    if changed:
        one = len(changed) == 1
        what = f"{len(changed)} file{' has' if one else 's have'} changed since this build: {_some(changed)}"
        found.append(Notice(what=what, hint="Build again to see what they do."))
    return found


def _book(project: Project, artifacts: Artifacts) -> tuple[RuleBook | None, list[Notice]]:
    from aegis.rules.load import read_rules

    if not project.rules_dir.is_dir() or not any(project.rules_dir.rglob("*.y*ml")):
        return None, []
    book = read_rules([_shown(project.rules_dir)], dialect=artifacts.manifest.metadata.adapter_type)
    if not book.problems:
        return book, []
    number = len(book.problems)
    what = f"the rules files have {plural(number, 'error')}; the rules that are wrong are not counted"
    return book, [Notice(what=what, where=str(_shown(project.rules_dir)), hint="`aegis validate` lists them.")]


def _shown(path: Path) -> Path:
    """As `aegis compile` names files: relative to where the person stands."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _changed(book: RuleBook, artifacts: Artifacts, project: Project) -> list[Notice]:
    """Rules that are otherwise in the files than in the suites, or only in the suites."""
    manifest = artifacts.manifest
    changed = changed_rules(book, manifest, manifest.metadata.adapter_type)
    ids = {rule.id for rule in (*book, *book.broken)}
    files = {Path(file).name for file in book.files}
    gone = sorted(
        rule_id
        for rule_id, known in compiled_rules(manifest).items()
        if rule_id not in ids and known.asked.path is not None and Path(known.asked.path).name in files
    )
    where, hint = project.shown(project.rules_dir), "Run `aegis compile`, then build again."
    found = []
    if changed:
        what = f"{_rules(changed)} changed after compiling; the results are of the earlier version: {_some(changed)}"
        found.append(Notice(what=what, where=where, hint=hint))
    if gone:
        what = f"{_rules(gone)} compiled, but no longer in the rules files: {_some(gone)}"
        found.append(Notice(what=what, where=where, hint=hint))
    return found


def _rules(names: Sequence[str]) -> str:
    return plural(len(names), "rule")


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
