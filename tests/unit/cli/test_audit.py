"""What the commands of the audit trail print."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from aegis.audit import AuditTrail
from aegis.cli.audit import COMMANDS
from aegis.cli.main import app
from aegis.domain.kinds import OriginKind
from aegis.domain.report import Cause, Finding, Report, Step, Usage
from aegis.domain.results import Result, Status
from aegis.domain.severity import Severity
from aegis.errors import AegisError, AuditError, UsageError
from tests.unit.audit.old_history import write_history
from tests.unit.audit.support import MOMENT, a_decision, a_query, a_report, a_result

GOLDEN = Path(__file__).parents[2] / "golden" / "audit"
ESCAPE = "\x1b[2J"
FINE = '{"diagnosis": "Rows came late.", "cites": ["E1"]}'
READING = [name for name, _, _ in COMMANDS if name not in ("prune", "verify", "import", "merge")]


@pytest.fixture
def trail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AuditTrail]:
    path = tmp_path / "history.db"
    monkeypatch.setenv("AEGIS_AUDIT_DB", str(path))
    with AuditTrail.open(path) as opened:
        yield opened


def said(*words: str) -> str:
    """What the command prints; an error leaves as it is."""
    done = CliRunner().invoke(app, ["audit", *words])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


def golden(name: str, printed: str) -> None:
    assert printed == (GOLDEN / f"{name}.txt").read_text("utf-8")


def rule(name: str, status: Status, rows: int = 0, severity: Severity = Severity.HIGH) -> Result:
    return a_result(name, status=status, rows_failed=rows, table="orders", severity=severity)


def a_run(number: int, *results: Result, **fields: Any) -> Report:
    moment = MOMENT + timedelta(days=number)
    report = a_report(f"r_{number}", results, started_at=moment, finished_at=moment)
    return report.model_copy(update={"usage": Usage(), **fields})


def raised(result: Result) -> Finding:
    return Finding(
        id="F1", rule_id=result.rule_id, result=result, severity=Severity.HIGH, effective_severity=Severity.CRITICAL
    )


@pytest.fixture
def two_runs(trail: AuditTrail) -> AuditTrail:
    before = (
        rule("orders_id_unique", Status.PASS),
        rule("orders_status_accepted_values", Status.FAIL, 40),
        rule("orders_total_not_null", Status.FAIL, 3),
        rule("orders_date_range", Status.PASS),
        rule("orders_note_length", Status.WARN, 1, Severity.LOW),
        rule("orders_region_not_null", Status.PASS),
    )
    worse = rule("orders_status_accepted_values", Status.FAIL, 1055)
    after = (
        rule("orders_id_unique", Status.FAIL, 12),
        worse,
        rule("orders_total_not_null", Status.PASS),
        rule("orders_date_range", Status.ERROR),
        rule(f"orders_{ESCAPE}_new", Status.WARN, 2, Severity.LOW),
        rule("orders_region_not_null", Status.PASS),
    )
    late = Cause(
        id="C1", title="raw_orders is late", severity=Severity.CRITICAL, finding_ids=("F1",),
        origin="source.shop.raw_orders", kind=OriginKind.STALE,
    )  # fmt: skip
    trail.finish_run(a_run(1, *before, causes=(late.model_copy(update={"title": "A join", "kind": OriginKind.JOIN}),)))
    usage = Usage(calls=2, input_tokens=1_900, output_tokens=130, cost_usd=0.0312)
    trail.finish_run(a_run(2, *after, findings=(raised(worse),), causes=(late,), usage=usage))
    return trail


def test_compare_prints_the_worst_first(two_runs: AuditTrail) -> None:
    golden("compare", said("compare", "r_1", "r_2"))
    assert said("compare") == said("compare", "previous", "latest") == said("compare", "r_1", "r_2")


def test_compare_says_when_there_is_nothing_to_compare(two_runs: AuditTrail) -> None:
    assert "this is one run, and not two" in said("compare", "r_2", "latest")
    two_runs.finish_run(a_report("r_3", (), dbt_invocation_id="dbt-r_2", project="bakery"))
    assert "of different projects or targets" in said("compare", "r_2", "r_3")
    two_runs.finish_run(a_report("r_4", (), dbt_invocation_id="dbt-r_2"))
    assert "both looked at the same dbt build" in said("compare", "r_2", "r_4")


def test_flapping_prints_a_strip_for_each_rule(trail: AuditTrail) -> None:
    signs = {"p": Status.PASS, "f": Status.FAIL, "w": Status.WARN, "e": Status.ERROR, "s": Status.SKIPPED}
    strips = {"orders_id_unique": "pfpfpf", "orders_total_not_null": "ppfewp", "orders_region": "pppppf"}
    for number in range(6):
        given = {name: strip[number] for name, strip in strips.items()}
        rules = [rule(name, signs[sign]) for name, sign in given.items()]
        rules += [rule("orders_new", signs["psfwps"[number]])] if number > 1 else []
        trail.finish_run(a_run(number, *rules))
    golden("flapping", said("flapping"))
    assert "no rule flipped 9 times" in said("flapping", "--least", "9")
    assert said("flapping", "--project", "bakery").startswith("bakery/dev: the last 0 builds")


@pytest.fixture
def asked(two_runs: AuditTrail) -> AuditTrail:
    """Calls of a model in the second run."""
    priced = {"provider": "anthropic", "model": "claude-haiku", "system_prompt": "You explain.", "latency_ms": 1204.5}
    two_runs.record_decision(
        a_decision(
            "r_2",
            **priced,
            rule_id="orders_status_accepted_values",
            prompt=f"<data>\n{ESCAPE}\n</data>",
            response=FINE,
            input_tokens=1_000,
            output_tokens=100,
            cost_usd=0.03,
        )
    )
    two_runs.record_decision(
        a_decision(
            "r_2",
            **priced,
            node="remediate",
            rule_id="orders_status_accepted_values",
            prompt="What now?",
            response="No idea.",
            error="the answer does not have the form",
            input_tokens=900,
            output_tokens=30,
            cost_usd=0.0012,
        )
    )
    two_runs.record_decision(
        a_decision("r_2", model="llama", provider="ollama", rule_id="x", response=FINE, input_tokens=5, output_tokens=5)
    )
    two_runs.record_decision(
        a_decision("r_2", **priced, node="remediate", response=None, error="HTTP 500", prompt="And now?")
    )
    two_runs.record_decision(a_decision("r_2", **priced, prompt="Why?", response=FINE, cached=True, cost_usd=0.0))
    return two_runs


def test_cost_says_what_is_unknown_and_of_how_many_calls(asked: AuditTrail) -> None:
    golden("cost", said("cost", "--by", "provider"))
    told = json.loads(said("cost", "--by", "provider", "--json"))
    assert [row["cost_usd"] for row in told["rows"]] == [0.0312, None] and told["total"]["unpriced"] == 1


def test_replay_prints_every_call_in_full(asked: AuditTrail) -> None:
    golden("replay", re.sub(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d", "(now)", said("replay", "r_2")))
    one = said("replay", "r_2", "--node", "remediate", "--rule", "orders_status_accepted_values")
    assert "1 of 1" in one and "What now?" in one and "Why?" not in one
    whole = json.loads(said("replay", "r_2", "--json"))
    assert whole[0]["decision"]["prompt"] == f"<data>\n{ESCAPE}\n</data>"
    assert said("replay", "r_2", "--rule", "none").strip() == "no call of a language model fits"


def test_replay_writes_a_script_and_says_so(asked: AuditTrail, tmp_path: Path) -> None:
    file = tmp_path / "script.json"
    assert said("replay", "r_2", "--as-script", str(file)) == f"5 answers of 5 calls written to {file}\n"
    with pytest.raises(UsageError, match="was left alone"):
        said("replay", "r_2", "--as-script", str(file))
    assert len(json.loads(file.read_text("utf-8"))["replies"]) == 6


def test_export_says_how_many_were_written_and_why_others_were_not(asked: AuditTrail, tmp_path: Path) -> None:
    file = tmp_path / "set.jsonl"
    assert said("export-dataset", str(file)) == (
        f"2 conversations written to {file}\n"
        "  2 left out: without a usable answer\n"
        "  1 left out: answered from the cache (--cached takes them)\n"
    )
    told = json.loads(said("export-dataset", str(file), "--force", "--node", "remediate", "--json"))
    assert (told["written"], told["left_out"]) == (0, {"of another node": 3, "without a usable answer": 2})


def test_a_trajectory_has_the_calls_under_the_steps_that_asked_them(trail: AuditTrail) -> None:
    bad = rule("orders_id_unique", Status.FAIL, 12)
    steps = (
        Step(node="plan", started=0.0, seconds=0.001, queries=1),
        Step(node="diagnose", table="orders", started=0.01, seconds=1.5, queries=1),
        Step(node="remediate", started=1.6, seconds=2.0),
    )
    trail.finish_run(a_run(1, bad, findings=(raised(bad),), trajectory=steps))
    trail.record_query(a_query("r_1"), a_query("r_1", purpose="how many\nrows"))
    figures = {"provider": "anthropic", "rule_id": "orders_id_unique", "latency_ms": 1204.5, "input_tokens": 1_000}
    trail.record_decision(a_decision("r_1", **figures, output_tokens=100, cost_usd=0.03))
    trail.record_decision(a_decision("r_1", **figures, node="remediate", error="HTTP 500", response=None))
    golden("trajectory", said("trajectory", "r_1", "--sql"))
    told = json.loads(said("trajectory", "r_1", "--json"))
    assert [(one["step"], one["node"]) for one in told["decisions"]] == [(1, "diagnose"), (2, "remediate")]
    assert (len(told["steps"]), len(told["queries"])) == (3, 2)


def test_what_a_model_was_asked_and_what_it_said_are_found(asked: AuditTrail) -> None:
    assert "No idea." in said("search", "no idea")
    assert "What now?" in said("search", "what now")


@pytest.mark.parametrize("name", [*READING, "import", "merge"])
def test_every_command_has_help_with_an_example(name: str) -> None:
    told = said(name, "--help")
    assert f"Example: aegis audit {name}" in told and "--audit-db" in told


@pytest.mark.parametrize("words", [[name] for name in READING if name not in ("search", "export-dataset")])
def test_a_trail_that_is_not_there_is_told(words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AEGIS_AUDIT_DB", str(tmp_path / "none.db"))
    with pytest.raises(AuditError, match="there is no audit trail yet"):
        said(*words)
    assert not (tmp_path / "none.db").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["list-runs"], "no runs yet"),
        (["cost"], "no language model was used"),
        (["cost", "--since", "30d"], "no language model was used since 20"),
        (["search", "anything"], "nothing found"),
        (["compare"], "no run has finished yet"),
        (["flapping"], "no run has finished yet"),
        (["replay"], "no run has finished yet"),
        (["trajectory"], "no run has finished yet"),
    ],
)
def test_an_empty_trail_is_no_puzzle(trail: AuditTrail, words: list[str], told: str) -> None:
    try:
        printed = said(*words)
    except AegisError as error:
        printed = str(error)
        assert error.hint
    assert told in printed


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["cost", "--by", "runs"], "did you mean run?"),
        (["cost", "--since", "yesterday"], "--since cannot be 'yesterday'"),
        (["cost", "--since", "999999w"], "--since cannot be '999999w'"),
        (["export-dataset", "x", "--format", "alpaca"], "--format cannot be 'alpaca'"),
        (["export-dataset", "x", "--verdict", "verifed"], "did you mean verified?"),
        (["export-dataset", "x", "--until", "2026-13-01"], "--until cannot be"),
    ],
)
def test_what_cannot_be_meant_is_told(trail: AuditTrail, words: list[str], told: str) -> None:
    with pytest.raises(UsageError) as raised_:
        said(*words)
    assert told in str(raised_.value)


def test_a_day_is_whole_in_until(asked: AuditTrail, tmp_path: Path) -> None:
    today = f"{asked.decisions('r_2')[0].recorded_at:%Y-%m-%d}"
    file = str(tmp_path / "set.jsonl")
    assert said("export-dataset", file, "--since", today, "--until", today).startswith("2 conversations")
    assert said("export-dataset", file, "--until", f"{today}T00:00", "--force").startswith("0 conversations")


def test_an_import_says_what_came_in_and_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_history(tmp_path / "old.db", runs=1)
    monkeypatch.setenv("AEGIS_AUDIT_DB", str(tmp_path / "new.db"))
    assert said("import", str(tmp_path / "old.db")).startswith("imported 1 run and 2 decisions into ")
    assert "1 run was there already" in said("import", str(tmp_path / "old.db"))
    assert "orders_order_id_present" in said("search", "null order_id", "--run", "run-0")
    with pytest.raises(AuditError, match="not the history of aegis-dq: it is an audit trail"):
        said("import", str(tmp_path / "new.db"))
