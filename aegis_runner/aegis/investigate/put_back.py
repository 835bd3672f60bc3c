"""Where code that changed is at fault: the file as it was, tried by asking the rules of the rows that its SQL of before
makes of today's data. Nothing is built for that: the SQL of before stands where the table's name would."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from difflib import unified_diff

from pydantic import JsonValue

from aegis.dbt.nodes import file_path, table_name
from aegis.dbt.state import Change
from aegis.domain.report import Finding, Proposal, Trial
from aegis.investigate.inquiry import Inquiry
from aegis.investigate.meter import Spent
from aegis.investigate.remediate import Bench, carried
from aegis.investigate.remediate.trial import Verdict
from aegis.investigate.symptoms import Symptom

FAILING = "the failing rule"


def put_back(lead: Finding, symptom: Symptom | None, inquiry: Inquiry, bench: Bench) -> list[Proposal]:
    """The proposal to take a change back, if the finding comes of one whose file is known as it was."""
    rca = lead.rca
    change = (inquiry.changes or {}).get(rca.origin) if rca is not None and rca.kind == "code_changed" else None
    node = inquiry.manifest.find(change.node) if change is not None else None
    if change is None or node is None or change.file_before is None or node.sql is None:
        return []
    path = file_path(node) or f"models/{node.name}.sql"
    diff = _diff(node.sql, change.file_before, path)
    if not diff:
        return []
    caveats = ["What the change was for is lost with it: take back what does the harm, if that is a part."]
    if node.config is not None and node.config.materialized == "incremental":
        caveats.append("The model is incremental: rows that are there already come right with --full-refresh.")
    try:
        trial = _tried(lead, symptom, change, inquiry, bench)
    except Spent as spent:
        trial = Trial(verdict="not tried", why=str(spent))
    name = table_name(node) or change.node
    return [Proposal(sql=diff, kind="model_fix", table=name, confidence=0.8, caveat=" ".join(caveats), trial=trial)]


def _diff(now: str, before: str, path: str) -> str:
    lines = unified_diff(_lines(now), _lines(before), fromfile=f"a/{path}", tofile=f"b/{path}", n=2)
    return "".join(lines)


def _lines(text: str) -> list[str]:
    return [line + "\n" for line in text.rstrip().splitlines()]


def _tried(lead: Finding, symptom: Symptom | None, change: Change, inquiry: Inquiry, bench: Bench) -> Trial:
    if change.before is None:
        return Trial(verdict="not tried", why="its SQL of before is not one query that only reads")
    earlier = inquiry.probes.earlier(change.node, change.before)
    own = dict(bench.rules.get(change.node, {}))
    failing = carried(symptom, lead, change.node) if symptom is not None else None
    if failing is not None:
        own = {FAILING: failing, **own}
    pointing = {
        rule: one
        for rules in bench.rules.values()
        for rule, one in rules.items()
        if one.reference is not None and one.reference.node == change.node and one.node != change.node
    }
    if symptom is not None and symptom.reference is not None and symptom.reference.node == change.node:
        pointing[FAILING] = symptom
    before = _counts({**own, **pointing}, inquiry)
    after = _counts(
        {
            **{rule: replace(one, node=earlier) for rule, one in own.items()},
            **{rule: _pointing_at(one, earlier) for rule, one in pointing.items()},
        },
        inquiry,
    )
    return _verdict(before, after)


def _pointing_at(symptom: Symptom, node: str) -> Symptom:
    assert symptom.reference is not None
    return replace(symptom, reference=replace(symptom.reference, node=node))


def _counts(asked: Mapping[str, Symptom], inquiry: Inquiry) -> dict[str, int | None]:
    counts = inquiry.probes.ask([replace(one, count=None) for one in asked.values()])
    return {rule: count.failed for rule, count in zip(asked, counts, strict=True)}


def _verdict(before: Mapping[str, int | None], after: Mapping[str, int | None]) -> Trial:
    verdict, why = _judged(before, after)
    counts: list[dict[str, JsonValue]] = [dict(before), dict(after)]
    return Trial(verdict=verdict, before=counts[0], after=counts[1], why=why)


def _judged(before: Mapping[str, int | None], after: Mapping[str, int | None]) -> tuple[Verdict, str | None]:
    failed, fails = before.get(FAILING), after.get(FAILING)
    worse = [rule for rule, was in before.items() if was is not None and _more(after[rule], was)]
    if worse:
        return "harmful", f"{worse[0]} gets worse"
    if failed is None or fails is None:
        return "not tried", "the failing rule cannot be asked of the table whose code changed"
    if fails >= failed:
        return "useless", f"the rule fails for {fails:,} rows all the same"
    if fails:
        return "partial", f"the rule fails for {fails:,} rows instead of {failed:,}"
    return "verified", None


def _more(now: int | None, was: int) -> bool:
    """Whether a rule fails for more rows, or can no longer be asked."""
    return now is None or now > was
