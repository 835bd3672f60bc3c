"""One cause as terminal lines: what is wrong where it began, what failing rows share, the way down, the findings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from aegis.domain.kinds import EvidenceKind, OriginKind, ProposalKind
from aegis.domain.report import Cause, Evidence, Finding, Hop
from aegis.domain.results import Status
from aegis.domain.severity import Level
from aegis.domain.text import count, plural
from aegis.report.ansi import Paint
from aegis.report.blocks import INDENT, finding_lines, labelled, softness, title_line
from aegis.report.layout import Depth
from aegis.report.text import one_line, wrap
from aegis.report.words import breaks, hinted_tables, how_many, proposed, tried, usual_causes, why
from aegis.rules.lookup import rows_on_the_way

#: Findings named before only their number is given.
NAMED = 4
#: Facts of one kind that are told.
FACTS = 2
#: An origin of less confidence is told with it.
SURE = 0.8


def cause_lines(
    cause: Cause, findings: Sequence[Finding], depth: Depth, width: int, paint: Paint, *, verbose: bool
) -> list[str]:
    """A cause at a depth; ``findings`` are those it explains, worst first."""
    lead = findings[0]
    lines = [_headline(cause, findings, width, paint)]
    if depth is Depth.LINE:
        return lines
    for label, text in _facts(cause, findings, verbose=verbose):
        if text:
            lines += labelled(label, wrap(one_line(text), width - INDENT, most=None if verbose else 3), paint)
    if depth is Depth.FULL:
        lines += finding_lines(lead, depth, width, paint, verbose=verbose, under_cause=True)
    return lines


def _headline(cause: Cause, findings: Sequence[Finding], width: int, paint: Paint) -> str:
    """The title; how many rows at the right edge. Of warnings it warns, of drafts it is one."""
    lead = findings[0].result
    mark = "●" if any(finding.result.status is Status.FAIL for finding in findings) else "▲"
    draft = all(finding.result.level is Level.NONE for finding in findings)
    words = one_line(cause.title) + softness(Level.NONE if draft else lead.level)
    return title_line(mark, cause.severity, words, how_many(lead) or "", lead, width, paint)


FACT_KINDS = {"seen": EvidenceKind.SEGMENTS, "values": EvidenceKind.SHAPE, "since": EvidenceKind.ONSET}


def _facts(cause: Cause, findings: Sequence[Finding], *, verbose: bool) -> Iterable[tuple[str, str]]:
    yield "why", cause.explanation or why(findings[0])
    yield "origin", origin(cause)
    for label, kind in FACT_KINDS.items():
        for item in told(findings, kind)[: FACTS if kind is EvidenceKind.SEGMENTS else 1]:
            yield label, item.text.removeprefix("since ") if kind is EvidenceKind.ONSET else item.text
    yield "usually", usual_causes(findings)
    yield "upstream", hinted_tables(findings)
    yield "path", path(cause.path)
    if verbose:
        yield from (("proof", item.text) for item in told(findings, EvidenceKind.PROOF))
    if len(findings) > 1:
        names = [finding.rule_id for finding in findings[:NAMED]]
        more = [f"+{count(len(findings) - NAMED)}"] if len(findings) > NAMED else []
        yield "findings", f"{len(findings)}: {', '.join([*names, *more])}"
    widest = max(
        (finding.blast_radius for finding in findings), key=lambda radius: len(radius.models) + len(radius.exposures)
    )
    yield "breaks", breaks(widest)
    # What the owner wrote stands before what is guessed.
    yield "runbook", next((finding.result.runbook for finding in findings if finding.result.runbook), "")
    yield "fix", fix(findings)


def origin(cause: Cause) -> str:
    """Of what kind the origin is, where the title leaves that open, and how sure it is, where it is not."""
    doubt = cause.confidence is not None and cause.confidence < SURE
    if not cause.kind_text or (cause.kind is OriginKind.BAD_SOURCE_DATA and not doubt):
        return ""
    sure = f"  (confidence {100 * (cause.confidence or 0):.0f}%)" if doubt else ""
    return f"{cause.table or cause.origin}: {cause.kind_text}{sure}"


def told(findings: Sequence[Finding], kind: EvidenceKind) -> list[Evidence]:
    """Evidence of a kind, the first of each finding before any second, each text once."""
    ranked = sorted(
        ((place, number, item) for number, finding in enumerate(findings)
         for place, item in enumerate(item for item in finding.evidence if item.kind is kind)),
        key=lambda entry: entry[:2],
    )  # fmt: skip
    return list({item.text: item for _, _, item in ranked}.values())


def path(hops: Sequence[Hop]) -> str:
    """``raw.orders 1,230 ─► stg_orders 1,230``: the way from the origin down."""
    if len(hops) < 2:
        return ""
    return " ─► ".join(
        f"{hop.table} {count(rows)}" if (rows := rows_on_the_way(hop)) is not None else hop.table for hop in hops
    )


def fix(findings: Sequence[Finding]) -> str:
    """The best proposal of a cause and what its trial gave; or that none did any good."""
    best = next((proposal for finding in findings for proposal in finding.proposals), None)
    if best is not None and best.kind is ProposalKind.UPSTREAM_ACTION:
        return best.sql
    if best is not None:
        return "   ".join(part for part in (proposed(best), tried(best.trial)) if part)
    if not findings:
        return ""
    lead = next((finding for finding in findings if finding.rejected or finding.no_proposal), findings[0])
    if lead.rejected:
        return f"none: {plural(len(lead.rejected), 'proposal')} tried, none did any good"
    return f"none: {lead.no_proposal}" if lead.no_proposal else ""
