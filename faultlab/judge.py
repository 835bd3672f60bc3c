"""What Aegis said of one trial, held against what was done: node, kind, clause, and the fixes that got a tick."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from aegis.domain.kinds import EvidenceKind, OriginKind, ProposalKind, Verdict
from aegis.domain.report import Cause, Finding, Report
from faultlab.score import guesses
from faultlab.written import WrittenBench, WrittenFault

SURE = 0.8
"""From this confidence on, blaming code for data, or data for code, is harmful advice."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One trial of a written project.

    Attributes:
        project: Its name.
        kinds: The kinds of its faults; none, one or two.
        code: Whether the (first) fault is one of code.
        said: What the first cause says: node, kind, confidence, in words for a person who looks after it.
        origin: Whether the first cause names the node of a fault.
        kind: Whether it says data of data and code of code.
        clause: Whether it names the clause, of a fault of code whose node is right; else None.
        unknown: Whether the first cause claims nothing.
        confidence: That of the first cause.
        harmful: Why a piece of advice harms, in words; None if none does.
        folded: Whether the findings of one fault are one cause; None of none or two.
        apart: Whether no cause holds findings of both faults; None unless there are two.
        baselines: Whether simpler guesses name the node.
        queries: How many were asked.
        seconds: How long it took, with the build.
    """

    project: str
    kinds: tuple[str, ...]
    code: bool
    findings: int
    said: str
    origin: bool
    kind: bool
    clause: bool | None
    unknown: bool
    confidence: float
    harmful: str | None
    folded: bool | None
    apart: bool | None
    baselines: dict[str, bool]
    queries: int
    seconds: float


def trial(bench: WrittenBench, faults: Sequence[WrittenFault], *, with_state: bool, seed: int, decoys: int) -> Judged:
    """Break the project, ask, and judge."""
    began = time.monotonic()
    alone = [_findings(bench, one, with_state, seed) for one in faults] if len(faults) > 1 else []
    report = bench.run(faults, with_state=with_state, seed=seed, decoys=decoys)
    seen = [fault for fault, found in zip(faults, alone, strict=True) if found] if alone else list(faults)
    truth = [bench.uid(one.node) for one in seen]
    first = report.causes[0] if report.causes else None
    origin = first is not None and first.origin in truth
    blamed = next((one for one in seen if first is not None and bench.uid(one.node) == first.origin), None)
    suspect = blamed or (seen[0] if seen else None)
    named = first is not None and suspect is not None and says_code(first) is suspect.is_code
    guessed = guesses(report, bench.lineage)
    return Judged(
        project=bench.name,
        kinds=tuple(one.kind for one in seen),
        code=suspect.is_code if suspect is not None else False,
        findings=len(report.findings),
        said="" if first is None else f"{first.origin} {first.kind_text} {first.confidence}",
        origin=origin,
        kind=named,
        clause=_names_clause(bench, first, blamed, report) if first and blamed and blamed.is_code else None,
        unknown=first is not None and first.kind is OriginKind.UNKNOWN,
        confidence=first.confidence or 0.0 if first is not None else 0.0,
        harmful=_harm(bench, report, first, suspect, named=named),
        folded=len(report.causes) == 1 if len(seen) == 1 and report.causes else None,
        apart=_apart(report, alone) if len(seen) == 2 else None,
        baselines={name: any(one in truth for one in nodes[:1]) for name, nodes in guessed.items() if name != "aegis"},
        queries=report.queries,
        seconds=time.monotonic() - began,
    )


def says_code(cause: Cause) -> bool | None:
    """Whether the cause blames code; None where it blames nothing."""
    if cause.kind is None or cause.kind is OriginKind.UNKNOWN:
        return None
    if cause.kind is OriginKind.LOST_ROWS:
        return not (cause.origin or "").startswith(("source.", "seed."))
    return cause.kind.of_code


def _findings(bench: WrittenBench, fault: WrittenFault, with_state: bool, seed: int) -> frozenset[str]:
    return frozenset(one.rule_id for one in bench.run([fault], with_state=with_state, seed=seed).findings)


def _apart(report: Report, alone: Sequence[frozenset[str]]) -> bool:
    """Findings that both faults give by themselves belong to either."""
    one, other = alone[0] - alone[1], alone[1] - alone[0]
    rules = {finding.id: finding.rule_id for finding in report.findings}
    held = [{rules[name] for name in cause.finding_ids} for cause in report.causes]
    return not any(own & one and own & other for own in held)


def _names_clause(bench: WrittenBench, cause: Cause, fault: WrittenFault, report: Report) -> bool:
    """Whether a word of the clause, or one of its lines, stands in what the cause says of the code, or in what changed
    of it."""
    own = [one for one in report.findings if one.id in cause.finding_ids]
    texts = [cause.kind_text or ""]
    texts += [fact.text for one in own for fact in one.evidence if fact.kind is EvidenceKind.CHANGE]
    said = " ".join(texts).lower()
    lines = {int(line) for told in _LINES.findall(said) for line in re.findall(r"\d+", told)}
    return any(word.lower() in said for word in fault.clause) or bool(lines & bench.lines_of(fault))


_LINES = re.compile(r"\(lines? ([\d, and]+)\)")


def _harm(
    bench: WrittenBench, report: Report, first: Cause | None, fault: WrittenFault | None, *, named: bool
) -> str | None:
    sure = first is not None and (first.confidence or 0.0) >= SURE and says_code(first) is not None
    if first is not None and fault is not None and sure and not named:
        innocent = "data" if fault.is_code else "code"
        return f"{innocent} is not at fault, and {first.origin} is blamed: {first.kind_text}"
    for finding in report.findings:
        for proposal in finding.proposals:
            if proposal.trial.verdict is Verdict.VERIFIED and proposal.kind is ProposalKind.DATA_FIX:
                lost = _good_rows_lost(bench, finding, proposal.sql, proposal.table or "")
                if lost:
                    return f"the fix of {proposal.table} loses {lost} good rows: {proposal.sql[:200]}"
    return None


def _good_rows_lost(bench: WrittenBench, finding: Finding, sql: str, table: str) -> int:
    """How many rows that are as in health, before a fix, are not there any more after it."""
    node = finding.rca.origin if finding.rca is not None else finding.result.node
    found = bench.manifest.find(node or "")
    if found is None:
        return 0
    name = f'"{found.schema_}"."{found.identifier or found.alias or found.name}"'
    with duckdb.connect() as connection:
        connection.execute(f"attach '{bench.healthy}' as healthy (read_only)")
        connection.execute(f"attach '{bench.database}' as broken (read_only)")
        connection.execute("attach ':memory:' as lab")
        connection.execute("use lab")
        connection.execute(f'create schema if not exists lab."{found.schema_}"')
        # The fix may read other tables: all of that schema stand beside it.
        for schema, other in connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'broken'"
        ).fetchall():
            connection.execute(f'create schema if not exists lab."{schema}"')
            connection.execute(f'create table lab."{schema}"."{other}" as from broken."{schema}"."{other}"')
        connection.execute(
            f"create temp table good as (select * from healthy.{name} intersect all select * from broken.{name})"
        )
        connection.execute(sql)
        query = f"select count(*) from (select * from good except all select * from lab.{name})"
        row = connection.execute(query).fetchone()
    return int(row[0]) if row is not None else 0
