from __future__ import annotations

import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from aegis.audit import AuditTrail
from aegis.domain.report import Report
from aegis.domain.results import Status
from aegis.errors import AuditError
from tests.unit.audit.support import MOMENT, a_decision, a_query, a_report, a_result, a_start

TEXT = st.text(max_size=60)
CELLS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2),
    max_leaves=4,
)
COUNTS = st.none() | st.integers(min_value=-(2**63), max_value=2**63 - 1)
RESULTS = st.builds(
    a_result,
    TEXT,
    status=st.sampled_from(Status),
    message=st.none() | TEXT,
    column=st.none() | TEXT,
    rows_failed=COUNTS,
    seconds=st.none() | st.floats(allow_nan=False, allow_infinity=False).map(lambda value: value + 0.0),
    failing_keys=st.lists(CELLS, max_size=3).map(tuple),
    tags=st.lists(TEXT, max_size=2).map(tuple),
)


class Trail(RuleBasedStateMachine):
    """Whatever is done through the interface, in whatever order: it verifies, and what was stored comes back."""

    runs = Bundle("runs")

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="aegis-audit-"))
        self.trail = AuditTrail.open(self.folder / "history.db")
        self.reports: dict[str, Report] = {}
        self.started: set[str] = set()
        self.day = 0

    def teardown(self) -> None:
        if hasattr(self, "trail"):
            self.trail.close()
            shutil.rmtree(self.folder)

    @rule(target=runs, text=TEXT)
    def start(self, text: str) -> object:
        self.day += 1
        run_id = f"r_{self.day}_{text}"
        self.trail.start_run(a_start(run_id, started_at=MOMENT + timedelta(days=self.day), rules_file=text))
        self.started.add(run_id)
        return run_id

    @rule(run_id=runs, results=st.lists(RESULTS, max_size=4))
    def finish(self, run_id: str, results: list[object]) -> None:
        moment = MOMENT + timedelta(days=self.day)
        report = a_report(run_id, tuple(results), started_at=moment, finished_at=moment)  # type: ignore[arg-type]
        if run_id in self.reports:
            try:
                self.trail.finish_run(report)
            except AuditError:
                return
            raise AssertionError("finished twice")
        self.trail.finish_run(report)
        self.reports[run_id] = report
        self.started.add(run_id)

    @rule(run_id=runs, text=TEXT, cost=st.none() | st.floats())
    def decide(self, run_id: str, text: str, cost: float | None) -> None:
        if run_id in self.started:
            self.trail.record_decision(a_decision(run_id, prompt=text, response=text, cost_usd=cost))

    @rule(run_id=runs, text=TEXT, rows=COUNTS)
    def query(self, run_id: str, text: str, rows: int | None) -> None:
        if run_id in self.started:
            self.trail.record_query(a_query(run_id, sql=text, rows=rows), a_query(run_id))

    @rule(keep=st.sampled_from((0, 0, 1, 3)))
    def prune(self, keep: int) -> None:
        self.trail.prune(timedelta(days=keep), moment=MOMENT + timedelta(days=self.day + 2))
        kept = {run.run_id for run in self.trail.list_runs(limit=1000)}
        self.reports = {run_id: report for run_id, report in self.reports.items() if run_id in kept}
        self.started &= kept

    @rule()
    def reopen(self) -> None:
        head = self.trail.head()
        self.trail.close()
        self.trail = AuditTrail.open(self.folder / "history.db", create=False)
        assert self.trail.verify(head).ok

    @invariant()
    def holds(self) -> None:
        if not hasattr(self, "trail"):
            return
        verification = self.trail.verify()
        assert verification.ok, verification.broken
        assert {run.run_id for run in self.trail.list_runs(limit=1000)} == self.started
        for run_id, report in self.reports.items():
            assert self.trail.show(run_id) == report


Trail.TestCase.settings = settings(max_examples=25, stateful_step_count=15, deadline=None)
TestTrail = Trail.TestCase
TestTrail.__name__ = "TestATrailVerifiesAfterAnySequenceOfOperations"
