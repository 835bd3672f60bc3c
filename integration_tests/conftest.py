"""dbt projects that tests may change: each a copy of one that was built once for its engine."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from aegis.warehouse.dbt_adapter import PostgresAdapter
from integration_tests import postgres_shop
from integration_tests.case_run import cached
from integration_tests.command import DUCKDB, PROJECT_VERDICTS, aegis, make_database, make_project, quickest
from integration_tests.engines import Engine
from integration_tests.servers import PostgresServer
from integration_tests.warehouses import DuckDB, Postgres, Warehouse

Make = Callable[[Engine], Path]
Outcome = dict[str, Any]


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Engine], Path]:
    """A project for each engine, built once."""
    made: dict[str, Path] = {}

    def find(engine: Engine) -> Path:
        if engine.name not in made:
            folder = tmp_path_factory.mktemp(engine.name)
            # A storage version that every engine reads, whichever writes first.
            make_database(folder / "shop.duckdb", "create table made_before as select 1 as id")
            made[engine.name] = make_project(folder, DUCKDB, engine)
            done = aegis("run", "--json", cwd=folder, engine=engine)
            assert done.verdicts() == PROJECT_VERDICTS, done.err
        return made[engine.name]

    return find


@pytest.fixture
def make(templates: Callable[[Engine], Path], tmp_path: Path) -> Make:
    """A copy of the engine's project, built and its own."""

    def copy(engine: Engine) -> Path:
        folder = tmp_path / "shop"
        shutil.copytree(templates(engine), folder, symlinks=True)
        return folder

    return copy


@pytest.fixture
def project(make: Make) -> Path:
    """A copy of the quickest engine's project."""
    return make(quickest())


@pytest.fixture
def server(postgres: PostgresServer) -> Iterator[Any]:
    """A cursor in a PostgreSQL schema of a few tables, `postgres_shop`."""
    with postgres_shop.shop(postgres) as cursor:
        yield cursor


@pytest.fixture
def warehouse(tmp_path: Path, postgres: PostgresServer, server: Any) -> Iterator[PostgresAdapter]:
    """What Aegis asks these tables with."""
    with postgres_shop.adapter(tmp_path, postgres) as found:
        yield found


@pytest.fixture(scope="session")
def case_folder(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """Where the case files run, for all worker processes of a session."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if hasattr(request.config, "workerinput") else base


@pytest.fixture(scope="session")
def warehouse_of(case_folder: Path, request: pytest.FixtureRequest) -> Callable[[Engine, str], Warehouse]:
    """The database in which an engine runs the case files."""

    def find(engine: Engine, name: str) -> Warehouse:
        if name == "postgres":
            return Postgres(request.getfixturevalue("postgres"), f"cases_{engine.name}")
        return DuckDB(case_folder / f"cases_{engine.name}.duckdb")

    return find


@pytest.fixture(scope="session")
def outcome_of(case_folder: Path, warehouse_of: Callable[[Engine, str], Warehouse]) -> Callable[..., Outcome]:
    """Runs all cases on an engine and a warehouse when first asked; workers share what the first one found."""
    kept: dict[str, Outcome] = {}

    def find(engine: Engine, name: str) -> Outcome:
        label = f"cases_{engine.name}_{name}"
        if label not in kept:
            kept[label] = cached(case_folder / f"{label}.json", engine, warehouse_of(engine, name), case_folder / label)
        return kept[label]

    return find
