"""The graph of an investigation: the same steps with and without a model, in order, and nothing leaves the machine."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from aegis.investigate.remedies import MOST_TRIED, by_table
from aegis.llm import LlmConfig
from aegis.llm.script import Request
from tests.unit.app.shops import Shop

PER_TABLE = ("execute", "classify", "diagnose", "rca")


def test_the_same_steps_are_taken_with_and_without_a_model(tmp_path: Path) -> None:
    shop = Shop(tmp_path, tables=3)
    alone = shop.analyzed()

    def answers(request: object) -> str:
        return "this is no JSON"

    told = shop.analyzed(LlmConfig(provider="scripted", script=answers))
    for report in (alone, told):
        nodes = Counter(step.node for step in report.trajectory)
        assert nodes == {"plan": 1, "reconcile": 1, "remediate": 1, "report": 1} | dict.fromkeys(PER_TABLE, 3)
        for table in ("stg_orders_0", "stg_orders_1", "stg_orders_2"):
            assert [step.node for step in report.trajectory if step.table == table] == list(PER_TABLE)
        assert sum(step.queries for step in report.trajectory) == report.queries > 0


def test_findings_stay_in_their_order_and_each_has_its_cause(tmp_path: Path) -> None:
    report = Shop(tmp_path, tables=4).analyzed()
    assert [finding.id for finding in report.findings] == ["F1", "F2", "F3", "F4"]
    causes = {cause.id: cause for cause in report.causes}
    for finding in report.findings:
        assert finding.cause_id is not None and finding.id in causes[finding.cause_id].finding_ids


def test_no_more_is_asked_than_is_allowed_and_what_was_left_out_is_said(tmp_path: Path) -> None:
    report = Shop(tmp_path, tables=4).analyzed(max_queries=6)
    assert report.queries == 6
    assert len(report.findings) == 4
    assert any("6 queries were run" in notice.what for notice in report.errors)


def test_however_much_there_is_to_trace_some_queries_are_left_for_fixes(tmp_path: Path) -> None:
    report = Shop(tmp_path, tables=8).analyzed(max_queries=32)
    asked = {step.node: step.queries for step in report.trajectory}
    assert asked["remediate"] > 0
    assert report.queries <= 32
    assert report.findings[0].proposals or report.findings[0].rejected or report.findings[0].no_proposal


def test_a_table_that_is_larger_than_allowed_is_not_copied(tmp_path: Path) -> None:
    sql = 'update "shop"."raw"."orders_0" set "customer_id" = id where "customer_id" is null'

    def model(request: Request) -> Mapping[str, object]:
        if request.asks_for == "Diagnosis":
            return {"diagnosis": "They lack it.", "cites": []}
        fix = {"kind": "data_fix", "sql": sql, "what": "Takes the id.", "caveat": ""}
        return {"explanation": "They lack it.", "proposals": [fix]}

    shop, config = Shop(tmp_path), LlmConfig(provider="scripted", script=model)
    verdicts = []
    for most in (10, 1_000):
        [finding] = shop.analyzed(config, max_rows=most).findings
        [proposal] = [*finding.proposals, *finding.rejected]
        verdicts.append(proposal.trial.verdict)
    assert verdicts[0] == "not tried" != verdicts[1]


def test_without_proposals_nothing_is_tried(tmp_path: Path) -> None:
    report = Shop(tmp_path).analyzed(propose=False)
    assert all(not finding.proposals and not finding.rejected for finding in report.findings)


@pytest.fixture
def elsewhere() -> Iterator[tuple[str, list[str]]]:
    """A server that must hear nothing."""
    heard: list[str] = []

    class Listening(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(self.path)
            self.send_response(202)
            self.end_headers()

        do_GET = do_PATCH = do_POST

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Listening)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", heard
    server.shutdown()
    thread.join()
    server.server_close()


def test_langgraph_traces_nothing_whatever_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, elsewhere: tuple[str, list[str]]
) -> None:
    address, heard = elsewhere
    for prefix in ("LANGSMITH", "LANGCHAIN"):
        for name, value in {"TRACING": "true", "TRACING_V2": "true", "ENDPOINT": address, "API_KEY": "lsv2_x"}.items():
            monkeypatch.setenv(f"{prefix}_{name}", value)
    assert Shop(tmp_path).analyzed(LlmConfig(provider="scripted", script=lambda _request: "no JSON")).findings
    assert heard == []


def test_without_a_model_langgraph_is_not_imported(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from tests.unit.app.shops import Shop; "
        "assert Shop(Path(sys.argv[1])).analyzed().causes; print('langgraph' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=False,
                          env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})  # fmt: skip
    assert done.stdout.strip() == "False", done.stderr


def test_fixes_are_tried_for_the_worst_causes_and_the_others_say_so(tmp_path: Path) -> None:
    report = Shop(tmp_path, tables=MOST_TRIED + 2).analyzed()
    without = [finding.no_proposal for finding in report.findings[MOST_TRIED:]]
    assert without == [f"fixes are tried for the {MOST_TRIED} worst causes"] * 2
    assert all(finding.no_proposal != without[0] for finding in report.findings[:MOST_TRIED])


@pytest.mark.parametrize("frozen", [False, True])
def test_the_garbage_collector_is_left_as_it_was(tmp_path: Path, frozen: bool) -> None:
    shop = Shop(tmp_path)
    shop.analyzed()  # what is imported once is imported
    if frozen:
        gc.freeze()
    try:
        before = gc.get_freeze_count()
        assert shop.analyzed().findings
        assert (gc.get_freeze_count() > 0) == (before > 0) == frozen
        assert gc.isenabled()
    finally:
        gc.unfreeze()


def test_fixes_of_one_table_follow_one_another_and_that_of_the_worst_cause_comes_first() -> None:
    assert by_table(["z", "a", "z", "b", "a"]) == [0, 2, 1, 4, 3]
    assert by_table([]) == []
