"""DuckDB's Python library, imported for a quarter of its price."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any


def is_installed() -> bool:
    """Whether there is a DuckDB library to import."""
    return find_spec("duckdb") is not None


def library() -> Any:
    """The module with ``connect`` and the exceptions.

    ``duckdb`` re-exports its extension ``_duckdb`` and adds an API of relations that is not used here and makes up
    most of the time to import it (70 of 80 ms of CPU with duckdb 2.0). Versions without that extension give the
    package.

    Raises:
        ImportError: DuckDB is not installed.
    """
    return import_module("_duckdb" if find_spec("_duckdb") is not None else "duckdb")
