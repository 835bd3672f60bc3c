"""Which dbt is there, and what it is. dbt 1 (Python) and dbt 2 (Rust) install the same command."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from aegis.errors import DbtError

_OLDEST = (1, 10)


@dataclass(frozen=True, slots=True)
class Dbt:
    """A dbt executable. ``version`` is what it calls itself; ``major`` 1 or 2."""

    path: Path
    version: str

    @property
    def major(self) -> int:
        return self.release[0]

    @property
    def release(self) -> tuple[int, ...]:
        """The numbers that the version begins with: ``(1, 12, 5)``."""
        found = re.match(r"\d+(\.\d+)*", self.version)
        assert found is not None, self.version
        return tuple(map(int, found.group().split(".")))


def find_dbt(given: str | None, project_folder: Path | None, environment: Mapping[str, str] | None = None) -> Dbt:
    """--dbt, AEGIS_DBT, the project's own environment, the environment Aegis runs in, PATH: the first that is there.

    Raises:
        DbtError: There is none, or it is older than 1.10.
    """
    env = os.environ if environment is None else environment
    named = given or env.get("AEGIS_DBT")
    if named:
        found = shutil.which(named, path=env.get("PATH"))
        if found is None:
            raise DbtError("no dbt here", where=named, hint="--dbt and AEGIS_DBT name the executable itself.")
        return _checked(Path(found).absolute())
    for candidate in _candidates(project_folder, env):
        if candidate.is_file() and os.access(candidate, os.X_OK):
            return _checked(candidate)
    raise DbtError(
        "dbt is not installed",
        hint="Install it (`pip install 'aegis-dbt[duckdb]'` brings dbt 1 with DuckDB),"
        " or name it with --dbt or AEGIS_DBT.",
    )


def _candidates(project_folder: Path | None, env: Mapping[str, str]) -> Iterator[Path]:
    if env.get("VIRTUAL_ENV"):
        yield Path(env["VIRTUAL_ENV"]) / "bin" / "dbt"
    if project_folder is not None:
        for name in (".venv", "venv"):
            yield project_folder / name / "bin" / "dbt"
    yield Path(sys.prefix) / "bin" / "dbt"
    on_path = shutil.which("dbt", path=env.get("PATH"))
    if on_path:
        yield Path(on_path)


def _checked(path: Path) -> Dbt:
    dbt = Dbt(path=path, version=_version_beside(path) or _version_asked(path))
    if dbt.release < _OLDEST:
        raise DbtError(
            f"dbt {dbt.version} is too old", where=str(path), hint="Aegis works with dbt 1.10 and later, and dbt 2."
        )
    return dbt


def _version_beside(path: Path) -> str | None:
    """From the package's metadata: asking dbt 1 for its version costs more than a second."""
    for site in sorted(path.resolve().parent.parent.glob("lib/python3*/site-packages")):
        for name in ("dbt_core", "dbt_fusion", "dbt"):
            for folder in site.glob(f"{name}-[0-9]*.dist-info"):
                return folder.name.removesuffix(".dist-info").split("-", 1)[1]
    return None


def _version_asked(path: Path) -> str:
    try:
        asked = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DbtError(f"cannot be run: {error}", where=str(path)) from error
    found = re.search(r"(?:installed: |dbt-fusion |dbt |dbt-core )(\d+\.\d+[^\s]*)", asked.stdout + asked.stderr)
    if found is None:
        raise DbtError("does not report a version; is it dbt?", where=str(path))
    return found.group(1)
