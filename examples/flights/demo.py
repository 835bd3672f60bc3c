"""``make demo``: rules become dbt tests, `dbt build` runs them, `aegis analyze` reports; then the same without dbt.

Everything is written into this folder. It may be run again, and with any dbt: ``AEGIS_DBT`` names the executable.
The exit code is 0 when the demonstration worked; that the data has faults is what it shows.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import get_data

HERE = Path(__file__).resolve().parent
AEGIS = (sys.executable, "-m", "aegis")
DBT = os.environ.get("AEGIS_DBT") or str(Path(sys.prefix, "bin", "dbt"))
REPORT = HERE / "report.json"
WITHOUT_PROJECT = HERE / ".data" / "without_project.json"

FINDINGS = 1
"""The exit code of a build or report that found something."""


class Broken(Exception):
    """A step that did not work."""


def main() -> int:
    try:
        return demonstrate()
    except (Broken, get_data.SetupError) as error:
        print(f"\ndemo: {error}", file=sys.stderr)
        return 3


def demonstrate() -> int:
    print("Every flight that left New York in 2013, with airlines, airports, planes and weather")
    with Step("get_data.py", "fetch and load") as step:
        loaded = get_data.load()
        step.said = "336,776 flights loaded" if loaded else "336,776 flights, loaded before"
    print(f"\ncd {shown(HERE)}")
    with Step("aegis init") as step:
        install_package()
        step.said = "the dbt package is in aegis_package/"
    with Step("aegis compile") as step:
        step.said = last_line(call([*AEGIS, "compile"]))
    with Step("dbt build") as step:
        call([DBT, "build"], accepted=(0, FINDINGS))
        step.said = built()
    with Step("aegis run rules/ --db flights.duckdb") as step:
        command = [*AEGIS, "run", "rules/", "--db", "flights.duckdb", "--json"]
        WITHOUT_PROJECT.write_text(call(command, accepted=(0, FINDINGS)), encoding="utf-8")
        step.said = "the same rules, without the project"
    print("aegis analyze target/\n", flush=True)
    command = [*AEGIS, "analyze", "target/", "--output-json", REPORT.name]
    code = subprocess.run(command, cwd=HERE, env=environment(), check=False).returncode
    if code not in (0, FINDINGS):
        raise Broken(f"aegis analyze ended with exit code {code}")
    code = compare(verdicts(REPORT), verdicts(WITHOUT_PROJECT))
    print(f"next: {next_command()}")
    return code


def next_command() -> str:
    """What to type next, from where the caller stands: the demonstration keeps an audit trail of its own."""
    program = Path(sys.executable).with_name("aegis")
    aegis = shown(program) if program.is_file() else "aegis"
    return f"{aegis} show C1 --audit-db {shown(HERE / 'audit.db')}"


class Step:
    """One line: what is done, what came of it, and how long it took."""

    def __init__(self, command: str, doing: str = "") -> None:
        self.command, self.doing, self.said = command, doing, ""

    def __enter__(self) -> Step:
        self.started = time.monotonic()
        if sys.stdout.isatty():
            print(f"{self.command:<46}{self.doing or 'running'} …", end="", flush=True)
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if sys.stdout.isatty():
            print("\r\x1b[K", end="")
        if kind is None:
            took = f"{time.monotonic() - self.started:.1f} s"
            print(f"{self.command:<46}{self.said:<40}{took:>8}", flush=True)


def install_package() -> None:
    """Bring the dbt package of this checkout into the project."""
    wrote = "wrote  aegis_package/" in call([*AEGIS, "init"])
    if wrote or not (HERE / "dbt_packages" / "aegis" / "dbt_project.yml").is_file():
        call([DBT, "deps"])


def call(command: Sequence[str], accepted: tuple[int, ...] = (0,)) -> str:
    """What a command prints.

    Raises:
        Broken: It ended with another exit code.
    """
    done = subprocess.run(command, cwd=HERE, env=environment(), capture_output=True, text=True, check=False)
    if done.returncode not in accepted:
        told = "\n".join((done.stdout + done.stderr).strip().splitlines()[-20:])
        raise Broken(f"`{' '.join(command)}` ended with exit code {done.returncode}:\n{told}")
    return done.stdout


def environment() -> dict[str, str]:
    """The caller's, with all that is written kept in this folder."""
    quiet = {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DO_NOT_TRACK": "1"}
    here = {"AEGIS_AUDIT_DB": str(HERE / "audit.db"), "DBT_PROFILES_DIR": str(HERE), "AEGIS_DBT": DBT}
    return {"XDG_CACHE_HOME": str(HERE / ".data" / "cache"), **os.environ, **quiet, **here}


def built() -> str:
    """What dbt did, by its own account.

    Raises:
        Broken: A model or suite could not run, which no fault of the data explains.
    """
    results = json.loads((HERE / "target" / "run_results.json").read_text(encoding="utf-8"))["results"]
    kinds = [result["unique_id"].split(".")[0] for result in results]
    for result, kind in zip(results, kinds, strict=True):
        if kind in ("model", "test") and result["status"] not in ("success", "pass", "warn", "fail"):
            raise Broken(f"{result['unique_id']}: {result['status']}\n{result['message'] or ''}")
    return f"{kinds.count('model')} models, {kinds.count('test')} suites"


@dataclass(frozen=True)
class Verdict:
    """What one rule came to."""

    status: str
    rows_checked: int | None
    rows_failed: int | None


def verdicts(report: Path) -> dict[str, Verdict]:
    results = json.loads(report.read_text(encoding="utf-8"))["results"]
    return {
        result["rule_id"]: Verdict(result["status"], result["rows_checked"], result["rows_failed"])
        for result in results
        if result["kind"] == "rule"
    }


def compare(project: dict[str, Verdict], database: dict[str, Verdict]) -> int:
    """Say whether both ways came to the same."""
    different = sorted(name for name in project.keys() | database.keys() if project.get(name) != database.get(name))
    for name in different:
        print(f"differs: {name}: {project.get(name)} in the project, {database.get(name)} without it")
    if not different:
        print(f"`aegis run rules/ --db flights.duckdb` gave the same {len(database)} verdicts and row counts")
    return 1 if different else 0


def last_line(text: str) -> str:
    return text.strip().splitlines()[-1]


def shown(path: Path) -> str:
    """Relative to where the caller stands, if it is below."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


if __name__ == "__main__":
    if shutil.which(DBT) is None:
        sys.exit(f"demo: there is no dbt at {DBT}; run `make setup`, or name one with AEGIS_DBT")
    sys.exit(main())
