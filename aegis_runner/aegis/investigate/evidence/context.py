"""What a gatherer may look at: one finding, the rows it is about, and a metered way to ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from pydantic import JsonValue

from aegis.dbt.suites.render import quoted, text_literal
from aegis.domain.kinds import EvidenceKind
from aegis.domain.report import Evidence, Finding, Quoted
from aegis.investigate.query_budget import QueryBudget
from aegis.investigate.symptoms import Symptom

if TYPE_CHECKING:
    from aegis.dbt.artifacts.schema import Manifest
    from aegis.dbt.graph.lineage import Lineage
    from aegis.dbt.graph.state import Change
    from aegis.domain.results import Result


@dataclass(frozen=True)
class EvidenceContext:
    """One finding.

    Attributes:
        finding: What failed.
        symptom: It as a question, if it is one.
        failing: SQL of the failing rows, with all columns of the table; ``None`` where no SQL gives them.
        relation: The table, as SQL names it.
        columns: Its columns, name to type in lower case.
        budget: To ask with.
        personal: Whether a column's values are personal: they stand in no query, so no segment is made of them.
        counted: What findings counted of all rows: by the rows, by what was counted.
    """

    finding: Finding
    symptom: Symptom | None
    failing: str | None
    relation: str | None
    columns: Mapping[str, str]
    budget: QueryBudget
    manifest: Manifest
    lineage: Lineage
    results: Sequence[Result]
    changes: Mapping[str, Change] | None
    personal: Callable[[str], bool] = lambda _column: False
    counted: dict[str, dict[str, int]] = field(default_factory=dict)

    @cached_property
    def own(self) -> frozenset[str]:
        """The columns that the rule is about, in lower case."""
        return frozenset(name.lower() for name in (self.symptom.columns if self.symptom else ()))

    def quoted(self, name: str) -> str:
        return quoted(self.budget.dialect, name)

    def literal(self, value: str) -> str:
        return text_literal(self.budget.dialect, value)

    @property
    def checked(self) -> str | None:
        """SQL of the rows that the rule looks at, as far as a condition on rows says."""
        if self.relation is None:
            return None
        where = f" where {self.symptom.where}" if self.symptom and self.symptom.where else ""
        return f"select * from {self.relation}{where}"


def make_evidence(
    kind: EvidenceKind,
    text: str,
    query: str | None = None,
    data: JsonValue = None,
    artifact: str | None = None,
    values: Sequence[tuple[str, object]] = (),
) -> Evidence:
    """Evidence that gets its number later. ``values`` (column and value) are those that the text quotes."""
    quoted = tuple(Quoted(column=column, value=str(value)) for column, value in values if value is not None)
    return Evidence(id="", kind=kind, text=text, query=query, data=data, artifact=artifact, values=quoted)
