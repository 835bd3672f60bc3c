"""Reading a dbt ``target`` folder: manifest.json, run_results.json and, where they are, sources.json and catalog.json.

dbt 1.0 and later, dbt 2, any adapter, dbt Cloud; older ones as far as they go. What cannot be used raises
:class:`ArtifactError`; what one can live with becomes a :class:`Notice`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import TypeVar

from aegis.dbt.artifacts.decode import Decoded, Expected, check_kind, decode, schema_kind
from aegis.dbt.artifacts.schema import Catalog, Manifest, Metadata, Node, RunResults, Shape, Sources
from aegis.domain.report import Notice
from aegis.domain.text import plural
from aegis.errors import ArtifactError

ShapeT = TypeVar("ShapeT", bound=Shape)

MANIFEST = Expected("manifest.json", "manifest", "nodes", dict, 12, "dbt build")
RUN_RESULTS = Expected("run_results.json", "run-results", "results", list, 6, "dbt build")
SOURCES = Expected("sources.json", "sources", "results", list, 3, "dbt source freshness")
CATALOG = Expected("catalog.json", "catalog", "nodes", dict, 1, "dbt docs generate")

# What dbt calls these in `args.which`.
_COMMANDS = {"generate": "docs generate", "freshness": "source freshness"}
_STALE_FRESHNESS = timedelta(days=1)
_ABSENT_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Artifacts:
    """What one target folder says. ``notices`` are things the reader of the report must know, ``doubts`` those that
    make all of it doubtful."""

    target_dir: Path
    manifest: Manifest
    run_results: RunResults
    sources: Sources | None
    notices: tuple[Notice, ...]
    doubts: tuple[Notice, ...] = ()

    @property
    def dbt_version(self) -> str | None:
        return self.run_results.metadata.dbt_version or self.manifest.metadata.dbt_version

    @property
    def is_dbt_2(self) -> bool:
        return (self.dbt_version or "").startswith("2.")

    @property
    def generated_at(self) -> datetime | None:
        """When dbt wrote the run results, UTC."""
        return parse_time(self.run_results.metadata.generated_at)

    @property
    def command(self) -> str | None:
        """The dbt command that wrote the run results, such as ``build`` or ``docs generate``."""
        which = self._argument("which") or self._argument("rpc_method")
        return _COMMANDS.get(which, which) if which else None

    @property
    def target_name(self) -> str | None:
        """The dbt target that was asked for on the command line; ``None`` where it was the profile's default."""
        return self._argument("target")

    @property
    def empty(self) -> bool:
        """Whether dbt was told to build without data (``--empty``)."""
        return (self.run_results.args or {}).get("empty") is True

    @property
    def deferred(self) -> bool:
        """Whether dbt was told to read elsewhere what it does not build (``--defer``); dbt 2 does not tell."""
        return (self.run_results.args or {}).get("defer") is True

    @property
    def vars_arguments(self) -> list[str]:
        """The variables of the run, as arguments for another one."""
        variables = (self.run_results.args or {}).get("vars")
        return ["--vars", json.dumps(variables)] if isinstance(variables, dict) and variables else []

    def _argument(self, name: str) -> str | None:
        value = (self.run_results.args or {}).get(name)
        return value if isinstance(value, str) and value else None


def read_artifacts(target_dir: Path) -> Artifacts:
    """Read a target folder.

    Raises:
        ArtifactError: The folder, the manifest or the run results are missing or cannot be used. Run
            results may be missing where sources.json is there.
    """
    folder = _folder(target_dir)
    manifest, notices = _read(folder / MANIFEST.name, Manifest, MANIFEST)
    sources, source_notices = _read_optional(folder / SOURCES.name, Sources, SOURCES)
    if not (folder / RUN_RESULTS.name).exists() and sources is not None:
        run_results = RunResults(metadata=Metadata(), results=[])
        run_notices: list[Notice] = []
        doubts = [Notice(what="there is no run_results.json: only source freshness is known", where=str(folder))]
    else:
        run_results, run_notices = _read(folder / RUN_RESULTS.name, RunResults, RUN_RESULTS)
        source_notices += _stale(sources, run_results, folder)
        doubts = _disagreements(manifest, run_results, folder)
    told = (*notices, *run_notices, *source_notices)
    return Artifacts(folder, manifest, run_results, sources, told, tuple(doubts))


def read_manifest(path: Path) -> tuple[Manifest, tuple[Notice, ...]]:
    """Read one manifest: a file, or the manifest.json of a folder (for ``--state``).

    Raises:
        ArtifactError: It is missing or cannot be used.
    """
    file = path if path.is_file() else _folder(path) / MANIFEST.name
    manifest, notices = _read(file, Manifest, MANIFEST)
    return manifest, tuple(notices)


def read_catalog(target_dir: Path) -> tuple[Catalog | None, tuple[Notice, ...]]:
    """Read catalog.json; ``None`` where there is none, or none that can be used (then a notice says why)."""
    catalog, notices = _read_optional(target_dir / CATALOG.name, Catalog, CATALOG)
    return catalog, tuple(notices)


def compiled_sql(artifacts: Artifacts, unique_id: str) -> str | None:
    """The SQL of a node as dbt ran it: from the run results, the manifest, or the ``compiled`` folder."""
    return compiled_sqls(artifacts, [unique_id]).get(unique_id)


def compiled_sqls(artifacts: Artifacts, unique_ids: Iterable[str]) -> dict[str, str]:
    """The same of several nodes, by id; those without are left out."""
    as_run = {one.unique_id: one.compiled_code for one in artifacts.run_results.results if one.compiled_code}
    found = {}
    for uid in unique_ids:
        node = artifacts.manifest.find(uid)
        sql = as_run.get(uid)
        if sql is None and node is not None:
            sql = node.compiled or _compiled_file(artifacts.target_dir, _compiled_path(node))
        if sql is not None:
            found[uid] = sql
    return found


def _compiled_path(node: Node) -> str | None:
    """Where dbt puts it, if the manifest does not say: that of ``dbt test`` tells no path of models, whose files of the
    run before are still there."""
    if node.compiled_path or not node.package_name or not (node.original_file_path or "").endswith(".sql"):
        return node.compiled_path
    return f"compiled/{node.package_name}/{node.original_file_path}"


def _compiled_file(target_dir: Path, compiled_path: str | None) -> str | None:
    """Read a compiled file, whose path in the manifest may be of another machine, from this target folder only."""
    parts = PurePosixPath((compiled_path or "").replace("\\", "/")).parts
    if "compiled" not in parts:
        return None
    file = target_dir.joinpath(*parts[parts.index("compiled") :])
    if not file.resolve().is_relative_to(target_dir.resolve()) or not file.is_file():
        return None
    return file.read_text(encoding="utf-8", errors="replace")


def parse_time(text: str | None) -> datetime | None:
    """An artifact's time stamp in UTC; ``None`` where there is none that can be read."""
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    if moment is None or moment.tzinfo is not None:
        # Offsets at the ends of the calendar overflow.
        return None if moment is None or moment.year in (1, 9999) else moment.astimezone(UTC)
    return moment.replace(tzinfo=UTC)


def _folder(path: Path) -> Path:
    if not path.exists():
        above = () if path.is_absolute() else (folder / path for folder in Path.cwd().parents)
        meant = next((one for one in above if one.is_dir()), None)
        hint = f"did you mean {meant}?" if meant else "Run `dbt build`, then give its target folder."
        raise ArtifactError("there is no such folder", where=str(path), hint=hint)
    if not path.is_dir():
        raise ArtifactError("this is a file, not dbt's target folder", where=str(path), hint=f"Give {path.parent}.")
    return path


def _read(file: Path, shape: type[ShapeT], expected: Expected) -> tuple[ShapeT, list[Notice]]:
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        hint = _missing_hint(file, expected)
        raise ArtifactError(f"there is no {expected.name}", where=str(file.parent), hint=hint) from None
    except OSError as error:
        raise ArtifactError(f"{expected.name} cannot be read: {error.strerror}", where=str(file)) from None
    decoded = decode(data, shape, expected, str(file))
    return decoded.value, _reservations(decoded, expected, file)


def _missing_hint(file: Path, expected: Expected) -> str:
    nested = file.parent / "target"
    if (nested / expected.name).is_file():
        return f"did you mean {nested}?"
    return f"`{expected.command}` writes it."


def _read_optional(file: Path, shape: type[ShapeT], expected: Expected) -> tuple[ShapeT | None, list[Notice]]:
    """``None`` where the file is not there or cannot be used: the rest of the report stands without it."""
    if not file.exists():
        return None, []
    try:
        return _read(file, shape, expected)
    except ArtifactError as error:
        return None, [Notice(what=f"{expected.name} was left out: {error.message}", where=error.where, hint=error.hint)]


def _reservations(decoded: Decoded[ShapeT], expected: Expected, file: Path) -> list[Notice]:
    """Notices of a schema version from the future and of parts that could not be used."""
    metadata: Metadata = getattr(decoded.value, "metadata")  # noqa: B009  # every shape here has it; its type has no name
    notices = []
    if metadata.dbt_schema_version is not None:
        head = {"metadata": {"dbt_schema_version": metadata.dbt_schema_version}, expected.table: expected.table_type()}
        check_kind(head, expected, str(file))
        version = schema_kind(metadata.dbt_schema_version)[1]
        if version is not None and version > expected.newest:
            what = f"{expected.name} has schema version {version}, newer than any known ({expected.newest})"
            notices.append(Notice(what=f"{what}: parts may be missing", where=str(file), hint="Update Aegis."))
    if decoded.dropped:
        count = len(decoded.dropped)
        what = f"{plural(count, 'part')} of {expected.name} had an unexpected type and went unread"
        notices.append(Notice(what=f"{what}, the first: {decoded.dropped[0][:200]}", where=str(file)))
    return notices


def _disagreements(manifest: Manifest, run_results: RunResults, folder: Path) -> list[Notice]:
    """Where the two halves do not belong together.

    Raises:
        ArtifactError: Most of the results are of nodes that the manifest has never heard of.
    """
    absent = [result.unique_id for result in run_results.results if not manifest.knows(result.unique_id)]
    hint = "run `dbt build` and analyze the folder before another dbt command writes to it"
    if len(absent) > _ABSENT_SHARE * len(run_results.results):
        raise ArtifactError(
            f"manifest.json and run_results.json are of different projects: {len(absent):,} of "
            f"{len(run_results.results):,} results are of nodes that the manifest lacks, such as {absent[0][:200]}",
            where=str(folder),
            hint=hint,
        )
    notices = []
    ids = manifest.metadata.invocation_id, run_results.metadata.invocation_id
    if None not in ids and ids[0] != ids[1]:
        what = f"manifest.json ({ids[0]}) and run_results.json ({ids[1]}) are of different dbt invocations"
        notices.append(Notice(what=what, where=str(folder), hint=hint))
    if absent:
        what = f"{len(absent):,} results are of nodes that manifest.json lacks, such as {absent[0][:200]}"
        notices.append(Notice(what=f"{what}: only what the results say is known of them", where=str(folder), hint=hint))
    if not run_results.results:
        what = "run_results.json holds no results: dbt ran nothing, or stopped before it ran anything"
        notices.append(Notice(what=what, where=str(folder), hint="Look at dbt's own output."))
    return notices


def _stale(sources: Sources | None, run_results: RunResults, folder: Path) -> list[Notice]:
    measured = parse_time(sources.metadata.generated_at) if sources else None
    ran = parse_time(run_results.metadata.generated_at)
    if measured is None or ran is None or ran - measured <= _STALE_FRESHNESS:
        return []
    what = f"source freshness was measured on {measured:%Y-%m-%d %H:%M} UTC, long before this run"
    return [Notice(what=what, where=str(folder / SOURCES.name), hint="Run `dbt source freshness` again.")]
