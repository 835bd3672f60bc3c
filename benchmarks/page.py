"""The table of docs/explanation/performance.md, between two marks; the words around it are written by people."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from benchmarks.contenders import ROOT, Size
from benchmarks.data import Faults
from benchmarks.measure import Figures

if TYPE_CHECKING:
    from pathlib import Path

PAGE: Path = ROOT / "docs" / "explanation" / "performance.md"
START, END = "<!-- measured by make bench{}: start -->", "<!-- measured by make bench{}: end -->"

# What is promised, as ratios of CPU seconds, by the faults of the data: (contender, by contender, at most, size in
# tables × rows).
_WITHOUT = (
    ("dbt 1: Aegis suites", "dbt 1: one test per check", 0.40, (50, 10_000)),
    ("dbt 1: Aegis suites", "dbt 1: one test per check", 0.70, (10, 2_000_000)),
    ("dbt 2: Aegis suites", "dbt 2: one test per check", 0.60, (50, 10_000)),
    ("dbt 2: Aegis suites", "dbt 2: one test per check", 0.75, (10, 2_000_000)),
    ("dbt 2: aegis run --db", "soda-core 4", 1.0, None),
    ("dbt 1: aegis run --db", "dbt 1: one test per check", 1.3, (1, 1_000)),
)
_WITH = (
    ("dbt 2: aegis run --db", "soda-core 4", 1.0, None),
    *((f"dbt {engine}: the same with causes", f"dbt {engine}: aegis run --db", most, size)
      for engine in (1, 2) for most, size in ((3.0, (10, 100_000)), (2.0, (1, 2_000_000)))),
)  # fmt: skip
PROMISES: Mapping[Faults, tuple[tuple[str, str, float, tuple[int, int] | None], ...]] = {
    Faults.ROWS: _WITHOUT,
    Faults.KEYS: _WITH,
    Faults.ONE: tuple(
        (f"dbt {engine}: the same with causes", f"dbt {engine}: aegis run --db", 1.5, None) for engine in (1, 2)
    ),
}


def write_page(measured: Mapping[Size, Mapping[str, Figures]], runs: int, faults: Faults) -> None:
    """Put the measured tables into the page, at the place of their faults."""
    option = "" if faults is Faults.ROWS else f" --faults {faults.name.lower()}"
    start, end = START.format(option), END.format(option)
    text = PAGE.read_text(encoding="utf-8")
    head, _, rest = text.partition(start)
    _, _, tail = rest.partition(end)
    body = "\n\n".join([_setting(runs), _table(measured), _promises(measured, PROMISES[faults])])
    PAGE.write_text(f"{head}{start}\n\n{body}\n\n{end}{tail}", encoding="utf-8")


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


def _promises(
    measured: Mapping[Size, Mapping[str, Figures]], promises: Sequence[tuple[str, str, float, tuple[int, int] | None]]
) -> str:
    lines = ["| ratio of CPU seconds | size | measured | at most |", "|---|---|---|---|"]
    for size, figures in measured.items():
        for ours, theirs, bound, only in promises:
            if ours in figures and theirs in figures and only in (None, (size.tables, size.rows)):
                ratio = figures[ours].cpu / figures[theirs].cpu
                lines.append(f"| {ours} ÷ {theirs} | {size.label} | {ratio:.2f} | {bound:.2f} |")
    return "\n".join(lines)
