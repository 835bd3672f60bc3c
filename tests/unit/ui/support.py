"""A trail with everything that the pages show, and a server of its pages on a free port."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import httpx

from aegis.audit import AuditTrail
from aegis.domain.results import Status
from aegis.domain.severity import Severity
from aegis.ui.serve import listening, server
from tests.unit.audit.support import MOMENT, a_decision, a_report, a_result, a_start
from tests.unit.report.conftest import causes

EVIL = "<script>alert('x')</script>\"'&\x1b[31m\u202e"
EVIL_RULE = "rule/<b>&?#%2F "
FLAPS = "orders_amount_between"
RUNS = 6


def a_trail(path: Path) -> Path:
    """Runs of two projects, one with causes, one that did not finish, one of hostile texts; a rule that flaps."""
    with AuditTrail.open(path) as trail:
        for number in range(RUNS):
            moment = MOMENT + timedelta(hours=number)
            status = Status.FAIL if number % 2 else Status.PASS
            results = (a_result(), a_result(FLAPS, status=status, rows_failed=3 * (number % 2), rows_checked=100))
            trail.finish_run(a_report(f"r_{number}", results, started_at=moment, finished_at=moment))
        whole = causes()
        run = whole.run.model_copy(
            update={"run_id": "r_causes", "started_at": MOMENT + timedelta(days=1), "project": "flights"}
        )
        trail.finish_run(whole.model_copy(update={"run": run}))
        evil = a_result(
            EVIL_RULE, status=Status.FAIL, rows_failed=1, message=EVIL, description=EVIL, owner=EVIL, table=EVIL,
            column=EVIL, runbook="javascript:alert(1)", severity=Severity.CRITICAL, failing_keys=(EVIL,),
        )  # fmt: skip
        trail.finish_run(a_report("r_evil", (evil,), project=EVIL.replace("\x1b", ""), target="<i>"))
        trail.start_run(a_start("r_dead", project="shop", target="dev"))
        for number in range(2):
            trail.record_decision(a_decision("r_5", rule_id=FLAPS, provider="anthropic", input_tokens=1_000 + number,
                                             output_tokens=50, cost_usd=0.25, latency_ms=1_500.0))  # fmt: skip
        trail.record_decision(a_decision("r_5", prompt=f"first\n  second\n{EVIL}", system_prompt=EVIL, response=EVIL,
                                         node=EVIL, model=EVIL, error=EVIL))  # fmt: skip
    return path


@contextmanager
def served(trail: Path) -> Iterator[httpx.Client]:
    """A client of the pages of a trail."""
    with listening(0) as listener:
        port = listener.getsockname()[1]
        running = server(trail, port)
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False) as client:
                yield client
        finally:
            running.should_exit = True
            thread.join(10)
