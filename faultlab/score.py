"""What Aegis said against what was done, and what simpler guesses would have said."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from aegis.dbt.graph.lineage import Lineage
from aegis.domain.report import Report


@dataclass(frozen=True, slots=True)
class Trial:
    """One trial: the kinds and nodes (unique ids) of its faults, and each guesser's nodes, best first."""

    kinds: tuple[str, ...]
    truth: tuple[str, ...]
    findings: int
    queries: int
    seconds: float
    guesses: dict[str, tuple[str, ...]]

    @property
    def detected(self) -> bool:
        return self.findings > 0

    def hit(self, guesser: str, first: int) -> bool:
        """Whether the nodes are among the first guesses: of one fault it, of two (for ``first`` above one) both."""
        guessed = self.guesses[guesser][:first]
        return set(self.truth) <= set(guessed) if first > 1 else bool(set(self.truth) & set(guessed))


def guesses(report: Report, lineage: Lineage) -> dict[str, tuple[str, ...]]:
    """The origins that Aegis names, and the baselines."""
    failing = [one.result.node for one in report.findings if one.result.node]
    named = [cause.origin for cause in report.causes if cause.origin]
    other = [node for cause in report.causes for node in cause.others]
    return {
        "aegis": tuple(dict.fromkeys([*named, *other])),
        "topmost failing node": _topmost(failing, lineage),
        "nearest common ancestor": _common_ancestor(failing, lineage),
        "first parent": tuple(lineage.parents.get(failing[0], ())[:1]) if failing else (),
    }


def _topmost(failing: Sequence[str], lineage: Lineage) -> tuple[str, ...]:
    """Failing nodes, those first that have the fewest failing nodes above them and the most below."""
    nodes = set(failing)
    return tuple(
        sorted(
            nodes,
            key=lambda node: (
                len(nodes & set(lineage.upstream(node))),
                -len(nodes & set(lineage.downstream(node))),
                node,
            ),
        )
    )


def _common_ancestor(failing: Sequence[str], lineage: Lineage) -> tuple[str, ...]:
    """Nodes from which all failing ones can be reached, nearest first."""
    if not failing:
        return ()
    shared = set.intersection(*({node, *lineage.upstream(node)} for node in failing))
    return tuple(sorted(shared, key=lambda node: (len(set(lineage.downstream(node)) & shared), node)))


def table(trials: Sequence[Trial]) -> str:
    """The scores as text."""
    detected = [one for one in trials if one.detected and one.truth]
    quiet = [one for one in trials if not one.truth]
    undetected = [one for one in trials if one.truth and not one.detected]
    lines = [
        f"{len(trials)} trials: {len(detected)} detected, {len(undetected)} not seen by any test, "
        f"{len(quiet)} without a fault"
    ]
    if quiet:
        right = sum(not one.findings for one in quiet)
        lines.append(f"no fault, and none named: {right} of {len(quiet)}")
    if not detected:
        return "\n".join(lines)
    for name in detected[0].guesses:
        top1, top3 = (sum(one.hit(name, first) for one in detected) / len(detected) for first in (1, 3))
        lines.append(f"{name:<26} top-1 {top1:6.1%}   top-3 {top3:6.1%}")
    by_kind: defaultdict[str, list[Trial]] = defaultdict(list)
    for one in detected:
        by_kind[" + ".join(sorted(one.kinds)) if len(one.kinds) == 1 else "two at once"].append(one)
    missed = Counter(kind for one in undetected for kind in one.kinds)
    for kind in sorted(by_kind):
        own = by_kind[kind]
        hits = sum(one.hit("aegis", 1) for one in own)
        lines.append(f"  {kind:<24} {hits:3} of {len(own):3}   ({missed[kind]} not seen)")
    queries = sorted(one.queries for one in detected)
    lines.append(f"queries: {queries[len(queries) // 2]} in the middle, {queries[-1]} at most")
    return "\n".join(lines)
