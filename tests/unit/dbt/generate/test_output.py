"""What is written: text that reads back as it was meant, whatever a manifest holds, and nobody's file lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from aegis.app.generate import generate_rules
from aegis.dbt.generate.text import NOT_CARRIED, is_ours
from aegis.dbt.graph.tables import tables_of
from aegis.dbt.suites.compile import compile_suites
from aegis.errors import AegisError, ArtifactError, ConfigError, UsageError
from aegis.rules import load_rules, load_text
from tests.unit.dbt.generate.manifests import Node, generated, manifest, model, source, test_on, text_of, written

ORDERS = model("orders", "id", "status")
HOSTILE = (
    "a: b", "- x", "# not a comment", "'", '"', "''", "{{ var('x') }}"[:2] + " 1", "yes", "null", "007", "1e5", "\t",
    "a\nb", "a\r\nb: c", "\u2028rules:", "\x85x", "---", "...", "&a", "*a", "!!python/object", "%TAG", "@x", "`x`",
    "|", ">", "a #b", "}}", "#}", "\ud7ff", "🦊", "\\n", "x" * 500, " lead", "trail ", "",
)  # fmt: skip


def shop() -> Node:
    return manifest(
        ORDERS,
        source("raw", "orders", "id"),
        test_on(ORDERS, "not_null", "id"),
        test_on(ORDERS, "is_even", "id"),
        test_on(source("raw", "orders", "id"), "unique", "id"),
    )


def test_hostile_values_read_back_as_they_were_meant(tmp_path: Path) -> None:
    # dbt does not double quotes, so whoever wants one in a text has doubled it.
    values = [value.replace("'", "''") for value in HOSTILE]
    document = manifest(
        ORDERS,
        *(
            test_on(ORDERS, "accepted_values", "status", {"where": f"id = {place}"}, values=[value])
            for place, value in enumerate(values)
            if "{{" not in value
        ),
    )
    found = generated(tmp_path, document)
    read = load_text(text_of(found), dialect="duckdb")
    assert list(read) == [entry.rule for entry in found.rules]
    meant = {value for value in HOSTILE if "{{" not in value}
    assert {rule.values[0] for rule in read} == meant  # type: ignore[attr-defined]
    assert found.not_carried == ()


def test_hostile_names_end_no_comment_and_begin_no_key(tmp_path: Path) -> None:
    evil = "x\nrules: [{custom_sql: select 1}]\r\u2028- y\x85table: z"
    node = model("orders", "id", "status")
    tests = [
        {**test_on(node, "is_even", "id", name=evil), "description": evil},
        test_on(node, "not_null", "id", {"fail_calc": evil, "meta": {evil: 1}, "tags": [evil]}, name=evil),
        {**test_on(node, "unique", "id", {"tags": [evil], "meta": {"owner": evil, evil: 2}}), "description": evil},
    ]
    found = generated(tmp_path, manifest(node, *tests))
    text = text_of(found)
    [rule] = load_text(text, dialect="duckdb")
    assert (rule.tags, rule.owner, rule.description) == ((evil,), evil, evil)
    [document] = yaml.safe_load_all(text)
    assert document.keys() == {"table", "severity", "owner", "tags", "generated_by", "rules"}


def test_what_looks_like_jinja_in_a_value_stays_text_when_it_is_compiled(tmp_path: Path) -> None:
    """It is there only where dbt has rendered it already."""
    words = ["{{ 7 * 7 }}", "{% raw %}", "{# x #}"]
    listed = ", ".join(f"'{word}'" for word in words)
    test = test_on(ORDERS, "accepted_values", "status", values="{{ var('states') }}")
    test["compiled_code"] = f"select * from t where value_field not in ({listed})"
    document = manifest(ORDERS, test)
    found = generated(tmp_path, document)
    assert found.rules[0].rule.values == tuple(words)  # type: ignore[attr-defined]
    from aegis.dbt.artifacts.read import read_manifest

    book = load_text(text_of(found), dialect="duckdb")
    tables = tables_of(read_manifest(written(tmp_path, document))[0])
    [suite] = compile_suites(book, tables, dialect="duckdb")
    assert "{{ 7" not in suite.text and "{% raw" not in suite.text and "{# x" not in suite.text
    assert json.loads(suite.rules)[0]["values"] == words


def test_a_folder_gets_a_file_for_each_table_and_the_list_of_what_is_missing(tmp_path: Path) -> None:
    path, folder = written(tmp_path, shop()), tmp_path / "rules"
    done = generate_rules(path, folder)
    assert done.files is not None
    assert set(done.files.written) == {"orders.yml", "raw_orders.yml", NOT_CARRIED}
    assert [rule.id for rule in load_rules(folder)] == ["orders_id_not_null", "raw_orders_id_unique"]
    assert "is_even" in (folder / "orders.yml").read_text() and "is_even" in (folder / NOT_CARRIED).read_text()
    again = generate_rules(path, folder)
    assert again.files is not None and again.files.written == () and len(again.files.same) == 3


def test_a_table_without_tests_loses_its_file_unless_somebody_changed_it(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    generate_rules(written(tmp_path, shop()), folder)
    (folder / "mine.yml").write_text("table: x\nrules: [{not_null: y}]\n")
    less = manifest(ORDERS, test_on(ORDERS, "not_null", "id"))
    generate_rules(written(tmp_path, less), folder)
    assert {path.name for path in folder.iterdir()} == {"mine.yml", "orders.yml"}
    generate_rules(written(tmp_path, shop()), folder)
    changed = folder / "raw_orders.yml"
    changed.write_text(changed.read_text() + "  - unique: other\n")
    generate_rules(written(tmp_path, less), folder)
    assert changed.is_file()


@pytest.mark.parametrize("ours", [True, False])
def test_a_file_that_somebody_wrote_or_changed_stays_unless_forced(tmp_path: Path, ours: bool) -> None:
    path, file = written(tmp_path, shop()), tmp_path / "rules.yml"
    if ours:
        generate_rules(path, file)
        assert is_ours(file.read_text())
    file.write_text((file.read_text() if ours else "") + "# mine\n")
    before = file.read_text()
    with pytest.raises(ConfigError, match="was changed since" if ours else "not generated by Aegis"):
        generate_rules(path, file)
    assert file.read_text() == before
    generate_rules(path, file, force=True)
    assert is_ours(file.read_text()) and not list(tmp_path.glob(".rules*"))


def test_line_ends_of_another_system_are_no_change(tmp_path: Path) -> None:
    path, file = written(tmp_path, shop()), tmp_path / "rules.yml"
    generate_rules(path, file)
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    generate_rules(path, file)


def test_one_file_that_would_be_too_large_says_how_to_split_it(tmp_path: Path) -> None:
    long = ["v" * 2_000 + str(place) for place in range(60)]
    nodes = [model(f"m{place}", "status") for place in range(50)]
    tests = [test_on(node, "accepted_values", "status", values=long) for node in nodes]
    path = written(tmp_path, manifest(*nodes, *tests))
    with pytest.raises(UsageError, match="larger than 5 MB") as refused:
        generate_rules(path, tmp_path / "rules.yml")
    assert "--output a folder" in str(refused.value) and not (tmp_path / "rules.yml").exists()
    done = generate_rules(path, tmp_path / "rules")
    assert done.files is not None and len(done.files.written) == 50


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("manifest.json", "", "empty"),
        ("manifest.json", "{", "cut off"),
        ("manifest.json", "[]", "JSON"),
        ("manifest.json", '{"metadata": {"dbt_schema_version": ".../run-results/v6.json"}}', "run-results"),
        ("partial_parse.msgpack", "\x81", "parse cache"),
    ],
)  # fmt: skip
def test_what_is_not_a_manifest_is_told_and_nothing_is_written(
    tmp_path: Path, name: str, content: str, said: str
) -> None:
    file = tmp_path / name
    file.write_text(content, encoding="utf-8")
    with pytest.raises(AegisError, match=said):
        generate_rules(file, tmp_path / "rules.yml")
    assert not (tmp_path / "rules.yml").exists()
    with pytest.raises(ArtifactError):
        generate_rules(tmp_path / "missing")


def test_manifests_of_before_are_read_as_far_as_they_go(tmp_path: Path) -> None:
    """No attached node, no version, SQL under its old name."""
    test = test_on(ORDERS, "not_null", "id")
    del test["attached_node"]
    old = manifest({key: value for key, value in ORDERS.items() if key != "version"}, test)
    del old["metadata"]["project_name"]
    old["metadata"]["dbt_schema_version"] = "https://schemas.getdbt.com/dbt/manifest/v4.json"
    found = generated(tmp_path, old)
    assert [(entry.rule.id, entry.rule.table) for entry in found.rules] == [("orders_id_not_null", "orders")]
    assert (found.not_carried, found.packages) == ((), {})
