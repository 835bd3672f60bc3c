"""The nested sections of a rule: what its owner wrote for the time when it fails."""

# No `from __future__ import annotations` here, for the reason given in `aegis.rules.model`.

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from aegis.rules.fields import Text, Texts, Word
from aegis.rules.hints import HINTS_SCHEMA, hints_from


class Part(BaseModel):
    """A nested section of a rule."""

    # Built at once, unlike rule types: each of these would build the parts again.
    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, given: Any) -> Any:
        """Null is nothing, but for an unknown field."""
        if not isinstance(given, dict):
            return given
        return {name: value for name, value in given.items() if value is not None or name not in cls.model_fields}


class LineageHints(Part):
    """Where rows come from, as the owner of a rule knows it: tables, some with the ``columns`` that matter there.

    In a file it may be a list of tables, or a mapping ``table: [columns]``, in which ``upstream_tables`` lists tables
    alone.
    """

    upstream_tables: Texts = ()
    columns: dict[Text, Texts] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _from_file(cls, given: Any) -> Any:
        return hints_from(given)

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: Any) -> dict[str, Any]:
        del core_schema, handler
        return HINTS_SCHEMA

    def by_table(self) -> dict[str, list[str]]:
        """Every table that is named, with the columns that are named of it."""
        return {table: list(self.columns.get(table, ())) for table in (*self.upstream_tables, *self.columns)}


class Diagnosis(Part):
    """What usually causes a failure: read by people and by the model that explains a finding."""

    common_causes: Texts = ()
    lineage_hints: LineageHints = LineageHints.model_construct(upstream_tables=(), columns={})


class Remediation(Part):
    """``proposal_strategy``: ``none`` proposes no fix for the rule; with ``llm_simple`` a model that proposes one is
    told of the failure alone, with ``llm_with_lineage`` (or where nothing is said) of where it began too.
    ``auto_remediate`` is read by nothing: Aegis changes no table."""

    auto_remediate: bool = False
    proposal_strategy: Annotated[Literal["llm_with_lineage", "llm_simple", "none"] | None, Word] = None


class Sla(Part):
    """``detection_window`` such as ``1h``; ``notification_target`` such as ``slack://data``. Read by nothing yet."""

    detection_window: Text | None = None
    notification_target: Text | None = None
