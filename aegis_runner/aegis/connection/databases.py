"""Databases that are named without a dbt project: a DuckDB file by its path, others by an address, or by a class."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from aegis.errors import UsageError

if TYPE_CHECKING:
    from aegis.connection.project import ProjectOptions
    from aegis.dbt.graph.tables import Tables
    from aegis.warehouse.base import Database

_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+._-]*)://")


def path_or_address(given: object) -> Path | str | None:
    """What ``--db`` names: the path of a DuckDB file, or the address of something else; None is neither."""
    if isinstance(given, str) and _ADDRESS.match(given):
        return given
    return Path(given) if isinstance(given, str | os.PathLike) else None


def open_database(given: object, options: ProjectOptions) -> Database:
    """A database by its address, or by a warehouse class (an object of it, or what names it); not yet connected.

    Raises:
        UsageError: The address is of a kind that nobody knows, or cannot be read.
        WarehouseError: The class, or a driver, is missing or unfit.
    """
    from aegis.warehouse.classes import Given, made, registered

    if options.warehouse is not None and given is not options.warehouse:
        return made(options.warehouse, Given(url=str(given), timeout=options.timeout))
    match = _ADDRESS.match(given) if isinstance(given, str) else None
    if not isinstance(given, str) or match is None:
        return made(given, Given(timeout=options.timeout))
    scheme = match[1].lower()
    found = registered(scheme)
    if found is not None:
        return made(found, Given(url=given, timeout=options.timeout), dialect=_own_dialect(found, scheme))
    if scheme in _BUILT_IN:
        return _BUILT_IN[scheme](given, options.timeout)
    raise _unknown(scheme)


def _own_dialect(found: object, scheme: str) -> str | None:
    """What the class says it speaks, else what it is registered as."""
    return None if getattr(found, "dialect", None) is not None else scheme


def _postgres(address: str, timeout: float) -> Database:
    from aegis.warehouse.postgres_database import PostgresDatabase

    return PostgresDatabase(address, timeout)


_BUILT_IN: dict[str, Callable[[str, float], Database]] = {"postgresql": _postgres, "postgres": _postgres}


def _unknown(scheme: str) -> UsageError:
    from aegis.warehouse.classes import names

    known = [*_BUILT_IN, *names()]
    near = get_close_matches(scheme, known, n=1)
    guess = f"did you mean {near[0]}://? " if near else ""
    return UsageError(
        f"databases cannot be reached by {scheme}://",
        where="--db",
        hint=f"{guess}--db takes the path of a DuckDB file, postgresql://…, or the scheme of a registered warehouse"
        " class; anything else is checked through a dbt project.",
    )


def tables_of(database: Database) -> Tables:
    """The tables of a database that is connected; where nobody tells, whatever a rule names is one."""
    from aegis.dbt.graph.tables import Tables
    from aegis.dbt.suites.direct import AsNamed, direct_table

    told = database.tables()
    if told is None:
        return AsNamed()
    return Tables((direct_table(*one) for one in told), file=database.name)


def secrets_of(database: Database) -> frozenset[str]:
    """What must never be shown of how it was reached."""
    from aegis.privacy import secret_values

    return secret_values(database.secrets())
