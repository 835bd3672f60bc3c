"""The one object that everything passes on its way out: to a report, a comment, the audit trail or a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from itertools import zip_longest
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import JsonValue

from aegis.domain.base import Frozen
from aegis.domain.report import Cause, Evidence, Finding, Quoted, Report, Sample
from aegis.domain.results import Result
from aegis.privacy.columns import Columns
from aegis.privacy.config import Mode, PrivacyConfig
from aegis.privacy.context import NOWHERE, Context, Tables, Text, place_of, tables_of
from aegis.privacy.fields import COUNTING, IDENTIFIERS, SQL
from aegis.privacy.literals import sql_literals
from aegis.privacy.messages import without_literals, without_values
from aegis.privacy.quoted import held_apart, put_back
from aegis.privacy.secrets import REMOVED, remover
from aegis.privacy.shapes import is_card, is_free_text, masked, shape, without_shapes
from aegis.privacy.taint import changed, taint_remover

_Model = TypeVar("_Model", bound=Frozen)

_REMEMBERED = 8192


class Redactor:
    """Masks personal data and takes out secrets. Immutable, and safe to use twice on the same thing.

    A value that was masked in a sample or a key is masked in every other text of that finding too.
    """

    __slots__ = ("_columns", "_keys", "_mode", "_name", "_personal", "_secret")

    def __init__(self, config: PrivacyConfig | None = None) -> None:
        config = config or PrivacyConfig()
        self._mode = config.mode
        self._columns = Columns.of(config)
        # A report says the same few hundred names and words over and over.
        self._personal = lru_cache(maxsize=_REMEMBERED)(self._columns.personal)
        self._keys: Mapping[str, tuple[str, ...]] = MappingProxyType(dict(config.key_columns))
        self._secret = lru_cache(maxsize=_REMEMBERED)(remover(config.secrets))
        self._name = lru_cache(maxsize=_REMEMBERED)(self._named)

    def text(self, text: str) -> str:
        """Prose, such as a message or a log line."""
        return self._prose(text, NOWHERE)

    def sql(self, text: str) -> str:
        """SQL: secrets are taken out; in strict mode, literals and quoted names of a telling shape are masked."""
        text = self._secret(text)
        return sql_literals(text, without_shapes, without_shapes) if self._mode is Mode.STRICT else text

    def name(self, text: str) -> str:
        """A name, such as that of a column, which may be a value in truth."""
        return self._name(text)

    def value(self, value: JsonValue, *, column: str | None = None, table: str | None = None) -> JsonValue:
        """One value of ``column``, as a cell of a sample."""
        return self._in_column(value, column, (table,))

    def is_personal(self, column: str, table: str | None = None) -> bool:
        """Whether values of ``column`` are masked whatever they look like."""
        return self._personal((table,), column)

    def report(self, report: Report) -> Report:
        """``report`` with nothing personal or secret in it, as the mode says."""
        taints = self._taints(report.findings, report.results)
        results = tuple(self._result(result, taints.get(place_of(result))) for result in report.results)
        # A finding holds the very result that stands among the results.
        known = {id(result): treated for result, treated in zip(report.results, results, strict=True)}
        findings = tuple(self._finding(one, taints.get(place_of(one.result)), known) for one in report.findings)
        rest = report.model_copy(update={"findings": (), "results": ()})
        return self._model(rest, NOWHERE).model_copy(update={"findings": findings, "results": results})

    def finding(self, finding: Finding) -> Finding:
        """One finding with nothing personal or secret in it."""
        place = place_of(finding.result)
        return self._finding(finding, self._taints((finding,), (finding.result,)).get(place), {})

    def sql_about(self, text: str, finding: Finding) -> str:
        """SQL of a place where a finding's values may stand: those that are masked there are masked in it."""
        taint = self._taints((finding,), (finding.result,)).get(place_of(finding.result))
        text = self.sql(text)
        return sql_literals(text, taint) if taint else text

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
            update["failing_keys"] = tuple(self._key(result, key) for key in result.failing_keys)
        counts = result.rule_type.rpartition(".")[2] in COUNTING
        if result.observed and context.personal and not counts and self._mode is not Mode.OFF:
            update["observed"] = masked(self._secret(result.observed))
        return self._model(result, context, skip=frozenset(update)).model_copy(update=update)

    def _sample(self, sample: Sample, context: Context) -> Sample:
        rows = tuple(
            tuple(
                self._in_column(value, name, context.tables)
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
        data = self._cell(evidence.data, None, context.personal, context.tables)
        values = tuple(
            Quoted(column=self._name(one.column), value=self._quoted(one, context)) for one in evidence.values
        )
        # A value that the text quotes is judged by its column, and what stands around it as prose.
        text = self._prose(held_apart(evidence.text, [one.value for one in evidence.values]), context)
        text = put_back(text, [one.value for one in values])
        rest = self._model(evidence, context, skip=frozenset({"data", "text", "values"}))
        return rest.model_copy(update={"data": data, "text": text, "values": values})

    def _quoted(self, one: Quoted, context: Context) -> str:
        treated = self._in_column(one.value, one.column, context.tables)
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
        if isinstance(value, Frozen):
            return self._model(value, context)
        if isinstance(value, tuple | list):
            items = [self._any(name, item, context) for item in value]
            same = all(new is old for new, old in zip(items, value, strict=True))
            return value if same else type(value)(items)
        if isinstance(value, dict):
            return self._members(value, lambda _, item: self._any(name, item, context))
        return value

    def _members(self, members: Mapping[Any, Any], treat: Callable[[Any, Any], Any]) -> dict[Any, Any]:
        """A mapping, its names and members treated. A name that became another's has a prime, so that none is lost."""
        treated: dict[Any, Any] = {}
        for key, item in members.items():
            name = self._name(key) if type(key) is str else key
            while name in treated:
                name = f"{name}'"
            treated[name] = treat(key, item)
        return treated

    def _named(self, text: str) -> str:
        """A name in data, which may be a value in truth."""
        text = self._secret(text)
        return without_shapes(text) if self._mode is Mode.STRICT else text

    def _field(self, name: str, text: str, context: Context) -> str:
        if name in IDENTIFIERS:
            return self._name(text)
        if name in SQL:
            text = self.sql(text)
            return sql_literals(text, context.taint) if context.taint else text
        return self._prose(text, context)

    # Values and texts

    def _prose(self, text: str, context: Context) -> str:
        text = self._secret(text)
        if self._mode is Mode.OFF:
            return text
        if context.taint:
            text = context.taint(text)
        if self._mode is Mode.STRICT or context.personal:
            if '"' in text or "'" in text or "(" in text or ":" in text:
                text = without_values(text, context.keep)
                text = without_literals(text, context.keep, words=context.personal)
            text = without_shapes(text)
        return text

    def _cell(self, value: JsonValue, column: str | None, personal: bool, tables: Tables) -> JsonValue:
        if isinstance(value, list):
            return [self._cell(item, column, personal, tables) for item in value]
        if isinstance(value, dict):
            # ``{"column": "email", "values": […]}`` speaks of the column that it names.
            about = value.get("column")
            named = isinstance(about, str) and self._personal(tables, about)
            known = personal or named

            def member(key: str, item: JsonValue) -> JsonValue:
                if key == "column" and isinstance(item, str):
                    return self._name(item)
                return self._cell(item, key, known or self._personal(tables, key), tables)

            return self._members(value, member)
        if column is not None and self._columns.credential(column) and personal and value is not None:
            return "«credential»"
        if personal:
            return masked(self._secret(value) if isinstance(value, str) else value)
        return self._impersonal(value)

    def _impersonal(self, value: JsonValue) -> JsonValue:
        """A value of a column that nothing says is personal: short words and numbers stay."""
        if isinstance(value, str):
            text = self._secret(value)
            if self._mode is not Mode.STRICT:
                return text
            # Free text may hold anything: a name, an illness, a complaint.
            return shape(text) if is_free_text(text) else without_shapes(text)
        if isinstance(value, int) and not isinstance(value, bool):
            number = str(value)
            if self._secret(number) != number:
                return REMOVED
            if self._mode is Mode.STRICT and is_card(number):
                return masked(value)
        return value

    def _in_column(self, value: JsonValue, column: str | None, tables: Tables) -> JsonValue:
        return self._cell(value, column, self._personal(tables, column), tables)

    def _key(self, result: Result, key: JsonValue) -> JsonValue:
        """A failing key. Where its columns are unknown it may be the rule's own column, as for ``unique``."""
        tables, columns = tables_of(result), self._keys.get(result.rule_id)
        if columns and isinstance(key, list) and len(columns) == len(key):
            return [self._in_column(item, name, tables) for item, name in zip(key, columns, strict=True)]
        if columns:
            return self._cell(key, None, self._personal(tables, ",".join(columns)), tables)
        return self._unknown_key(self._cell(key, None, self._personal(tables, result.column), tables))

    def _unknown_key(self, key: JsonValue) -> JsonValue:
        """In strict mode a word without a digit may be a name; codes and numbers stay, they find the row."""
        if isinstance(key, list):
            return [self._unknown_key(item) for item in key]
        wordy = isinstance(key, str) and not any(map(str.isdigit, key))
        return shape(key) if self._mode is Mode.STRICT and wordy and isinstance(key, str) else key

    # What was masked must not be read elsewhere

    def _taints(self, findings: Sequence[Finding], results: Sequence[Result]) -> dict[tuple[str, str], Text]:
        """By result, what masks the values that its keys and its sample hold, in any other text about it."""
        if self._mode is Mode.OFF:
            return {}
        found: dict[tuple[str, str], frozenset[str]] = {}
        for finding in findings:
            found[place_of(finding.result)] = self._in_sample(finding)
        for result in (*results, *(finding.result for finding in findings)):
            keys = changed(result.failing_keys, partial(self._key, result)) if result.failing_keys else frozenset()
            if keys:
                found[place_of(result)] = keys | found.get(place_of(result), frozenset())
        return {place: taint_remover(values) for place, values in found.items() if values}

    def _in_sample(self, finding: Finding) -> frozenset[str]:
        sample, tables = finding.sample, tables_of(finding.result)
        if sample is None:
            return frozenset()
        cells = ((name, value) for row in sample.rows for name, value in zip(sample.columns, row, strict=False))
        found: frozenset[str] = frozenset()
        for name, value in cells:
            found |= changed([value], partial(self._in_column, column=name, tables=tables))
        return found

    def _context(self, result: Result, taint: Text | None) -> Context:
        tables = tables_of(result)
        names = frozenset(filter(None, [result.table, result.column, result.rule_id, result.node, result.unique_id]))
        return Context(self._personal(tables, result.column), names, tables, taint)
