"""A database whose views read files is checked from where the person stands, as their own DuckDB would read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from integration_tests.command import aegis, make_database, quickest
from integration_tests.engines import Engine, engines

RULES = """\
table: {view}
severity: high
rules: [{{unique: {{column: id, id: {name}}}}}]
"""
VIEWS = {
    "a parquet file": "select * from 'data/o.parquet'",
    "files of a pattern": "select * from read_csv('data/part*.csv')",
    "a file beside the folder": "select * from read_csv('../beside.csv')",
}


@pytest.mark.parametrize("engine", engines(long="dbt1"))
def test_a_view_finds_its_files_from_where_the_person_is(tmp_path: Path, engine: Engine) -> None:
    """And nothing is left there but what was there before."""
    here = tmp_path / "his and hers"
    (here / "data").mkdir(parents=True)
    (here / "base").mkdir()
    (tmp_path / "beside.csv").write_text("id\n1\n2\n2\n", encoding="utf-8")
    (here / "data" / "part1.csv").write_text("id\n1\n2\n", encoding="utf-8")
    (here / "data" / "part2.csv").write_text("id\n2\n3\n", encoding="utf-8")
    write_parquet(here / "data" / "o.parquet")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(here)
        make_database(
            here / "base" / "w.duckdb", *(f"create view v{n} as {sql}" for n, sql in enumerate(VIEWS.values()))
        )
    rules = [RULES.format(view=f"v{number}", name=f"r{number}") for number in range(len(VIEWS))]
    (here / "rules.yml").write_text("---\n".join(rules), encoding="utf-8")
    before = sorted(str(path.relative_to(here)) for path in here.rglob("*"))
    done = aegis("run", "rules.yml", "--db", "base/w.duckdb", "--json", cwd=here, engine=engine,
                 env={"AEGIS_AUDIT_DB": str(tmp_path / "audit.db")})  # fmt: skip
    assert done.out, done.err
    assert done.verdicts() == {"r0": ("fail", 1, 3), "r1": ("fail", 1, 4), "r2": ("fail", 1, 3)}, done.report["errors"]
    assert sorted(str(path.relative_to(here)) for path in here.rglob("*")) == before


def test_what_investigates_still_opens_no_files(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("id,token\n1,CANARY\n1,CANARY\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        make_database(tmp_path / "w.duckdb", "create view v as select * from read_csv('secret.csv')")
    (tmp_path / "rules.yml").write_text(RULES.format(view="v", name="rule"), encoding="utf-8")
    done = aegis("run", "rules.yml", "--db", "w.duckdb", "--json", "--privacy", "off", cwd=tmp_path, engine=quickest())
    assert done.verdicts() == {"rule": ("fail", 1, 2)}
    assert "CANARY" not in done.said and "file system operations are disabled" in done.said


@pytest.mark.parametrize("engine", engines(long="dbt1"))
def test_keys_that_json_has_no_number_for_are_told(tmp_path: Path, engine: Engine) -> None:
    make_database(
        tmp_path / "w.duckdb",
        "create table known as select 1.0::double as id",
        "create table orders as select * from (values (1, 1.0::double), (2, 'NaN'::double), (3, 'Infinity'::double), "
        "(4, '-Infinity'::double), (5, 7.5), (6, null)) as t(id, x)",
    )
    (tmp_path / "rules.yml").write_text(
        "table: orders\nseverity: high\nrules:\n"
        "  - foreign_key: {column: x, reference_table: known, reference_column: id, id: orphans}\n"
        "  - not_null: {column: x, id: missing, keys: [x]}\n  - unique: {column: x, id: once}\n"
        "  - min_value_check: {column: id, min_value: 4, keys: [x], id: keyed}\n",
        encoding="utf-8",
    )
    done = aegis("run", "rules.yml", "--db", "w.duckdb", "--json", "--privacy", "off", cwd=tmp_path, engine=engine)
    assert done.verdicts() == {
        "orphans": ("fail", 4, 5), "missing": ("fail", 1, 6), "once": ("pass", 0, 5), "keyed": ("fail", 3, 6)
    }, done.report["errors"]  # fmt: skip
    keys = {one["rule_id"]: one["failing_keys"] for one in done.report["results"]}
    assert keys["orphans"] == ["-Infinity", "Infinity", "NaN", 7.5]
    assert keys["keyed"] == ["Infinity", "NaN", 1.0]


def write_parquet(path: Path) -> None:
    import duckdb

    with duckdb.connect() as connection:
        connection.execute(f"copy (select unnest([1, 2, 2]) as id) to '{path}' (format parquet)")
