"""On which lines of a seed's file the failing rows stand: there they are put right, or the next `dbt seed` brings them
again. Lines are told by their numbers alone; what stands on them is not."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from aegis.dbt.graph.nodes import file_path
from aegis.dbt.suites.render import quoted
from aegis.domain.kinds import EvidenceKind
from aegis.domain.report import Evidence
from aegis.domain.text import listed, plural_of
from aegis.investigate.evidence.context import make_evidence

if TYPE_CHECKING:
    from aegis.dbt.artifacts.schema import Node
    from aegis.investigate.query_budget import QueryBudget

MOST_ROWS = 1_000
_MOST_BYTES = 20_000_000
_SHOWN = 10

_Cells = tuple[str, ...]


def seed_lines(node: Node, columns: Sequence[str], failing: str, budget: QueryBudget) -> list[Evidence]:
    """The lines of the rows that the ``failing`` query gives, by their values of ``columns``; nothing where the file is
    not there, is another than the table was made from, or its lines cannot be told.

    Raises:
        WarehouseError: The database refuses.
        BudgetExceeded: No more may be asked.
    """
    path = _file_of(node)
    if path is None or not columns:
        return []
    names = ", ".join(f"cast({quoted(budget.dialect, column)} as varchar)" for column in columns)
    sql = f"select {names} from ({failing}) as failing"
    rows = budget.ask(sql, "which lines of the seed's file?", MOST_ROWS).rows
    wanted = {tuple("" if value is None else str(value) for value in row) for row in rows}
    config = node.config
    found = list(_lines(path, columns, wanted, (config.delimiter if config is not None else None) or ","))
    if not rows or len(rows) == MOST_ROWS or len(found) != len(rows):
        return []
    shown = listed([*map(str, found[:_SHOWN]), *(["more"] if len(found) > _SHOWN else [])])
    name = file_path(node)
    are = plural_of(len(found), "the failing row is", "the failing rows are")
    text = f"{are} on {plural_of(len(found), 'line')} {shown} of {name}"
    return [make_evidence(EvidenceKind.SHAPE, text, None, {"path": name, "lines": list(found)}, artifact=name)]


def _file_of(node: Node) -> Path | None:
    """The seed's file, where it is what the manifest says: below its project, and not too large."""
    name = file_path(node)
    if node.resource_type != "seed" or node.root_path is None or name is None or not name.endswith(".csv"):
        return None
    root = Path(node.root_path)
    path = root / name
    try:
        fine = path.resolve().is_relative_to(root.resolve()) and path.is_file() and path.stat().st_size <= _MOST_BYTES
    except OSError:
        return None
    return path if fine else None


def _lines(path: Path, columns: Sequence[str], wanted: set[_Cells], delimiter: str) -> Iterator[int]:
    """The first line of each row that has the values, of a CSV file as RFC 4180 has it."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, delimiter=delimiter)
            header = [name.strip().lower() for name in next(reader, [])]
            places = [header.index(column.lower()) for column in columns]
            line = reader.line_num + 1
            for row in reader:
                if tuple(row[place].strip() if place < len(row) else "" for place in places) in wanted:
                    yield line
                line = reader.line_num + 1
    except (OSError, ValueError, csv.Error):  # no such column, or no such file: then nothing is told of lines
        return
