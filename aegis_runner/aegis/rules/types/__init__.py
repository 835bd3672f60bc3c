"""One class per rule type, one module per family. A family is imported when one of its types is asked for: the classes
of all of them cost a small run a tenth of its time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aegis.rules.model import Rule

FAMILIES: dict[str, tuple[str, ...]] = {
    "completeness": ("not_null", "not_empty_string", "null_percentage_below", "conditional_not_null"),
    "consistency": ("foreign_key", "custom_sql"),
    "distribution": ("mean_between", "column_sum_between", "stddev_below", "zscore_outlier"),
    "timeliness": ("freshness", "no_future_dates", "date_order"),
    "uniqueness": ("unique", "composite_unique", "duplicate_percentage_below"),
    "validity": (
        "sql_expression", "between", "min_value_check", "max_value_check", "regex_match", "accepted_values",
        "not_accepted_values", "column_exists", "column_type",
    ),
    "volume": ("row_count", "row_count_between"),
}  # fmt: skip
"""The types that each module declares."""

_FAMILY_OF = {name: family for family, names in FAMILIES.items() for name in names}


class Types(Mapping[str, "type[Rule]"]):
    """Rule types by name: ours, and what else was declared in ``declared``."""

    def __init__(self, declared: Mapping[str, type[Rule]]) -> None:
        self._declared = declared

    def __getitem__(self, name: str) -> type[Rule]:
        if name in _FAMILY_OF:
            import_module(f"{__name__}.{_FAMILY_OF[name]}")
        return self._declared[name]

    def __contains__(self, name: object) -> bool:
        return name in _FAMILY_OF or name in self._declared

    def __iter__(self) -> Iterator[str]:
        return iter({**_FAMILY_OF, **self._declared})

    def __len__(self) -> int:
        return len({**_FAMILY_OF, **self._declared})
