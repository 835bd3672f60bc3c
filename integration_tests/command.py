"""The command `aegis` as people run it: a process of its own, with what it printed and how it ended."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from integration_tests.engines import Engine, dbt1, of_environment
from tools import environments

PROGRAM = (sys.executable, "-m", "aegis")


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        return self.out + self.err

    @property
    def report(self) -> dict[str, Any]:
        """What ``--json`` printed."""
        document: dict[str, Any] = json.loads(self.out)
        return document

    def verdicts(self) -> dict[str, tuple[str, int | None, int | None]]:
        """Rule id → (status, rows failed, rows checked), for rules."""
        rules = [one for one in self.report["results"] if one["kind"] == "rule"]
        return {one["rule_id"]: (one["status"], one["rows_failed"], one["rows_checked"]) for one in rules}


def quickest() -> Engine:
    """The engine for what does not depend on it."""
    return of_environment("dbt2") if environments.is_ready("dbt2") else dbt1()


def surroundings(
    folder: Path, engine: Engine | None = None, env: Mapping[str, str | None] | None = None
) -> dict[str, str]:
    """The environment of a command: its own audit trail, an engine, and changes (None takes a variable away)."""
    chosen = engine or quickest()
    whole: dict[str, str | None] = {
        **chosen.environment,
        "AEGIS_DBT": str(chosen.executable),
        "AEGIS_AUDIT_DB": str(folder / "audit.db"),
        **(env or {}),
    }
    return {name: value for name, value in whole.items() if value is not None}


def aegis(
    *arguments: str | Path,
    cwd: Path,
    engine: Engine | None = None,
    env: Mapping[str, str | None] | None = None,
    bug: bool = False,
    encoding: str = "utf-8",
    timeout: int = 200,
) -> Done:
    """Run a command to its end. A traceback, or a bug where none is expected, fails the test."""
    ended = subprocess.run(
        [*PROGRAM, *map(str, arguments)],
        cwd=cwd,
        env=surroundings(cwd, engine, env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=timeout,
        check=False,
    )
    done = Done(ended.returncode, ended.stdout.decode(encoding), ended.stderr.decode(encoding))
    assert "Traceback" not in done.said, done.said
    assert bug or "a bug in Aegis" not in done.said, done.said + bug_log(done.err)
    return done


def bug_log(err: str) -> str:
    _, _, rest = err.partition("traceback is in ")
    path = Path(rest.partition(";")[0])
    return path.read_text(encoding="utf-8") if rest and path.is_file() else ""


def make_database(path: Path, *statements: str) -> Path:
    """A DuckDB file of a format that every engine reads."""
    import duckdb

    literal = str(path).replace("'", "''")
    with duckdb.connect() as connection:
        connection.execute(f"attach '{literal}' as made (storage_version 'v1.0.0')")
        connection.execute("use made")
        for statement in statements:
            connection.execute(statement)
    return path


ORDERS = (
    "create table orders as select i as id, case when i % 10 = 0 then null else 'u' || i || '@x.y' end as email, "
    "i % 7 as qty from range(1000) as t(i)"
)
RULES = """\
table: orders
severity: high
rules:
  - not_null: [id, email]
  - unique: id
  - between: {column: qty, min_value: 1, max_value: 100}
"""
VERDICTS = {
    "orders_id_not_null": ("pass", 0, 1000),
    "orders_email_not_null": ("fail", 100, 1000),
    "orders_id_unique": ("pass", 0, 1000),
    "orders_qty_between": ("fail", 143, 1000),
}
"""What `RULES` says about `ORDERS`."""


def make_shop(folder: Path, name: str = "shop.duckdb") -> Path:
    """`ORDERS` in a database file, with `RULES` in rules.yml beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "rules.yml").write_text(RULES, encoding="utf-8")
    return make_database(folder / name, ORDERS)


def make_project(folder: Path, output: Mapping[str, Any], engine: Engine | None = None, **settings: Any) -> Path:
    """A dbt project with a seed, two models and the package, as `aegis init` and `dbt deps` leave it."""
    files = {
        "dbt_project.yml": {"name": "shop", "version": "1.0.0", "profile": "shop", **settings},
        "profiles.yml": {"shop": {"target": "dev", "outputs": {"dev": dict(output)}}},
    }
    for sub in ("models", "seeds", "rules"):
        (folder / sub).mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    (folder / "seeds" / "raw_orders.csv").write_text(
        "id,email,qty,status\n1,a@b.c,1,placed\n2,,2,placed\n3,c@d.e,0,gone\n", encoding="utf-8"
    )
    (folder / "models" / "orders.sql").write_text("select * from {{ ref('raw_orders') }}\n", encoding="utf-8")
    (folder / "models" / "labels.sql").write_text("select id, qty from {{ ref('orders') }}\n", encoding="utf-8")
    (folder / "rules" / "orders.yml").write_text(PROJECT_RULES, encoding="utf-8")
    done = aegis("init", cwd=folder, engine=engine)
    assert done.code == 0, done.said
    chosen = engine or quickest()
    deps = subprocess.run(
        [chosen.executable, "deps"], cwd=folder, env=chosen.environment, capture_output=True, text=True, check=False
    )
    assert deps.returncode == 0, deps.stdout + deps.stderr
    return folder


DUCKDB = {"type": "duckdb", "path": "shop.duckdb", "threads": 2}
"""A profile's output for `make_project`."""
PROJECT_RULES = """\
table: orders
severity: high
rules:
  - not_null: [id, email]
  - unique: id
  - sql_expression: {expression: "qty > 0", id: qty_positive, severity: medium}
"""
PROJECT_VERDICTS = {
    "orders_id_not_null": ("pass", 0, 3),
    "orders_email_not_null": ("fail", 1, 3),
    "orders_id_unique": ("pass", 0, 3),
    "qty_positive": ("warn", 1, 3),
}
