"""The table of docs/explanation/performance.md, between two marks; the words around it are written by people."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from typing import TYPE_CHECKING

from benchmarks.contenders import ROOT, Size
from benchmarks.measure import Figures

if TYPE_CHECKING:
    from pathlib import Path

PAGE: Path = ROOT / "docs" / "explanation" / "performance.md"
START, END = "<!-- measured by make bench: start -->", "<!-- measured by make bench: end -->"

# What is promised, as ratios of CPU seconds: (contender, by contender, at most, size in tables × rows).
PROMISES = (
    ("dbt 1: Aegis suites", "dbt 1: one test per check", 0.40, (50, 10_000)),
    ("dbt 1: Aegis suites", "dbt 1: one test per check", 0.70, (10, 2_000_000)),
    ("dbt 2: Aegis suites", "dbt 2: one test per check", 0.60, (50, 10_000)),
    ("dbt 2: Aegis suites", "dbt 2: one test per check", 0.75, (10, 2_000_000)),
    ("dbt 2: aegis run --db", "soda-core 4", 1.0, None),
    ("dbt 1: aegis run --db", "dbt 1: one test per check", 1.3, (1, 1_000)),
)


def write_page(measured: Mapping[Size, Mapping[str, Figures]], runs: int) -> None:
    """Put the measured tables into the page."""
    text = PAGE.read_text(encoding="utf-8")
    head, _, rest = text.partition(START)
    _, _, tail = rest.partition(END)
    body = "\n\n".join([_setting(runs), _table(measured), _promises(measured)])
    PAGE.write_text(f"{head}{START}\n\n{body}\n\n{END}{tail}", encoding="utf-8")


def _setting(runs: int) -> str:
    return (
        f"Medians of {runs} interleaved runs, CPU seconds of the whole process tree, {platform.system()} "
        f"{platform.machine()}, Python {platform.python_version()}, two cores."
    )


def _table(measured: Mapping[Size, Mapping[str, Figures]]) -> str:
    sizes = list(measured)
    names = list(dict.fromkeys(name for figures in measured.values() for name in figures))
    lines = [
        "| tables × rows × rules | " + " | ".join(size.label for size in sizes) + " |",
        "|---" * (len(sizes) + 1) + "|",
    ]
    for name in names:
        cells = [f"{measured[s][name].cpu:.2f}" if name in measured[s] else "–" for s in sizes]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    lines.append("")
    lines.append("Peak memory of the largest process, MiB:")
    lines.append("")
    lines += ["| | " + " | ".join(size.label for size in sizes) + " |", "|---" * (len(sizes) + 1) + "|"]
    for name in names:
        cells = [f"{measured[s][name].memory:.0f}" if name in measured[s] else "–" for s in sizes]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _promises(measured: Mapping[Size, Mapping[str, Figures]]) -> str:
    lines = ["| ratio of CPU seconds | size | measured | at most |", "|---|---|---|---|"]
    for size, figures in measured.items():
        for ours, theirs, bound, only in PROMISES:
            if ours in figures and theirs in figures and only in (None, (size.tables, size.rows)):
                ratio = figures[ours].cpu / figures[theirs].cpu
                lines.append(f"| {ours} ÷ {theirs} | {size.label} | {ratio:.2f} | {bound:.2f} |")
    return "\n".join(lines)
