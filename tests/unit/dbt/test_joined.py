"""Suites of small tables share a test in a private project, and are suites again in its artifacts."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

from aegis.dbt.artifacts.read import Artifacts
from aegis.dbt.artifacts.schema import Manifest, Metadata, Node, NodeConfig, RunResult, RunResults
from aegis.dbt.artifacts.suite_rows import find_suites
from aegis.dbt.scratch.private_project import table_in
from aegis.dbt.suites.batch import META, batch, unbatch
from aegis.dbt.suites.compile import SuiteFile


def suite(name: str, rows: int | None, rules: int = 10) -> SuiteFile:
    table = table_in("db", "main", name, rows=rows)
    ids = tuple(f"{name}_{index}" for index in range(rules))
    return SuiteFile(
        f"aegis_{name}.sql", f"text of {name}", table, ids, frozenset(), f'["{name}"]', f'{{"table": "{name}"}}', name
    )


def test_small_tables_share_a_test_and_others_keep_theirs() -> None:
    files = batch([suite("a", 10), suite("big", 1000), suite("b", 100), suite("view", None)], 100, {})
    assert set(files) == {"aegis_big.sql", "aegis_view.sql", "aegis_suites_0.sql"}
    assert files["aegis_big.sql"] == "text of big"
    text = files["aegis_suites_0.sql"]
    assert [f"select 'aegis_{name}' as suite_name" in text for name in ("a", "b", "big")] == [True, True, False]
    assert text.count("union all") == 1


def test_a_table_that_would_be_alone_keeps_its_own_test() -> None:
    assert batch([suite("a", 10), suite("big", 1000)], 100, {}) == {
        "aegis_a.sql": "text of a",
        "aegis_big.sql": "text of big",
    }


def test_a_shared_test_holds_ten_suites_and_a_hundred_and_twenty_rules_at_most() -> None:
    many = batch([suite(f"t{index:02}", 1) for index in range(23)], 100, {})
    assert [text.count("as suite_name") for _, text in sorted(many.items())] == [10, 10, 3]
    large = batch([suite(f"t{index}", 1, rules=50) for index in range(5)], 100, {})
    assert sorted(text.count("as suite_name") for text in large.values()) == [0, 2, 2]


def test_a_suite_is_told_the_columns_of_its_tables_where_all_of_them_are_known() -> None:
    known, unknown = replace(suite("a", 10), references={"b": table_in("db", "main", "b", rows=7)}), suite("c", 10)
    columns = {
        known.table.call: (("id", "BIGINT"),),
        known.references["b"].call: (("b_id", "DATE"), ("{{x", "VARCHAR")),
    }
    text = batch([known, unknown], 100, columns)["aegis_suites_0.sql"]
    told, untold = re.findall(r"set facts -%}\n(.*)\n", text)
    assert json.loads(told) == {
        "": {"columns": [{"name": "id", "type": "BIGINT"}], "rows": 10},
        "b": {"columns": [{"name": "b_id", "type": "DATE"}, {"name": "{{x", "type": "VARCHAR"}], "rows": 7},
    }
    assert untold == "null"
    assert "{{x" not in text


def artifacts(status: str, failures: int | None) -> Artifacts:
    rules = '[{"id": "r_%s", "type": "not_null", "severity": "high", "level": "error", "column": "id"}]'
    sections = {f"aegis_{name}": {"table": name, "rules": rules % name} for name in ("a", "b")}
    joined = Node(unique_id="test.aegis.aegis_suites_0", config=NodeConfig(meta={META: sections}), compiled_code="all")
    other = Node(unique_id="test.aegis.other")
    results = [
        RunResult(
            unique_id=joined.unique_id, status=status, failures=failures, execution_time=2.0, relation_name='"s"."j"'
        ),
        RunResult(unique_id=other.unique_id, status="pass"),
    ]
    manifest = Manifest(metadata=Metadata(), nodes={node.unique_id: node for node in (joined, other)})
    return Artifacts(Path("target"), manifest, RunResults(metadata=Metadata(), results=results), None, ())


def test_a_shared_test_is_taken_apart_into_its_suites() -> None:
    apart = unbatch(artifacts("fail", 3))
    assert set(apart.manifest.nodes) == {"test.aegis.aegis_a", "test.aegis.aegis_b", "test.aegis.other"}
    a, b = find_suites(apart)
    assert (a.unique_id, a.part, b.part) == ("test.aegis.aegis_a", "aegis_a", "aegis_b")
    assert a.relation_name == b.relation_name == '"s"."j"'
    assert a.ran and a.failures is None and a.compiled_code is None
    assert [result.execution_time for result in apart.run_results.results[:2]] == [None, None]


def test_a_shared_test_that_broke_leaves_broken_suites() -> None:
    a, b = find_suites(unbatch(artifacts("error", None)))
    assert not a.ran and not b.ran and a.status == b.status == "error"


def test_artifacts_without_shared_tests_are_left_as_they_are() -> None:
    plain = unbatch(artifacts("pass", 0))
    assert unbatch(plain) is plain
