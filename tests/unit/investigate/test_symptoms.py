"""A failed result as a question that can be asked of another table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aegis.dbt.artifacts.read import compiled_sql, read_artifacts
from aegis.dbt.graph.column_flow import ColumnRef
from aegis.dbt.graph.tables import tables_of
from aegis.dbt.results.read import read_results
from aegis.investigate.symptoms import Symptom, symptom_of
from tests.unit.dbt.targets import generic_test, metadata, model, node, result, write_target

ORDERS = "model.shop.orders"
Asked = tuple[str, tuple[str, ...], dict[str, Any]]
GENERIC: dict[str, tuple[dict[str, Any], Asked]] = {
    "not_null": ({}, ("not_null", ("id",), {})),
    "unique": ({}, ("unique", ("id",), {})),
    "accepted_values": ({"values": ["a", "b"]}, ("accepted_values", ("id",), {"values": ["a", "b"]})),
    "dbt_utils.accepted_range": (
        {"arguments": {"min_value": 0, "max_value": 1.5}},
        ("between", ("id",), {"min_value": 0, "max_value": {"decimal": "1.5"}}),
    ),
    "dbt_utils.unique_combination_of_columns": (
        {"combination_of_columns": ["id", "day"], "quote_columns": False}, ("composite_unique", ("id", "day"), {}),
    ),
    "dbt_utils.expression_is_true": ({"expression": "> 0"}, ("sql_expression", ("id",), {"expression": "id > 0"})),
    "dbt_expectations.expect_column_values_to_match_regex": (
        {"regex": "^a", "is_raw": False, "flags": ""}, ("regex_match", ("id",), {"pattern": "^a"}),
    ),
    "dbt_expectations.expect_column_values_to_be_between": (
        {"max_value": 3, "strictly": True}, ("between", ("id",), {"max_value": 3, "strictly": True}),
    ),
    "dbt_expectations.expect_column_sum_to_be_between": (
        {"max_value": 3}, ("column_sum_between", ("id",), {"max_value": 3, "on_empty": "pass"}),
    ),
    "dbt_expectations.expect_column_value_lengths_to_equal": (
        {"value": 3}, ("sql_expression", ("id",), {"expression": "LENGTH(id) = 3"}),
    ),
    "elementary.not_null_with_context": ({"context_columns": ["day"]}, ("not_null", ("id",), {})),
    "aegis.between": ({"min_value": 1, "max_failed_pct": 5}, ("between", ("id",), {"min_value": 1})),
    "aegis.not_null_rule": ({}, ("not_null", ("id",), {})),
}  # fmt: skip


def symptom(
    folder: Path, name: str, kwargs: dict[str, Any], column: str | None = "id", where: str | None = None, **more: Any
) -> Symptom | None:
    package, _, kind = name.rpartition(".")
    metadata = {"name": kind, "namespace": package or None, "kwargs": kwargs}
    test = generic_test("t", ORDERS, kind, column, test_metadata=metadata)
    test["config"] = {**test.get("config", {}), "where": where}
    test["depends_on"]["nodes"].append("model.shop.customers")
    test["depends_on"] |= more
    write_target(folder, [model("orders"), model("customers"), test], [result(test["unique_id"], "fail", failures=3)])
    artifacts = read_artifacts(folder)
    [failed] = [one for one in read_results(artifacts).results if one.failed]
    return symptom_of(failed, artifacts.manifest, tables_of(artifacts.manifest))


@pytest.mark.parametrize("name", GENERIC)
def test_a_generic_test_is_the_rule_that_asks_the_same(tmp_path: Path, name: str) -> None:
    kwargs, (kind, columns, parameters) = GENERIC[name]
    found = symptom(tmp_path, name, kwargs, None if "combination" in name else "id")
    # dbt's own tests and those of packages may count groups.
    count = 3 if name.startswith("aegis.") else None
    assert found == Symptom(ORDERS, kind, columns, parameters, count=count)


@pytest.mark.parametrize("name", ["relationships", "dbt_utils.relationships_where", "aegis.foreign_key_rule"])
def test_a_relationship_names_the_column_that_must_have_the_values(tmp_path: Path, name: str) -> None:
    words = ("reference_table", "reference_column") if name.startswith("aegis") else ("to", "field")
    found = symptom(tmp_path, name, dict(zip(words, ("ref('customers')", "ID"), strict=True)))
    assert found is not None and (found.type, found.columns) == ("foreign_key", ("id",))
    assert found.reference == ColumnRef("model.shop.customers", "id")


@pytest.mark.parametrize("name", [*GENERIC, "relationships"])
def test_the_filter_of_a_test_is_part_of_the_question(tmp_path: Path, name: str) -> None:
    kwargs = GENERIC[name][0] if name in GENERIC else {"to": "ref('customers')", "field": "id"}
    found = symptom(tmp_path, name, kwargs, None if "combination" in name else "id", where="status = 'new'")
    assert found is not None and (found.where, found.reads) == ("status = 'new'", ("status",))


@pytest.mark.parametrize(
    ("name", "given", "where"),
    [
        ("dbt_expectations.expect_column_values_to_be_unique", {"row_condition": "id > 3"}, "id > 3"),
        ("dbt_utils.relationships_where",
         {"to": "ref('customers')", "field": "id", "from_condition": "id > 3"}, "id > 3"),
        # What the test finds no fault in, the rule does not look at.
        ("dbt_utils.not_empty_string", {}, "TRIM(id) = ''"),
        ("dbt_utils.not_empty_string", {"trim_whitespace": False}, "id = ''"),
        (
            "dbt_expectations.expect_compound_columns_to_be_unique", {"column_list": ["id", "day"]},
            "NOT (id IS NULL AND day IS NULL)",
        ),
        (
            "dbt_expectations.expect_compound_columns_to_be_unique",
            {"column_list": ["id", "day"], "ignore_row_if": "any_value_is_missing"},
            "NOT (id IS NULL OR day IS NULL)",
        ),
        ("aegis.between", {"min_value": 1, "where": "id > 3"}, "id > 3"),
    ],
)  # fmt: skip
def test_a_condition_on_rows_is_a_filter_too(tmp_path: Path, name: str, given: dict[str, Any], where: str) -> None:
    column = None if "compound" in name else "id"
    found = symptom(tmp_path / "alone", name, given, column)
    assert found is not None and found.where == where
    both = symptom(tmp_path / "both", name, given, column, where="status = 'new'")
    assert both is not None and both.where == f"(status = 'new') AND ({where})"


@pytest.mark.parametrize(
    ("name", "kwargs"),
    [
        ("dbt_utils.accepted_range", {"min_value": 0, "inclusive": "maybe"}),
        ("dbt_utils.expression_is_true", {"expression": "> 0", "condition": "status = 'new'"}),
        ("dbt_utils.relationships_where", {"to": "ref('customers')", "field": "id", "to_condition": "x = 1"}),
        ("dbt_expectations.expect_column_values_to_match_regex", {"regex": "^a", "is_raw": True}),
        ("dbt_expectations.expect_column_values_to_match_regex", {"regex": "^a", "flags": "i"}),
        ("dbt_expectations.expect_column_mean_to_be_between", {"min_value": 1, "group_by": ["day"]}),
        ("dbt_expectations.expect_column_mean_to_be_between", {"min_value": 1, "strictly": True}),
        ("dbt_expectations.expression_is_true", {"expression": "id > 0", "test_condition": "is not null"}),
        ("aegis.between", {"min_value": 1, "made_up": 2}),
        ("not_null", {"made_up": 1}),
    ],
)
def test_a_test_with_an_argument_that_is_not_understood_is_no_question(
    tmp_path: Path, name: str, kwargs: dict[str, Any]
) -> None:
    assert symptom(tmp_path, name, kwargs) is None


@pytest.mark.parametrize(
    ("given", "parameters"), [({"inclusive": True}, {}), ({"inclusive": False}, {"strictly": True}), ({}, {})]
)
def test_a_switch_of_a_test_is_ours_the_right_way_round(
    tmp_path: Path, given: dict[str, Any], parameters: dict[str, Any]
) -> None:
    found = symptom(tmp_path, "dbt_utils.accepted_range", {"min_value": 0, **given})
    assert found is not None and found.parameters == {"min_value": 0, **parameters}


@pytest.mark.parametrize("name", ["not_null", "unique", "accepted_range", "between", "row_count"])
def test_a_test_of_the_project_with_the_name_of_a_known_one_is_no_question(tmp_path: Path, name: str) -> None:
    assert symptom(tmp_path, name, {}, macros=[f"macro.shop.test_{name}"]) is None
    known = symptom(tmp_path, name, {}, macros=[f"macro.dbt.test_{name}"])
    assert (known is not None) is (name in ("not_null", "unique"))


@pytest.mark.parametrize("text", ["is not (", "> (select count(*) from read_csv('x'))", "> 0; drop table orders"])
def test_sql_of_a_test_that_the_gate_refuses_is_no_question(tmp_path: Path, text: str) -> None:
    assert symptom(tmp_path, "dbt_utils.expression_is_true", {"expression": text}) is None


def test_a_test_that_nobody_knows_is_no_question(tmp_path: Path) -> None:
    assert symptom(tmp_path, "my_own_test", {}) is None


def test_at_another_table_its_columns_go_by_their_names_there_and_its_filter_goes_along() -> None:
    here = Symptom(
        ORDERS, "sql_expression", ("net", "gross"), {"expression": "net <= gross"}, where="x = 1", reads=("x",)
    )
    there = here.at("source.shop.raw.orders", {"net": "n", "gross": "g", "x": "y"})
    assert there.parameters == {"expression": '"n" <= "g"'}
    assert (there.columns, there.where, there.count) == (("n", "g"), '"y" = 1', None)


def test_in_another_dialect_columns_are_quoted_as_it_quotes() -> None:
    here = Symptom(ORDERS, "sql_expression", ("net",), {"expression": "net > 0"}, dialect="bigquery")
    assert here.at("source.shop.raw.orders", {"net": "n"}).parameters == {"expression": "`n` > 0"}


def test_as_a_rule_it_has_what_the_macros_want() -> None:
    found = Symptom(ORDERS, "foreign_key", ("c",), reference=ColumnRef("model.shop.customers", "id"), where="c > 0")
    assert found.rule("7") == {
        "id": "7", "type": "foreign_key", "severity": "high", "level": "error", "column": "c",
        "reference_table": "model.shop.customers", "reference_column": "id", "where": "c > 0",
    }  # fmt: skip


CODE = 'select * from "dev"."main"."orders" where amount < 0'


def of_query(folder: Path, sql: str | None = CODE, **config: Any) -> Symptom | None:
    """A singular test of two tables, as its compiled SQL tells."""
    test = node("test.shop.no_negative_amounts", compiled_code=sql, config=config)
    test["depends_on"] = {"nodes": [ORDERS, "model.shop.customers"], "macros": []}
    models = [model(name, relation_name=f'"dev"."main"."{name}"') for name in ("orders", "customers")]
    head = {"metadata": metadata(adapter_type="duckdb")}
    write_target(folder, [*models, test], [result(test["unique_id"], "fail", failures=3)], manifest=head)
    artifacts = read_artifacts(folder)
    [failed] = [one for one in read_results(artifacts).results if one.failed]
    tables = tables_of(artifacts.manifest)
    return symptom_of(failed, artifacts.manifest, tables, lambda test: compiled_sql(artifacts, test))


def test_a_singular_test_of_one_where_is_a_question_about_the_table_that_it_reads(tmp_path: Path) -> None:
    found = of_query(tmp_path)
    assert found is not None and found.is_carried
    assert (found.node, found.type, found.columns, found.count) == (ORDERS, "sql_expression", ("amount",), 3)
    assert found.parameters == {"expression": "NOT COALESCE(amount < 0, FALSE)"}


def test_its_number_of_rows_is_only_taken_where_it_counts_all_that_fail(tmp_path: Path) -> None:
    grouped = 'select id from "dev"."main"."orders" where id is not null group by id having count(*) > 1'
    for name, sql, config in (("limit", CODE, {"limit": 3}), ("groups", grouped, {})):
        found = of_query(tmp_path / name, sql, **config)
        assert found is not None and found.count is None, name


def test_a_test_whose_sql_is_not_known_or_is_read_otherwise_is_no_question(tmp_path: Path) -> None:
    assert of_query(tmp_path / "a", None) is None
    assert of_query(tmp_path / "b", fail_calc="sum(amount)") is None
    assert of_query(tmp_path / "c", CODE.replace("orders", "another")) is None
    assert of_query(tmp_path / "d", CODE.replace("amount < 0", "read_text(path) = 'x'")) is None
