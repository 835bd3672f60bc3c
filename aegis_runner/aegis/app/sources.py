"""`aegis compile --declare-sources`: a sources file for the tables that rules name and dbt does not know."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from aegis.dbt.project import Project
from aegis.dbt.suite_files import replace_file
from aegis.dbt.tables import Tables, UnknownTable
from aegis.errors import ConfigError

if TYPE_CHECKING:
    from aegis.rules.book import RuleBook

FILE = "aegis_sources.yml"
_HEAD = "# Written by `aegis compile --declare-sources`. It is yours now: edit it, move it, describe the tables.\n"


def declare_missing(book: RuleBook, tables: Tables, project: Project) -> Path:
    """Add a source for each unknown table that a rule is about; what the file declares already stays.

    A table is written ``schema.table`` in a rule, or has ``scope.schema``; without either there is nothing to declare.

    Raises:
        ConfigError: A table has no schema, or the file cannot be written.
    """
    import yaml

    from aegis.dbt.project import read_yaml_mapping

    path = project.model_paths[0] / FILE
    given = read_yaml_mapping(path) if path.is_file() else {"version": 2, "sources": []}
    known = {str(source["name"]): source for source in given["sources"]}
    for schema, table in _missing(book, tables):
        source = known.setdefault(schema, {"name": schema, "schema": schema, "tables": []})
        if all(entry["name"] != table for entry in source["tables"]):
            source["tables"].append({"name": table})
    text = _HEAD + yaml.safe_dump({**given, "sources": list(known.values())}, sort_keys=False, allow_unicode=True)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, text)
    except OSError as error:
        raise ConfigError(f"cannot be written: {error.strerror}", where=str(path)) from error
    return path


def _missing(book: RuleBook, tables: Tables) -> list[tuple[str, str]]:
    missing: dict[tuple[str, str], None] = {}
    for rule in book:
        wanted = [(rule.table, rule.schema_)]
        reference = getattr(rule, "reference_table", None)
        if reference:
            wanted.append((str(reference), None))
        for name, given_schema in wanted:
            try:
                tables.find(name, given_schema)
            except UnknownTable as unknown:
                schema, _, table = name.rpartition(".")
                if unknown.ambiguous:
                    continue
                if not (schema or given_schema):
                    where = f"{rule.source.file}:{rule.source.line}" if rule.source else rule.id
                    raise ConfigError(
                        f"in which schema is the table '{name}'?", where=where, hint="Write it as schema.table."
                    ) from unknown
                missing[(schema or str(given_schema), table)] = None
    return list(missing)
