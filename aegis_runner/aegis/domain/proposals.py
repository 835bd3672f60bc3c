"""Fixes and what trying them showed."""

from __future__ import annotations

from pydantic import Field, JsonValue

from aegis.domain.base import Frozen
from aegis.domain.kinds import ProposalKind, Verdict


class Build(Frozen):
    """What dbt gave when it built a fix of a file in a scratch target: the ``nodes`` it built, the changed one first,
    how many ``tests`` ran, the rules of those that failed before and are ``fixed``, and how many are ``failing``."""

    nodes: tuple[str, ...]
    tests: int
    fixed: tuple[str, ...] = ()
    failing: int = 0


class Effect(Frozen):
    """What a fix does to a table below the one that it changes: rows of it before and after, and the sums of those
    numeric columns that become different, each before and after. ``why`` is the reason where it was not measured."""

    node: str
    table: str
    rows_before: int | None = None
    rows_after: int | None = None
    sums: dict[str, tuple[int | float | None, int | float | None]] = Field(default_factory=dict)
    why: str | None = None


class Trial(Frozen):
    """What trying a proposal in a sandbox showed.

    ``verified``: the rule passes afterwards and nothing else got worse. ``partial``: fewer rows fail, not none; or the
    rule passes, but what was put in could not be checked. ``harmful``: something got worse. ``useless``: it changed
    nothing that the rule sees. ``refused``: the gate does not let it pass, or the database cannot run it. These three
    are never suggested. ``not tried``: there was nothing to try it on. ``why`` is the reason of any verdict but
    ``verified``, where it names rules that could not be asked. ``undo`` is SQL: what to keep before the fix, and what
    takes it back; it was run on the copy, too. ``build`` is there where a fix of a file was built, not only asked for.
    ``below`` are the nearest tables below, with what becomes of them.
    """

    verdict: Verdict
    rows_changed: int | None = None
    before: JsonValue = None
    after: JsonValue = None
    undo: str | None = None
    why: str | None = None
    build: Build | None = None
    below: tuple[Effect, ...] = ()


class Proposal(Frozen):
    """A fix: SQL (``data_fix``), a diff of a dbt file (``model_fix``) or words (``upstream_action``). ``table`` is the
    one that it is about, ``confidence`` (0 to 1) that of whoever proposes it: the trial's verdict comes first.
    """

    sql: str
    kind: ProposalKind
    table: str | None = None
    confidence: float | None = None
    caveat: str | None = None
    trial: Trial
