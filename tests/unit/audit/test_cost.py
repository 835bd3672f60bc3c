"""What language models cost."""

from __future__ import annotations

import sqlite3
import tempfile
from datetime import UTC, datetime, timedelta
from math import fsum
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from aegis.audit import AuditTrail, DecisionRecord
from aegis.audit.cost import KEYS
from aegis.errors import AuditError
from aegis.llm import Call, total
from tests.unit.audit.support import a_decision, a_start, tamper

TOKENS = st.none() | st.integers(0, 10**9)
CALLS = st.builds(
    Call,
    node=st.sampled_from(["diagnose", "remediate"]),
    provider=st.sampled_from(["anthropic", "openai"]),
    model=st.sampled_from(["small", "large", ""]),
    system_prompt=st.just("s"),
    prompt=st.just("p"),
    response=st.just("r"),
    input_tokens=TOKENS,
    output_tokens=TOKENS,
    cost_usd=st.none() | st.floats(0, 1_000),
    cached=st.booleans(),
)


def decide(trail: AuditTrail, run_id: str, *calls: Call) -> None:
    trail.ensure_run(a_start(run_id))
    for call in calls:
        trail.record_decision(DecisionRecord(run_id=run_id, **call.model_dump()))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["r_1", "r_2", "r_3"]), CALLS), max_size=15), st.sampled_from(sorted(KEYS)))
def test_figures_are_the_sums_of_the_decisions_to_the_token(calls: list[tuple[str, Call]], by: str) -> None:
    with tempfile.TemporaryDirectory() as folder, AuditTrail.open(Path(folder) / "history.db") as trail:
        for run_id, call in calls:
            decide(trail, run_id, call)
        costs, runs = trail.costs(by), trail.costs("run")
    asked = [call for _, call in calls if not call.cached]
    for figure, naive in (
        ("calls", len(asked)),
        ("cached", len(calls) - len(asked)),
        ("input_tokens", sum(call.input_tokens or 0 for call in asked)),
        ("output_tokens", sum(call.output_tokens or 0 for call in asked)),
    ):
        assert sum(getattr(row, figure) for row in costs.rows) == getattr(costs.total, figure) == naive
    priced = [call.cost_usd for call in asked if (call.input_tokens, call.output_tokens) != (None, None)]
    assert costs.total.known_usd == fsum(price for price in priced if price is not None)
    assert costs.total.unpriced == priced.count(None) and (costs.total.cost_usd is None) == (None in priced)
    # A run costs what its report says: both sum up the same calls.
    for row in runs.rows:
        usage = total(tuple(call for run_id, call in calls if run_id == row.key))
        assert (row.calls, row.input_tokens, row.output_tokens, row.cost_usd) == (
            usage.calls, usage.input_tokens, usage.output_tokens, usage.cost_usd,
        )  # fmt: skip


def call(**fields: Any) -> dict[str, Any]:
    return {"input_tokens": 10, "output_tokens": 2, "cost_usd": 0.5, **fields}


@pytest.fixture
def spent(trail: AuditTrail) -> AuditTrail:
    trail.start_run(a_start("r_1"))
    trail.start_run(a_start("r_2"))
    trail.record_decision(a_decision("r_1", **call(provider="anthropic")))
    trail.record_decision(a_decision("r_1", **call(model="local", provider="ollama", cost_usd=None)))
    trail.record_decision(a_decision("r_2", **call(node="remediate", provider="anthropic")))
    trail.record_decision(a_decision("r_2", **call(node="remediate", provider="anthropic", cached=True)))
    failed = {"input_tokens": None, "output_tokens": None, "cost_usd": None, "response": None, "error": "HTTP 500"}
    trail.record_decision(a_decision("r_2", **call(provider="anthropic", **failed)))
    return trail


def test_what_is_unknown_is_unknown_and_counted(spent: AuditTrail) -> None:
    newest, oldest = spent.costs("run").rows
    assert (oldest.key, oldest.cost_usd, oldest.known_usd, oldest.unpriced) == ("r_1", None, 0.5, 1)
    assert (newest.key, newest.cost_usd, newest.unpriced, newest.silent, newest.cached) == ("r_2", 0.5, 0, 1, 1)


@pytest.mark.parametrize(
    ("by", "keys"),
    [
        ("run", ["r_2", "r_1"]),
        ("node", ["diagnose", "remediate"]),
        ("model", ["some-model", "local"]),
        ("provider", ["anthropic", "ollama"]),
    ],
)
def test_runs_come_newest_first_and_the_others_dearest_first(spent: AuditTrail, by: str, keys: list[str]) -> None:
    assert [row.key for row in spent.costs(by).rows] == keys


def test_since_leaves_out_what_was_asked_before(spent: AuditTrail, path: Path) -> None:
    old = (datetime.now(UTC) - timedelta(days=40)).isoformat(timespec="microseconds")
    tamper(path, f"UPDATE decisions SET recorded_at = '{old}' WHERE run_id = 'r_1'")
    recent = spent.costs("day", datetime.now(UTC) - timedelta(days=30))
    assert (len(recent.rows), recent.total.calls) == (1, 2)
    assert [row.key for row in spent.costs("day").rows] == [recent.rows[0].key, old[:10]]


def test_a_trail_without_calls_costs_nothing(trail: AuditTrail) -> None:
    costs = trail.costs("model")
    assert (costs.rows, costs.total.calls, costs.total.cost_usd) == ((), 0, 0.0)


def test_a_figure_that_is_none_is_told(spent: AuditTrail, path: Path) -> None:
    tamper(path, "UPDATE decisions SET input_tokens = 'many' WHERE run_id = 'r_2'")
    with pytest.raises(AuditError, match="r_2 cannot be read"):
        spent.costs()


def test_decisions_come_back_whole_in_the_order_of_the_chain(spent: AuditTrail, path: Path) -> None:
    with sqlite3.connect(path) as connection:
        seqs = [seq for (seq,) in connection.execute("SELECT seq FROM decisions WHERE run_id = 'r_2' ORDER BY seq")]
    found = spent.decisions("r_2")
    assert [one.seq for one in found] == seqs
    assert DecisionRecord(**found[0].model_dump(exclude={"seq", "recorded_at"})) == a_decision(
        "r_2", **call(node="remediate", provider="anthropic")
    )
    assert spent.deciding_runs() == ("r_1", "r_2")
