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
from aegis.report.text import one_line, width_of, wrap
from aegis.report.words import breaks, hinted_tables, how_many, proposed, so_far, tried, usual_causes, why
from aegis.rules.lookup import rows_on_the_way

#: Findings named before only their number is given.
NAMED = 4
#: Facts of one kind that are told.
FACTS = 2
#: An origin of less confidence is told with it.
SURE = 0.8
#: A cause is told in so many lines.
MOST_LINES = 6

FACT_KINDS = {"seen": EvidenceKind.SEGMENTS, "values": EvidenceKind.SHAPE, "since": EvidenceKind.ONSET}
#: A model's words and the owner's are both told as ``why``.
_READ_IN_ORDER = {
    "said": "why", "why": "why", "usually": "usually", "origin": "origin", **{label: label for label in FACT_KINDS},
    **{label: label for label in ("failing", "unseen", "upstream", "path", "rule", "model", "findings", "breaks")},
    "runbook": "runbook", "fix": "fix",
}  # fmt: skip


def cause_lines(
    cause: Cause, findings: Sequence[Finding], depth: Depth, width: int, paint: Paint, *, verbose: bool
) -> list[str]:
    """A cause at a depth; ``findings`` are those it explains, worst first. Unless ``verbose``, it is told in
    `MOST_LINES` lines."""
    lead = findings[0]
    lines = [_headline(cause, findings, width, paint)]
    if depth is Depth.LINE:
        return lines
    if not verbose:
        first = _most_important(cause, findings)
        spare = MOST_LINES - 1 - len(first)
        for label, text in first:
            most = 1 + spare if label == "fix" else 1
            lines += labelled(label, _in_lines(text, width - INDENT, most), paint)
        return lines
    for label, text in facts(cause, findings):
        if text:
            lines += labelled(label, wrap(one_line(text), width - INDENT), paint)
    if depth is Depth.FULL:
        lines += finding_lines(lead, depth, width, paint, verbose=True, under_cause=True)
    return lines


def _in_lines(text: str, room: int, most: int) -> list[str]:
    """As many words as there is room for: none is cut."""
    lines = wrap(one_line(text), room)
    if len(lines) <= most:
        return lines
    *whole, last = lines[:most]
    return [*whole, last + " …" if width_of(last) + 2 <= room else wrap(last, room - 2)[0] + " …"]


def _most_important(cause: Cause, findings: Sequence[Finding]) -> list[tuple[str, str]]:
    """What one must know to act, in the order in which it is read. Of what there is, the first few below are told."""
    seen, item = next(
        ((label, found[0]) for label, kind in FACT_KINDS.items() if (found := told(findings, kind))), ("seen", None)
    )
    rules, names = _whose(findings)
    known = {
        "fix": fix(findings), "runbook": _runbook(findings), "usually": usual_causes(findings), "origin": origin(cause),
        "unseen": unseen(cause), "said": cause.explanation or "", seen: _said(item), rules: names,
        "failing": _failing(findings), "path": path_of(cause),
        "breaks": _breaks(findings), "upstream": hinted_tables(findings),
        "why": "" if cause.explanation else why(findings[0]),
    }  # fmt: skip
    kept = [label for label, text in known.items() if text][: MOST_LINES - 1]
    return [(told_as, known[label]) for label, told_as in _READ_IN_ORDER.items() if label in kept]


def _whose(findings: Sequence[Finding]) -> tuple[str, str]:
    """Which rules found it, and whose they are."""
    owner = next((finding.result.owner for finding in findings if finding.result.owner), None)
    whose = f"  ·  owner: {owner}" if owner else ""
    names = [finding.rule_id for finding in findings[:NAMED]]
    if len(findings) == 1:
        return "model" if findings[0].result.status is Status.ERROR else "rule", f"{names[0]}{whose}"
    more = [f"+{count(len(findings) - NAMED)}"] if len(findings) > NAMED else []
    return "findings", f"{len(findings)}: {', '.join([*names, *more])}{whose}"


def _why(cause: Cause, findings: Sequence[Finding]) -> str:
    return cause.explanation or why(findings[0])


def _failing(findings: Sequence[Finding]) -> str:
    """Since when, of the finding that fails longest."""
    known = [finding for finding in findings if finding.history is not None]
    return so_far(max(known, key=lambda one: one.history.failing_builds if one.history else 0)) if known else ""


def _breaks(findings: Sequence[Finding]) -> str:
    radii = (finding.blast_radius for finding in findings)
    return breaks(max(radii, key=lambda radius: len(radius.models) + len(radius.exposures)))


def _runbook(findings: Sequence[Finding]) -> str:
    return next((finding.result.runbook for finding in findings if finding.result.runbook), "")


def _said(item: Evidence | None) -> str:
    if item is None:
        return ""
    return item.text.removeprefix("since ") if item.kind is EvidenceKind.ONSET else item.text


def _headline(cause: Cause, findings: Sequence[Finding], width: int, paint: Paint) -> str:
    """The title; how many rows at the right edge. Of warnings it warns, of drafts it is one."""
    lead = findings[0].result
    mark = "●" if any(finding.result.status is Status.FAIL for finding in findings) else "▲"
    draft = all(finding.result.level is Level.NONE for finding in findings)
    words = f"{one_line(cause.id):<3} {one_line(cause.title)}" + softness(Level.NONE if draft else lead.level)
    return title_line(mark, cause.severity, words, how_many(lead, cause.path), lead, width, paint)


def facts(cause: Cause, findings: Sequence[Finding]) -> Iterable[tuple[str, str]]:
    """All that is known of a cause, as labels and texts in the order in which they are read; a text may be empty."""
    yield "why", _why(cause, findings)
    yield "origin", origin(cause)
    for label, kind in FACT_KINDS.items():
        for item in told(findings, kind)[: FACTS if kind is EvidenceKind.SEGMENTS else 1]:
            yield label, _said(item)
    yield "failing", _failing(findings)
    yield "usually", usual_causes(findings)
    yield "upstream", hinted_tables(findings)
    yield "path", path_of(cause)
    yield from (("proof", item.text) for item in told(findings, EvidenceKind.PROOF))
    yield from (("unseen", text) for text in cause.unchecked)
    if len(findings) > 1:
        yield _whose(findings)
    yield "breaks", _breaks(findings)
    # What the owner wrote stands before what is guessed.
    yield "runbook", _runbook(findings)
    yield "fix", fix(findings)


def origin(cause: Cause) -> str:
    """Of what kind the origin is, where the title leaves that open, and how sure it is, where it is not."""
    doubt = how_sure(cause)
    # Of data that came bad the title says so, and the path how sure that is.
    if not cause.kind_text or (cause.kind is OriginKind.BAD_SOURCE_DATA and (not doubt or len(cause.path) > 1)):
        return ""
    return f"{cause.table or cause.origin}{f' ({doubt})' if doubt else ''}: {cause.kind_text}"


def unseen(cause: Cause) -> str:
    """Of an origin that could not be told: what could not be looked at, and why."""
    if cause.kind is not OriginKind.UNKNOWN or not cause.unchecked:
        return ""
    more = len(cause.unchecked) - 1
    return cause.unchecked[0] + (f" (and {more} more)" if more else "")


def how_sure(cause: Cause) -> str:
    """``likely, 76%``: a word with its number; nothing where the origin is sure."""
    sure = cause.confidence
    if sure is None or sure >= SURE:
        return ""
    word = next(word for least, word in _WORDS if sure >= least)
    return f"{word}, {100 * sure:.0f}%"


_WORDS = ((0.7, "likely"), (0.4, "possibly"), (0.0, "a guess"))


def told(findings: Sequence[Finding], kind: EvidenceKind) -> list[Evidence]:
    """Evidence of a kind, the first of each finding before any second, each text once."""
    ranked = sorted(
        ((place, number, item) for number, finding in enumerate(findings)
         for place, item in enumerate(item for item in finding.evidence if item.kind is kind)),
        key=lambda entry: entry[:2],
    )  # fmt: skip
    return list({item.text: item for _, _, item in ranked}.values())


def path_of(cause: Cause) -> str:
    """The way from the origin down, and how sure that is, where nothing else says it."""
    way = path(cause.path)
    doubt = how_sure(cause) if way and not origin(cause) else ""
    # Before the way, which may be too long for its line.
    return f"{doubt}: {way}" if doubt else way


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
        what = plural(len(lead.rejected), "proposal")
        why = lead.rejected[0].trial.why
        first = "" if not why else f"; the first: {why}" if len(lead.rejected) > 1 else f": {why}"
        return f"none: {what} tried, none did any good{first}"
    return f"none: {lead.no_proposal}" if lead.no_proposal else ""
