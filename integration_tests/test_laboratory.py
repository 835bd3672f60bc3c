"""A fault of each kind, in projects as people write them, is traced to where it is; `make faultlab` tries them all."""

from __future__ import annotations

from pathlib import Path

import pytest

from faultlab.judge import SURE, trial
from faultlab.written import WrittenBench, names, sample

pytestmark = pytest.mark.slow

UNSEEN = frozenset({"late_rows", "wrong_currency", "shifted_zones", "type_drift", "swapped_columns"})
"""Kinds that leave nothing odd behind in a table that totals are made of: which one it is, is a guess, told as one."""


@pytest.mark.parametrize("project", names())
def test_a_fault_of_each_kind_is_traced_and_nobody_is_accused_without_proof(project: str, tmp_path: Path) -> None:
    bench = WrittenBench(project, tmp_path / "lab")
    assert not bench.run([], with_state=True, decoys=2).findings  # no fault, none named
    told = {fault.kind: trial(bench, [fault], with_state=True, seed=1, decoys=2) for fault in sample()[project]}
    for kind, one in told.items():
        assert one.findings, (kind, "no test saw it")
        assert one.harmful is None, (kind, one.harmful)
        assert one.origin or one.confidence < SURE, (kind, one.said)
        assert (one.origin and one.kind) or kind in UNSEEN, (kind, one.said)
        assert one.clause is not False, (kind, one.said)
