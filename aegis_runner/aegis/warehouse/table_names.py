"""Tables of the project by other names: SQL of the project runs on copies that cannot have the names of their
originals. What is missed reads the original, or is refused, since nobody may write there."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from aegis.warehouse.base import Relation, quoted

_PLAIN = re.compile(r"[a-z_][a-z0-9_$]*")


@dataclass(slots=True)
class TableNames:
    """Names that stand in SQL for others."""

    _names: list[tuple[re.Pattern[str], str]] = field(default_factory=list)

    def add_relation(self, relation: Relation, here: str) -> None:
        """A table that is called by its schema, with the database or without, is ``here``."""
        database, schema, name = (_spelled(part or "") for part in (relation.database, relation.schema, relation.name))
        self._names.append((re.compile(rf'(?<![\w".])(?:{database}\.)?{schema}\.{name}(?![\w"])'), here))

    def add(self, name: str, here: str) -> None:
        """What is called just so is ``here``."""
        self._names.append((re.compile(rf'(?<![\w".]){re.escape(name)}(?![\w"])'), here))

    def put_into(self, sql: str) -> str:
        """The statement with these names."""
        for name, here in self._names:
            sql = name.sub(lambda _, here=here: here, sql)  # type: ignore[misc]  # mypy cannot infer such a lambda
        return sql


def _spelled(name: str) -> str:
    exact = re.escape(quoted(name))
    return f"(?:{exact}|(?i:{name.replace('$', '[$]')}))" if _PLAIN.fullmatch(name) else exact
