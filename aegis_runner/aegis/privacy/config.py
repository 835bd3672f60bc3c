"""What the redactor is told: how careful to be, which columns hold personal data, and which values are secret."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from aegis.domain.base import Frozen


class Mode(StrEnum):
    """How much leaves the boundary. Secrets never do, whatever the mode.

    ``strict``: all that is or could be personal is masked: columns marked so, columns named so, values of a telling
    shape in any text, free text in sample rows, and values that error messages quote. ``samples``: only columns
    marked or named so. ``off``: nothing but secrets.
    """

    STRICT = "strict"
    SAMPLES = "samples"
    OFF = "off"


class PrivacyConfig(Frozen):
    """Settings of a `Redactor`.

    Args:
        mode: How much is masked.
        pii_columns: Columns marked ``meta.pii``, as (table, column); the table is a dbt unique id, a relation or a
            bare name. A table of ``"*"`` means every table. Case does not matter.
        public_columns: Columns said to be harmless although their names do not look so, in the same form.
        key_columns: By rule id, the columns whose values stand in ``failing_keys``, in order. Where it is not known
            the keys are judged by the rule's own column and by their shapes.
        secrets: Values that must never be seen, for example from `secret_values`. Shorter ones than four characters
            are ignored: taking those out would destroy the text and tell where they stood.
        own_sql: SQL that the user wrote: compiled models and tests. A literal that stands in it is no data.
    """

    mode: Mode = Mode.STRICT
    pii_columns: frozenset[tuple[str, str]] = frozenset()
    public_columns: frozenset[tuple[str, str]] = frozenset()
    key_columns: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    secrets: frozenset[str] = Field(default=frozenset(), repr=False, exclude=True)
    own_sql: tuple[str, ...] = Field(default=(), repr=False, exclude=True)
