"""The tables that dbt knows, and which of them a rule means."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from msgspec import ValidationError, convert

from aegis.dbt.artifacts.schema import Manifest, Node
from aegis.dbt.graph.nodes import real_name, source_label
from aegis.dbt.graph.odd_names import unfit
from aegis.errors import RefusedError

_TABLE_KINDS = frozenset({"model", "seed", "snapshot"})

Columns = tuple[tuple[str, str], ...]
"""The columns of a table: name and type, as the warehouse writes them."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the project.

    ``call`` is how a dbt file names it (``ref("orders")``, ``source("raw", "orders")``), ``label`` how people do
    (``orders``, ``raw.orders``), ``keys`` its primary key where a contract tells, ``time_column`` its loaded_at_field.
    ``names`` are others that people use for it, ``unfit`` why no rule can be about it. ``rows`` is about how many it
    has, where that costs nothing to know. ``group`` is the model's; where it is ``private``, only nodes of that
    group may read it. A ``disabled`` one is not built by this target, and dbt leaves out its tests.
    """

    call: str
    label: str
    schema: str | None
    identifier: str
    database: str | None = None
    keys: tuple[str, ...] = ()
    time_column: str | None = None
    unique_id: str | None = None
    names: tuple[str, ...] = ()
    unfit: str | None = None
    rows: int | None = None
    group: str | None = None
    private: bool = False
    disabled: bool = False


class UnknownTable(LookupError):
    """No table, or more than one, answers to the name. ``candidates`` are labels that come near or fit; ``reason``
    says why it cannot be used though dbt knows it; ``file`` is the database that was looked into, where it was one."""

    def __init__(
        self,
        name: str,
        candidates: Iterable[str] = (),
        *,
        ambiguous: bool = False,
        reason: str | None = None,
        file: str | None = None,
    ) -> None:
        super().__init__(name)
        self.reason = reason
        self.name = name
        self.candidates = tuple(candidates)
        self.ambiguous = ambiguous
        self.file = file


class Tables:
    """Finds the table that a rule names: a model, seed or snapshot by its name, a source as ``raw.orders`` (or by its
    table name alone where only one source has it), or ``schema.table`` as the warehouse calls it. ``disabled`` are
    names that dbt knows and does not build; ``file`` is the database whose tables they are, where no project is."""

    def __init__(self, tables: Iterable[Table], disabled: Iterable[str] = (), *, file: str | None = None) -> None:
        self.all = tuple(tables)
        self._file = file
        self._disabled = frozenset(name.lower() for name in disabled)
        self._by_name: dict[str, list[Table]] = defaultdict(list)
        for table in self.all:
            names = {table.label, table.identifier, *table.names}
            if table.schema:
                names.add(f"{table.schema}.{table.identifier}")
                if table.database:
                    names.add(f"{table.database}.{table.schema}.{table.identifier}")
            for name in {name.lower() for name in names}:
                self._by_name[name].append(table)

    def find(self, name: str, schema: str | None = None, database: str | None = None) -> Table:
        """The table of that name.

        Raises:
            UnknownTable: There is none, or several and none of them is meant more than the others.
        """
        found = self._by_name.get(name.lower(), [])
        if schema is not None:
            found = [table for table in found if table.schema is not None and table.schema.lower() == schema.lower()]
        if database is not None and self._file is None:
            # A file that was named is the database, whatever the rule calls the one that it was written for.
            found = [table for table in found if table.database in (None, database) or _same(table.database, database)]
        found = [table for table in found if not table.disabled] or found
        for fits in _CLOSEST_FIRST:
            closest = [table for table in found if fits(table, name)]
            if closest:
                found = closest
                break
        if len(found) == 1:
            return found[0]
        if found:
            raise UnknownTable(name, sorted({_told(table, found) for table in found}), ambiguous=True)
        if name.lower() in self._disabled:
            raise UnknownTable(name, reason=DISABLED)
        elsewhere = self._by_name.get(name.lower(), [])
        if elsewhere:
            asked = ".".join(filter(None, (database, schema)))
            there = ", ".join(sorted({".".join(filter(None, (one.database, one.schema))) for one in elsewhere}))
            raise UnknownTable(name, reason=f"is not in {asked}, but in {there}")
        labels = sorted({table.label for table in self.all})
        raise UnknownTable(name, get_close_matches(name, labels, n=3), file=self._file)


class AnyTables(Tables):
    """Where nobody can be asked, whatever a rule names is a table: ``make`` gives it by (database, schema, name)."""

    def __init__(self, make: Callable[[str | None, str, str], Table]) -> None:
        super().__init__(())
        self._make = make

    def find(self, name: str, schema: str | None = None, database: str | None = None) -> Table:
        from aegis.sql.shape import check_table_name

        *before, identifier = name.split(".")
        try:
            # What is no table might be read as a file.
            for part in (*before, identifier):
                check_table_name(part)
        except RefusedError as refused:
            raise UnknownTable(name, reason=refused.message) from None
        table = self._make(database, before[-1] if before else schema or "main", identifier)
        if table not in self.all:
            self.all = (*self.all, table)
        return table


def _same(one: str | None, other: str) -> bool:
    return one is not None and one.lower() == other.lower()


_CLOSEST_FIRST: tuple[Callable[[Table, str], bool], ...] = (
    lambda table, name: table.label == name,
    lambda table, name: _same(table.label, name),
    lambda table, name: name in table.names,
    lambda table, name: table.identifier == name,
)


def _told(table: Table, among: Sequence[Table]) -> str:
    """Its label, or what tells it from another of that label."""
    alike = [other for other in among if other.label == table.label]
    return table.label if len(alike) == 1 else ".".join(filter(None, (table.schema, table.identifier)))


DISABLED = "is disabled in the dbt project, so there is no such table"


def tables_of(manifest: Manifest, restricted: Collection[str] = (), *, with_disabled: bool = False) -> Tables:
    """Every model, seed, snapshot and source of a manifest; ``with_disabled`` those too that it disables: another
    target may build them, and what is compiled does not depend on the target. ``restricted`` are installed packages
    whose models only the public ones may be read of (``restrict-access``); the manifest does not tell."""
    nodes = [
        _of_node(node, manifest, restricted) for node in manifest.nodes.values() if node.resource_type in _TABLE_KINDS
    ]
    sources = [_of_source(node) for node in (manifest.sources or {}).values()]
    disabled = (unique_id.split(".") for unique_id in manifest.disabled or ())
    named = (".".join(parts[2:]) for parts in disabled if parts[0] in {*_TABLE_KINDS, "source"})
    return Tables([*nodes, *sources, *(_disabled(manifest) if with_disabled else ())], named)


def _disabled(manifest: Manifest) -> Iterator[Table]:
    for unique_id, entries in (manifest.disabled or {}).items():
        kind = unique_id.partition(".")[0]
        if kind not in {*_TABLE_KINDS, "source"} or manifest.find(unique_id) is not None:
            continue
        try:
            # dbt keeps a list of what stands under an id.
            node = convert((entries if isinstance(entries, list) else [entries])[0], Node)
        except (IndexError, ValidationError):
            continue
        yield replace(_of_source(node) if kind == "source" else _of_node(node, manifest, ()), disabled=True)


def _of_node(node: Node, manifest: Manifest, restricted: Collection[str]) -> Table:
    name = node.name or ""
    foreign = node.package_name not in (None, manifest.metadata.project_name)
    package = f"{quoted(str(node.package_name))}, " if foreign else ""
    version = "" if node.version is None else f", v={quoted(str(node.version))}"
    names = {name} if node.version is None or node.version == node.latest_version else set()
    full = name if node.version is None else f"{name}.v{node.version}"
    if foreign:
        names.add(full)
    access = node.access or (node.config.access if node.config else None)
    return Table(
        call=f"ref({package}{quoted(name)}{version})",
        label=f"{node.package_name}.{full}" if foreign else full,
        schema=node.schema_,
        identifier=node.alias or name,
        database=node.database,
        keys=_primary_key(node),
        unique_id=node.unique_id,
        names=tuple(sorted(names)),
        unfit=_unfit(node, access, restricted if foreign else ()),
        group=node.group or (node.config.group if node.config else None),
        private=access == "private",
    )


def _unfit(node: Node, access: str | None, restricted: Collection[str]) -> str | None:
    """Why no test can read a model."""
    if node.config is not None and node.config.materialized == "ephemeral":
        return "is an ephemeral model: it has no table to check; materialize it as a view"
    if node.resource_type == "model" and node.package_name in restricted and access != "public":
        return (
            f"is {access or 'protected'} in the package '{node.package_name}', which lets other projects read its "
            "public models only (restrict-access)"
        )
    return None


def _of_source(node: Node) -> Table:
    schema, identifier = real_name(node)
    return Table(
        call=f"source({quoted(node.source_name or '')}, {quoted(node.name or '')})",
        label=source_label(node),
        schema=schema,
        identifier=identifier,
        database=node.database,
        time_column=node.loaded_at_field,
        unique_id=node.unique_id,
        names=(node.name or "",),
        unfit=unfit(schema, identifier),
    )


def _primary_key(node: Node) -> tuple[str, ...]:
    for constraint in node.constraints or ():
        if constraint.type == "primary_key" and constraint.columns:
            return tuple(constraint.columns)
    single = [
        column.name
        for column in (node.columns or {}).values()
        if column.name and any(constraint.type == "primary_key" for constraint in column.constraints or ())
    ]
    return tuple(single or node.primary_key or ())


def quoted(text: str) -> str:
    """A text as a Jinja string literal in double quotes, safe inside any Jinja delimiter."""
    from aegis.dbt.jinja_text import jinja_literal

    return jinja_literal(text)


def tables_by_id(manifest: Manifest) -> list[Table]:
    """Every table, by its node's id: no two have the same."""
    nodes = [node for node in manifest.nodes.values() if node.resource_type in ("model", "seed", "snapshot")]
    return [
        Table(
            call="", label=node.unique_id, schema=node.schema_, database=node.database, unique_id=node.unique_id,
            identifier=(node.identifier or node.alias or node.name or ""),
        )
        for node in (*nodes, *(manifest.sources or {}).values())
    ]  # fmt: skip
