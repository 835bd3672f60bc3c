"""Any warehouse through dbt itself: `dbt show` runs a query with the user's own profile.

It needs no Python adapter, and reaches what dbt reaches. dbt renders Jinja in what it is given, so SQL with a Jinja
delimiter is refused here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from pydantic import JsonValue

from aegis.errors import WarehouseError
from aegis.warehouse.base import Rows, plain

_JINJA = re.compile(r"\{[{%#]|[}%#]\}")

Ask = Callable[[str, int], list[dict[str, JsonValue]]]
"""Runs SQL with a limit and gives rows; raises WarehouseError with the database's message."""


@dataclass(slots=True)
class ThroughDbt:
    """A warehouse that ``ask`` can reach."""

    dialect: str
    ask: Ask

    def connect(self) -> None:
        """Nothing to open: each query is a process of its own."""

    def close(self) -> None:
        """Nothing to close."""

    def execute_scalar(self, sql: str) -> JsonValue:
        rows = self.execute_sample(sql, 1).rows
        return rows[0][0] if rows else None

    def execute_sample(self, sql: str, limit: int) -> Rows:
        if _JINJA.search(sql):
            raise WarehouseError("the query holds a Jinja delimiter, which dbt would render; it was not run")
        found = self.ask(sql, limit)
        columns = tuple(found[0]) if found else ()
        return Rows(columns, tuple(tuple(plain(row[column]) for column in columns) for row in found))
