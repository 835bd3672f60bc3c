"""How much of each finding is shown, so that a usual run fits a screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from aegis.domain.report import Cause, Finding, Report
from aegis.report.words import about, could_not_run


class Depth(IntEnum):
    """How much of a finding is shown."""

    LINE = 0
    BRIEF = 1
    FULL = 2


#: A blank line and the table's name before its first finding; also a blank line and what is not shown.
HEADING = 2
#: Of the room, what all findings as lines may take; beyond it they are only counted, so that some have more.
LINES_SHARE = 0.5

#: A finding's lines at a depth.
Block = Callable[[Finding, Depth], list[str]]


@dataclass(frozen=True, slots=True)
class Layout:
    """``groups``: the lines of each table's findings, the table with the worst one first."""

    groups: Mapping[str, tuple[list[str], ...]]
    hidden: tuple[Finding, ...] = ()


def worst_first(report: Report) -> list[Finding]:
    """Findings about data, worst first. What could not run is told apart and is not among them, but for a model of
    which the rows are known that kept it from being built."""
    findings = [one for one in report.findings if one.rca is not None or not could_not_run(one.result)]
    return sorted(findings, key=lambda finding: -finding.effective_severity.rank)


def everything(findings: Sequence[Finding], block: Block) -> Layout:
    return Layout(_grouped(findings, [block(finding, Depth.FULL) for finding in findings]))


def fitted(findings: Sequence[Finding], block: Block, room: int) -> Layout:
    """A layout of about ``room`` lines: as many findings as fit by a line, then, worst first, more of each.

    The worst finding is shown in full, whatever the room.
    """
    shown = findings[: _lines_that_fit(findings, room)]
    blocks = [block(finding, Depth.LINE) for finding in shown]
    left = (
        room
        - (HEADING if len(shown) < len(findings) else 0)
        - len(blocks)
        - HEADING * len({about(finding.result) for finding in shown})
    )
    _grow(blocks, lambda place, depth: block(shown[place], depth), left, blank=0)
    return Layout(_grouped(shown, blocks), tuple(findings[len(shown) :]))


def fitted_causes(causes: Sequence[Cause], block: Callable[[Cause, Depth], list[str]], room: int) -> list[list[str]]:
    """The lines of each cause that is shown, in about ``room`` lines: all by a line where they fit, then, worst first,
    more of each. The worst is shown in full, whatever the room."""
    shown = causes[: max(1, room // 2)] if len(causes) > room else causes
    blocks = [block(cause, Depth.LINE) for cause in shown]
    left = room - len(blocks)
    # A blank line stands before what is more than a line.
    _grow(blocks, lambda place, depth: block(shown[place], depth), left, blank=1)
    return blocks


def _grow(blocks: list[list[str]], render: Callable[[int, Depth], list[str]], left: int, blank: int) -> None:
    """More of each block, worst first, while there are lines left; ``blank`` more for one that is no longer a line."""
    for depth, most in ((Depth.FULL, min(1, len(blocks))), (Depth.BRIEF, len(blocks)), (Depth.FULL, len(blocks))):
        for place in range(most):
            larger = render(place, depth)
            more = len(larger) - len(blocks[place]) + (blank if len(blocks[place]) == 1 else 0)
            # Not less than an earlier round gave, and not more than is left, but for the worst.
            if more > 0 and (more <= left or place == 0):
                blocks[place] = larger
                left -= more


def _lines_that_fit(findings: Sequence[Finding], room: int) -> int:
    """How many findings are shown at all: every one if there is room, else the worst in their share of it."""
    seen: set[str] = set()
    used, in_share = 0, 0
    for number, finding in enumerate(findings, 1):
        used += 1 if about(finding.result) in seen else 1 + HEADING
        seen.add(about(finding.result))
        if used <= room * LINES_SHARE:
            in_share = number
        if used > room:
            return max(1, in_share)
    return len(findings)


def _grouped(findings: Sequence[Finding], blocks: Sequence[list[str]]) -> dict[str, tuple[list[str], ...]]:
    groups: dict[str, tuple[list[str], ...]] = {}
    for finding, lines in zip(findings, blocks, strict=True):
        table = about(finding.result)
        groups[table] = (*groups[table], lines) if table in groups else (lines,)
    return groups
