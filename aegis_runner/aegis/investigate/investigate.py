"""Findings in; evidence, origins, causes and fixes out."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

from aegis.domain.report import Finding
from aegis.investigate.context import InvestigationContext
from aegis.investigate.nodes import AFTER, Branch, Investigated, Whole, branches, one_table, plan


def investigate(
    findings: Sequence[Finding], context: InvestigationContext, unbuilt: Sequence[Finding] = ()
) -> Investigated:
    """All findings through the pipeline, with those of ``unbuilt`` models whose rows are found. A model is waited for,
    and LangGraph asks it about several tables at once; without one the same nodes run without it."""
    _ = context.probes, context.tables  # made once, before several branches ask for them
    state = Whole(findings=tuple(findings), unbuilt=tuple(unbuilt))
    try:
        with _collector_spared():
            if context.explainer is None:
                state = _run(state, context)
            else:
                from aegis.investigate.graph import run_graph

                state = run_graph(state, context, context.explainer.model.concurrency)
    finally:
        context.budget.close()
    return replace(state["investigation"], trajectory=context.trail.told(context.budget))


def _run(state: Whole, context: InvestigationContext) -> Whole:
    """As many tables at once as the warehouse has connections. Where it has one, they follow one another, always in the
    same order: then what a bound leaves out is no matter of chance."""
    state |= plan(state, context)
    tables, at_once = branches(state), context.budget.at_once
    if at_once > 1 and len(tables) > 1:
        found = _side_by_side(tables, context)
    else:
        found = [one_table(branch, context) for branch in tables]
    state |= Whole(done=[one for part in found for one in part["done"]])
    for step in AFTER.values():
        state |= step(state, context)
    return state


def _side_by_side(tables: list[Branch], context: InvestigationContext) -> list[Whole]:
    with ThreadPoolExecutor(max_workers=context.budget.at_once) as threads:
        try:
            return list(threads.map(lambda branch: one_table(branch, context), tables))
        except BaseException:  # whatever it is, it is raised again, once the queries that run have ended
            context.budget.stop()
            raise


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
