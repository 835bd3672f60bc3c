"""Fixes of files: a change taken back, a file that a model wrote; tried on today's data without a build."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from aegis.domain.report import Finding
from aegis.llm import LlmConfig
from aegis.llm.script import Request
from tests.unit.app.shops import FAILING, ROWS, Shop

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
    assert proposal.trial.before == {"the failing rule": FAILING, "t0": FAILING, "rows": ROWS}
    assert proposal.trial.after == {"the failing rule": 0, "t0": 0, "rows": ROWS - FAILING}


def test_a_change_that_makes_no_difference_to_the_fault_is_not_taken_back(tmp_path: Path) -> None:
    finding = found(tmp_path, "where id >= 0")
    assert finding.rca is not None and finding.rca.kind != "code_changed"
    assert all(proposal.kind != "model_fix" for proposal in finding.proposals)


LOGIC = "case when id < 40 then null else 1 end as code"


def written(request: Request, new: str, kind: str = "model_fix") -> Mapping[str, Any]:
    """A model that writes a file anew."""
    if request.asks_for == "Diagnosis":
        return {"diagnosis": "It is the code.", "cites": []}
    fix = {"kind": kind, "sql": new, "what": "Gives every row a code.", "caveat": ""}
    return {"explanation": "The code leaves rows without one.", "proposals": [fix]}


@pytest.mark.parametrize(
    ("new", "verdict"),
    [
        ("select *, 1 as code\nfrom {{ source('raw', 'orders_0') }}", "verified"),
        ("select *, case when id < 20 then null else 1 end as code\nfrom {{ source('raw', 'orders_0') }}", "partial"),
        ("select *, case when id < 40 then null else 2 end as code\nfrom {{ source('raw', 'orders_0') }}", "useless"),
        ("select *, nullif(1, 1) as code\nfrom {{ source('raw', 'orders_0') }}", "harmful"),
        ("select *, 1 as code\nfrom {{ run_query('drop table raw.orders_0') }}", "refused"),
        ("delete from {{ source('raw', 'orders_0') }}", "refused"),
        ("select *, 1 as code\nfrom {{ ref() }}", "refused"),
        ("select *, 1 as code from information_schema.tables", "refused"),
        # A rule is easily kept by rows that are not there, and by columns that nobody asks for.
        ("select *, 1 as code\nfrom {{ source('raw', 'orders_0') }} where 1 = 0", "harmful"),
        ("select *, 1 as code\nfrom {{ source('raw', 'orders_0') }} where id >= 40", "partial"),
        ("select id, 1 as code\nfrom {{ source('raw', 'orders_0') }}", "harmful"),
        ("select *, 1 as code from read_csv('/etc/passwd')", "refused"),
    ],
)
def test_a_file_that_a_model_writes_is_tried_without_rendering_it(tmp_path: Path, new: str, verdict: str) -> None:
    shop = Shop(tmp_path, column="code", made=LOGIC)
    untouched = hashlib.sha256(shop.database.read_bytes()).digest()
    asked: list[Request] = []

    def model(request: Request) -> Mapping[str, Any]:
        asked.append(request)
        return written(request, new)

    [finding] = shop.analyzed(LlmConfig(provider="scripted", script=model)).findings
    assert finding.rca is not None and finding.rca.kind == "logic"
    assert "from {{ source('raw', 'orders_0') }}" in json.loads(asked[-1].prompt[7:-8])["file"]["text"]
    [proposal] = [*finding.proposals, *finding.rejected]
    assert (proposal.kind, proposal.trial.verdict) == ("model_fix", verdict)
    assert (verdict in ("verified", "partial")) == bool(finding.proposals)
    assert hashlib.sha256(shop.database.read_bytes()).digest() == untouched
