"""Laws of the repository, each a test. They read files and start nothing heavy."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
NOT_OURS = {".git", ".venv", ".tools", "dbt_packages", "target", "logs", "site", "build", "dist", "node_modules"}


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def tracked() -> list[Path]:
    """The files that are in git or would be added to it, relative to the root; without git, all that look like ours."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if answer.returncode == 0 and answer.stdout:
        names = [Path(name) for name in answer.stdout.split("\0") if name]
    else:
        names = [path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file()]
        names = [name for name in names if not any(p in NOT_OURS or p.startswith(".") for p in name.parts[:-1])]
    return sorted(name for name in names if (ROOT / name).is_file() and not (ROOT / name).is_symlink())
