"""`aegis run`: on a database file and in projects, whatever tables, columns and values are called, on every engine."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from integration_tests.command import VERDICTS, aegis, make_database, make_shop
from integration_tests.engines import Engine, engines, of_environment

# What is hard about a name, and the name.
NAMES = {
    "space": "order items",
    "reserved": "select",
    "unicode": "größe_表",
    "quote": 'we"ird',
    "apostrophe": "it's",
    "mixed": "MixedCase",
    "dot": "a.b",
    "percent": "100%",
    "dash": "x-y",
    "semicolon": "a;b",
    "digits": "2024",
    "comment": "a--b/*c",
    "long": "n" * 60,
}
COLUMNS = {
    **NAMES,
    "jinja": "{{ x }}",
    "block": "{% raw %}",
    "jinja_comment": "{#",
    "newline": "a\nb",
    "backslash": "a\\b",
}

VALUES = [
    "it's", 'a "quote"', "'; drop table t; --", "{{ x }}", "{% raw %}", "{% endraw %}", "{# c #}", "#}", "-%}",
    "a\nb", "\t", "\\", "\\n", "表\N{GRINNING FACE}", "{{", "}}", "{%", "%}", "{", "}", "%s", "$1", ":x", "?",
    "", " ", "«this»", "/* */", "NULL",
]  # fmt: skip


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def write_rules(folder: Path, *documents: dict[str, Any]) -> None:
    text = yaml.safe_dump_all(documents, allow_unicode=True, sort_keys=False)
    (folder / "rules.yml").write_text(text, encoding="utf-8")


def run(folder: Path, engine: Engine, *more: str) -> dict[str, tuple[str, int | None, int | None]]:
    done = aegis("run", "rules.yml", "--db", "shop.duckdb", "--json", *more, cwd=folder, engine=engine)
    assert done.out, done.err
    return done.verdicts()


@pytest.mark.parametrize("engine", engines(long="dbt1"))
def test_tables_and_columns_may_be_called_anything(tmp_path: Path, engine: Engine) -> None:
    """Each odd name as a table, with each odd name as a column: rows 1 and 2 have a value, row 3 has none."""
    statements, documents = [], []
    for what, name in NAMES.items():
        columns = ", ".join(f"{quoted(column)} integer" for column in COLUMNS.values())
        rows = ", ".join(f"({', '.join([value] * len(COLUMNS))})" for value in ("1", "2", "null"))
        statements += [f"create table {quoted(name)} ({columns})", f"insert into {quoted(name)} values {rows}"]
        rules = [{"not_null": {"column": column, "id": f"{what}.{kind}"}} for kind, column in COLUMNS.items()]
        keys = [{"composite_unique": {"columns": list(COLUMNS.values()), "id": f"{what}.composite"}}]
        documents.append({"table": name, "severity": "high", "rules": [*rules, *keys]})
    make_database(tmp_path / "shop.duckdb", *statements)
    write_rules(tmp_path, *documents)
    done = aegis("run", "rules.yml", "--db", "shop.duckdb", "--json", "--privacy", "off", cwd=tmp_path, engine=engine)
    assert done.out, done.err
    found = done.verdicts()
    expected: dict[str, tuple[str, int, int]] = {}
    for what in NAMES:
        expected |= {f"{what}.{kind}": ("fail", 1, 3) for kind in COLUMNS}
        expected[f"{what}.composite"] = ("pass", 0, 3)
    assert found == expected, done.report["errors"]
    assert all(finding["sample"]["rows"] == [[None] * len(COLUMNS)] for finding in done.report["findings"][:50])


@pytest.mark.parametrize("engine", engines(long="dbt1"))
def test_values_may_be_any_text(tmp_path: Path, engine: Engine) -> None:
    rows = ", ".join(f"({index}, {literal(value)})" for index, value in enumerate([*VALUES, "other"]))
    make_database(
        tmp_path / "shop.duckdb", "create table texts (id integer, text varchar)", f"insert into texts values {rows}"
    )
    singles = [
        {"accepted_values": {"column": "text", "values": [value], "id": f"v{i}"}} for i, value in enumerate(VALUES)
    ]
    wheres = [
        {"not_null": {"column": "text", "where": f"text = {literal(value)}", "id": f"w{index}"}}
        for index, value in enumerate(VALUES)
        if not any(sign in value for sign in ("«", "{{", "{%", "{#"))
    ]
    everything = {"accepted_values": {"column": "text", "values": VALUES, "id": "all"}}
    write_rules(tmp_path, {"table": "texts", "severity": "high", "rules": [everything, *singles, *wheres]})
    found = run(tmp_path, engine)
    assert found["all"] == ("fail", 1, len(VALUES) + 1)
    assert {name: found[name] for name in found if name[0] == "v"} == {
        f"v{index}": ("fail", len(VALUES), len(VALUES) + 1) for index in range(len(VALUES))
    }
    assert {name: found[name] for name in found if name[0] == "w"} == {
        rule["not_null"]["id"]: ("pass", 0, 1) for rule in wheres
    }


HOSTILE = {
    "two statements": "1 = 1; delete from orders",
    "a write": "(delete from orders)",
    "a comment that hides the rest": "qty > 0) --",
    "a file": "(select count(*) from read_csv('/etc/passwd')) > 0",
    "a file by its path": "(select count(*) from '/etc/passwd') > 0",
    "a function of the system": "getenv('HOME') = 'x'",
    "a sequence": "nextval('s') > 0",
    "an attach": "attach 'x.duckdb'",
    "a bracket too many": "qty > 0) or (1 = 1",
    "jinja": "{{ run_query('delete from orders') }}",
    "nothing": "  ",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_an_expression_that_could_do_harm_is_refused_before_anything_runs(tmp_path: Path, what: str) -> None:
    make_shop(tmp_path)
    bad = {"sql_expression": {"expression": HOSTILE[what], "id": "bad"}}
    write_rules(tmp_path, {"table": "orders", "rules": [bad]})
    for command in ("run", "validate"):
        done = aegis(command, "rules.yml", "--db", "shop.duckdb", cwd=tmp_path)
        assert done.code == 2, done.said
        assert "rules.yml:" in done.err and "bad" in done.err and "1 error" in done.err
    assert not (tmp_path / "audit.db").exists(), "nothing began"


def test_beside_an_expression_that_could_do_harm_the_others_run_and_it_does_not(tmp_path: Path) -> None:
    make_shop(tmp_path)
    bad = [
        {"sql_expression": {"expression": text, "id": f"bad_{number}"}} for number, text in enumerate(HOSTILE.values())
    ]
    write_rules(tmp_path, {"table": "orders", "rules": [*bad, {"row_count": {"threshold": 1, "id": "rows"}}]})
    before = (tmp_path / "shop.duckdb").read_bytes()
    done = aegis("run", "rules.yml", "--db", "shop.duckdb", "--json", cwd=tmp_path)
    found = done.verdicts()
    assert done.code == 2 and found.pop("rows")[0] == "pass"
    assert len(found) == len(bad) and {verdict[0] for verdict in found.values()} == {"error"}
    assert all("rules.yml:" in one["message"] for one in done.report["results"] if one["status"] == "error")
    assert (tmp_path / "shop.duckdb").read_bytes() == before


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join([f'*{chr(97 + i)}'] * 9)}]\n" for i in range(9)
)


WRONG = {
    "empty": "",
    "comment": "# nothing\n",
    "number": "42\n",
    "no rules": "table: orders\nrules: []\n",
    "tab": "\ttable: orders\n",
    "double key": "table: orders\ntable: other\nrules: [unique: id]\n",
    "bomb": BOMB,
    "deep": "rules: [" * 5000,
    "tag": "table: !!python/object/apply:os.system ['true']\n",
    "unknown": "table: orders\nrules:\n  - nonsense: id\n",
    "NUL": "\0",
    "broken": "table: [1, 2\n",
}


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG)
def test_a_rules_file_that_is_wrong_is_told_with_its_place(tmp_path: Path, text: str) -> None:
    make_shop(tmp_path)
    (tmp_path / "rules.yml").write_text(text, encoding="utf-8")
    done = aegis("run", "rules.yml", "--db", "shop.duckdb", cwd=tmp_path)
    assert done.code == 2, done.said
    assert done.err.startswith("aegis: rules.yml") and len(done.err) < 4000


@pytest.mark.parametrize("engine", engines(long="dbt1"))
def test_odd_tables_are_checked(tmp_path: Path, engine: Engine) -> None:
    """No rows, one column, 2,000 columns, nested types, views."""
    wide = ", ".join(f"i + {n} as c{n}" for n in range(2000))
    make_database(
        tmp_path / "shop.duckdb",
        "create table hollow (id integer, name varchar)",
        f"create table wide as select {wide} from range(5) as t(i)",
        "create table nested as select i as id, [i, null] as list, {'a': i, 'b c': null} as struct, "
        "map {'k': i} as map, i::varchar::json as json, [{'x': [i]}] as deep from range(3) as t(i)",
        "create view seen as select * from hollow",
        "create schema other",
        "create table other.hollow (id integer)",
        "insert into other.hollow values (1), (null)",
    )
    nested = ("list", "struct", "map", "json", "deep")
    write_rules(
        tmp_path,
        {
            "table": "hollow",
            "severity": "high",
            "rules": [{"not_null": ["id", "name"]}, {"unique": "id"}, {"row_count": 1}],
        },
        {"table": "wide", "severity": "high", "rules": [{"not_null": ["c0", "c1999"]}, {"unique": "c1000"}]},
        {
            "table": "nested",
            "severity": "high",
            "rules": [{"not_null": list(nested)}, *({"unique": name} for name in nested)],
        },
        {"table": "seen", "severity": "high", "rules": [{"not_null": "id"}, {"column_exists": "nothing"}]},
        {"table": "other.hollow", "severity": "high", "rules": [{"not_null": {"column": "id", "id": "elsewhere"}}]},
    )
    found = run(tmp_path, engine)
    assert found.pop("hollow_row_count")[0] == "fail"
    assert {name: verdict for name, verdict in found.items() if verdict[0] != "pass"} == {
        "seen_nothing_column_exists": ("fail", 1, 0),
        "elsewhere": ("fail", 1, 2),
    }
    assert found["wide_c1000_unique"] == ("pass", 0, 5)
    assert found["nested_deep_unique"][0] == "pass"


@pytest.mark.parametrize("engine", engines())
def test_a_rule_that_cannot_run_does_not_take_the_others_along(tmp_path: Path, engine: Engine) -> None:
    make_shop(tmp_path)
    rules: list[dict[str, Any]] = [
        {"not_null": {"column": "email", "id": "fine"}},
        {"not_null": {"column": "no_such", "id": "missing"}},
        {"sql_expression": {"expression": "cast(email as integer) > 0", "id": "cast"}},
        {"column_sum_between": {"column": "email", "min_value": 1, "id": "type"}},
        {"foreign_key": {"column": "qty", "reference_table": "orders", "reference_column": "gone", "id": "reference"}},
        {"custom_sql": {"query": "select * from orders where bad_column = 1", "id": "query"}},
        {"unique": {"column": "id", "id": "last"}},
    ]
    write_rules(tmp_path, {"table": "orders", "severity": "high", "rules": rules})
    done = aegis("run", "rules.yml", "--db", "shop.duckdb", "--json", cwd=tmp_path, engine=engine)
    found = done.verdicts()
    assert found["fine"] == ("fail", 100, 1000) and found["last"] == ("pass", 0, 1000)
    assert {name for name, verdict in found.items() if verdict[0] == "error"} == {
        "missing", "cast", "type", "reference", "query",
    }  # fmt: skip
    told = {one["rule_id"]: one["message"] for one in done.report["results"]}
    assert "no_such" in told["missing"] and "gone" in told["reference"] and "bad_column" in told["query"]
    assert done.code == 1


@pytest.mark.parametrize(
    "variable", ["DBT_TARGET_PATH", "DBT_PROFILE", "DBT_TARGET", "DBT_EMPTY", "DBT_WRITE_JSON", "DBT_PROFILES_DIR"]
)
def test_switches_of_the_users_own_project_do_not_reach_the_private_one(tmp_path: Path, variable: str) -> None:
    make_shop(tmp_path)
    value = {"DBT_EMPTY": "true", "DBT_WRITE_JSON": "false"}.get(variable, str(tmp_path / "elsewhere"))
    done = aegis("run", "rules.yml", "--db", "shop.duckdb", "--json", cwd=tmp_path, env={variable: value})
    assert len(done.verdicts()) == 4 and done.code == 1
    assert not (tmp_path / "elsewhere").exists()


WITHOUT_DUCKDB = """
from importlib.machinery import PathFinder
find = PathFinder.find_spec
def without(name, path=None, target=None):
    return None if name.partition(".")[0] in ("duckdb", "_duckdb", "dbt") else find(name, path, target)
PathFinder.find_spec = without
"""


@pytest.mark.dbt2
def test_without_duckdbs_python_library_dbt_2_is_asked(tmp_path: Path) -> None:
    make_shop(tmp_path)
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(WITHOUT_DUCKDB, encoding="utf-8")
    path = os.pathsep.join(filter(None, [str(tmp_path / "site"), os.environ.get("PYTHONPATH")]))
    engine = of_environment("dbt2")
    own = {"foreign_key": {"column": "qty", "reference_table": "orders", "reference_column": "id", "id": "known"}}
    lost = {"custom_sql": {"query": "select * from nothing_such", "id": "lost"}}
    shop = yaml.safe_load((tmp_path / "rules.yml").read_text(encoding="utf-8"))
    write_rules(tmp_path, {**shop, "rules": [*shop["rules"], own, lost]})
    done = aegis(
        "run", "rules.yml", "--db", "shop.duckdb", "--json", cwd=tmp_path, engine=engine, env={"PYTHONPATH": path}
    )
    assert done.out, done.err
    found = done.verdicts()
    assert (found.pop("lost")[0], found.pop("known")) == ("error", ("pass", 0, 1000))
    assert found == VERDICTS
    assert done.report["findings"][0]["sample"] is not None
    assert json.loads(done.out)["run"]["adapter"] == "duckdb"
