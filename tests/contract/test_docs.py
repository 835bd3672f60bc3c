"""The documentation builds with no network, its generated pages are those of the code, its commands exist."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PROSE = ("README.md", "CONTRIBUTING.md", "docs/**/*.md")
CODE = re.compile(r"^```\w*\n(.*?)^```|`([^`\n]+)`", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def code(root: Path) -> list[tuple[str, str]]:
    """Every line of code that the prose shows, with the page that shows it."""
    lines = []
    for pattern in PROSE:
        for page in root.glob(pattern):
            for fence, span in CODE.findall(page.read_text(encoding="utf-8")):
                lines += [(str(page.relative_to(root)), line.strip()) for line in (fence or span).splitlines()]
    return lines


def test_the_generated_pages_are_those_of_the_code(root: Path) -> None:
    command = [sys.executable, "docs/generate.py", "--check"]
    answer = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr


def test_the_site_builds_strictly_and_asks_nothing_of_the_network(root: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path / "site")]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    answer = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, env=environment)
    assert answer.returncode == 0, answer.stderr
    fetched = re.compile(r"<(?:script|img|iframe|link)\b[^>]*\b(?:src|href)=\"?(?:https?:)?//[^>]*>")
    pages = list((tmp_path / "site").rglob("*.html"))
    assert pages
    assert not [match[0] for page in pages if (match := fetched.search(page.read_text(encoding="utf-8")))]


def test_every_make_target_that_is_named_exists(root: Path, code: list[tuple[str, str]]) -> None:
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    targets = {name for line in re.findall(r"^([a-z0-9 -]+):", makefile, re.MULTILINE) for name in line.split()}
    named = {(page, match[1]) for page, line in code if (match := re.match(r"make ([a-z0-9-]+)", line))}
    assert ("CONTRIBUTING.md", "test") in named
    assert not {(page, target) for page, target in named if target not in targets}


def test_every_aegis_command_that_is_named_exists(root: Path, code: list[tuple[str, str]]) -> None:
    listed = (root / "docs/reference/cli.md").read_text(encoding="utf-8")
    commands = set(re.findall(r"^## aegis ([a-z -]+)$", listed, re.MULTILINE))
    groups = {command.split()[0] for command in commands if " " in command}
    wrong = []
    for page, line in code:
        match = re.match(r"aegis ([a-z][a-z-]*)(?: ([a-z][a-z-]*)(?=\s|$))?", line)
        if match and page != "docs/reference/cli.md":
            words = f"{match[1]} {match[2]}" if match[1] in groups and match[2] else match[1]
            wrong += [] if words in commands else [f"{page}: aegis {words}"]
    assert commands
    assert not wrong
