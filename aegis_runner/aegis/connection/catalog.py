"""Which tables there are in a bare database, by its catalog."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from aegis.errors import WarehouseError
from aegis.warehouse.base import literal, quoted
from aegis.warehouse.duckdb_library import is_installed

if TYPE_CHECKING:
    from aegis.dbt.graph.tables import Columns, Table, Tables
    from aegis.warehouse.duckdb_files import DuckDbFiles

_MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Catalog:
    """What a DuckDB file has, read in one session. ``warehouse`` is None where DuckDB's library is not installed."""

    tables: Tables
    warehouse: DuckDbFiles | None = None

    def columns(self, tables: Iterable[Table]) -> dict[str, Columns]:
        """The columns of those that are tables, by the call that names them: what a view has, its SQL decides."""
        stored = {table.call: table for table in tables if table.rows is not None}
        if self.warehouse is None or not stored:
            return {}
        # Not duckdb_columns(): it lists every column of every table.
        queries = [
            f"select {literal(call)}, column_name, column_type from (describe {_relation(table)})"
            for call, table in stored.items()
        ]
        found: dict[str, Columns] = {}
        with suppress(WarehouseError):  # dbt asks for those that are not known here, and tells what it meets
            for call, name, kind in self.warehouse.execute_sample(" union all ".join(queries), _MOST).rows:
                found[str(call)] = (*found.get(str(call), ()), (str(name), str(kind)))
        return found


@contextmanager
def database_catalog(database: Path, *, wait: float = 0.0) -> Iterator[Catalog]:
    """The tables and views of a DuckDB file; without DuckDB's library, those that the rules name.

    Raises:
        WarehouseError: The file cannot be opened.
    """
    from aegis.dbt.graph.tables import AnyTables, Tables
    from aegis.dbt.scratch.private_project import database_name, table_in
    from aegis.warehouse.duckdb_files import DuckDbFiles, check_file

    check_file(database)
    name = database_name(database)
    if not is_installed():
        yield Catalog(AnyTables(lambda _database, schema, table: table_in(name, schema, table)))
        return
    warehouse = DuckDbFiles({name: database}, wait=wait, threads=1)
    try:
        found = warehouse.execute_sample(
            "select schema_name, table_name, estimated_size from duckdb_tables() "
            "where database_name = current_database() "
            "union all select schema_name, view_name, null from duckdb_views() "
            "where database_name = current_database() and not internal order by all",
            _MOST,
        )
        listed = (table_in(name, str(schema), str(table), _whole(rows)) for schema, table, rows in found.rows)
        yield Catalog(Tables(listed, file=database.name), warehouse)
    finally:
        warehouse.close()


def _relation(table: Table) -> str:
    return ".".join(map(quoted, filter(None, (table.schema, table.identifier))))


def _whole(rows: object) -> int | None:
    return rows if isinstance(rows, int) else None
