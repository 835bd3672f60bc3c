"""Rules into suites."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
import yaml
from jinja2 import Environment

from aegis.dbt.graph.tables import Table, Tables
from aegis.dbt.suites.bind import missing_tables
from aegis.dbt.suites.compile import MARK, SuiteFile, bind_rules, compile_suites
from aegis.errors import RulesError
from aegis.rules.book import RuleBook
from aegis.rules.load import load_rules

ORDERS = Table('ref("orders")', "orders", "main", "orders", keys=())
TABLES = (
    ORDERS,
    Table('ref("customers")', "customers", "main", "customers", keys=("customer_id",)),
    Table('source("raw", "orders")', "raw.orders", "raw", "orders", time_column="loaded_at", names=("orders",)),
    Table('source("raw", "events")', "raw.events", "raw", "events", names=("events",)),
    Table('ref("thin")', "thin", "main", "thin", unfit="is an ephemeral model"),
)


def book(folder: Path, *documents: Any, dialect: str | None = "duckdb") -> RuleBook:
    path = folder / "rules.yml"
    path.write_text(yaml.safe_dump_all(documents, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return load_rules([path], dialect=dialect)


def rules_in(suite: SuiteFile) -> list[dict[str, Any]]:
    """The rules of a generated file, as dbt's Jinja would read them."""
    found: list[dict[str, Any]] = []

    class Package:
        @staticmethod
        def suite(_relation: str, rules: list[dict[str, Any]], **_others: Any) -> str:
            found.extend(rules)
            return ""

    def nothing(*_words: str, **_settings: Any) -> str:
        return ""

    Environment(autoescape=False).from_string(suite.text).render(
        aegis=Package, config=nothing, ref=nothing, source=nothing, fromjson=json.loads
    )
    return found


def test_a_table_is_a_file_and_its_rules_are_in_the_order_of_the_book(tmp_path: Path) -> None:
    rules = book(tmp_path, {"table": "orders", "rules": [{"not_null": ["b", "a"]}, {"unique": "id"}]},
                 {"table": "customers", "rules": [{"unique": "x"}]})  # fmt: skip
    suites = compile_suites(rules, Tables(TABLES), dialect="duckdb")
    assert [suite.name for suite in suites] == ["aegis_customers.sql", "aegis_orders.sql"]
    assert suites[1].rule_ids == ("orders_b_not_null", "orders_a_not_null", "orders_id_unique")
    assert [rule["id"] for rule in rules_in(suites[1])] == list(suites[1].rule_ids)
    assert all(suite.text.startswith(MARK) and suite.text.endswith("\n") for suite in suites)
    assert f"from {tmp_path / 'rules.yml'}" in suites[0].text


def test_it_is_the_same_to_the_byte_whatever_the_order_of_tables(tmp_path: Path) -> None:
    documents = [{"table": label, "rules": [{"unique": "id"}]} for label in ("orders", "customers", "raw.events")]
    rules = book(tmp_path, *documents)
    first = compile_suites(rules, Tables(TABLES), dialect="duckdb")
    for seed in range(5):
        shuffled = list(TABLES)
        random.Random(seed).shuffle(shuffled)
        assert compile_suites(rules, Tables(shuffled), dialect="duckdb") == first


HOSTILE = ["it's", 'q"q', "{{ x }}", "{% raw %}", "{% endset %}", "{# c #}", "a\nb", "\\", "-%}", "«this»", "表", "#}"]


def test_what_rules_say_arrives_as_it_was_said(tmp_path: Path) -> None:
    rule = {
        "accepted_values": {"column": "{{ c }}", "values": HOSTILE, "description": "{% x %} #}", "tags": HOSTILE[:3]}
    }
    suites = compile_suites(book(tmp_path, {"table": "orders", "rules": [rule]}), Tables(TABLES), dialect="duckdb")
    (found,) = rules_in(suites[0])
    assert (found["column"], found["values"], found["description"]) == ("{{ c }}", HOSTILE, "{% x %} #}")


def test_one_file_for_each_rule_if_asked(tmp_path: Path) -> None:
    rules = book(
        tmp_path,
        {
            "table": "orders",
            "rules": [{"unique": {"column": "id", "id": "A.b"}}, {"unique": {"column": "id", "id": "a-b"}}],
        },
    )
    suites = compile_suites(rules, Tables(TABLES), layout="rule")
    names = [suite.name for suite in suites]
    assert len(set(names)) == 2 and "aegis_a_b.sql" in names
    assert all(len(suite.rule_ids) == 1 for suite in suites)


def test_names_fit_postgresql_and_stay_apart() -> None:
    long = "t" * 100
    tables = [Table(f'ref("{long}{n}")', f"{long}{n}", "main", f"{long}{n}") for n in range(3)]
    tables += [Table(f'ref("{name}")', name, "main", name) for name in ("表", "名", "a.b", "a_b", "A_B")]
    from aegis.rules.types.uniqueness import Unique

    rules = RuleBook(tuple(Unique(table=table.label, column="id", id=f"r{n}") for n, table in enumerate(tables)))
    names = [suite.name.removesuffix(".sql") for suite in compile_suites(rules, Tables(tables))]
    assert len({name.lower() for name in names}) == len(tables)
    assert all(len(name.encode()) <= 55 and name.startswith("aegis_") for name in names)


def test_deprecated_rules_are_left_out_and_drafts_fail_no_build(tmp_path: Path) -> None:
    entries = [
        {"unique": {"column": "id", "id": status, "status": status, "severity": "critical"}}
        for status in ("active", "draft", "deprecated")
    ]
    (suite,) = compile_suites(book(tmp_path, {"table": "orders", "rules": entries}), Tables(TABLES))
    assert {rule["id"]: rule["level"] for rule in rules_in(suite)} == {"active": "error", "draft": "none"}
    only = book(tmp_path, {"table": "nothing", "rules": [{"unique": {"column": "id", "status": "deprecated"}}]})
    assert compile_suites(only, Tables(TABLES)) == ()


def test_every_table_that_is_not_known_is_told_at_once(tmp_path: Path) -> None:
    rules = book(
        tmp_path,
        {"table": "order", "rules": [{"unique": "id"}]},
        {
            "table": "erp.items",
            "rules": [{"foreign_key": {"column": "c", "reference_table": "nowhere", "reference_column": "id"}}],
        },
        {"table": "orders", "rules": [{"custom_sql": {"query": "select * from orders join lost on true", "id": "q"}}]},
        {"table": "thin", "rules": [{"unique": "id"}]},
        {"table": "customers", "rules": [{"unique": "id"}]},
    )
    with pytest.raises(RulesError) as caught:
        compile_suites(rules, Tables(TABLES), dialect="duckdb")
    told = str(caught.value)
    assert "dbt knows no table 'order'; did you mean 'orders'" in told
    assert "sources: [{name: erp, tables: [{name: items}]}]" in told
    for name in ("nowhere", "lost"):
        assert f"'{name}'" in told
    assert "'thin' is an ephemeral model" in told
    assert told.endswith("5 errors, 1 rule fine.")
    missing = [(entry.name, entry.rule.id) for entry in missing_tables(rules, Tables(TABLES), "duckdb")]
    assert {name for name, _ in missing} == {"order", "erp.items", "nowhere", "lost"}


def test_tables_in_sql_become_marks(tmp_path: Path) -> None:
    query = (
        "select o.id from orders as o where exists (select 1 from raw.events e where e.id = o.id) and o.note = 'orders'"
    )
    rules = book(
        tmp_path,
        {"table": "orders", "rules": [
            {"custom_sql": {"query": query, "id": "q"}},
            {"sql_expression": {"expression": "qty < (select max(customers.qty) from customers)", "id": "e"}},
            {"not_null": {"column": "a", "where": "id in (select id from main.orders)", "id": "w"}},
            {"foreign_key": {"column": "c", "reference_table": "customers", "reference_column": "id", "id": "f"}},
        ]},
    )  # fmt: skip
    (suite,) = bind_rules(rules, Tables(TABLES), dialect="duckdb")
    texts = {rule["id"]: rule for rule in suite.arguments()}
    assert "from «this» as o" in texts["q"]["query"].lower() and "«raw.events»" in texts["q"]["query"]
    assert "'orders'" in texts["q"]["query"]
    assert "«customers»" in texts["e"]["expression"]
    assert "«this»" in texts["w"]["where"]
    assert suite.references == ("customers", "raw.events")


def test_a_name_that_is_a_model_means_the_model_though_the_rules_own_source_is_called_so_too(tmp_path: Path) -> None:
    rules = book(
        tmp_path,
        {
            "table": "raw.orders",
            "rules": [
                {"custom_sql": {"query": "select * from raw.orders where id not in (select id from orders)", "id": "q"}}
            ],
        },
    )
    (suite,) = bind_rules(rules, Tables(TABLES), dialect="duckdb")
    assert "from «this»" in suite.arguments()[0]["query"].lower() and "«orders»" in suite.arguments()[0]["query"]


def test_since_takes_the_sources_own_time_column_and_else_wants_one(tmp_path: Path) -> None:
    rules = book(tmp_path, {"table": "raw.orders", "rules": [{"not_null": {"column": "id", "since": "7 days"}}]})
    (suite,) = bind_rules(rules, Tables(TABLES), dialect="duckdb")
    assert suite.arguments()[0]["time_column"] == "loaded_at"
    without = book(tmp_path, {"table": "orders", "rules": [{"not_null": {"column": "id", "since": "7 days"}}]})
    with pytest.raises(RulesError, match=r"scope\.time_column"):
        bind_rules(without, Tables(TABLES), dialect="duckdb")


@pytest.mark.parametrize(
    ("table", "rules", "keys"),
    [
        ("customers", [{"unique": "email"}], ["customer_id"]),
        ("orders", [{"not_null": "a"}, {"unique": "id"}], ["id"]),
        ("orders", [{"composite_unique": ["a", "b"]}], ["a", "b"]),
        ("orders", [{"unique": {"column": "id", "where": "a = 1"}}], None),
        ("orders", [{"unique": {"column": "id", "status": "draft"}}], None),
    ],
)
def test_rows_are_found_by_the_contracts_key_else_by_what_is_unique(
    tmp_path: Path, table: str, rules: list[dict[str, Any]], keys: list[str] | None
) -> None:
    (suite,) = bind_rules(book(tmp_path, {"table": table, "rules": rules}), Tables(TABLES), dialect="duckdb")
    assert suite.keys == tuple(keys or ())


PRIVATE = (
    Table('ref("orders")', "orders", "main", "orders", group="finance", private=True),
    Table('ref("lines")', "lines", "main", "lines", group="finance"),
    Table('ref("pay")', "pay", "main", "pay", group="sales", private=True),
    Table('source("raw", "events")', "raw.events", "raw", "events"),
)


def test_a_suite_is_of_its_tables_group_so_that_it_may_read_what_is_private_there(tmp_path: Path) -> None:
    reads = {"foreign_key": {"column": "o", "reference_table": "orders", "reference_column": "id"}}
    documents = [{"table": t, "rules": rules} for t, rules in
                 (("orders", [{"unique": "id"}]), ("lines", [reads]), ("raw.events", [{"unique": "id"}]))]  # fmt: skip
    suites = compile_suites(book(tmp_path, *documents), Tables(PRIVATE), dialect="duckdb")
    told = {suite.table.label: '    group="finance",\n' in suite.text for suite in suites}
    assert told == {"orders": True, "lines": True, "raw.events": False}


@pytest.mark.parametrize("table", ["orders", "raw.events"])
@pytest.mark.parametrize(
    "rule",
    [
        {"foreign_key": {"column": "p", "reference_table": "pay", "reference_column": "id"}},
        {"custom_sql": {"query": "select * from this_one join pay using (id)", "id": "c"}},
        {"sql_expression": {"expression": "id in (select id from pay)", "id": "e"}},
        {"unique": {"column": "id", "where": "id in (select id from pay)"}},
    ],
)
def test_what_is_private_to_another_group_is_refused_with_what_to_do(
    tmp_path: Path, table: str, rule: dict[str, Any]
) -> None:
    rule = json.loads(json.dumps(rule).replace("this_one", table))
    with pytest.raises(RulesError) as refused:
        compile_suites(book(tmp_path, {"table": table, "rules": [rule]}), Tables(PRIVATE), dialect="duckdb")
    (problem,) = refused.value.problems
    assert "'pay' is private to the group 'sales'" in problem.message and "access 'protected'" in problem.message
