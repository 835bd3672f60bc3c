"""SQL for a warehouse that no session of ours holds back from writing: it is looked into first."""

from __future__ import annotations

from aegis.errors import RefusedError, WarehouseError
from aegis.sql.dialects import dialect_of
from aegis.sql.reading import with_names


def only_reads(sql: str, adapter: str) -> str:
    """The query, with a name of its own for each column (see `aegis.sql.reading.with_names`).

    Args:
        sql: A query; artifacts hold some that nobody here wrote.
        adapter: The dbt adapter type.

    Raises:
        WarehouseError: It does more than read, or nobody here can tell.
    """
    dialect = dialect_of(adapter)
    if dialect is None:
        raise WarehouseError(f"nobody here can tell whether SQL of {adapter} only reads; it was not run")
    try:
        return with_names(sql, dialect)
    except RefusedError as refused:
        raise WarehouseError(f"the query {refused.message}; it was not run", hint=refused.hint) from None
