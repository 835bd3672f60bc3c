"""Any warehouse through dbt itself: `dbt show` runs a query with the user's own profile.

It needs no Python adapter, and reaches what dbt reaches: so it could write, and SQL that does not plainly read is
refused here. So is SQL with a Jinja delimiter, which dbt would render. Rows come as JSON objects, so that each column
has to have a name of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from pydantic import JsonValue

from aegis.errors import WarehouseError
from aegis.sql.read_only import with_names
from aegis.warehouse.base import Rows, plain, plain_rows
from aegis.warehouse.only_reads import only_reads

_JINJA = re.compile(r"\{[{%#]|[}%#]\}")

Ask = Callable[[str, int], list[dict[str, JsonValue]]]
"""Runs SQL with a limit and gives rows; raises WarehouseError with the database's message."""


@dataclass(slots=True)
class ThroughDbt:
    """A warehouse that ``ask`` can reach."""

    dialect: str
    ask: Ask
    _answered: bool = False
    _lost: WarehouseError | None = None

    def connect(self) -> None:
        """Nothing is opened, as each query is a process of its own; but the warehouse must answer.

        Raises:
            WarehouseError: It does not.
        """
        if self._lost is not None:
            raise self._lost
        if not self._answered:
            self._must_answer()

    def close(self) -> None:
        """Nothing to close."""

    def execute_scalar(self, sql: str) -> JsonValue:
        found = self._ask(sql, 1)[1]
        return plain(next(iter(found[0].values()))) if found else None

    def execute_sample(self, sql: str, limit: int) -> Rows:
        named, found = self._ask(sql, limit)
        columns = tuple(found[0]) if found else self._columns(named)
        return Rows(columns, plain_rows([row[column] for column in columns] for row in found))

    def _ask(self, sql: str, limit: int) -> tuple[str, list[dict[str, JsonValue]]]:
        """The query as it was asked, and its rows."""
        _check_plain(sql)
        named = only_reads(sql, self.dialect, with_names)
        _check_plain(named)  # printed anew, two brackets may stand side by side
        return named, self._asked(named, limit)

    def _asked(self, sql: str, limit: int) -> list[dict[str, JsonValue]]:
        """What cannot be reached is not asked again: a process each, for the same refusal."""
        if self._lost is not None:
            raise self._lost
        try:
            found = self.ask(sql, limit)
        except WarehouseError as refused:
            if not self._answered:
                self._must_answer(refused)
            raise
        self._answered = True
        return found

    def _must_answer(self, refused: WarehouseError | None = None) -> None:
        """Tell a query that was refused from a warehouse that is not there.

        Raises:
            WarehouseError: It does not answer the plainest query either.
        """
        try:
            self.ask("select 1 as one", 1)
        except WarehouseError as error:
            self._lost = WarehouseError(f"cannot be reached: {error.message}", where=self.dialect, hint=error.hint)
            raise self._lost from refused
        self._answered = True

    def _columns(self, sql: str) -> tuple[str, ...]:
        """Where there is no row, one is made of NULLs: it has the names. Not every warehouse takes every query so."""
        joined = f"select asked.* from (select 1 as one) as always left join ({sql}) as asked on 1 = 1"
        try:
            found = self._asked(joined, 1)
        except WarehouseError:
            return ()
        return tuple(found[0]) if found else ()


def _check_plain(sql: str) -> None:
    if _JINJA.search(sql):
        raise WarehouseError("the query holds a Jinja delimiter, which dbt would render; it was not run")
