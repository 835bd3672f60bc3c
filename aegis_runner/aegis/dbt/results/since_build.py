"""What happened in a project after the build whose artifacts are read: files that changed, dbt commands that ended
without results. A report of an older build must say so.

Content is compared wherever the manifest holds any: after a checkout all files are newer than artifacts that were
downloaded. Where it holds none (YAML, new files) the clock decides, and only if the clock means anything here.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from aegis.dbt.artifacts.read import parse_time
from aegis.dbt.artifacts.schema import Checksum, Manifest, Node
from aegis.dbt.project.settings import PROJECT_FILE, Project

_CODE = (".sql", ".csv", ".py")
_YAML = (".yml", ".yaml")
# The header of a command in dbt.log, of dbt 1 and dbt 2: a time and the invocation's id.
_HEADER = re.compile(r"^={10,} [0-9T:.\-]+Z? \| ([0-9a-f-]{36}) ={10,}$", re.MULTILINE)
_COMMAND = re.compile(r"'invocation_command': '(?:\S*[/\\])?dbt (\w+)|^[^\n]*\bFinished '(\w+)' ", re.MULTILINE)
_BUILDS = frozenset({"build", "test", "run", "seed", "snapshot", "retry"})
_MOST_LOG = 12_000_000
_MOST_FILE = 1_000_000
# Seconds between dbt's last result and its last line.
_SLACK = 5.0


@dataclass(frozen=True, slots=True)
class Changed:
    """Files of the project, relative to it, not as the build read them: ``edited``, ``removed`` or ``added``."""

    edited: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[str, ...]:
        return (*self.edited, *self.removed, *self.added)


def changed_files(manifest: Manifest, project: Project) -> Changed:
    """What is otherwise in the project than the manifest has it."""
    nodes = [node for node in manifest.nodes.values() if node.package_name == manifest.metadata.project_name]
    found = {**_states(_of_nodes(nodes), project.folder), **_states(_of_macros(manifest), project.folder)}
    edited, removed, alike = ({path for path, state in found.items() if state == one} for one in _STATES)
    built = parse_time(manifest.metadata.generated_at)
    if built is not None and _clock_tells(alike, built, project.folder):
        known = _known_paths(manifest)
        edited |= {path for path in known if path.endswith(_YAML) and _is_newer(project.folder / path, built)}
        edited |= {PROJECT_FILE} if _is_newer(project.folder / PROJECT_FILE, built) else set()
        added = {path for path in _on_disk(project) if path not in known and _is_newer(project.folder / path, built)}
    else:
        added = set()
    return Changed(tuple(sorted(edited)), tuple(sorted(removed)), tuple(sorted(added)))


_STATES = ("edited", "removed", "alike")


def _states(files: Iterable[tuple[str, Callable[[bytes], bool | None]]], folder: Path) -> dict[str, str]:
    """What became of each file, where that can be told. One that holds several nodes is alike if all of them are."""
    found: dict[str, str] = {}
    for path, is_same in files:
        try:
            file = folder / path
            data = file.read_bytes() if file.resolve().is_relative_to(folder.resolve()) else None
        except OSError:
            data = None
        same = is_same(data) if data is not None else None
        if data is None:
            found[path] = "removed"
        elif same is not None and found.get(path) != "edited":
            found[path] = "alike" if same else "edited"
    return found


def _of_nodes(nodes: Iterable[Node]) -> Iterator[tuple[str, Callable[[bytes], bool | None]]]:
    for node in nodes:
        path = (node.original_file_path or "").replace("\\", "/")
        if path.endswith(_CODE) and node.test_metadata is None:
            yield path, partial(_is_same, node)


def _is_same(node: Node, data: bytes) -> bool | None:
    """By its checksum or by its text: dbt 1 keeps an old checksum at times, dbt 2 hashes a snapshot's block only."""
    checksum = node.checksum
    hashed = isinstance(checksum, Checksum) and checksum.name == "sha256"
    if hashed and isinstance(checksum, Checksum) and checksum.checksum in _digests(data):
        return True
    if not node.sql or len(data) > _MOST_FILE:
        # dbt hashes no seed that is as large as that.
        return False if hashed and len(data) <= _MOST_FILE else None
    text, was = _lines(data.decode("utf-8", errors="replace")), _lines(node.sql)
    return was in text if node.resource_type == "snapshot" else was == text


def _digests(data: bytes) -> set[str]:
    """Of a file as each dbt may have hashed it: as it is, stripped, with the line ends of another system."""
    texts = [data, data.replace(b"\r\n", b"\n"), data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")]
    texts += [text.removeprefix(b"\xef\xbb\xbf") for text in texts]
    found = {hashlib.sha256(text).hexdigest() for text in texts}
    return found | {hashlib.sha256(text.strip()).hexdigest() for text in texts}


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _of_macros(manifest: Manifest) -> Iterator[tuple[str, Callable[[bytes], bool | None]]]:
    for macro in (manifest.macros or {}).values():
        path = (macro.original_file_path or "").replace("\\", "/")
        if macro.package_name == manifest.metadata.project_name and path.endswith(".sql") and macro.macro_sql:
            yield path, partial(_holds, _lines(macro.macro_sql))


def _holds(text: str, data: bytes) -> bool:
    return text in _lines(data.decode("utf-8", errors="replace"))


def _known_paths(manifest: Manifest) -> set[str]:
    shelves: tuple[Mapping[str, object] | None, ...] = (
        manifest.nodes, manifest.sources, manifest.unit_tests, manifest.exposures, manifest.macros,
    )  # fmt: skip
    paths = [getattr(entry, "original_file_path", None) for shelf in shelves for entry in (shelf or {}).values()]
    for entries in (manifest.disabled or {}).values():
        for entry in entries if isinstance(entries, list) else [entries]:
            paths.append(entry.get("original_file_path") if isinstance(entry, dict) else None)
    return {path.replace("\\", "/").removeprefix("./") for path in paths if isinstance(path, str)}


def _on_disk(project: Project) -> Iterator[str]:
    for folder in (*project.model_paths, *project.test_paths):
        for file in folder.rglob("*") if folder.is_dir() else ():
            if file.suffix in (*_CODE, *_YAML) and file.is_file():
                yield project.shown(file)


def _clock_tells(alike: Iterable[str], built: datetime, folder: Path) -> bool:
    """Whether times of files mean anything: most files that are as they were are older than the build."""
    newer = [_is_newer(folder / path, built) for path in alike]
    return bool(newer) and 2 * sum(newer) < len(newer)


def _is_newer(file: Path, built: datetime) -> bool:
    try:
        return file.stat().st_mtime > built.timestamp()
    except OSError:
        return False


def later_command(project: Project, invocation_id: str | None, written: datetime | None) -> str | None:
    """The last dbt command after an invocation that builds or tests, by the project's dbt.log: as its results are not
    the ones that are there, it left none.

    Where the log does not know the invocation (Aegis lets dbt 1 write no log), a log that goes on after the results
    were ``written`` tells.
    """
    file = project.folder / "logs" / "dbt.log"
    text = _end_of(file)
    headers = list(_HEADER.finditer(text))
    ids = [header[1] for header in headers]
    if invocation_id in ids:
        place = ids.index(invocation_id) + 1
    elif headers and written is not None and file.stat().st_mtime > written.timestamp() + _SLACK:
        place = len(headers) - 1
    else:
        return None
    ends = [*(header.start() for header in headers[1:]), len(text)]
    sections = [text[header.end() : end] for header, end in zip(headers, ends, strict=True)]
    commands = [_command(section) for section in sections[place:]]
    return next((command for command in reversed(commands) if command in _BUILDS), None)


def _end_of(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            stream.seek(max(0, file.stat().st_size - _MOST_LOG))
            return stream.read().decode("utf-8", errors="replace").replace("\r\n", "\n")
    except OSError:
        return ""


def _command(section: str) -> str | None:
    found = _COMMAND.search(section)
    return (found[1] or found[2]) if found else None
