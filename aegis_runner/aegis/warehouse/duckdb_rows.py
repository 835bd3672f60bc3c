"""Copies of some rows of a few tables, in a database in memory beside the user's files, to try changes on.

Where a trial needs the failing rows alone, they are at hand in the session that was asked about them. The copies are
made there: to open the files again, and to look for the rows again, would cost more than the trial. The user's files
are read-only in that session, which can reach no other file and change no setting.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING

from aegis.warehouse.base import Relation, Rows, SandboxLimits, quoted
from aegis.warehouse.duckdb_sandbox import DuckDbSandbox, add_constraints, checked_rows, constraints_of
from aegis.warehouse.table_names import TableNames

if TYPE_CHECKING:
    import duckdb

    from aegis.warehouse.duckdb_files import DuckDbFiles

_numbers = count(1)


class _BesideFiles(DuckDbSandbox):
    """A session whose tables are in the database ``place``, under the schemas and names of their originals."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, limits: SandboxLimits, place: str) -> None:
        super().__init__(connection, limits)
        self.names = TableNames()
        self._place = place

    def execute_sample(self, sql: str, limit: int) -> Rows:
        return super().execute_sample(self.names.put_into(sql), limit)

    def keep(self, name: str, query: str) -> None:
        self.names.add(name, f"{quoted(self._place)}.main.{name.rpartition('.')[2]}")
        super().keep(name, query)


@contextmanager
def rows_beside(
    warehouse: DuckDbFiles, relations: Sequence[Relation], limits: SandboxLimits, rows: Mapping[Relation, str]
) -> Iterator[DuckDbSandbox]:
    """Copies of what the queries give, and of the other relations as they are, until the block ends.

    Raises:
        WarehouseError: A relation is missing, two have one name, rows are too many, or to copy takes too long.
    """
    default, place = next(iter(warehouse.files)), f"aegis_rows_{next(_numbers)}"
    originals = {one: (one.database or default, one.schema or "main", one.name) for one in relations}
    for original in originals.values():
        # The session takes no more files once it has begun: all are there before anything is made beside them.
        warehouse.execute_sample(f"SELECT * FROM {_sql(original)} WHERE 1 = 0", 1)
    warehouse.execute_sample(f"ATTACH ':memory:' AS {place}", 1)
    try:
        with warehouse.cursor() as connection:
            session = _BesideFiles(connection, limits, place)
            for relation, original in originals.items():
                here = (place, *original[1:])
                query = rows.get(relation, f"SELECT * FROM {_sql(original)}")
                warehouse.execute_sample(f"CREATE SCHEMA IF NOT EXISTS {place}.{quoted(here[1])}", 1)
                some = f"SELECT * FROM (\n{query}\n) AS some_rows LIMIT {limits.rows + 1}"
                warehouse.execute_sample(f"CREATE TABLE {_sql(here)} AS {some}", 1)
                checked_rows(session, *here)
                add_constraints(session, here, constraints_of(session, original))
                session.names.add_relation(Relation(original[2], original[1], original[0]), _sql(here))
            yield session
    finally:
        warehouse.execute_sample(f"DETACH {place}", 1)


def _sql(place: Sequence[str]) -> str:
    return ".".join(map(quoted, place))
