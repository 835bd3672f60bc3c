"""What a rule is: one expectation about one table.

Each rule type is a small subclass of `Rule` (``types/<family>.py``) whose own fields are the type's parameters; the
fields here are common to all. Rules are values: frozen, closed to unknown fields, equal when they say the same.

    >>> Between(table="orders", column="qty", min_value=1, max_value=100, severity="high")
"""

# No `from __future__ import annotations` here: pydantic would evaluate each text again for each of the subclasses,
# which is a third of the time to import them.

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SkipValidation, ValidationError, model_validator

from aegis.domain.severity import Level, Severity
from aegis.errors import RulesError
from aegis.rules.common import PERCENT as PERCENT
from aegis.rules.common import ROW_CHECKS as ROW_CHECKS
from aegis.rules.common import SCOPING as SCOPING
from aegis.rules.common import TOLERANCES as TOLERANCES
from aegis.rules.common import UNWRITTEN as UNWRITTEN
from aegis.rules.common import SourceLocation as SourceLocation
from aegis.rules.declared import register
from aegis.rules.declared import registry as registry
from aegis.rules.fields import Columns, Count, Id, Percent, Since, Text, Texts, Word, Zone
from aegis.rules.parts import Diagnosis, Remediation, Sla
from aegis.rules.traits import Traits

if TYPE_CHECKING:
    from pydantic import JsonValue


class Family(StrEnum):
    """What a rule type watches. A folder of ``macros/rules`` and a module of ``aegis.rules.types`` for each."""

    COMPLETENESS = "completeness"
    UNIQUENESS = "uniqueness"
    VALIDITY = "validity"
    VOLUME = "volume"
    TIMELINESS = "timeliness"
    CONSISTENCY = "consistency"
    DISTRIBUTION = "distribution"


class RuleStatus(StrEnum):
    """``draft`` runs and reports but never fails a build; ``deprecated`` does not run."""

    ACTIVE = "active"
    DRAFT = "draft"
    DEPRECATED = "deprecated"


class Rule(BaseModel):
    """One expectation about one table; use a subclass, such as ``NotNull``.

    ``table`` is a dbt model, a source as ``raw.orders``, or ``schema.table``. ``where`` is a SQL condition: rows
    outside are not checked. ``since`` (``7 days``, ``last_success``) checks only new rows by ``time_column``.
    ``time_zone`` (an IANA name) is that of dates and timestamps without a zone of their own, and of limits without an
    offset: UTC unless said.
    ``nulls`` says what a missing value does. ``max_failed_pct`` (0 to 100) and ``max_failed_rows`` are tolerated;
    above ``warn_pct`` but within them the rule warns. ``keys`` are the columns by which a person finds a row.
    ``level`` overrides what ``severity`` means to the build. ``source``, ``dialect`` (of the fields that hold SQL)
    and ``allow_functions`` (the user's own that SQL may call) are set by the loader and no part of the rule's value.

    Raises:
        RulesError: from the constructor, with every problem at once.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, coerce_numbers_to_str=True, defer_build=True
    )

    type: ClassVar[str]
    family: ClassVar[Family]
    traits: ClassVar[Traits]
    checks: ClassVar[frozenset[str]] = ROW_CHECKS
    """Which of ROW_CHECKS the type takes."""
    counts_in: ClassVar[frozenset[str]] = frozenset()
    """What may stand as ``unit`` though the type takes none: what it counts in anyway."""
    stands_in_for: ClassVar[frozenset[str]] = frozenset()
    """Types of the format that this version does not have, and to which this one is the nearest."""
    aliases: ClassVar[Mapping[str, str]] = MappingProxyType({})
    """Other names that the short form takes for a parameter."""
    shorthand: ClassVar[str] = "column"
    """The field that the short form fills when it gives no mapping: ``not_null: email``."""

    id: Id = Field(default=None, validate_default=False)  # type: ignore[assignment]  # filled in before validation
    table: Text
    schema_: Text | None = Field(default=None, alias="schema")
    database: Text | None = None
    warehouse: Text | None = None
    severity: Annotated[Severity, Word] = Severity.MEDIUM
    level: Literal[Level.ERROR, Level.WARN] | None = None
    owner: Text | None = None
    domain: Text | None = None
    tags: Texts = ()
    description: Text | None = None
    runbook: Text | None = None
    version: Text | None = None
    status: Annotated[RuleStatus, Word] = RuleStatus.ACTIVE
    generated_by: Text | None = None
    where: Text | None = None
    since: Since | None = None
    time_column: Text | None = None
    time_zone: Zone | None = None
    keys: Columns = ()
    nulls: Literal["pass", "fail"] = "pass"
    max_failed_pct: Percent | None = None
    max_failed_rows: Count | None = None
    warn_pct: Percent | None = None
    diagnosis: Diagnosis | None = None
    remediation: Remediation | None = None
    sla: Sla | None = None
    source: SkipValidation[SourceLocation | None] = Field(default=None, exclude=True, repr=False)
    dialect: SkipValidation[str | None] = Field(default=None, exclude=True, repr=False)
    allow_functions: SkipValidation[frozenset[str]] = Field(default=frozenset(), exclude=True, repr=False)

    if not TYPE_CHECKING:  # a signature of its own would hide the fields from type checkers

        def __init__(self, *unnamed: object, **values: object) -> None:
            from aegis.rules.explain import problems_of, text_flaws, unnamed_values

            cls = type(self)
            if unnamed:
                raise RulesError([unnamed_values(cls)])
            if not hasattr(cls, "type"):
                raise TypeError("Rule has no type; use one of its subclasses, such as NotNull")
            if flaws := text_flaws(cls, values):
                raise RulesError(flaws)
            if values.get("id") is None:
                values["id"] = cls.default_id(values)
            try:
                super().__init__(**values)
            except ValidationError as error:
                raise RulesError(problems_of(cls, values, error)) from None

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        if "type" in cls.__dict__:
            register(cls)

    @model_validator(mode="after")
    def _check(self) -> Self:
        for name in sorted((self.model_fields_set & ROW_CHECKS) - self.checks):
            raise ValueError(f"{name}: {self.type} does not take '{name}'")
        self._check_tolerances()
        self.check()
        return self

    def _check_tolerances(self) -> None:
        if self.warn_pct is None:
            return
        if self.max_failed_pct is None and self.max_failed_rows is None:
            raise ValueError("warn_pct: needs max_failed_pct or max_failed_rows; without them any failed row fails")
        if self.max_failed_pct is not None and self.warn_pct >= self.max_failed_pct:
            raise ValueError(f"warn_pct: {self.warn_pct} must be below max_failed_pct, {self.max_failed_pct}")

    def check(self) -> None:
        """What must hold between a type's parameters. Raises ValueError, its text led by ``field: ``."""

    @classmethod
    @cache
    def parameters(cls) -> tuple[str, ...]:
        """The type's own parameters, as they are declared."""
        return tuple(name for name in cls.model_fields if name not in Rule.model_fields and name != "about")

    @classmethod
    @cache
    def takes(cls) -> tuple[str, ...]:
        """All field names that a rules file may give for this type, its own first."""
        common = [f.alias or name for name, f in Rule.model_fields.items() if name not in UNWRITTEN]
        ordered = [
            "where",
            "since",
            "time_column",
            "time_zone",
            "nulls",
            "max_failed_pct",
            "max_failed_rows",
            "warn_pct",
        ]
        checks = [name for name in ordered if name in cls.checks]
        rest = [name for name in common if name not in ROW_CHECKS]
        return (*cls.parameters(), *checks, *rest)

    @classmethod
    def default_id(cls, values: dict[str, Any]) -> str:
        from aegis.rules.ids import default_id

        return default_id(cls, values)

    @property
    def columns_named(self) -> tuple[str, ...]:
        """The columns that the rule is about, as its parameters name them."""
        values = self.__dict__
        one = tuple(values[name] for name in ("column", "column_b") if values.get(name) is not None)
        return one + tuple(values.get("columns", ())) + tuple(values.get("about", ()))

    @property
    def effective_level(self) -> Level:
        """What a failure does to the build: a draft nothing; else ``level``; else by severity."""
        if self.status is RuleStatus.DRAFT:
            return Level.NONE
        if self.level is not None:
            return self.level
        return Level.ERROR if self.severity.rank >= Severity.HIGH.rank else Level.WARN

    def arguments(self, dialect: str | None = None) -> "dict[str, JsonValue]":
        """What the dbt macro of the type gets; see `aegis.rules.arguments`.

        SQL is checked and printed again in ``dialect`` (default: the one that the rule was loaded for).

        Raises:
            RulesError: The rule's SQL is not one read-only expression or query in that dialect.
        """
        from aegis.rules.arguments import arguments

        return arguments(self, dialect or self.dialect)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rule) and type(self) is type(other) and self._value() == other._value()

    def __hash__(self) -> int:
        return hash((self.type, self.table, self.id))

    def _value(self) -> dict[str, object]:
        return {name: value for name, value in self.__dict__.items() if name not in UNWRITTEN}
