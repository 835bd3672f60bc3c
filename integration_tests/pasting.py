"""What a person pastes from each format of a report: the statements that stand in it, as they are shown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

INDENT = 12
LABELS = ("select", "fix", "undo")


def from_terminal(text: str) -> Iterator[tuple[str, str]]:
    """Label and statement, as they stand in the column of texts."""
    label = ""
    lines: list[str] = []
    for line in [*text.split("\n"), "end"]:
        head = line[:INDENT].strip()
        if (head or not line.strip()) and label:
            yield label, "\n".join(lines)
            label, lines = "", []
        if line.startswith("  ") and head in LABELS:
            label, lines = head, [line[INDENT:]]
        elif label:
            lines.append(line[INDENT:])


def from_markdown(text: str) -> list[str]:
    """What stands in blocks of SQL."""
    return [match[2] for match in re.finditer(r"(?ms)^(`{3,})sql\n(.*?)\n\1$", text)]


def from_json(text: str) -> Iterator[str]:
    """The failing rows of each finding, then its fixes and what takes them back."""
    for finding in json.loads(text)["findings"]:
        yield finding["result"]["failing_rows_sql"]
        for proposal in finding["proposals"]:
            if proposal["kind"] == "data_fix":
                yield proposal["sql"]
                yield from filter(None, [proposal["trial"]["undo"]])


def statements(text: str) -> list[str]:
    """What a client makes of a pasted text: its statements, one after the other."""
    return [part for part in (one.strip() for one in text.split(";")) if part]
