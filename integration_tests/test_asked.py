"""Asked and answered: silence never means success."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from integration_tests.asked_books import Book, check, make_book, statements, write_models
from integration_tests.command import DUCKDB, aegis, make_database, make_project
from integration_tests.engines import Engine, engines

EACH = 50
"""Books that share a dbt run: what is asked of each is the same, and it costs a tenth."""


def in_project(folder: Path, books: list[Book], engine: Engine) -> None:
    tables = [table for book in books for table in book.tables]
    write_models(folder, tables)
    for file in (folder / "rules").glob("*.yml"):
        file.unlink()
    for number, book in enumerate(books):
        (folder / "rules" / f"book_{number}.yml").write_text(book.text, encoding="utf-8")
    off = {f"aegis_{table.name}": {"+enabled": False} for table in tables if table.kind == "suite off"}
    project = json.loads((folder / "dbt_project.yml").read_text(encoding="utf-8"))
    project["data_tests"] = {"shop": {"aegis": off}} if off else {}
    (folder / "dbt_project.yml").write_text(json.dumps(project), encoding="utf-8")
    database = folder / "shop.duckdb"
    database.unlink(missing_ok=True)
    make_database(database, *statements([table for table in tables if table.kind == "source"], "raw"))
    done = aegis("compile", "--declare-sources", cwd=folder, engine=engine)
    assert done.code == 0, done.said
    excluded = [f"aegis_{table.name}" for table in tables if table.kind == "excluded"]
    options = [word for name in excluded for word in ("--exclude", name)]
    done = aegis("run", "--json", "--depth", "results", *options, cwd=folder, engine=engine)
    assert done.out, done.err
    check(books, done.report)
    assert done.code in (1, 3), "what is broken here fails the run"


def on_database(folder: Path, books: list[Book], engine: Engine) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    tables = [table for book in books for table in book.tables]
    (folder / "shop.duckdb").unlink(missing_ok=True)
    make_database(folder / "shop.duckdb", *statements(tables, "main"))
    (folder / "rules.yml").write_text("---\n".join(book.text for book in books), encoding="utf-8")
    arguments = ("run", "rules.yml", "--db", "shop.duckdb", "--json", "--depth", "results")
    done = aegis(*arguments, cwd=folder, engine=engine)
    assert done.out, done.err
    check(books, done.report)


@pytest.mark.parametrize("engine", engines(long="dbt1"))
def test_each_rule_of_a_project_has_one_result_or_is_said_to_be_left_out(tmp_path: Path, engine: Engine) -> None:
    folder = make_project(tmp_path / "shop", DUCKDB, engine)
    in_project(folder, [make_book(seed) for seed in range(16)], engine)


@pytest.mark.parametrize("engine", engines(long="dbt1"))
def test_each_rule_of_a_database_has_one_result_or_is_said_to_be_left_out(tmp_path: Path, engine: Engine) -> None:
    on_database(tmp_path / "db", [make_book(seed, ("table",)) for seed in range(16)], engine)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("engine", engines())
def test_a_thousand_rule_books_are_answered_whole(tmp_path: Path, engine: Engine) -> None:
    folder = make_project(tmp_path / "shop", DUCKDB, engine)
    for start in range(0, 700, EACH):
        in_project(folder, [make_book(1000 + seed) for seed in range(start, start + EACH)], engine)
    for start in range(700, 1000, EACH):
        books = [make_book(1000 + seed, ("table",)) for seed in range(start, start + EACH)]
        on_database(tmp_path / "db", books, engine)
