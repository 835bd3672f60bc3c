"""Tests as projects have them: on some of the nodes, a few on each, all of them green before the fault."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

from faultlab.generated import Lab, Model

STATUSES = ("new", "paid", "sent", "done", "void", "unknown")


def tested_nodes(lab: Lab, which: str, chance: random.Random) -> list[Model]:
    """``third``: every third model by chance; ``leaves``: models that no other reads."""
    if which == "leaves":
        read = {parent for model in lab.models for parent in model.parents}
        return [model for model in lab.models if model.name not in read]
    return chance.sample(list(lab.models), max(1, len(lab.models) // 3))


def candidates(model: Model, numbers: dict[str, Any], partners: Iterable[str]) -> list[dict[str, Any]]:
    """Rules that people would write for a model; ``numbers`` are what a look at the healthy table tells."""
    rules: list[dict[str, Any]] = [
        {"not_null": "id"},
        {"unique": "id"},
        {"not_null": "name"},
        {"not_empty_string": "name"},
        {"accepted_values": {"column": "status", "values": list(STATUSES)}},
        {"between": {"column": "amount", "min_value": 0, "max_value": round(numbers["most"] * 1.2) + 1}},
        {"no_future_dates": "created_at"},
        {"row_count": int(numbers["rows"] * 0.97)},
    ]
    if "share" in model.columns:
        rules.append({"between": {"column": "share", "min_value": 0, "max_value": 1}})
    rules += [{"not_null": column} for column in model.columns if column.startswith(("amount_", "name_"))]
    for other in partners:
        reference = {"column": "id", "reference_table": other, "reference_column": "id"}
        rules.append({"foreign_key": {**reference, "id": f"{model.name}_in_{other}"}})
    return rules
