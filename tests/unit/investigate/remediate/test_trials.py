"""Every fix gets the verdict that it deserves; and the user's file stays as it is, to the byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from aegis.investigate.remediate.trial import Trials
from tests.unit.investigate.remediate import shop
from tests.unit.investigate.remediate.faults import FAULTS, SEEDS, Fault, rows_of


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.rule)
def test_a_fix_gets_the_verdict_that_it_deserves(tmp_path: Path, fault: Fault, seed: int) -> None:
    rows = rows_of(seed)
    path = shop.make(tmp_path / "shop.duckdb", fault.breaks.format(**rows))
    before = shop.fingerprint(path)
    case = shop.case(path, fault.rule)
    with Trials(case) as trials:
        tried = [(sql, wanted, trials.try_sql(sql.format(**rows))) for wanted, sql in fault.of(seed)]
    wrong = [f"{trial.verdict} instead of {wanted} ({trial.why}): {sql}" for sql, wanted, trial in tried
             if trial.verdict != wanted]  # fmt: skip
    assert not wrong, "\n".join(wrong)
    assert all(trial.why for _, _, trial in tried if trial.verdict != "verified")
    assert all(trial.undo for _, _, trial in tried if trial.verdict in ("verified", "partial"))
    case.bench.budget.warehouse.close()
    assert shop.fingerprint(path) == before
    assert [one.name for one in tmp_path.iterdir()] == ["shop.duckdb"]
