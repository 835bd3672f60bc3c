"""Whatever stands in the files, the answer is a report that can be printed or an error that says what is wrong."""

from __future__ import annotations

import copy
import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from aegis.dbt.artifacts.read import read_artifacts, read_catalog
from aegis.dbt.results.findings import Classifier, find, summarize
from aegis.dbt.results.read import ExtraFacts, read_results
from aegis.domain.results import Result, Status
from aegis.domain.severity import Severity
from aegis.errors import ArtifactError
from tests.unit.dbt.targets import RECORDED, SUITE, recorded_rows

NAMES = ("manifest.json", "run_results.json", "sources.json")
DOCUMENTS = {
    engine: {name: json.loads((RECORDED / engine / name).read_text(encoding="utf-8")) for name in NAMES}
    for engine in ("dbt-1.12", "dbt-2")
}

# Text with surrogates, control characters and colours; numbers beyond what a float holds.
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec=None), max_size=20)
    | st.sampled_from(
        ["error", "fail", "\x1b[31m", "model.corner.stg_orders", SUITE, "test.a.b", "2026-13-01", "9" * 400]
    )
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def _examine(files: dict[str, bytes], rows: Any = None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder)
        for name, data in files.items():
            (target / name).write_bytes(data)
        try:
            artifacts = read_artifacts(target)
        except ArtifactError as error:
            assert error.message
            str(error).encode()
            return
        read_catalog(target)
    known = ExtraFacts(stored={SUITE: rows}) if rows is not None else None
    outcome = read_results(artifacts, known)
    classifier = Classifier.of(artifacts.manifest)
    findings = find(outcome.results, classifier)
    summarize(outcome.results, findings, Severity.HIGH)
    for part in (*outcome.results, *findings, *outcome.notices, *artifacts.notices):
        json.loads(part.model_dump_json())
    for result in outcome.results:
        _is_plausible(result)


def _is_plausible(result: Result) -> None:
    assert result.rule_id
    assert result.seconds is None or 0 <= result.seconds < float("inf")
    assert result.rows_failed is None or result.rows_failed >= 0
    if result.status in (Status.ERROR, Status.SKIPPED, Status.FAIL):
        assert result.message is not None or result.kind == "rule"


def _places(document: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value of a document."""
    items = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    return [path, *(place for key, value in items for place in _places(value, (*path, key)))]


PLACES = {(engine, name): _places(DOCUMENTS[engine][name])[1:] for engine in DOCUMENTS for name in NAMES}


def _changed(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    """A copy with one value replaced, copying only what lies on the way."""
    if not path:
        return value
    shallow = copy.copy(document)
    shallow[path[0]] = _changed(document[path[0]], path[1:], value)
    return shallow


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_a_value_of_any_other_shape_anywhere_is_lived_with_or_refused(data: st.DataObject) -> None:
    engine = data.draw(st.sampled_from(sorted(DOCUMENTS)))
    documents = dict(DOCUMENTS[engine])
    for _ in range(data.draw(st.integers(1, 3))):
        name = data.draw(st.sampled_from(NAMES))
        places = [place for place in PLACES[engine, name] if _exists(documents[name], place)]
        documents[name] = _changed(documents[name], data.draw(st.sampled_from(places)), data.draw(JSON))
    _examine({name: json.dumps(document).encode("utf-8", "surrogatepass") for name, document in documents.items()})


def _exists(document: Any, path: tuple[Any, ...]) -> bool:
    for key in path:
        inside = (
            key in document
            if isinstance(document, dict)
            else isinstance(document, list) and key in range(len(document))
        )
        if not inside:
            return False
        document = document[key]
    return True


@settings(max_examples=100, deadline=None)
@given(data=st.data(), engine=st.sampled_from(sorted(DOCUMENTS)), name=st.sampled_from(NAMES))
def test_a_file_that_ends_anywhere_is_refused_or_left_out(data: st.DataObject, engine: str, name: str) -> None:
    files = {name: json.dumps(document).encode() for name, document in DOCUMENTS[engine].items()}
    files[name] = files[name][: data.draw(st.integers(0, len(files[name]) - 1))]
    _examine(files)


@settings(max_examples=100, deadline=None)
@given(manifest=JSON, run_results=JSON, sources=JSON, catalog=JSON)
def test_any_json_at_all_is_refused_or_left_out(manifest: Any, run_results: Any, sources: Any, catalog: Any) -> None:
    documents = {
        "manifest.json": manifest,
        "run_results.json": run_results,
        "sources.json": sources,
        "catalog.json": catalog,
    }
    _examine({name: json.dumps(document).encode("utf-8", "surrogatepass") for name, document in documents.items()})


@settings(max_examples=100, deadline=None)
@given(content=st.binary(max_size=60), name=st.sampled_from(NAMES))
def test_any_bytes_at_all_are_refused_or_left_out(content: bytes, name: str) -> None:
    files = {name: json.dumps(document).encode() for name, document in DOCUMENTS["dbt-1.12"].items()}
    _examine({**files, name: content})


ROWS = recorded_rows("dbt-1.12")[SUITE]


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_stored_rows_of_any_shape_give_one_result_per_rule(data: st.DataObject) -> None:
    rows = copy.deepcopy(ROWS)
    for _ in range(data.draw(st.integers(1, 4))):
        row = data.draw(st.sampled_from(rows))
        column = data.draw(st.sampled_from(sorted(row)))
        row[column] = data.draw(JSON | st.decimals() | st.dates() | st.binary(max_size=5))
    artifacts = read_artifacts(RECORDED / "dbt-1.12")
    results = read_results(artifacts, ExtraFacts(stored={SUITE: rows})).results
    assert len([result for result in results if result.kind == "rule"]) == len(ROWS)
    for result in results:
        result.model_dump_json()
        _is_plausible(result)


def test_a_text_of_a_hundred_megabytes_does_no_harm() -> None:
    documents = copy.deepcopy(DOCUMENTS["dbt-1.12"])
    for result in documents["run_results.json"]["results"]:
        if result["status"] == "error":
            result["message"] = "x" * 50_000_000
    _examine({name: json.dumps(document).encode() for name, document in documents.items()})
