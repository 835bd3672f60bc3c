"""`aegis audit …`: what happened before."""

from __future__ import annotations

import typer

from aegis.cli.audit.compare import compare
from aegis.cli.audit.cost import cost
from aegis.cli.audit.dataset import export_dataset
from aegis.cli.audit.flapping import flapping
from aegis.cli.audit.merge import merge
from aegis.cli.audit.replay import replay
from aegis.cli.audit.runs import list_runs, search, show
from aegis.cli.audit.trajectory import trajectory
from aegis.cli.audit.upkeep import import_, prune, verify

COMMANDS = (
    ("list-runs", list_runs, "aegis audit list-runs --limit 5"),
    ("show", show, "aegis audit show latest --format markdown"),
    ("compare", compare, "aegis audit compare previous latest"),
    ("flapping", flapping, "aegis audit flapping --runs 50 --least 3"),
    ("trajectory", trajectory, "aegis audit trajectory latest --sql"),
    ("replay", replay, "aegis audit replay latest --node diagnose"),
    ("cost", cost, "aegis audit cost --by day --since 30d"),
    ("search", search, 'aegis audit search "null email"'),
    ("export-dataset", export_dataset, "aegis audit export-dataset answers.jsonl --node remediate --verdict verified"),
    ("verify", verify, "aegis audit verify"),
    ("merge", merge, "aegis audit merge jobs/*.db --into history.db"),
    ("prune", prune, "aegis audit prune --keep 90d"),
    ("import", import_, "aegis audit import ~/.aegis/history.db"),
)
"""Name, function and example of each command, in the order in which they are listed."""


def add_to(app: typer.Typer) -> None:
    names = ", ".join(name for name, _, _ in COMMANDS)
    audit = typer.Typer(help=f"What happened before: {names}.", no_args_is_help=True)
    for name, command, example in COMMANDS:
        audit.command(name, epilog=f"Example: {example}")(command)
    app.add_typer(audit, name="audit")
