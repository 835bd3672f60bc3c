"""The tables that may be changed, found by the names that a statement gives them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from aegis.errors import RefusedError
from aegis.sql.tables import real_tables

if TYPE_CHECKING:
    from sqlglot import exp


class Targets:
    """Tables by their full names as dbt writes them, in a dialect whose rules tell which names are the same."""

    def __init__(self, tables: Sequence[str], dialect: str) -> None:
        self._dialect = dialect
        self._known = {name: self._parts(_table(name, dialect)) for name in tables}

    def found(self, tree: exp.Expr, table: exp.Table) -> str:
        """The allowed table that is meant. Its full name is put into the tree in place of the name given, also where
        the statement reads it: one name means one table.

        Raises:
            RefusedError: It is none of them, or the name fits several.
        """
        extra = [part for part, value in table.args.items() if value and part not in _PARTS]
        if extra:
            raise RefusedError(f"holds {extra[0].upper()} at the table it changes, which does not pass")
        given = self._parts(table)
        fitting = [name for name, parts in self._known.items() if parts[-len(given) :] == given]
        told = ".".join(given)
        if not fitting:
            allowed = ", ".join(sorted(self._known)) or "none"
            raise RefusedError(f"changes {told}, which is not the table to be fixed", hint=f"Allowed: {allowed}.")
        if len(fitting) > 1:
            raise RefusedError(f"changes {told}, which may be any of {', '.join(sorted(fitting))}; give its full name")
        whole = _table(fitting[0], self._dialect)
        for node in list(real_tables(tree)):
            if node is table or self._parts(node) == given:
                for part in ("this", "db", "catalog"):
                    found = whole.args.get(part)
                    node.set(part, found.copy() if found is not None else None)
        return fitting[0]

    def _parts(self, table: exp.Table) -> tuple[str, ...]:
        """Normalised: as the warehouse folds names, quoted ones too where it does."""
        from sqlglot import exp
        from sqlglot.dialects.dialect import Dialect

        if not isinstance(table.this, exp.Identifier):
            raise RefusedError("does not change a table by its name")
        dialect = Dialect.get_or_raise(self._dialect)
        copy: Any = table.copy()
        parts = [copy.args[part] for part in ("catalog", "db", "this") if copy.args.get(part)]
        if self._dialect in _EXACT:
            return tuple(str(part.name) for part in parts)
        return tuple(str(dialect.normalize_identifier(part).name) for part in parts)


# Where a table's name is its letters exactly, quoted or not.
_EXACT = frozenset({"bigquery"})
_PARTS = frozenset({"this", "db", "catalog", "alias"})


def _table(name: str, dialect: str) -> exp.Table:
    from sqlglot import exp

    return exp.to_table(name, dialect=dialect)


def called_by(table: exp.Table) -> str:
    """The name by which the statement's columns know its target, in lower case."""
    return str(table.alias_or_name).lower()
