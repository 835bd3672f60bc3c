"""The pipeline as a graph, for runs with a model: LangGraph runs the branches of several tables at once.

Only this file knows LangGraph; to import it costs 0.7 s of CPU.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Send
from langsmith import tracing_context

from aegis.investigate.context import InvestigationContext
from aegis.investigate.nodes import AFTER, Whole, branches, one_table, plan

ONE_TABLE = "parallel_table"


def run_graph(state: Whole, context: InvestigationContext, concurrency: int) -> Whole:
    """The pipeline from its first state to its last, with so many branches at once."""
    with tracing_context(enabled=False), _untraced():
        return cast(Whole, _whole(context).invoke(state, config={"max_concurrency": concurrency}))


@contextmanager
def _untraced() -> Iterator[None]:
    """LangGraph sends its state to LangSmith if the environment asks for it, and ends with an error where it asks in an
    old way. Ours holds people's data."""
    old = {name: os.environ.pop(name) for name in ("LANGCHAIN_TRACING", "LANGCHAIN_HANDLER") if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(old)


def _whole(context: InvestigationContext) -> CompiledStateGraph[Any, Any, Any, Any]:
    graph = StateGraph(Whole)

    def node(step: Callable[[Any, InvestigationContext], Whole]) -> Any:
        """(What a node is to LangGraph, only its own overloads can say.)"""
        return lambda state: step(state, context)

    def sent(state: Whole) -> list[Send]:
        return [Send(ONE_TABLE, branch) for branch in branches(state)]

    graph.add_node("plan", node(plan))
    graph.add_edge(START, "plan")
    graph.add_node(ONE_TABLE, node(one_table))
    graph.add_conditional_edges("plan", sent, [ONE_TABLE])
    before = ONE_TABLE
    for name, step in AFTER.items():
        graph.add_node(name, node(step))
        graph.add_edge(before, name)
        before = name
    graph.add_edge(before, END)
    return graph.compile()
