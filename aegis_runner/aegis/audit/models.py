"""What goes into the audit trail and what comes out of it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from aegis.domain.base import Frozen
from aegis.domain.notified import Told
from aegis.domain.report import Summary
from aegis.domain.results import Status

IMPORTED = "imported"
"""The command of a run that another tool made. It is no run's past, and never the latest while there is one of ours."""


class RunStart(Frozen):
    """What is known when a run begins. What is learnt later comes with its report."""

    run_id: str
    started_at: datetime
    command: str
    aegis_version: str
    project: str | None = None
    target: str | None = None
    warehouse: str | None = None
    rules_file: str | None = None
    target_dir: str | None = None
    llm: str | None = None


class DecisionRecord(Frozen):
    """One call of a language model, complete: nothing is cut short.

    ``cost_usd`` is ``None`` where the price is unknown. ``error`` says why there is no usable ``response``.
    """

    run_id: str
    node: str
    model: str
    prompt: str
    system_prompt: str | None = None
    response: str | None = None
    rule_id: str | None = None
    provider: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None
    latency_ms: float | None = None
    cached: bool = False
    error: str | None = None


class StoredDecision(DecisionRecord):
    """A call of a language model as the trail has it, with its number in the chain and when it was written down."""

    seq: int
    recorded_at: datetime


class QueryRecord(Frozen):
    """One query that Aegis itself ran. ``rows`` is the number of rows that came back."""

    run_id: str
    purpose: str
    sql: str
    rule_id: str | None = None
    relation: str | None = None
    seconds: float | None = None
    rows: int | None = None
    error: str | None = None


class NotificationRecord(Frozen):
    """One message about a run: the addresses that took it and those that did not (scheme and host: nothing secret), and
    what it told."""

    run_id: str
    sent: tuple[str, ...]
    unsent: tuple[str, ...]
    told: tuple[Told, ...]


class RunRow(Frozen):
    """One run in the list. ``finished_at`` and ``summary`` are ``None`` for a run that did not finish."""

    run_id: str
    started_at: datetime
    finished_at: datetime | None
    command: str
    aegis_version: str
    project: str | None
    target: str | None
    warehouse: str | None
    rules_file: str | None
    target_dir: str | None
    llm: str | None
    total_cost_usd: float | None
    exit_code: int | None
    summary: Summary | None


class SearchHit(Frozen):
    """One record that holds the words.

    Results of the same rule with the same status are one hit, the newest; ``times`` counts them. ``excerpt``
    is raw text from the record: the door that prints it escapes it.
    """

    kind: Literal["result", "decision"]
    seq: int
    run_id: str
    recorded_at: datetime
    rule_id: str | None
    node: str | None
    table: str | None
    column: str | None
    status: Status | None
    excerpt: str
    times: int = 1


class ChainHead(Frozen):
    """The last link of the hash chain: row number and sha256 in hex. No row yet: 0 and sixty-four zeros."""

    seq: int
    hash: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"


class Break(Frozen):
    """The first row that does not fit. ``table`` is a table, a trigger, or the file; ``seq`` the row number."""

    table: str
    seq: int | None
    what: str

    def __str__(self) -> str:
        row = "" if self.seq is None else f" row {self.seq}"
        return f"{self.table}{row}: {self.what}"


class Verification(Frozen):
    """What ``verify`` saw: how many rows fit, the last of them, and the first that does not.

    ``merged`` are the heads of the chains that were merged in, the latest last.
    """

    rows: int
    head: ChainHead
    broken: Break | None = None
    merged: tuple[ChainHead, ...] = ()

    @property
    def ok(self) -> bool:
        return self.broken is None


class Pruned(Frozen):
    """What ``prune`` removed: every row up to and including number ``through``, and the rows of old runs behind it."""

    runs: int
    rows: int
    through: int


class MergedSource(Frozen):
    """What came of one trail that was merged in.

    ``added`` runs were not here, ``completed`` ones were here in part, ``known`` ones were here as they are there.
    ``left_out`` rows belong to runs whose beginning was pruned. ``broken`` says why it does not verify, where that was
    asked for.
    """

    path: str
    head: ChainHead
    verified: bool
    broken: str | None
    added: int
    completed: int
    known: int
    rows: int
    left_out: int


class Merged(Frozen):
    """What ``merge`` did. ``head`` is that of the trail afterwards."""

    path: str
    sources: tuple[MergedSource, ...]
    head: ChainHead
