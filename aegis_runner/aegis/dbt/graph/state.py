"""What changed in a project since an earlier manifest, node by node, and in which part of a node's SQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from aegis.dbt.artifacts.schema import Manifest, Node
from aegis.dbt.graph.clauses import changed_clauses, first_changed_line, how_made
from aegis.domain.text import listed
from aegis.errors import RefusedError
from aegis.sql.dialects import dialect_of
from aegis.sql.gate import check_query
from aegis.sql.parse import one_query

if TYPE_CHECKING:
    from sqlglot import exp

_KINDS = ("model", "snapshot", "seed")


@dataclass(frozen=True, slots=True)
class Change:
    """How a node differs from what it was.

    Attributes:
        node: Its id.
        what: In words: ``how amount is made``, ``the filter (line 12)``, ``is new``, …
        columns: Output columns (lower case) whose expressions differ; ``None`` where that is not known.
        rows: Whether what decides over its rows differs (FROM, joins, WHERE, GROUP BY, DISTINCT, …).
        before: Its compiled SQL as it was, printed again, if it is one query that only reads (the SQL gate's words).
        file_before: Its SQL as it was, as people write it.
        inlined: The ephemeral model that brought the change in, where the node's own file is as it was.
    """

    node: str
    what: str
    columns: frozenset[str] | None
    rows: bool
    before: str | None = None
    file_before: str | None = None
    inlined: str | None = None

    @property
    def origin(self) -> str:
        """The node in whose file it was made."""
        return self.inlined or self.node

    def touches(self, columns: tuple[str, ...]) -> bool:
        """Whether a fault in these columns (or in the rows themselves) can come of it."""
        return self.rows or self.columns is None or any(name.lower() in self.columns for name in columns)


def changes(before: Manifest, now: Manifest) -> dict[str, Change]:
    """Nodes that are new or differ in their SQL, by id. Differences of layout and comments are none."""
    dialect = dialect_of(now.metadata.adapter_type or "")
    found = {}
    for uid, node in now.nodes.items():
        if node.resource_type not in _KINDS:
            continue
        older = before.find(uid)
        same_file = older is not None and older.sql == node.sql
        inlined = next(_changed_inside(node, before, now), None) if same_file else None
        # The same file is compiled otherwise on a first run: then other SQL is no change.
        kept = same_file and inlined is None and _keeps_rows(node)
        change = Change(uid, "is new", None, rows=True) if older is None else _change(older, node, dialect, kept=kept)
        if change is not None:
            found[uid] = replace(change, inlined=inlined)
    return found


def new_tests(before: Manifest, now: Manifest) -> frozenset[str]:
    """Tests that there were not: that they fail tells nothing of a change."""
    return frozenset(uid for uid, node in now.nodes.items() if node.resource_type == "test" and uid not in before.nodes)


def _changed_inside(node: Node, before: Manifest, now: Manifest) -> Iterator[str]:
    """The ephemeral models in its SQL whose files differ, nearest first: dbt writes theirs into its own."""
    for parent in map(now.find, node.parents):
        if parent is None or parent.config is None or parent.config.materialized != "ephemeral":
            continue
        older = before.find(parent.unique_id)
        if older is None or older.sql != parent.sql:
            yield parent.unique_id
        yield from _changed_inside(parent, before, now)


def _change(older: Node, node: Node, dialect: str | None, *, kept: bool) -> Change | None:
    if kept or (node.sql == older.sql and node.compiled == older.compiled):
        return (
            None if _checksum(older) == _checksum(node) else Change(node.unique_id, "its file differs", None, rows=True)
        )
    old, new = older.compiled or "", node.compiled or ""
    if not old or not new:
        same = " ".join((older.sql or "").split()) == " ".join((node.sql or "").split())
        return None if same else Change(node.unique_id, "its SQL differs", None, rows=True)
    try:
        before, now = (one_query(text.strip().rstrip(";"), dialect) for text in (old, new))
    except RefusedError:
        same = " ".join(old.split()) == " ".join(new.split())
        return None if same else Change(node.unique_id, "its SQL differs", None, rows=True)
    one, other = _parts(before), _parts(now)
    columns = frozenset(
        name for name in one.columns.keys() | other.columns.keys() if one.columns.get(name) != other.columns.get(name)
    )
    same = before.sql(comments=False) == now.sql(comments=False)
    rows = one.rows != other.rows or not (columns or same)
    if not columns and not rows:
        return None
    named = sorted(columns - {"*", ""})
    words = [how_made(named)] if named else []
    words += (changed_clauses(before, now) or ("which rows it has",)) if rows else ()
    line = first_changed_line(older.sql or "", node.sql or "")
    what = (listed(words) or "its SQL") + (f" (line {line})" if line else "")
    return Change(node.unique_id, what, columns, rows, only_reading(old, dialect), older.sql)


def _keeps_rows(node: Node) -> bool:
    """Whether it keeps rows of earlier runs."""
    return node.config is not None and node.config.materialized in ("incremental", "snapshot")


def only_reading(sql: str, dialect: str | None) -> str | None:
    """A query that passed the gate, which refuses comments: they are left out first."""
    try:
        bare = one_query(sql.strip().rstrip(";"), dialect).sql(dialect=dialect, comments=False)
        return check_query(bare, dialect).sql
    except RefusedError:
        return None


def _checksum(node: Node) -> str | None:
    if node.resource_type != "seed":
        return None
    return node.checksum if isinstance(node.checksum, str) or node.checksum is None else node.checksum.checksum


@dataclass(frozen=True, slots=True)
class _Parts:
    """A query taken apart: what each column is, by name, in every SELECT of it; and all that decides over rows."""

    columns: Mapping[str, tuple[str, ...]]
    rows: tuple[str, ...]


def _parts(tree: exp.Query) -> _Parts:
    from sqlglot import exp

    columns: dict[str, list[str]] = {}
    rows: list[str] = []
    for select in tree.find_all(exp.Select):
        for one in select.expressions:
            columns.setdefault(one.alias_or_name.lower(), []).append(one.sql(comments=False))
        bare = select.copy()
        bare.set("expressions", [])
        bare.set("with_", None)
        bare.set("with", None)
        for inner in list(bare.find_all(exp.Subquery)):
            # A query inside is looked at by itself.
            inner.set("this", exp.select())
        rows.append(bare.sql(comments=False))
    return _Parts({name: tuple(texts) for name, texts in columns.items()}, tuple(rows))
