"""``make bench``: every contender in turn, several times, ratios in one run.

The contenders of a size run interleaved (A B C A B C …), after one run of each that is not counted, so that a machine
whose speed drifts drifts for all of them. CPU seconds of the whole process tree are the figure to read.
"""

from __future__ import annotations

import argparse
import compileall
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from benchmarks.contenders import CONTENDERS, ROOT, Contender, Size
from benchmarks.data import Faults, make_database
from benchmarks.measure import Figures, figures, measure
from benchmarks.page import write_page
from tools import environments

SHAPES = ((1, 1_000, 1), (10, 100_000, 10), (50, 10_000, 10), (10, 2_000_000, 10))
SIZES: Mapping[Faults, tuple[Size, ...]] = {
    Faults.ROWS: tuple(Size(*shape) for shape in SHAPES),
    Faults.KEYS: tuple(Size(*shape, Faults.KEYS) for shape in (*SHAPES[1:3], (1, 2_000_000, 10), SHAPES[3])),
    Faults.ONE: (Size(10, 100_000, 10, Faults.ONE),),
}
"""What is measured, by the faults of its data."""
DATA = ROOT / "benchmarks" / ".data"

Table = dict[Size, dict[str, Figures]]


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench ARGS=…", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="counted runs of each contender")
    parser.add_argument("--only", action="append", default=[], help="contenders whose name holds this text")
    parser.add_argument("--faults", choices=[one.name.lower() for one in Faults], default="rows", help="; ".join(
        f"{one.name.lower()}: {one.value}" for one in Faults))  # fmt: skip
    parser.add_argument("--size", action="append", type=int, default=[], help="which sizes, from 1")
    parser.add_argument("--no-page", action="store_true", help="leave docs/explanation/performance.md alone")
    chosen = parser.parse_args()
    contenders = [c for c in CONTENDERS if not chosen.only or any(text in c.name for text in chosen.only)]
    faults = Faults[chosen.faults.upper()]
    sizes = [SIZES[faults][number - 1] for number in chosen.size] or list(SIZES[faults])
    # As an installation does, and as the peers' environments were: a checkout has no byte code until something runs.
    compileall.compile_dir(ROOT / "aegis_runner" / "aegis", quiet=1)
    available = [contender for contender in contenders if _ready(contender)]
    measured: Table = {}
    for size in sizes:
        measured[size] = _measure(size, [c for c in available if c.only(size)], chosen.runs)
        _print(size, measured[size])
    if not chosen.no_page:
        write_page(measured, chosen.runs, faults)


def _ready(contender: Contender) -> bool:
    if contender.needs is None:
        return True
    try:
        environments.make(contender.needs)
    except Exception as error:  # told: the others are measured without it
        print(f"left out: {contender.name} ({error})", file=sys.stderr)
        return False
    return True


def _measure(size: Size, contenders: list[Contender], runs: int) -> dict[str, Figures]:
    DATA.mkdir(exist_ok=True)
    database = DATA / "bench.duckdb"
    # soda names a database by its file; one name for all sizes keeps its contracts the same.
    database = DATA / f"{size.tables}x{size.rows}_{size.faults.name.lower()}" / database.name
    database.parent.mkdir(exist_ok=True)
    make_database(database, size.tables, size.rows, size.faults)
    with tempfile.TemporaryDirectory(prefix="aegis-bench-", dir=DATA) as scratch:
        commands = {c.name: c.prepare(Path(scratch) / f"c{i}", database, size) for i, c in enumerate(contenders)}
        done: dict[str, list] = {name: [] for name in commands}
        for turn in range(runs + 1):
            for name, command in commands.items():
                log = Path(scratch) / "log.txt"
                run = measure(command.argv, command.cwd, command.environment, command.accepted, log)
                if turn:
                    done[name].append(run)
                print(f"  {size.label}  {turn}/{runs}  {name}: {run.cpu:.2f} s CPU", file=sys.stderr)
    return {name: figures(counted) for name, counted in done.items()}


def _print(size: Size, measured: dict[str, Figures]) -> None:
    print(f"\n{size.label}  (tables × rows × rules)")
    print(f"  {'':<28} {'CPU s':>8} {'min–max':>15} {'wall s':>8} {'MiB':>7}")
    for name, f in measured.items():
        print(f"  {name:<28} {f.cpu:8.2f} {f.lowest:7.2f}–{f.highest:<7.2f} {f.wall:8.2f} {f.memory:7.0f}")


if __name__ == "__main__":
    main()
