"""A change of code that does harm is proposed to be taken back, and tried on today's data without a build."""

from __future__ import annotations

import hashlib
from pathlib import Path

from aegis.domain.report import Finding
from tests.unit.app.shops import FAILING, Shop

FILTER = 'where "customer_id" is not null'


def found(folder: Path, before: str) -> Finding:
    """The finding of a project whose view had another condition on rows before."""
    shop = Shop(folder)
    state = shop.write_artifacts("state", before)
    untouched = hashlib.sha256(shop.database.read_bytes()).digest()
    [finding] = shop.analyzed(state=state).findings
    assert hashlib.sha256(shop.database.read_bytes()).digest() == untouched
    return finding


def test_the_file_as_it_was_is_proposed_and_its_rows_pass_the_rule(tmp_path: Path) -> None:
    finding = found(tmp_path, FILTER)
    assert finding.rca is not None and finding.rca.kind == "code_changed"
    [proposal] = finding.proposals
    assert (proposal.kind, proposal.table, proposal.trial.verdict) == ("model_fix", "stg_orders_0", "verified")
    assert proposal.sql.splitlines()[:2] == ["--- a/models/stg_orders_0.sql", "+++ b/models/stg_orders_0.sql"]
    assert f"+{FILTER}" in proposal.sql.splitlines()
    assert proposal.trial.before == {"the failing rule": FAILING, "t0": FAILING}
    assert proposal.trial.after == {"the failing rule": 0, "t0": 0}


def test_a_change_that_makes_no_difference_to_the_fault_is_not_taken_back(tmp_path: Path) -> None:
    finding = found(tmp_path, "where id >= 0")
    assert finding.rca is not None and finding.rca.kind != "code_changed"
    assert all(proposal.kind != "model_fix" for proposal in finding.proposals)
