from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from aegis.dbt.artifacts.read import compiled_sql, parse_time, read_artifacts, read_catalog, read_manifest
from aegis.errors import ArtifactError
from tests.unit.dbt.targets import ENGINES, metadata, model, node, recorded, result, write_target


def _error(target: Path) -> ArtifactError:
    with pytest.raises(ArtifactError) as caught:
        read_artifacts(target)
    return caught.value


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return write_target(
        tmp_path / "target", [model("a"), model("b", "model.shop.a")], [result("model.shop.a", "success")]
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_a_recorded_target_reads_without_a_notice(engine: str) -> None:
    artifacts = recorded(engine)
    assert artifacts.notices == ()
    assert artifacts.command == "build"
    assert artifacts.manifest.metadata.adapter_type == "duckdb"
    assert artifacts.is_dbt_2 is (engine == "dbt-2")
    assert artifacts.generated_at is not None


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    error = _error(tmp_path / "nowhere")
    assert error.where == str(tmp_path / "nowhere")
    assert error.exit_code == 3


def test_a_file_in_place_of_the_folder_says_which_folder_to_give(target: Path) -> None:
    assert str(target) in str(_error(target / "manifest.json").hint)


@pytest.mark.parametrize("name", ["manifest.json", "run_results.json"])
def test_a_missing_file_says_which_command_writes_it(target: Path, name: str) -> None:
    (target / name).unlink()
    error = _error(target)
    assert name in error.message
    assert "dbt build" in str(error.hint)


def test_a_project_folder_is_told_from_its_target(target: Path) -> None:
    assert "did you mean" in str(_error(target.parent).hint)


def test_a_folder_with_freshness_alone_is_enough(target: Path) -> None:
    (target / "run_results.json").unlink()
    (target / "sources.json").write_text(json.dumps({"metadata": metadata("sources", 3), "results": []}))
    assert any("only source freshness" in notice.what for notice in read_artifacts(target).doubts)


@pytest.mark.parametrize("share", [0.001, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_called_cut_off_wherever_it_was_cut(share: float, tmp_path: Path) -> None:
    target = write_target(tmp_path, [model("a", description="x" * 200)], [result("model.shop.a", "success")])
    data = (target / "manifest.json").read_bytes()
    (target / "manifest.json").write_bytes(data[: max(1, int(len(data) * share))])
    assert "cut off" in _error(target).message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"<html>502</html>", "not JSON"),
        (b'{"metadata": {}, "nodes": {}} trailing', "not JSON"),
        (b"\xff\xfe{\x00}\x00", "not UTF-8"),
        (b"[]", "array"),
        (b"null", "null"),
        (b'"text"', "string"),
        (b"{}", "no `nodes`"),
        (b'{"metadata": {}, "nodes": []}', "array"),
        (b'{"metadata": {}, "nodes": null}', "null"),
        (b'{"metadata": 4, "nodes": {}}', "not a dbt manifest"),
        (b'{"nodes": {}}', "not a dbt manifest"),
        (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
        (b'{"metadata": {}, "nodes": {"a": ' + b'{"x": ' * 50_000 + b"1" + b"}" * 50_002, "nested too deeply"),
        (b'{"metadata": {}, "nodes": {"a": {"unique_id": ' + b"9" * 5_000 + b"}}}", "digits"),
    ],
)
def test_what_is_no_manifest_is_told_apart(target: Path, content: bytes, said: str) -> None:
    (target / "manifest.json").write_bytes(content)
    error = _error(target)
    assert said in error.message
    assert error.where == str(target / "manifest.json")


def test_one_artifact_in_the_place_of_another_is_recognised(target: Path) -> None:
    (target / "manifest.json").write_bytes((target / "run_results.json").read_bytes())
    assert "run-results" in _error(target).message


def test_results_that_are_null_are_no_run_results(tmp_path: Path) -> None:
    error = _error(write_target(tmp_path, run_results={"results": None}))
    assert "`results` is a JSON null" in error.message


def test_a_version_from_the_future_warns_and_goes_on(tmp_path: Path) -> None:
    head = metadata(version=99)
    artifacts = read_artifacts(
        write_target(tmp_path, [model("a")], [result("model.shop.a", "success")], manifest={"metadata": head})
    )
    assert any("schema version 99" in notice.what for notice in artifacts.notices)


def test_halves_of_different_invocations_are_read_with_a_warning(tmp_path: Path) -> None:
    head = metadata("run-results", 6, invocation_id="i-2")
    target = write_target(tmp_path, [model("a")], [result("model.shop.a", "success")], run_results={"metadata": head})
    notices = read_artifacts(target).doubts
    assert ["i-1" in notice.what and "i-2" in notice.what for notice in notices] == [True]


def test_a_few_results_of_unknown_nodes_are_a_warning(tmp_path: Path) -> None:
    results = [result(f"model.shop.{name}", "success") for name in ("a", "b", "gone")]
    artifacts = read_artifacts(write_target(tmp_path, [model("a"), model("b")], results))
    assert any("model.shop.gone" in notice.what for notice in artifacts.doubts)


def test_halves_of_different_projects_are_refused(tmp_path: Path) -> None:
    results = [result(f"model.other.{name}", "success") for name in "xyz"]
    assert "different projects" in _error(write_target(tmp_path, [model("a")], results)).message


def test_a_run_without_results_is_told(tmp_path: Path) -> None:
    artifacts = read_artifacts(write_target(tmp_path, [model("a")]))
    assert any("holds no results" in notice.what for notice in artifacts.doubts)


def test_unknown_fields_are_ignored(tmp_path: Path) -> None:
    target = write_target(tmp_path, [model("a", novelty={"deep": [1]})], manifest={"novelties": {"x": 1}})
    assert read_artifacts(target).manifest.nodes["model.shop.a"].name == "a"


@pytest.mark.parametrize("name", ["manifest.json", "run_results.json"])
def test_a_byte_order_mark_does_no_harm(target: Path, name: str) -> None:
    file = target / name
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert read_artifacts(target).notices == ()


def test_what_python_writes_and_json_forbids_is_read(target: Path) -> None:
    text = (target / "run_results.json").read_text()
    (target / "run_results.json").write_text(
        text.replace("0.5", "NaN").replace('"success"', '"success", "message": "\\ud83d"')
    )
    read = read_artifacts(target).run_results.results[0]
    assert read.message == "?"


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("description", 5, None),
        ("tags", "nightly", None),
        ("tags", ["nightly", 7], ["nightly"]),
        ("meta", ["a"], None),
        ("columns", {"id": {"name": 1, "data_type": "int"}}, "int"),
        ("columns", [], None),
        ("depends_on", {"nodes": "model.shop.b"}, None),
        ("config", {"severity": 1, "where": "x > 1"}, "x > 1"),
    ],
)
def test_a_field_of_another_type_costs_that_field_alone(tmp_path: Path, field: str, value: Any, kept: Any) -> None:
    target = write_target(tmp_path, [model("a", **{field: value}), model("b")], [result("model.shop.a", "success")])
    artifacts = read_artifacts(target)
    found: Any = getattr(artifacts.manifest.nodes["model.shop.a"], field)
    if field == "columns" and kept:
        found = found["id"].data_type
    elif field == "config":
        found = found.where
    elif field == "depends_on":
        found = found.nodes
    assert found == kept
    assert artifacts.manifest.nodes["model.shop.b"].name == "b"
    assert any("unexpected type" in notice.what and field in notice.what for notice in artifacts.notices)


def test_a_result_without_a_usable_id_is_left_out_and_told(tmp_path: Path) -> None:
    target = write_target(
        tmp_path, [model("a")], [result("model.shop.a", "success"), {"unique_id": 7}, {"status": "pass"}]
    )
    artifacts = read_artifacts(target)
    assert [item.unique_id for item in artifacts.run_results.results] == ["model.shop.a"]
    assert any("results[1]" in notice.what for notice in artifacts.notices)


def test_numbers_that_are_spelt_otherwise_are_numbers(tmp_path: Path) -> None:
    results = [result("model.shop.a", "success", failures="6"), result("model.shop.a", "success", failures=4.0)]
    read = read_artifacts(write_target(tmp_path, [model("a")], results)).run_results.results
    assert [item.failures for item in read] == [6, 4]


@pytest.mark.parametrize("content", ["{", '{"metadata": {}}', "[]"])
def test_a_broken_optional_file_is_left_out_with_a_notice(target: Path, content: str) -> None:
    (target / "sources.json").write_text(content)
    (target / "catalog.json").write_text(content)
    artifacts = read_artifacts(target)
    catalog, notices = read_catalog(target)
    assert artifacts.sources is None
    assert catalog is None
    assert "sources.json was left out" in artifacts.notices[0].what
    assert "catalog.json was left out" in notices[0].what


def test_freshness_of_another_day_is_told(tmp_path: Path) -> None:
    runs = {"metadata": metadata("run-results", 6, generated_at="2026-11-20T00:00:00Z")}
    target = write_target(tmp_path, [model("a")], [result("model.shop.a", "success")], run_results=runs)
    old = {"metadata": metadata("sources", 3, generated_at="2026-11-01T00:00:00Z"), "results": []}
    (target / "sources.json").write_text(json.dumps(old))
    assert any("2026-11-01" in notice.what for notice in read_artifacts(target).notices)


def test_a_manifest_can_be_given_as_file_or_folder(target: Path) -> None:
    assert read_manifest(target)[0] == read_manifest(target / "manifest.json")[0]


def test_a_catalog_has_the_types_of_columns(target: Path) -> None:
    table = {"unique_id": "model.shop.a", "columns": {"id": {"name": "id", "type": "INTEGER", "index": 1}}}
    document = {"metadata": metadata("catalog", 1), "nodes": {"model.shop.a": table}, "sources": {}}
    (target / "catalog.json").write_text(json.dumps(document))
    catalog, _ = read_catalog(target)
    assert catalog is not None
    assert (catalog.nodes["model.shop.a"].columns or {})["id"].type == "INTEGER"


def _from_results(target: Path) -> None:
    write_target(target, [model("a")], [result("model.shop.a", "success", compiled_code="select 1")])


def _from_manifest(target: Path) -> None:
    write_target(target, [model("a", compiled_sql="select 1")], [result("model.shop.a", "success")])


def _from_file(target: Path) -> None:
    write_target(
        target, [model("a", compiled_path="/elsewhere/target/compiled/a.sql")], [result("model.shop.a", "success")]
    )
    (target / "compiled").mkdir()
    (target / "compiled" / "a.sql").write_text("select 1")


def _from_the_usual_file(target: Path) -> None:
    """As ``dbt test`` leaves it: the manifest has neither SQL nor path."""
    write_target(target, [model("a", original_file_path="models\\a.sql")], [result("model.shop.a", "success")])
    (target / "compiled" / "shop" / "models").mkdir(parents=True)
    (target / "compiled" / "shop" / "models" / "a.sql").write_text("select 1")


@pytest.mark.parametrize("place", [_from_results, _from_manifest, _from_file, _from_the_usual_file])
def test_compiled_sql_is_found_in_each_of_its_places(tmp_path: Path, place: Callable[[Path], None]) -> None:
    place(tmp_path)
    assert compiled_sql(read_artifacts(tmp_path), "model.shop.a") == "select 1"


@pytest.mark.parametrize("path", ["compiled/../../secret.sql", "/etc/passwd", "compiled", "", "compiled/link.sql"])
def test_a_compiled_path_never_leads_out_of_the_target_folder(tmp_path: Path, path: str) -> None:
    (tmp_path / "secret.sql").write_text("secret")
    target = write_target(tmp_path / "target", [model("a", compiled_path=path)], [result("model.shop.a", "success")])
    (target / "compiled").mkdir()
    (target / "compiled" / "link.sql").symlink_to(tmp_path / "secret.sql")
    assert compiled_sql(read_artifacts(target), "model.shop.a") is None


def test_an_operation_in_the_results_is_known(tmp_path: Path) -> None:
    hook = "operation.shop.shop-on-run-end-0"
    assert read_artifacts(write_target(tmp_path, [node(hook)], [result(hook, "success")])).notices == ()


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-20T17:07:12.534421255Z", datetime(2026, 11, 20, 17, 7, 12, 534421, UTC)),
        ("2026-11-20T18:07:12+01:00", datetime(2026, 11, 20, 17, 7, 12, 0, UTC)),
        ("2026-11-20T17:07:12", datetime(2026, 11, 20, 17, 7, 12, 0, UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("yesterday", None),
        (None, None),
    ],
)
def test_time_stamps_are_utc_or_nothing(text: str | None, moment: datetime | None) -> None:
    assert parse_time(text) == moment
