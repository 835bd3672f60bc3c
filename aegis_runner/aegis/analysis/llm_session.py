"""The language model of an analysis: every call written down as it ends, all of them summed up."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from aegis.domain.report import Notice, RunInfo, Usage
from aegis.errors import EXIT_PROVIDER, AuditError

if TYPE_CHECKING:
    from aegis.analysis.options import AnalyzeOptions
    from aegis.audit import AuditTrail
    from aegis.investigate.explain import Explainer
    from aegis.llm import Call, LanguageModel
    from aegis.privacy import Redactor


@dataclass(slots=True)
class LlmSession:
    """The model of one analysis, or that there is none.

    Calls are written into the audit trail the moment they end: they were paid for. A trail that cannot be written to
    costs no answer; why stands in ``unwritten``.
    """

    options: AnalyzeOptions
    run: RunInfo
    """The run that its calls belong to, with the name of the model."""
    language_model: LanguageModel | None = None
    unwritten: AuditError | None = None
    _explainer: Explainer | None = None
    _trail: AuditTrail | None = None
    _lock: Lock = field(default_factory=Lock)

    @classmethod
    def opened(cls, options: AnalyzeOptions, run: RunInfo) -> LlmSession:
        """The model that the options name, for one run.

        Raises:
            ConfigError: It cannot be used as it is set.
        """
        session = cls(options, run)
        if options.llm is not None and options.depth != "results":
            from aegis.llm import open_model

            found = open_model(options.llm, on_call=session._record)
            if not found.is_offline:
                session.language_model, session.run = found, run.model_copy(update={"llm": found.name})
        return session

    @property
    def name(self) -> str | None:
        return None if self.language_model is None else self.language_model.name

    def explainer(self, redactor: Redactor) -> Explainer | None:
        """What asks it, with nothing personal or secret."""
        if self.language_model is None:
            return None
        from aegis.investigate.explain import Explainer

        self._explainer = Explainer(self.language_model, redactor)
        return self._explainer

    def usage(self) -> Usage:
        """The sum of the calls, and of those of each node of the graph."""
        if self.language_model is None:
            return Usage()
        from aegis.llm import total

        calls = self.language_model.calls
        by_node = {
            node: total(tuple(call for call in calls if call.node == node))
            for node in dict.fromkeys(call.node for call in calls)
        }
        return total(calls).model_copy(update={"by_node": by_node})

    def notices(self, findings: int) -> tuple[Notice, ...]:
        """What must be known: that it was not asked of ``findings`` at all, questions without an answer, claims without
        evidence, calls that are not written."""
        told = []
        if self._left_out(findings):
            what = f"{self.name} was not asked: without the warehouse there is nothing to explain"
            told.append(Notice(what=what, fatal=self.options.require_llm))
        if self._explainer is not None:
            required = self.options.require_llm
            for kind, times in self._explainer.unanswered.most_common():
                why = self._explainer.reasons[kind]
                what = f"{self.name} left {times} of {self._explainer.asked} questions unanswered: {why}"
                hint = None if required else "What was computed stands; only the model's words are missing there."
                told.append(Notice(what=what, hint=hint, fatal=required))
            if self._explainer.dropped:
                many = self._explainer.dropped
                cited = "1 citation" if many == 1 else f"{many} citations"
                told.append(Notice(what=f"left out of the model's words: {cited} of evidence that does not exist"))
        if self.unwritten is not None:
            what = f"calls of the model are not in the audit trail: {self.unwritten.message}"
            told.append(Notice(what=what, where=self.unwritten.where, hint=self.unwritten.hint))
        return tuple(told)

    def _left_out(self, findings: int) -> bool:
        return self.language_model is not None and self._explainer is None and findings > 0

    def exit_code(self, found: int, findings: int) -> int:
        """That of the findings, or that of a provider that was required and left questions unanswered."""
        unanswered = self._left_out(findings) or (self._explainer is not None and bool(self._explainer.unanswered))
        return EXIT_PROVIDER if self.options.require_llm and unanswered else found

    def close(self) -> None:
        if self._trail is not None:
            self._trail.close()
            self._trail = None

    def _record(self, call: Call) -> None:
        if not self.options.audit or self.unwritten is not None:
            return
        from aegis.audit.models import DecisionRecord

        with self._lock:
            try:
                self._written().record_decision(DecisionRecord(run_id=self.run.run_id, **call.model_dump()))
            except AuditError as error:
                self.unwritten = error

    def _written(self) -> AuditTrail:
        """The trail, with the beginning of this run in it."""
        if self._trail is None:
            from aegis.analysis.record import trail_path
            from aegis.audit import AuditTrail
            from aegis.audit.records import start_of

            self._trail = AuditTrail.open(trail_path(self.options.audit_db))
            self._trail.ensure_run(start_of(self.run))
        return self._trail
