"""The lines of a seed's file on which failing rows are: told where they are sure, and by their numbers alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from aegis.dbt.artifacts.schema import Node, NodeConfig
from aegis.investigate.evidence.seed_lines import seed_lines
from aegis.investigate.query_budget import QueryBudget
from aegis.warehouse.duckdb_files import DuckDbFiles

ROWS = ["id,status,note", '1,placed,"two\nlines"', "2,shiped,", "3,placed,", '4," shiped","a, b"', "5,,x"]
VALUES = "(1, 'placed', 'x'), (2, 'shiped', null), (3, 'placed', null), (4, 'shiped', 'a, b'), (5, null, 'x')"


def told(
    folder: Path,
    where: str,
    text: str = "\n".join(ROWS),
    *,
    columns: tuple[str, ...] = ("status",),
    values: str = VALUES,
    **fields: Any,
) -> list[str]:
    (folder / "seeds").mkdir(exist_ok=True)
    (folder / "seeds" / "orders.csv").write_bytes(text.encode())
    path = folder / "w.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"create or replace table orders as select * from (values {values}) as t(id, status, note)")
    node = Node(
        **{"unique_id": "seed.shop.orders", "resource_type": "seed", "root_path": str(folder),
           "original_file_path": "seeds/orders.csv", **fields}
    )  # fmt: skip
    budget = QueryBudget(DuckDbFiles({"w": path}))
    found = seed_lines(node, columns, f"select * from orders where {where}", budget)
    budget.warehouse.close()
    return [one.text for one in found]


@pytest.mark.parametrize(
    ("where", "columns", "text"),
    [
        ("id = 3", ("id",), "the failing row is on line 5 of seeds/orders.csv"),
        ("status = 'shiped'", ("status",), "the failing rows are on lines 4 and 6 of seeds/orders.csv"),
        ("status is null", ("status",), "the failing row is on line 7 of seeds/orders.csv"),
        ("id in (1, 5)", ("id", "status"), "the failing rows are on lines 2 and 7 of seeds/orders.csv"),
    ],
)
def test_lines_are_told_by_their_numbers(tmp_path: Path, where: str, columns: tuple[str, ...], text: str) -> None:
    assert told(tmp_path, where, columns=columns) == [text]


def test_forms_of_files_are_read(tmp_path: Path) -> None:
    line_4 = ["the failing row is on line 4 of seeds/orders.csv"]
    semicolons = "\ufeff" + "\r\n".join(["ID;STATUS;note", "1;placed;x", "3;placed;", "2;shiped;", "5;;x"])
    assert told(tmp_path, "id = 2", semicolons, columns=("id",), config=NodeConfig(delimiter=";")) == line_4


@pytest.mark.parametrize(
    "text", ["id,status\n2,shiped\n2,shiped\n", "id,state\n2,shiped\n", "", "id,status\n", 'id,status\n2,"shiped']
)
def test_nothing_is_told_of_another_file(tmp_path: Path, text: str) -> None:
    assert told(tmp_path, "id = 4", text, columns=("id", "status")) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"root_path": None}, {"original_file_path": None}, {"original_file_path": "seeds/gone.csv"},
        {"original_file_path": "../outside.csv"}, {"original_file_path": "seeds/orders.sql"},
        {"resource_type": "model"},
    ],
)  # fmt: skip
def test_only_a_seed_below_its_project_is_read(tmp_path: Path, fields: dict[str, Any]) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (tmp_path / "outside.csv").write_text("\n".join(ROWS))
    assert told(project, "id = 2", columns=("id",), **fields) == []


def test_many_lines_are_not_all_told(tmp_path: Path) -> None:
    rows = "id,status,note\n" + "".join(f"{n},placed,\n" for n in range(1, 13))
    values = ", ".join(f"({n}, 'placed', null)" for n in range(1, 13))
    [text] = told(tmp_path, "1 = 1", rows, columns=("id",), values=values)
    assert text == "the failing rows are on lines 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and more of seeds/orders.csv"
