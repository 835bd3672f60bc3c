"""Findings in; evidence, origins, causes and fixes out."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from aegis.domain.report import Finding
from aegis.investigate.context import InvestigationContext
from aegis.investigate.nodes import AFTER, Investigated, Whole, branches, one_table, plan


def investigate(findings: Sequence[Finding], context: InvestigationContext) -> Investigated:
    """All findings through the pipeline. A model is waited for, and LangGraph asks it about several tables at once;
    without one the same nodes run without it."""
    _ = context.probes, context.tables  # made once, before several branches ask for them
    state = Whole(findings=tuple(findings))
    with _collector_spared():
        if context.explainer is None:
            state = _in_turn(state, context)
        else:
            from aegis.investigate.graph import run_graph

            state = run_graph(state, context, context.explainer.model.concurrency)
    return replace(state["investigation"], trajectory=context.trail.told(context.budget))


def _in_turn(state: Whole, context: InvestigationContext) -> Whole:
    """One table after the other, always in the same order: what a bound leaves out is no matter of chance."""
    state |= plan(state, context)
    done = [one for branch in branches(state) for one in one_table(branch, context)["done"]]
    state |= Whole(done=done)
    for step in AFTER.values():
        state |= step(state, context)
    return state


@contextmanager
def _collector_spared() -> Iterator[None]:
    """The garbage collector passes over what was there before, imported libraries for the most part: to look through
    that takes a tenth of a second, in which no thread moves. What somebody else has frozen stays so."""
    ours = gc.get_freeze_count() == 0
    if ours:
        gc.freeze()
    try:
        yield
    finally:
        if ours:
            gc.unfreeze()
