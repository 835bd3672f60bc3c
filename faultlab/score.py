"""What Aegis said against what was done, and what simpler guesses would have said."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aegis.dbt.graph.lineage import Lineage
from aegis.domain.report import Report

if TYPE_CHECKING:
    from faultlab.judge import Judged


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


def judged_table(trials: Sequence[Judged]) -> str:
    """The scores of trials with written projects, as text."""
    one = [t for t in trials if len(t.kinds) == 1 and t.findings]
    two = [t for t in trials if len(t.kinds) == 2 and t.findings]
    seen = [*one, *two]
    quiet = [t for t in trials if not t.kinds]
    unseen = [t for t in trials if t.kinds and not t.findings]
    lines = [
        f"{len(trials)} trials: {len(seen)} detected, {len(unseen)} not seen by any test, {len(quiet)} without a fault"
    ]
    lines.append(f"no fault, and none named: {sum(not t.findings for t in quiet)} of {len(quiet)}")
    if not seen:
        return "\n".join(lines)
    code = [t for t in one if t.code]
    named = [t for t in code if t.clause is not None]
    sure = [t for t in seen if t.confidence >= _SURE]
    lines += [
        f"{'origin, first cause':<34} {_share([t.origin for t in seen])}",
        *(f"{name:<34} {_share([t.baselines[name] for t in seen])}" for name in seen[0].baselines),
        f"{'kind, data or code':<34} {_share([t.kind for t in seen])}",
        f"{'clause, of all code faults':<34} {_share([bool(t.clause) for t in code])}",
        f"{'clause, where the node is right':<34} {_share([bool(t.clause) for t in named])}",
        f"{'harmful advice':<34} {_share([t.harmful is not None for t in seen])}",
        f"{'right, of answers at 0.9 or more':<34} {_share([t.origin and t.kind for t in sure])}",
        f"{'unknown':<34} {_share([t.unknown for t in seen])}",
        f"{'one fault in one cause':<34} {_share([bool(t.folded) for t in one])}",
        f"{'two faults kept apart':<34} {_share([bool(t.apart) for t in two])}",
    ]
    for low, high in ((0.0, 0.3), (0.3, 0.5), (0.5, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 1.01)):
        within = [t for t in seen if low <= t.confidence < high]
        if within:
            right = _share([t.origin and t.kind for t in within])
            lines.append(f"  answers from {low:.1f} to {min(high, 1.0):.1f}: right {right}")
    lines += _by_kind(one, unseen)
    queries, seconds = sorted(t.queries for t in seen), sorted(t.seconds for t in seen)
    middle = len(seen) // 2
    lines.append(
        f"queries: {queries[middle]} in the middle, {queries[-1]} at most; {seconds[middle]:.1f} s in the middle"
    )
    return "\n".join(lines)


def _by_kind(detected: Sequence[Judged], unseen: Sequence[Judged]) -> Iterator[str]:
    by_kind: defaultdict[str, list[Judged]] = defaultdict(list)
    for t in detected:
        by_kind[t.kinds[0]].append(t)
    missed = Counter(kind for t in unseen for kind in t.kinds)
    for kind, own in sorted(by_kind.items()):
        hits, kinds = sum(t.origin for t in own), sum(t.kind for t in own)
        yield f"  {kind:<24} origin {hits:3}, kind {kinds:3} of {len(own):3}   ({missed[kind]} not seen)"


_SURE = 0.9


def _share(said: Sequence[bool]) -> str:
    return f"{sum(said):3} of {len(said):3}" + (f" ({sum(said) / len(said):.1%})" if said else "")
