"""Decisions as conversations for training: one line of JSON each, in the form that ShareGPT made usual."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pydantic import JsonValue

from aegis.audit.files import check_free, json_text, write_private
from aegis.audit.models import StoredDecision
from aegis.audit.reader import Reader
from aegis.domain.base import Frozen

VerdictsOf = Callable[[str, Sequence[StoredDecision]], Mapping[int, tuple[str, ...]]]
"""Of decisions of one run, the verdicts that their proposals got, by the number of the decision."""


class Wanted(Frozen):
    """Which decisions to write. ``None`` and empty: any. ``until`` is the first moment that is too late; ``cached``:
    answers out of the cache too, which say again what an earlier decision said."""

    node: str | None = None
    verdicts: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    cached: bool = False


class Exported(Frozen):
    """How many conversations were written where, and how many decisions were left out, by the reason."""

    path: str
    written: int
    left_out: dict[str, int]


def sharegpt(decision: StoredDecision, verdicts: Sequence[str]) -> dict[str, JsonValue]:
    """One conversation: what the model was told, what it was asked and what it said, to the letter."""
    told = (("system", decision.system_prompt), ("human", decision.prompt), ("gpt", decision.response))
    metadata: dict[str, JsonValue] = decision.model_dump(
        mode="json", exclude={"seq", "system_prompt", "prompt", "response", "error"}
    )
    return {
        "id": f"{decision.run_id}-{decision.seq}",
        "conversations": [{"from": who, "value": text} for who, text in told if text is not None],
        "metadata": {**metadata, "verdicts": list(verdicts)},
    }


FORMATS: Mapping[str, Callable[[StoredDecision, Sequence[str]], dict[str, JsonValue]]] = {"sharegpt": sharegpt}


@dataclass(slots=True)
class _Export:
    trail: Reader
    wanted: Wanted
    verdicts_of: VerdictsOf
    written: int = 0
    left_out: Counter[str] = field(default_factory=Counter)

    def chosen(self) -> Iterator[tuple[StoredDecision, tuple[str, ...]]]:
        """Run by run, so that one run's texts are in memory at a time."""
        for run_id in self.trail.deciding_runs():
            decisions = self.trail.decisions(run_id)
            verdicts = self.verdicts_of(run_id, decisions)
            for decision in decisions:
                told = verdicts.get(decision.seq, ())
                why = self._why_not(decision, told)
                if why is None:
                    self.written += 1
                    yield decision, told
                else:
                    self.left_out[why] += 1

    def _why_not(self, decision: StoredDecision, verdicts: Sequence[str]) -> str | None:
        """Why a decision is left out: first what was not asked for, then what cannot be used."""
        wanted = self.wanted
        at = decision.recorded_at
        reasons = {
            "of another time": (wanted.since and at < wanted.since) or (wanted.until and at >= wanted.until),
            "of another node": wanted.node is not None and decision.node != wanted.node,
            "without a usable answer": decision.error is not None or not decision.response,
            "answered from the cache (--cached takes them)": decision.cached and not wanted.cached,
            "with no proposal of that verdict": wanted.verdicts and not set(verdicts) & set(wanted.verdicts),
        }
        return next((why for why, holds in reasons.items() if holds), None)


def export(trail: Reader, path: Path, wanted: Wanted, verdicts_of: VerdictsOf, *, format: str, force: bool) -> Exported:
    """Write the wanted decisions, in the order in which they were made.

    Args:
        format: One of `FORMATS`.
        force: Whether a file that is there is replaced.

    Raises:
        UsageError: a file is there and ``force`` is off, or it cannot be written.
        AuditError: the trail cannot be read.
    """
    check_free(path, force=force)  # before the work
    job = _Export(trail, wanted, verdicts_of)
    form = FORMATS[format]
    lines = (json_text(form(*one)) for one in job.chosen())
    write_private(path, lines, force=force)
    return Exported(path=str(path), written=job.written, left_out=dict(job.left_out.most_common()))
