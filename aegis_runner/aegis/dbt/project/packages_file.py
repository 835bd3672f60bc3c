"""The file in which a project lists the packages it installs: which one it is, and an entry more in it.

An entry is put into the file's text, the rest of which stays as it is: comments, order, line ends.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

from aegis.dbt.package import PACKAGE
from aegis.dbt.project.settings import PROJECT_FILE, Project, parse_yaml, read_yaml_mapping
from aegis.dbt.suites.files import replace_file
from aegis.errors import ConfigError

PACKAGES, DEPENDENCIES = "packages.yml", "dependencies.yml"
_OUR_NAMES = frozenset({PACKAGE, "aegis-dbt", "aegis_dbt"})


def packages_file(project: Project) -> Path:
    """Where the project lists its packages: dbt takes the list from one of the two files, and refuses two lists."""
    dependencies = project.folder / DEPENDENCIES
    if dependencies.is_file() and "packages" in _settings(dependencies):
        return dependencies
    return project.folder / PACKAGES


def names_the_package(path: Path) -> bool:
    """Whether a packages file has an entry for the dbt package of Aegis, however it gets there."""
    packages = _settings(path).get("packages") if path.is_file() else None
    return any(_is_ours(entry, path.parent) for entry in packages or () if isinstance(entry, dict))


def has_jinja(path: Path) -> bool:
    """Whether a packages file holds Jinja. dbt renders packages.yml, and takes dependencies.yml as it is written."""
    return path.is_file() and "{{" in path.read_text(encoding="utf-8-sig")


def _is_ours(entry: dict[str, Any], folder: Path) -> bool:
    local = entry.get("local")
    if isinstance(local, str):
        settings = folder / local / PROJECT_FILE
        return settings.is_file() and read_yaml_mapping(settings).get("name") == PACKAGE
    if entry.get("name") == PACKAGE:
        return True
    place = entry.get("package") or entry.get("git") or entry.get("private")
    return isinstance(place, str) and place.rstrip("/").removesuffix(".git").rpartition("/")[2] in _OUR_NAMES


def add_local_package(path: Path, folder: str) -> None:
    """Add ``local: folder`` to a packages file, which is made if it is not there.

    Raises:
        ConfigError: The file is read-only or has a form that is not edited; it says what to add.
        OSError: It cannot be written.
    """
    if not path.exists():
        replace_file(path, f"packages:\n  - local: {folder}\n")
        return
    wanted = {**_settings(path)}
    wanted["packages"] = [*(wanted.get("packages") or ()), {"local": folder}]
    raw = path.read_bytes().decode("utf-8")
    mark = "\ufeff" if raw.startswith("\ufeff") else ""
    text = _with_entry(raw.removeprefix("\ufeff"), f"local: {folder}")
    # The text must mean what was meant: a file in another form (anchors, tags, a comment in between) is not touched.
    if text is None or _parsed(text) != wanted:
        raise ConfigError(
            "has a form that Aegis does not edit",
            where=str(path),
            hint=f"Add this entry to its packages: `- local: {folder}`",
        )
    _rewrite(path, mark + text)


def _rewrite(path: Path, text: str) -> None:
    """In place of what stands there: a link still leads to the file, which keeps its mode."""
    real = path.resolve()
    mode = stat.S_IMODE(real.stat().st_mode)
    if not mode & 0o222 or not os.access(real, os.W_OK):
        raise ConfigError("is read-only", where=str(path), hint="Make it writable, then run init again.")
    replace_file(real, text)
    real.chmod(mode)


def _with_entry(text: str, entry: str) -> str | None:
    """The text with an entry more at the end of its packages; ``None`` where they are not written as a list."""
    import yaml

    root: Any = yaml.compose(text, Loader=yaml.SafeLoader)
    line_end = "\r\n" if "\r\n" in text else "\n"
    if root is None:
        return f"{text.rstrip()}{line_end if text.strip() else ''}packages:{line_end}  - {entry}{line_end}"
    value: Any = next((value for key, value in root.value if key.value == "packages"), None)
    if isinstance(value, yaml.SequenceNode) and value.flow_style:
        end = value.value[-1].end_mark.index if value.value else value.start_mark.index + 1
        return text[:end] + (", " if value.value else "") + f"{{{entry}}}" + text[end:]
    if isinstance(value, yaml.SequenceNode):
        return _after(text, value.value[-1].end_mark.index, " " * value.start_mark.column + f"- {entry}", line_end)
    if value is not None and value.tag.endswith(":null"):
        return _after(text, value.end_mark.index, f"  - {entry}", line_end)
    return None


def _after(text: str, place: int, line: str, line_end: str) -> str:
    """A line more after the last line with something in it before ``place``: a block ends where the next begins."""
    before = text[:place].rstrip()
    # A comment at the end of that line stays there.
    end = text.find("\n", len(before))
    head, tail = (text, "") if end < 0 else (text[: end + 1], text[end + 1 :])
    if not head.endswith("\n"):
        head += line_end
    return f"{head}{line}{line_end}{tail}"


def _settings(path: Path) -> dict[str, Any]:
    return read_yaml_mapping(path, may_be_empty=True)


def _parsed(text: str) -> object:
    import yaml

    try:
        return parse_yaml(text)
    except (yaml.YAMLError, ValueError):
        return None
