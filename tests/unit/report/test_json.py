"""The JSON report: canonical, valid against its schema, and read back as it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aegis.domain.report import SCHEMA_VERSION, Finding, Report, Sample
from aegis.domain.results import Result
from aegis.errors import ArtifactError
from aegis.report.json import load_report, render, schema

NAMES = ["empty", "all_pass", "usual", "not_run", "thousand"]


def strict(text: str) -> Any:
    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    return json.loads(text, parse_constant=refuse)


@pytest.mark.parametrize("name", NAMES)
def test_a_report_is_read_back_as_it_was(reports: dict[str, Report], name: str) -> None:
    text = render(reports[name])
    assert load_report(text) == reports[name]
    assert render(load_report(text.encode())) == text


@pytest.mark.parametrize("name", [*NAMES, "hostile"])
def test_a_report_fits_its_schema(reports: dict[str, Report], name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(strict(render(reports[name])), schema(), cls=jsonschema.Draft202012Validator)


def test_the_schema_refuses_what_is_no_report(reports: dict[str, Report]) -> None:
    data = strict(render(reports["usual"]))
    data["summary"]["passed"] = "many"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, schema(), cls=jsonschema.Draft202012Validator)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_there_is_never_a_nan_or_an_infinity(
    number: float,
    result_of: Callable[..., Result],
    finding_of: Callable[..., Finding],
    report_of: Callable[..., Report],
) -> None:
    result = result_of("r", failing_keys=(number, [number, {"a": number}]), seconds=number)
    sample = Sample(columns=("a",), rows=((number,),), query="select 1")
    report = report_of([result], [finding_of(1, result, sample=sample)])
    text = render(report.model_copy(update={"timings": {"read": number}}))
    strict(text)
    assert render(load_report(text)) == text


def test_printed_json_is_harmless(reports: dict[str, Report]) -> None:
    text = render(reports["hostile"])
    assert all(char.isprintable() for char in text.replace("\n", ""))
    assert "##[" not in text
    text.encode()
    load_report(text)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(keys=st.lists(values, max_size=4), message=st.text())
def test_any_value_survives(
    result_of: Callable[..., Result], report_of: Callable[..., Report], keys: list[Any], message: str
) -> None:
    text = render(report_of([result_of("r", failing_keys=tuple(keys), message=message)]))
    strict(text)
    back = load_report(text)
    assert render(back) == text
    assert back.results[0].message == message.encode("utf-8", "replace").decode() or "\ufffd" in text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "an empty file"),
        ("  \n", "an empty file"),
        ("{", "not JSON (line 1)"),
        ("[" * 100_000, "not JSON"),
        ("9" * 5_000, "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        ("[]", "not an Aegis report"),
        ("{}", "not an Aegis report"),
        ('{"schema_version": "2.0", "run": {}}', "schema version 2.0"),
        ('{"schema_version": "0.9", "run": {}}', "schema version 0.9"),
        ('{"schema_version": 1, "run": {}}', "not a version"),
        ('{"schema_version": "1.0", "run": {}}', "does not fit its schema"),
    ],
)
def test_what_is_no_report_is_refused_with_a_reason(text: str | bytes, words: str) -> None:
    with pytest.raises(ArtifactError, match=words.replace("(", r"\(").replace(")", r"\)")) as caught:
        load_report(text, where="report.json")
    assert caught.value.where == "report.json"


def test_an_artifact_of_dbt_is_named_as_one() -> None:
    text = '{"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json"}}'
    with pytest.raises(ArtifactError) as caught:
        load_report(text)
    assert "dbt" in str(caught.value.hint)


def newer(reports: dict[str, Report], version: str) -> str:
    data = strict(render(reports["usual"]))
    data |= {"schema_version": version, "later": 1}
    data["results"][0]["later"] = {"a": 1}
    data["findings"][0]["result"]["later"] = []
    return json.dumps(data)


def test_a_newer_minor_version_is_read_without_its_new_fields(reports: dict[str, Report]) -> None:
    major, minor = SCHEMA_VERSION.split(".")
    version = f"{major}.{int(minor) + 1}"
    expected = reports["usual"].model_copy(update={"schema_version": version})
    assert load_report(newer(reports, version)) == expected


def test_an_unknown_field_in_this_version_is_an_error(reports: dict[str, Report]) -> None:
    with pytest.raises(ArtifactError, match="later"):
        load_report(newer(reports, SCHEMA_VERSION))


def test_the_file_may_begin_with_a_byte_order_mark(reports: dict[str, Report], tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text(render(reports["usual"]), encoding="utf-8-sig")
    assert load_report(path.read_bytes()) == reports["usual"]
