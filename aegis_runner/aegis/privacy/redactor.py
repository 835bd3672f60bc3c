"""The one object that everything passes on its way out: to a report, a comment, the audit trail or a model."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import zip_longest
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import JsonValue

from aegis.domain.base import Frozen
from aegis.domain.kinds import ProposalKind
from aegis.domain.privacy import MASK, Privacy
from aegis.domain.proposals import Proposal
from aegis.domain.report import Cause, Evidence, Finding, Quoted, Report, Sample
from aegis.domain.results import Result
from aegis.privacy.cells import Cells
from aegis.privacy.columns import Columns
from aegis.privacy.config import Mode, PrivacyConfig
from aegis.privacy.context import NOWHERE, Context, Own, Text, place_of, tables_of
from aegis.privacy.fields import IDENTIFIERS, MESSAGES, OWN, SQL
from aegis.privacy.messages import without_literals, without_values
from aegis.privacy.quoted import held_apart, put_back
from aegis.privacy.secrets import remover
from aegis.privacy.shapes import is_free_text, mask, masked, without_shapes
from aegis.privacy.statements import (
    HOW,
    HOW_SECRET,
    OwnLiterals,
    Treatment,
    in_comments,
    is_format,
    no_sql,
    pasted,
    read_only_text,
    without_comments,
)
from aegis.privacy.taint import taints
from aegis.rules.lookup import traits_of

_Model = TypeVar("_Model", bound=Frozen)

_REMEMBERED = 8192


class Redactor:
    """Masks personal data and takes out secrets. Immutable, and safe to use twice on the same thing.

    A value that was masked in a sample or a key is masked in every other text of that finding too.
    """

    __slots__ = ("_cells", "_code", "_mode", "_name", "_own", "_personal", "_secret")

    def __init__(self, config: PrivacyConfig | None = None) -> None:
        config = config or PrivacyConfig()
        self._mode = config.mode
        columns = Columns.of(config)
        # A report says the same few hundred names and words over and over.
        remember = lru_cache(maxsize=_REMEMBERED)
        self._personal = remember(columns.personal)
        secrets = remover(config.secrets)
        self._secret, self._code = remember(secrets.prose), remember(secrets.code)
        self._name = remember(self._named)
        self._own: Own = OwnLiterals(config.own_sql)
        keys = MappingProxyType(dict(config.key_columns))
        self._cells = Cells(self._mode, columns, keys, self._secret, self._name, self._personal)

    def text(self, text: str) -> str:
        """A message or a line of a log."""
        return self._prose(text, Context(own=self._own), message=True)

    def sql(self, text: str) -> str:
        """SQL to be read, as by a model: secrets are taken out; in strict mode, what has a telling shape is masked in
        literals, comments and quoted names."""
        return read_only_text(self._clean(text), Treatment(self._read, self._read, self._name))

    def statement(self, text: str) -> str:
        """SQL that was run, as it was; or, where data in it had to be masked, a text that is no SQL and says so."""
        return self._statement("query", text, NOWHERE)

    def name(self, text: str) -> str:
        """A name, such as that of a column, which may be a value in truth."""
        return self._name(text)

    def value(self, value: JsonValue, *, column: str | None = None, table: str | None = None) -> JsonValue:
        """One value of ``column``, as a cell of a sample."""
        return self._cells.in_column(value, column, (table,))

    def is_personal(self, column: str, table: str | None = None) -> bool:
        """Whether values of ``column`` are masked whatever they look like."""
        return self._personal((table,), column)

    def report(self, report: Report) -> Report:
        """``report`` with nothing personal or secret in it, as the mode says."""
        found = self._taints(report.findings, report.results)
        results = tuple(self._result(result, found.get(place_of(result))) for result in report.results)
        # A finding holds the very result that stands among the results.
        known = {id(result): treated for result, treated in zip(report.results, results, strict=True)}
        findings = tuple(self._finding(one, found.get(place_of(one.result)), known) for one in report.findings)
        rest = report.model_copy(update={"findings": (), "results": ()})
        update = {"findings": findings, "results": results, "privacy": Privacy(mode=self._mode.value)}
        return self._model(rest, NOWHERE).model_copy(update=update)

    def finding(self, finding: Finding) -> Finding:
        """One finding with nothing personal or secret in it."""
        place = place_of(finding.result)
        return self._finding(finding, self._taints((finding,), (finding.result,)).get(place), {})

    def sql_about(self, text: str, finding: Finding) -> str:
        """SQL of a place where a finding's values may stand: those that are masked there are masked in it."""
        taint = self._taints((finding,), (finding.result,)).get(place_of(finding.result))
        text = self.sql(text)
        return read_only_text(text, Treatment(taint, taint, _same)) if taint else text

    def cause(self, cause: Cause) -> Cause:
        """One cause with nothing personal or secret in it."""
        return self._model(cause, NOWHERE)

    # Models

    def _finding(self, finding: Finding, taint: Text | None, known: Mapping[int, Result]) -> Finding:
        context = self._context(finding.result, taint)
        update: dict[str, Any] = {
            "result": known.get(id(finding.result)) or self._result(finding.result, taint),
            "sample": None if finding.sample is None else self._sample(finding.sample, context),
            "evidence": tuple(self._evidence(item, context) for item in finding.evidence),
        }
        rest = finding.model_copy(update={"sample": None, "evidence": ()})
        return self._model(rest, context, skip=frozenset({"result"})).model_copy(update=update)

    def _result(self, result: Result, taint: Text | None) -> Result:
        context = self._context(result, taint)
        update: dict[str, Any] = {}
        if result.failing_keys:
            update["failing_keys"] = tuple(self._cells.key(result, key) for key in result.failing_keys)
        traits = traits_of(result.rule_type)
        value = traits is None or traits.observes_values
        if result.observed and context.personal and value and self._mode is not Mode.OFF:
            update["observed"] = masked(self._secret(result.observed))
        return self._model(result, context, skip=frozenset(update)).model_copy(update=update)

    def _sample(self, sample: Sample, context: Context) -> Sample:
        rows = tuple(
            tuple(
                self._cells.in_column(value, name, context.tables)
                for name, value in zip_longest(sample.columns[: len(row)], row)
            )
            for row in sample.rows
        )
        masked_now = {
            name
            for before, after in zip(sample.rows, rows, strict=True)
            for name, old, new in zip(sample.columns, before, after, strict=False)
            if old != new
        }
        names = tuple(name for name in sample.columns if name in masked_now or name in sample.redacted)
        # The cells are done: as prose they would be judged once more, without their column.
        rest = self._model(sample, context, skip=frozenset({"rows", "redacted"}))
        return rest.model_copy(update={"rows": rows, "redacted": tuple(map(self._secret, names))})

    def _evidence(self, evidence: Evidence, context: Context) -> Evidence:
        data = self._cells.cell(evidence.data, None, context.personal, context.tables)
        values = tuple(
            Quoted(column=self._name(one.column), value=self._quoted(one, context)) for one in evidence.values
        )
        # A value that the text quotes is judged by its column, and what stands around it as prose.
        text = self._prose(held_apart(evidence.text, [one.value for one in evidence.values]), context)
        text = put_back(text, [one.value for one in values])
        rest = self._model(evidence, context, skip=frozenset({"data", "text", "values"}))
        return rest.model_copy(update={"data": data, "text": text, "values": values})

    def _quoted(self, one: Quoted, context: Context) -> str:
        treated = self._cells.in_column(one.value, one.column, context.tables)
        text = treated if isinstance(treated, str) else str(treated)
        return context.taint(text) if context.taint else text

    def _model(self, model: _Model, context: Context, skip: frozenset[str] = frozenset()) -> _Model:
        """``model`` with every text in it treated as its field's name says; the same one if nothing changed."""
        update: dict[str, Any] = {}
        for name, value in model.__dict__.items():
            if value is None or name in skip:
                continue
            treated = self._any(name, value, context)
            if treated is not value:
                update[name] = treated
        return model.model_copy(update=update) if update else model

    def _any(self, name: str, value: Any, context: Context) -> Any:
        if type(value) is str:
            treated = self._field(name, value, context)
            return value if treated == value else treated
        if isinstance(value, Proposal):
            return self._proposal(value, context)
        if isinstance(value, Frozen):
            return self._model(value, context)
        if isinstance(value, tuple | list):
            items = [self._any(name, item, context) for item in value]
            same = all(new is old for new, old in zip(items, value, strict=True))
            return value if same else type(value)(items)
        if isinstance(value, dict):
            return self._cells.members(value, lambda _, item: self._any(name, item, context))
        return value

    def _named(self, text: str) -> str:
        """A name in data, which may be a value in truth."""
        return self._read(self._secret(text))

    def _field(self, name: str, text: str, context: Context) -> str:
        if name in IDENTIFIERS:
            return self._name(text)
        if name in SQL:
            return self._statement(name, text, context)
        if name in OWN:
            return self._secret(text)
        return self._prose(text, context, message=name in MESSAGES)

    def _proposal(self, proposal: Proposal, context: Context) -> Proposal:
        """What is no statement is not judged as one: an action is words, a diff must fit the file to the sign."""
        if proposal.kind is ProposalKind.UPSTREAM_ACTION:
            sql = self._prose(proposal.sql, context)
        elif proposal.kind is ProposalKind.MODEL_FIX:
            sql = self.sql(proposal.sql)
            sql = proposal.sql if sql == proposal.sql else no_sql(sql, HOW[self._mode])
        else:
            sql = self._statement("sql", proposal.sql, context)
        rest = self._model(proposal, context, skip=frozenset({"sql"}))
        return rest if sql == proposal.sql else rest.model_copy(update={"sql": sql})

    # Values and texts

    def _statement(self, name: str, text: str, context: Context) -> str:
        clean = self._clean(text)
        sql = pasted(clean, self._treatment(name, context), HOW[self._mode])
        if clean == text or without_comments(clean) == without_comments(text):
            return sql
        return no_sql(sql, HOW_SECRET)

    def _clean(self, sql: str) -> str:
        """A statement without secrets: comments are prose."""
        return self._code(in_comments(sql, self._secret))

    def _treatment(self, name: str, context: Context) -> Treatment:
        """Literals of ``failing_rows_sql`` are the rule's own; of a query or a fix, those that the user did not write
        are data."""

        def literal(body: str) -> str:
            plain = body.replace("''", "'")
            if (context.own is not None and context.own(plain)) or self._own(plain):
                return body
            if context.taint and context.taint(plain) != plain:
                return MASK
            if self._mode is not Mode.STRICT or is_format(plain):
                return body
            return mask(body) if is_free_text(plain) or without_shapes(plain) != plain else body

        def comment(body: str) -> str:
            body = self._read(body)
            return context.taint(body) if context.taint else body

        return Treatment(comment, _same if name in OWN else literal, self._name)

    def _read(self, text: str) -> str:
        return without_shapes(text) if self._mode is Mode.STRICT else text

    def _prose(self, text: str, context: Context, *, message: bool = False) -> str:
        text = self._secret(text)
        if self._mode is Mode.OFF:
            return text
        if context.taint:
            text = context.taint(text)
        if self._mode is Mode.STRICT or context.personal:
            if message:
                text = without_values(text, context.keep, personal=context.personal)
            elif '"' in text or "'" in text:
                text = without_literals(text, context.keep, words=context.personal)
            text = without_shapes(text)
        return text

    def _taints(self, findings: tuple[Finding, ...], results: tuple[Result, ...]) -> Mapping[tuple[str, str], Text]:
        return {} if self._mode is Mode.OFF else taints(findings, results, self._cells)

    def _context(self, result: Result, taint: Text | None) -> Context:
        tables = tables_of(result)
        names = frozenset(filter(None, [result.table, result.column, result.rule_id, result.node, result.unique_id]))
        sql = (result.failing_rows_sql,) if result.failing_rows_sql else ()

        here = OwnLiterals(sql)

        def own(text: str) -> bool:
            return here(text) or self._own(text)

        return Context(self._personal(tables, result.column), names, tables, taint, own)


def _same(text: str) -> str:
    return text
