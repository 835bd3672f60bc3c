"""What the documentation shows is what happens."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from integration_tests.servers import PostgresServer
from tests.docs.pages import blocks, pattern, play, squeezed

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
TUTORIAL = DOCS / "tutorial" / "first-project.md"
REPAIR = "## Repair the data"
GOES_ON = re.compile(r"project of the\s+\[tutorial\]")

PAGES = [page for page in [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))] if "reference" not in page.parts]
PLAYED = [page for page in PAGES if "```console" in page.read_text(encoding="utf-8")]
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="session")
def faulty_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project of the tutorial, before its data is repaired."""
    folder = tmp_path_factory.mktemp("tutorial") / "shop"
    folder.mkdir()
    play(TUTORIAL.read_text(encoding="utf-8").split(REPAIR)[0], folder)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("page", [pytest.param(page, id=page.stem) for page in PLAYED])
def test_each_page_shows_what_happens(page: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    text = page.read_text(encoding="utf-8")
    folder = tmp_path / "shop"
    if page == TUTORIAL:
        shutil.copytree(request.getfixturevalue("faulty_shop"), folder, symlinks=True)
        text = text.split(REPAIR)[1]
        request.getfixturevalue("monkeypatch").setenv("AEGIS_AUDIT_DB", str(tmp_path / "history.db"))
        shutil.copy(request.getfixturevalue("faulty_shop").parent / "shop-home" / ".aegis" / "history.db", tmp_path)
    elif GOES_ON.search(text):
        shutil.copytree(request.getfixturevalue("faulty_shop"), folder, symlinks=True)
    else:
        folder.mkdir()
    if page.stem == "check-postgres":
        request.getfixturevalue("monkeypatch").setattr("os.environ", request.getfixturevalue("empty_database"))
    play(text, folder)


@pytest.fixture
def empty_database(postgres: PostgresServer) -> dict[str, str]:
    """An environment in which ``postgresql:///shop`` is an empty database."""
    import psycopg2

    with closing(psycopg2.connect(postgres.dsn)) as connection:
        connection.autocommit = True
        connection.cursor().execute("drop database if exists shop")
        connection.cursor().execute("create database shop")
    place = {"PGHOST": postgres.host, "PGPORT": str(postgres.port), "PGUSER": postgres.user}
    return {**os.environ, **place}


def test_the_pages_that_matter_are_played() -> None:
    assert {page.stem for page in PLAYED} >= {
        "first-project", "check-a-database", "add-rules", "ci", "html-report", "json-report", "audit-trail", "privacy",
        "severities", "python-rules", "own-warehouse", "check-postgres", "ci-reports", "ci-history",
        "notify",
    }  # fmt: skip


def test_every_option_that_is_shown_exists() -> None:
    reference = (DOCS / "reference" / "cli.md").read_text(encoding="utf-8")
    options = {
        command: set(re.findall(r"--[a-z][a-z-]*", section))
        for command, section in re.findall(
            r"^## aegis ([a-z -]+)\n(.*?)(?=^## |\Z)", reference, re.MULTILINE | re.DOTALL
        )
    }
    # `aegis audit cost` before `aegis audit`, whose options are others.
    named = "|".join(sorted(options, key=len, reverse=True))
    shown = [
        (page.name, command, option)
        for page in PAGES
        for line in code(page.read_text(encoding="utf-8"))
        for command, rest in re.findall(rf"\baegis ({named})\b([^|;·#>]*)", line)
        for option in re.findall(r"(?<!\S)--[a-z][a-z-]*", rest)
    ]
    assert len(shown) > 20
    assert [use for use in shown if use[2] not in options[use[1]]] == []


def code(text: str) -> list[str]:
    """Every line of code on a page."""
    fenced = [line for block in blocks(text) for line in block.body.splitlines()]
    return fenced + re.findall(r"`([^`\n]+)`", FENCED.sub("", text))


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("a  b\n", "a b\n", True),
        ("a …\n", "a whatever it is\n", True),
        ("…\nlast\n", "one\ntwo\nlast\n", True),
        ("…\n", "", True),
        ("", "", True),
        ("", "something\n", False),
        ("a\n", "a\nb\n", False),
        ("a …\n", "b c\n", False),
    ],
)
def test_a_page_that_shows_something_else_is_caught(shown: str, printed: str, same: bool) -> None:
    assert bool(pattern(shown).fullmatch(squeezed(printed))) is same
