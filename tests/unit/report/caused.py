"""A report with causes, as every renderer is shown it."""

from __future__ import annotations

from aegis.domain.kinds import EvidenceKind, OriginKind, ProposalKind, Verdict
from aegis.domain.proposals import Build, Effect, Proposal, Trial
from aegis.domain.report import Cause, Evidence, Hop, Quoted, Report, Usage
from aegis.domain.severity import Severity

MODEL = "anthropic/claude-haiku-4-5"


def caused(base: Report) -> Report:
    """Two causes with evidence, a way, fixes that were tried and a model's words, and one without a fix."""
    path = tuple(
        Hop(node=f"model.shop.{table}", table=table, column="customer_id", rows_failed=rows, asked="the same fault")
        for table, rows in (("raw.orders", 1230), ("stg_orders", 1230), ("fct_orders", None))
    )
    seen = "1,204 of 1,230 failing rows (98%) have source = 'mobile'; 11% of all rows do"
    evidence = (
        Evidence(
            id="F1.E1",
            kind=EvidenceKind.SEGMENTS,
            text=seen,
            query="select 1",
            values=(Quoted(column="s", value="mobile"),),
        ),
        Evidence(
            id="F1.E2",
            kind=EvidenceKind.ONSET,
            text="since '2026-11-20 02:00:00' by ordered_at: none before",
            query="select 2",
        ),
        Evidence(
            id="F1.E3",
            kind=EvidenceKind.NEIGHBOURS,
            text="raw.orders, above it, fails too",
            artifact="run_results.json",
        ),
        Evidence(
            id="F1.E4",
            kind=EvidenceKind.PROOF,
            text="without the 1,230 failing rows of raw.orders, orders has 0 failing rows instead of 1,230",
            query="select 4",
        ),
    )
    moved = 'create table "raw"."orders_before_fix" as select * from "raw"."orders" where "customer_id" is null;'
    below = (
        Effect(node="model.shop.stg", table="stg_orders", rows_before=18000, rows_after=16770),
        Effect(
            node="model.shop.f", table="fct_orders", rows_before=90, rows_after=90, sums={"amount": (1e6, 987654.5)}
        ),
        Effect(node="model.shop.c", table="customers", rows_before=90, rows_after=90),
        Effect(node="model.shop.d", table="daily", why="no query gives all rows there"),
    )
    quarantine = Proposal(
        sql='delete from "raw"."orders" where "customer_id" is null', kind=ProposalKind.DATA_FIX, table="raw.orders",
        confidence=0.3, caveat="Move the rows aside first.",
        trial=Trial(
            verdict=Verdict.VERIFIED, rows_changed=1230, before={"rule": 1230}, after={"rule": 0}, undo=moved,
            below=below,
        ),
    )  # fmt: skip
    harmful = quarantine.model_copy(
        update={"sql": 'delete from "raw"."orders"', "trial": Trial(verdict=Verdict.REFUSED, why="it has no WHERE")}
    )
    diff = "--- a/models/p.sql\n+++ b/models/p.sql\n@@ -1 +1 @@\n-select amount\n+select amount / 100\n"
    back = Proposal(
        sql=diff,
        kind=ProposalKind.MODEL_FIX,
        table="stg_payments",
        confidence=0.8,
        trial=Trial(
            verdict=Verdict.VERIFIED, build=Build(nodes=("stg_payments", "totals"), tests=7, fixed=("amount",))
        ),
    )
    first, second, third, *rest = base.findings
    findings = (
        first.model_copy(update={
            "evidence": evidence, "cause_id": "C1", "proposals": (quarantine,), "rejected": (harmful,),
            "diagnosis": "Orders from the phone lack their customer since two in the morning.",
            "diagnosis_by": MODEL, "cites": ("F1.E1",),
        }),
        second.model_copy(update={"cause_id": "C1"}),
        third.model_copy(update={"cause_id": "C2", "proposals": (back,)}),
        rest[0].model_copy(update={"cause_id": "C3", "no_proposal": "its code is at fault"}),
        *rest[1:],
    )  # fmt: skip
    told = (
        Cause(
            id="C1", title="raw.orders arrived with NULL in customer_id", severity=Severity.CRITICAL, path=path,
            finding_ids=("F1", "F2"), origin="source.shop.raw.orders", table="raw.orders",
            kind=OriginKind.BAD_SOURCE_DATA,
            kind_text="bad data in the source", confidence=0.95,
            explanation="The phone sends orders without a customer since 02:00.", explanation_by=MODEL,
        ),
        Cause(
            id="C2", title="stg_payments: amount out of range", severity=Severity.HIGH, finding_ids=("F3",),
            origin="model.shop.stg_payments", table="stg_payments", kind=OriginKind.CODE_CHANGED,
            kind_text="its code changed: how amount is made (line 12)",
            confidence=0.65, unchecked=("nodes further up",),
        ),
        Cause(
            id="C3", title="dim_customers: duplicate id", severity=Severity.MEDIUM, finding_ids=("F4",),
            origin="model.shop.dim_customers", table="dim_customers", kind=OriginKind.JOIN,
            kind_text="introduced by a join: stg_orders has several rows for one id",
            confidence=0.95,
        ),
    )  # fmt: skip
    usage = Usage(calls=3, input_tokens=4_210, output_tokens=312, cost_usd=0.00577)
    return base.model_copy(
        update={
            "findings": findings, "causes": told, "queries": 41, "usage": usage,
            "run": base.run.model_copy(update={"llm": MODEL, "depth": "causes"}),
            "summary": base.summary.model_copy(update={"causes": len(told)}),
            "results": base.results[:8],
        }
    )  # fmt: skip
