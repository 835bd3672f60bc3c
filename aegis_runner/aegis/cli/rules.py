"""`aegis rules list | show | expand | schema`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from aegis.cli import options as o
from aegis.cli.output import say_cells, say_json, say_utf8


def add_to(app: typer.Typer) -> None:
    rules = typer.Typer(help="Look at rules: list, show, expand, schema.", no_args_is_help=True)
    rules.command("list", epilog="Example: aegis rules list rules/")(list_)
    rules.command("show", epilog="Example: aegis rules show orders_id_unique --sql --dialect bigquery")(show)
    rules.command("expand", epilog="Example: aegis rules expand rules/orders.yml")(expand)
    rules.command("schema", epilog="Example: aegis rules schema > rules.schema.json")(schema)
    app.add_typer(rules, name="rules")


def list_(rules: o.Rules = None, json_: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """List rules: id, type, table, columns, severity. Rules that are wrong are told after those that are fine."""
    from aegis.app.rules import load

    book = load(rules or [])
    if json_:
        say_json([rule.arguments() | {"table": rule.table} for rule in book])
        book.whole()
        return
    rows = [(r.id, r.type, r.table, ", ".join(r.columns_named), r.severity.value, r.status.value) for r in book]
    heads = ("id", "type", "table", "columns", "severity", "status")
    widths = [max(len(str(row[i])) for row in [heads, *rows]) for i in range(len(heads))]
    for row in [heads, *rows]:
        say_cells(*(str(cell).ljust(width) for cell, width in zip(row, widths, strict=True)))
    book.whole()


def show(
    rule_id: Annotated[str, typer.Argument(help="The rule's id.")],
    rules: o.Rules = None,
    sql: Annotated[bool, typer.Option("--sql", help="The SQL that dbt would run for it.")] = False,
    dialect: Annotated[
        str, typer.Option("--dialect", help="For which warehouse: duckdb, postgres, bigquery, …")
    ] = "duckdb",
) -> None:
    """Show one rule in the long form, or as SQL."""
    from aegis.app.rules import find, load, sql_of
    from aegis.rules import expand as expanded

    rule = find(load(rules or []), rule_id)
    say_utf8(sql_of(rule, dialect) + "\n" if sql else expanded([rule]))


def expand(rules: o.Rules = None) -> None:
    """Print rules in the long form."""
    from aegis.app.rules import load
    from aegis.rules import expand as expanded

    say_utf8(expanded(load(rules or []).whole()))


def schema(output: Annotated[Path | None, typer.Argument(help="Write it here instead of printing it.")] = None) -> None:
    """Print the JSON Schema of rules files, for editors."""
    from aegis.cli.output import write_file
    from aegis.rules import rules_schema

    text = json.dumps(rules_schema(), ensure_ascii=False, indent=2) + "\n"
    if output is None:
        say_utf8(text)
    else:
        write_file(output, text)
