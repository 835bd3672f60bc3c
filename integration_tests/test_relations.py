"""Every kind of table that dbt knows, by the names that people use, on every engine."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from integration_tests.command import aegis
from integration_tests.engines import Engine, engines

Make = Callable[[Engine], Path]

MODELS = {
    "prices_v1.sql": "select 1 as id",
    "prices_v2.sql": "select 1 as id union all select null",
    "off.sql": "{{ config(enabled=false) }} select 1 as id",
    "passing.sql": "{{ config(materialized='ephemeral') }} select 1 as id",
    "renamed.sql": "{{ config(alias='an alias', schema='other') }} select 1 as id union all select 1",
    "seen.sql": "{{ config(materialized='view') }} select null::integer as id",
    "schema.yml": """
models:
  - name: prices
    latest_version: 2
    versions: [{v: 1}, {v: 2}]
sources:
  - name: landing
    schema: raw data
    quoting: {schema: true, identifier: true}
    tables:
      - {name: events, identifier: odd events}
""",
}
SNAPSHOT = """
snapshots:
  - name: history
    relation: ref('orders')
    config: {unique_key: id, strategy: check, check_cols: all}
"""
RULES = """
table: prices
severity: high
rules: [not_null: {column: id, id: latest}]
---
table: prices.v1
severity: high
rules: [not_null: {column: id, id: first}]
---
table: raw_orders
severity: low
rules: [not_null: {column: email, id: seed}]
---
table: history
severity: high
rules: [row_count: {threshold: 3, id: snapshot}]
---
table: landing.events
severity: high
rules:
  - not_null: {column: id, id: source}
  - foreign_key: {column: id, reference_table: prices.v1, reference_column: id, id: key}
---
table: an alias
severity: high
rules: [unique: {column: id, id: alias}]
---
table: seen
severity: high
rules: [not_null: {column: id, id: view}]
"""


@pytest.mark.parametrize("engine", engines(long="dbt1"))
def test_every_kind_of_table_is_checked(make: Make, engine: Engine) -> None:
    import duckdb

    folder = make(engine)
    with duckdb.connect(str(folder / "shop.duckdb")) as connection:
        connection.execute('create schema "raw data"; create table "raw data"."odd events" as select 2 as id')
    for name, text in MODELS.items():
        (folder / "models" / name).write_text(text, encoding="utf-8")
    (folder / "snapshots").mkdir()
    (folder / "snapshots" / "history.yml").write_text(SNAPSHOT, encoding="utf-8")
    (folder / "rules" / "orders.yml").write_text(RULES, encoding="utf-8")
    done = aegis("run", "--json", cwd=folder, engine=engine)
    assert done.out, done.err
    assert {name: verdict[:2] for name, verdict in done.verdicts().items()} == {
        "latest": ("fail", 1),
        "first": ("pass", 0),
        "seed": ("warn", 1),
        "snapshot": ("pass", 0),
        "source": ("pass", 0),
        "key": ("fail", 1),
        "alias": ("fail", 1),
        "view": ("fail", 1),
    }
    unusable = "table: off\nrules: [unique: id]\n---\ntable: passing\nrules: [unique: id]\n"
    (folder / "rules" / "orders.yml").write_text(unusable, encoding="utf-8")
    refused = aegis("compile", cwd=folder, engine=engine)
    assert refused.code == 2
    # Another target may build a table that this one disables; no target has one of an ephemeral model.
    assert "'off'" not in refused.err and "'passing' is an ephemeral model" in refused.err


@pytest.mark.parametrize("name", ["my shop (2)", "größe", "{{ x }}"])
def test_a_project_may_lie_anywhere(project: Path, name: str) -> None:
    moved = project.rename(project.parent / name)
    done = aegis("run", "--json", cwd=moved)
    if name == "{{ x }}" and not done.out:
        assert done.code == 3 and done.err.startswith("aegis: "), "dbt itself may refuse it"
        return
    assert done.out, done.err
    assert len(done.verdicts()) == 4
    assert {verdict[0] for verdict in done.verdicts().values()} == {"pass", "fail", "warn"}


def test_rules_are_tried_on_the_real_columns_before_they_are_compiled(project: Path) -> None:
    rules = (project / "rules" / "orders.yml").read_text(encoding="utf-8")
    for words in ((), ("--online",), ("--project-dir", ".")):
        done = aegis("validate", *words, cwd=project)
        assert (done.code, done.out.startswith("4 rules in 1 file: fine")) == (0, True), done.err
        assert ("tried on no rows" in done.out) == bool(words)
    wrong = rules + "  - not_null: no_such\n  - sql_expression: {expression: 'lower(qty) = missing', id: expr}\n"
    (project / "rules" / "orders.yml").write_text(wrong, encoding="utf-8")
    assert aegis("validate", cwd=project).code == 0
    done = aegis("validate", "--online", cwd=project)
    assert done.code == 2
    assert "no_such" in done.err and "missing" in done.err and "2 errors, 4 rules fine." in done.err
    assert "rules/orders.yml:" in done.err


def test_the_doctor_says_what_is_there_and_what_is_wrong(project: Path) -> None:
    done = aegis("doctor", cwd=project)
    assert done.code == 0, done.out
    for name in ("aegis", "dbt", "project", "profile", "dbt package", "warehouse", "audit trail"):
        assert name in done.out
    shutil.rmtree(project / "dbt_packages")
    (project / "shop.duckdb").unlink()
    ill = aegis("doctor", cwd=project)
    assert ill.code == 3 and ill.out.count("BAD ") == 2 and "no such database" in ill.out
    profiles = json.dumps({"shop": {"target": "x", "outputs": {}}})
    (project / "profiles.yml").write_text(profiles, encoding="utf-8")
    assert "has no target 'x'" in aegis("doctor", cwd=project).out


def test_artifacts_of_an_older_build_are_not_told_with_newer_rows(project: Path) -> None:
    """What a later build stored is not taken for the earlier one's; what is asked again says so."""
    shutil.copytree(project / "target", project / "earlier")
    seed = project / "seeds" / "raw_orders.csv"
    seed.write_text(seed.read_text(encoding="utf-8") + "4,,5,placed\n", encoding="utf-8")
    later = aegis("run", "--json", cwd=project).verdicts()
    assert later["orders_email_not_null"] == ("fail", 2, 4)
    done = aegis("analyze", "earlier", "--json", cwd=project)
    assert done.verdicts()["orders_email_not_null"] == ("fail", 2, 4)
    assert "1 suite ran again, and what is told is of now" in done.report["errors"][0]["what"]
