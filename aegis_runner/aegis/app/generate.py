"""`aegis dbt generate`: rules for the tests that a dbt project has, and proposals for those that it lacks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from aegis.domain.text import plural
from aegis.errors import UsageError

if TYPE_CHECKING:
    from aegis.connection.project import ProjectOptions
    from aegis.dbt.generate.model import Generated, Proposed
    from aegis.dbt.generate.output import Files
    from aegis.domain.report import Notice


@dataclass(frozen=True, slots=True)
class ProposeOptions:
    """The warehouse in which proposals are run: that of the project, or a DuckDB file or address."""

    connection: ProjectOptions
    database: Path | str | None = None
    progress: Callable[[str], None] | None = None
    """Is told which table is looked at."""


@dataclass(frozen=True, slots=True)
class GeneratedFiles:
    """What was generated. ``text`` is all of it where no output was named; else ``files`` says what was written."""

    generated: Generated
    proposed: tuple[Proposed, ...] = ()
    text: str | None = None
    files: Files | None = None
    notices: tuple[Notice, ...] = ()
    notes: tuple[str, ...] = field(default=())


def generate_rules(
    manifest: Path, output: Path | None = None, *, force: bool = False, propose: ProposeOptions | None = None
) -> GeneratedFiles:
    """Rules for the tests of a manifest.json, or of the one in a target folder.

    Args:
        manifest: The file or the folder.
        output: A rules file, or a folder for one of each table; None gives the text.
        force: Write over files that are not ours, or that were changed.
        propose: With it, also rules that the columns suggest, each run first.

    Raises:
        ArtifactError: It is not a manifest.
        UsageError, ConfigError: The output cannot be written, or is in the way.
        ConfigError, DbtError, WarehouseError: The warehouse for the proposals cannot be reached.
    """
    from aegis.dbt.artifacts.read import read_manifest
    from aegis.dbt.generate import text as texts
    from aegis.dbt.generate.from_manifest import generate
    from aegis.dbt.generate.output import is_folder, write_files

    if manifest.suffix == ".msgpack":
        raise UsageError("is dbt's parse cache", where=str(manifest), hint=f"Give {manifest.parent}/manifest.json.")
    folder = is_folder(output) if output is not None else False
    read, notices = read_manifest(manifest)
    found = texts.unwritable(generate(read, _restricted(manifest)))
    proposed: Sequence[Proposed] = ()
    notes: tuple[str, ...] = found.notes
    if propose is not None:
        from aegis.app.propose import propose_rules

        proposed, more = propose_rules(read, manifest, found, propose)
        notes += more
    parts, about = texts.sections(found, proposed), _about(found, proposed, notes)
    if output is None:
        return GeneratedFiles(found, tuple(proposed), texts.one_text(parts, about), None, notices, notes)
    if folder:
        done = write_files(output, texts.files(parts, about), force=force, whole_folder=True)
    else:
        only = {output.name: texts.one_text(parts, about)} if found.rules or proposed else {}
        done = write_files(output.parent, only, force=force, whole_folder=False)
    return GeneratedFiles(found, tuple(proposed), None, done, notices, notes)


def _restricted(manifest: Path) -> frozenset[str]:
    """Packages that show only their public models; known where the manifest lies in its project."""
    from aegis.dbt.project.settings import find_project, load_project, restricted_packages
    from aegis.errors import AegisError

    try:
        folder = find_project(manifest)
        return frozenset() if folder is None else frozenset(restricted_packages(load_project(folder)))
    except AegisError:
        return frozenset()  # a project that cannot be read says nothing of them; compiling will


def _about(found: Generated, proposed: Sequence[Proposed], notes: Sequence[str]) -> list[str]:
    from datetime import UTC, datetime

    lines = [f"From the dbt tests of {found.project or 'a project without a name'}."]
    if found.packages:
        told = ", ".join(f"{name} ({count:,})" for name, count in found.packages.items())
        lines.append(f"Rules of tests that installed packages have of their own: {told}.")
    if proposed:
        lines.append(f"{plural(len(proposed), 'proposal')}, run on {datetime.now(UTC):%Y-%m-%d}.")
    return [*lines, *(f"Note: {note}." for note in notes)]
