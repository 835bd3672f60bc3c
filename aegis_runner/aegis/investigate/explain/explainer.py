"""Asking a model about findings and causes, and taking from its answers what can be checked."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, JsonValue

from aegis.domain.report import Cause, Finding, Guidance
from aegis.investigate.explain.forms import Diagnosis, Remedy
from aegis.investigate.explain.prompt import data_block, system
from aegis.llm import Kind, Question, Unanswered
from aegis.rules.lookup import counts_rows

if TYPE_CHECKING:
    from aegis.llm import LanguageModel
    from aegis.privacy import Redactor

SAMPLE_ROWS = 3
_OURS = frozenset({"finding_ids", "severity"})
_Form = TypeVar("_Form", bound=BaseModel)


def is_simple(finding: Finding) -> bool:
    """Whether the rule wants a model told of nothing but its failure."""
    return finding.guidance is not None and finding.guidance.proposal_strategy == "llm_simple"


@dataclass(slots=True)
class Explainer:
    """A model that explains. Safe for several threads. A question without an answer leaves things as they are, and is
    counted by its reason; so are citations of evidence that does not exist, which are dropped."""

    model: LanguageModel
    redactor: Redactor
    unanswered: Counter[Kind] = field(default_factory=Counter)
    reasons: dict[Kind, str] = field(default_factory=dict)
    asked: int = 0
    dropped: int = 0
    _lock: Lock = field(default_factory=Lock)

    def diagnosed(self, finding: Finding) -> Finding:
        """The finding with a diagnosis that cites its evidence."""
        question = Question(
            "diagnose", system("diagnose"), data_block(self._finding(finding)), Diagnosis, self._rule(finding)
        )
        answer = self._ask(question)
        if answer is None:
            return finding
        known = {item.id for item in finding.evidence}
        cites = tuple(dict.fromkeys(name for name in answer.cites if name in known))
        with self._lock:
            self.dropped += len(set(answer.cites)) - len(cites)
        return finding.model_copy(
            update={"diagnosis": answer.diagnosis, "diagnosis_by": self.model.name, "cites": cites}
        )

    def remedy(
        self, cause: Cause, lead: Finding, target: JsonValue, compiled: str | None, file: JsonValue
    ) -> Remedy | None:
        """What a model would do about a cause. ``lead`` is its worst finding, ``target`` the table that may be changed,
        ``compiled`` the SQL of the node where it began, ``file`` the file that may be written anew. A rule that asks
        for ``llm_simple`` has its model told of the failure alone."""
        simple = is_simple(lead)
        told = None if simple else self.redactor.cause(cause).model_dump(mode="json", exclude=set(_OURS))
        sql = None if simple or compiled is None else self.redactor.sql_about(compiled, lead)
        data: dict[str, JsonValue] = {
            "cause": told,
            "worst_finding": self._finding(lead, alone=simple),
            "target": target,
            "file": None if simple else file,
            "compiled_sql_of_origin": sql,
        }
        return self._ask(Question("remediate", system("remediate"), data_block(data), Remedy, self._rule(lead)))

    def _ask(self, question: Question[_Form]) -> _Form | None:
        with self._lock:
            self.asked += 1
        try:
            return self.model.ask(question).value
        except Unanswered as error:
            with self._lock:
                self.reasons.setdefault(error.kind, error.message)
                self.unanswered[error.kind] += 1
            return None

    def _rule(self, finding: Finding) -> str:
        return self.redactor.name(finding.rule_id)

    def _finding(self, finding: Finding, *, alone: bool = False) -> dict[str, JsonValue]:
        """What a model is told of a finding: as the redactor lets it pass, without ids of ours and paths; ``alone``
        without what is known of other tables."""
        safe = self.redactor.finding(finding)
        guidance = safe.guidance or Guidance()
        upstream = {} if alone else guidance.lineage_hints
        evidence = [item for item in safe.evidence if not (alone and item.kind.of_others)]
        result = safe.result
        sample: JsonValue = None
        if safe.sample is not None:
            rows: list[JsonValue] = [list(row) for row in safe.sample.rows[:SAMPLE_ROWS]]
            sample = {"columns": list(safe.sample.columns), "rows": rows}
        return {
            "rule_type": result.rule_type,
            "table": result.table,
            "column": result.column,
            "description": result.description,
            "usual_causes": list(guidance.common_causes),
            "upstream_tables": {name: list(columns) for name, columns in upstream.items()},
            "status": result.status.value,
            "rows_failed": result.rows_failed if counts_rows(result) else None,
            "rows_checked": result.rows_checked,
            "expected": result.expected,
            "observed": result.observed,
            "message": result.message,
            "evidence": [{"id": item.id, "kind": item.kind, "text": item.text} for item in evidence],
            "failing_rows": sample,
        }
