"""How much of the product's heart is tested: change it in small ways, one at a time, and see whether a test fails.

``python -m tools.mutants [ROOM…]`` makes a copy of the checkout in ``build/mutants`` (mutmut finds modules only below
a folder called ``src``), lets mutmut change the rooms there, and prints how many changes each room's tests caught.
It takes up again where it was stopped. ``build/mutants`` is also where ``mutmut browse`` shows what survived.

All changes take hours. ``SAMPLE=200`` tries so many of each room, always the same ones of the same code, and says how
far the score can be from that of all.
"""

from __future__ import annotations

import json
import math
import os
import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tools.setup import PYTHON, ROOT, STAMP, find_uv, is_made, run, uv_environment

STAGE = ROOT / "build" / "mutants"
ENVIRONMENT = ROOT / ".bench-mutants"
MUTMUT = "mutmut==3.8.1"

ROOMS = {
    "investigate": ("tests/unit/investigate", "tests/unit/analysis", "tests/unit/app"),
    "dbt/results": ("tests/unit/dbt", "tests/unit/analysis"),
    "privacy": ("tests/unit/privacy",),
}
"""What is changed, and the tests that should notice: those that need no server and no dbt."""

_SETTINGS = """
[tool.mutmut]
source_paths = ["src"]
only_mutate = [{rooms}]
also_copy = [{copied}]
pytest_add_cli_args_test_selection = [{tests}]
pytest_add_cli_args = ["-p", "no:cacheprovider", "-p", "tools.cold_caches", "-m", "{left_out}"]
"""

CAUGHT = frozenset({1, 3, -24, 24, 152, 36})
"""Exit codes of a run of the tests, as mutmut notes them, that tell a change: a failure, or the time was up."""
UNTESTED = 33
"""That no test ran the changed function."""


def main(arguments: list[str]) -> int:
    rooms = {name: _tests_of(name) for name in arguments} if arguments else ROOMS
    stage(rooms)
    mutmut = [str(make_environment()), "-m", "mutmut", "run", "--max-children", os.environ.get("JOBS", "2")]
    size = int(os.environ.get("SAMPLE", "0"))
    chosen = sample(mutmut, rooms, size) if size else []
    done = subprocess.run([*mutmut, *chosen], cwd=STAGE, check=False)
    print_scores(rooms, frozenset(chosen))
    return done.returncode


def sample(mutmut: list[str], rooms: Iterable[str], size: int) -> list[str]:
    """The names of ``size`` changes of each room, or of all that it has."""
    # mutmut makes its changes before it looks for the wanted ones: none has this name.
    made = subprocess.run([*mutmut, "none"], cwd=STAGE, check=False, capture_output=True, text=True)
    chosen = []
    for room in rooms:
        names = sorted(_codes(room))
        if not names:
            raise SystemExit(f"mutants: mutmut made no changes of {room}:\n{made.stdout}{made.stderr}")
        chosen += random.Random(0).sample(names, min(size, len(names)))
    return chosen


def _codes(room: str) -> dict[str, int | None]:
    """What became of each change of a room: how its tests ended, None if they were not run."""
    codes: dict[str, int | None] = {}
    for meta in sorted((STAGE / "mutants" / "src" / "aegis" / room).rglob("*.meta")):
        codes.update(json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"])
    return codes


def _tests_of(name: str) -> tuple[str, ...]:
    """The tests of a room, or of a folder in one, such as ``investigate/localise``."""
    found = next((tests for room, tests in ROOMS.items() if name == room or name.startswith(f"{room}/")), None)
    if found is None:
        raise SystemExit(f"mutants: {name} is in none of the rooms {', '.join(ROOMS)}")
    return found


def make_environment() -> Path:
    """The locked environment and mutmut beside it, and its Python: nothing but this needs mutmut."""
    python = ENVIRONMENT / "bin" / "python"
    if not is_made(ENVIRONMENT, MUTMUT):
        environment = {**uv_environment(), "UV_PROJECT_ENVIRONMENT": str(ENVIRONMENT)}
        run([find_uv(), "sync", "--frozen", "--quiet", "--python", PYTHON, "--project", ROOT], env=environment)
        run([find_uv(), "pip", "install", "--quiet", "--python", python, MUTMUT], env=environment)
        (ENVIRONMENT / STAMP).write_text(MUTMUT, encoding="utf-8")
    return python


def stage(rooms: dict[str, tuple[str, ...]]) -> None:
    """The tracked files, the runner below ``src``. What mutmut found out before stays, for files that are the same."""
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    names = set(tracked.split("\0")) - {"", "pyproject.toml"}
    for name in sorted(names):
        source = ROOT / name
        target = STAGE / (name.replace("aegis_runner/", "src/", 1) if name.startswith("aegis_runner/") else name)
        if source.is_file() and not (target.is_file() and target.read_bytes() == source.read_bytes()):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    settings = settings.replace('pythonpath = ["aegis_runner", "."]', 'pythonpath = ["src", "."]')
    beside = sorted({name.split("/")[0] for name in names} - {"aegis_runner", "tests"})
    settings += _SETTINGS.format(
        rooms=_listed(f"src/aegis/{room}/*" for room in rooms),
        copied=_listed(name for name in beside if not name.startswith(".")),
        left_out=" and ".join(f"not {mark}" for mark in ("long", "alone", "slow", "postgres", "dbt2")),
        tests=_listed(dict.fromkeys(test for tests in rooms.values() for test in tests)),
    )
    asked = STAGE / "pyproject.toml"
    if not (asked.is_file() and asked.read_text(encoding="utf-8") == settings):
        # mutmut takes a file of another run for done, though that run was of other rooms and copied it unchanged.
        shutil.rmtree(STAGE / "mutants", ignore_errors=True)
    asked.write_text(settings, encoding="utf-8")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def print_scores(rooms: Iterable[str], chosen: frozenset[str]) -> None:
    """How many changes of each room a test caught, of those that a test ran, and how many no test ran; of a sample
    with the half width of the 95 % interval."""
    print(f"\n{'room':<14} {'changes':>8} {'tried':>8} {'caught':>8} {'survived':>9} {'no test':>8} {'score':>7}")
    for room in rooms:
        every = _codes(room)
        codes = Counter(code for name, code in every.items() if not chosen or name in chosen)
        caught, untested = sum(codes[code] for code in CAUGHT), codes[UNTESTED]
        tried = sum(codes.values()) - codes[None]
        share = caught / tried if tried else 0.0
        score = f"{share:.0%}" if tried else "-"
        if tried and tried < len(every):
            score += f" ± {1.96 * math.sqrt(share * (1 - share) / tried):.0%}"
        survived = tried - caught - untested
        print(f"{room:<14} {len(every):>8} {tried:>8} {caught:>8} {survived:>9} {untested:>8} {score:>7}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
