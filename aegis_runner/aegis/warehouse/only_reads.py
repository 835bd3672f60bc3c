"""SQL that nobody here wrote, looked into before a warehouse gets it."""

from __future__ import annotations

from collections.abc import Callable

from aegis.errors import RefusedError, WarehouseError
from aegis.sql.dialects import dialect_of
from aegis.sql.read_only import reading


def only_reads(sql: str, adapter: str, look: Callable[[str, str], str] = reading) -> str:
    """The query as it may be run.

    Args:
        sql: A query.
        adapter: The dbt adapter type.
        look: Which look of `aegis.sql.read_only`.

    Raises:
        WarehouseError: It does more than read, or nobody here can tell.
    """
    dialect = dialect_of(adapter)
    if dialect is None:
        raise WarehouseError(f"SQL of {adapter} cannot be checked for writes, so it was not run")
    try:
        return look(sql, dialect)
    except RefusedError as refused:
        raise WarehouseError(f"the query {refused.message}; it was not run", hint=refused.hint) from None
