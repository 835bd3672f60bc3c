"""What an investigation did, step by step: which node of the graph, for which table, when, how long, what it asked."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from aegis.domain.report import Step
from aegis.investigate.query_budget import QueryBudget, QueryLogEntry, step_now


@dataclass(slots=True)
class Trail:
    """Steps in the order in which they began. Safe for several threads: each is in one step at a time."""

    began: float = field(default_factory=time.perf_counter)
    _steps: list[Step] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def step(self, node: str, table: str | None = None) -> Iterator[None]:
        """All that is done inside belongs to this step."""
        start = time.perf_counter()
        with self._lock:
            number = len(self._steps)
            self._steps.append(Step(node=node, table=table, started=round(start - self.began, 4), seconds=0.0))
        token = step_now.set(number)
        try:
            yield
        finally:
            step_now.reset(token)
            took = round(time.perf_counter() - start, 4)
            with self._lock:
                self._steps[number] = self._steps[number].model_copy(update={"seconds": took})

    def told(self, budget: QueryBudget) -> tuple[Step, ...]:
        """The steps with the number of queries that each asked."""
        asked = Counter(query.step for query in budget.asked)
        return tuple(step.model_copy(update={"queries": asked[number]}) for number, step in enumerate(self._steps))


def in_order(budget: QueryBudget) -> tuple[QueryLogEntry, ...]:
    """Queries by step, then as they were asked: so a step's queries are as many as it says, one after the other."""
    return tuple(sorted(budget.asked, key=lambda query: query.step))
