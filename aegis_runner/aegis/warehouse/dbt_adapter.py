"""Any warehouse by dbt 1's Python adapter, where it is installed beside Aegis: one import, then fast queries."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

from pydantic import JsonValue

from aegis.errors import WarehouseError
from aegis.warehouse.base import Relation, Rows, SandboxLimits, SandboxSession, plain_rows
from aegis.warehouse.only_reads import only_reads
from aegis.warehouse.postgres_session import PostgresSession
from aegis.warehouse.worker import Late, Worker

_GRACE = 5.0
"""Seconds beyond the time-out in which a database that keeps one itself may say so."""

T = TypeVar("T")


def is_installed(adapter_type: str) -> bool:
    """Whether dbt 1 and its adapter for this type can be imported here."""
    try:
        return find_spec("dbt.config") is not None and find_spec(f"dbt.adapters.{adapter_type}") is not None
    except ModuleNotFoundError:
        return False


@dataclass(slots=True)
class DbtAdapter:
    """A connection as dbt itself would open it, from the project's profile. Safe for several threads: dbt keeps its
    connections by thread, so this one lives in a thread of its own.

    Args:
        dialect: The adapter type.
        project_dir: The dbt project.
        profiles_dir: The folder of profiles.yml.
        target: The target of the profile.
        timeout: Seconds after which a query is ended, where the database can do so, and no longer waited for.
        at_once: How many connections there may be, where several are had: the threads of the target.

    What cannot be reached, or does not answer, is not asked again: each call would wait as long.
    """

    dialect: str
    project_dir: Path
    profiles_dir: Path
    target: str
    timeout: float = 60.0
    at_once: int = 1
    _adapter: Any = None
    _shared: Any = None
    _open: ExitStack = field(default_factory=ExitStack)
    _worker: Worker = field(default_factory=lambda: Worker("aegis-warehouse"))
    _lost: WarehouseError | None = None

    def connect(self) -> None:
        """Import dbt, read the profile and open a connection.

        Raises:
            WarehouseError: The warehouse does not answer, or dbt refuses the profile.
        """
        self._there(self._connect)

    def _there(self, work: Callable[..., T], *arguments: object) -> T:
        """Done in the thread that has the connection."""
        if self._lost is not None:
            raise self._lost
        try:
            return self._worker.do(work, *arguments, seconds=self.timeout + _GRACE)
        except Late:
            self._lost = WarehouseError(f"did not answer within {self.timeout:g} s", where=self.dialect)
            raise self._lost from None
        except KeyboardInterrupt:
            self._stop()
            self._lost = WarehouseError("was interrupted", where=self.dialect)
            raise

    def _stop(self) -> None:
        """End the query that runs, where the database can do so; else it is waited for when this is closed."""

    def _connect(self) -> None:
        if self._adapter is not None:
            return
        try:
            adapter = self._shared or self._make_adapter()
            self._open.enter_context(adapter.connection_named("aegis"))
            adapter.execute("select 1", auto_begin=False, fetch=True)
        except Exception as error:  # an adapter lets through whatever its driver raises
            self._lost = WarehouseError(f"cannot be reached: {_first_lines(error)}", where=self.dialect)
            raise self._lost from error
        self._adapter = adapter

    def _make_adapter(self) -> Any:
        from dbt.adapters.factory import get_adapter_class_by_name
        from dbt.config.runtime import RuntimeConfig
        from dbt.flags import set_from_args
        from dbt.mp_context import get_mp_context
        from dbt_common.events.event_manager_client import cleanup_event_logger

        # dbt would tell its events on stdout, which belongs to the report.
        cleanup_event_logger()
        arguments = Namespace(
            project_dir=str(self.project_dir), profiles_dir=str(self.profiles_dir), target=self.target, profile=None,
            threads=1, vars={}, send_anonymous_usage_stats=False, which="show", version_check=False,
        )  # fmt: skip
        set_from_args(arguments, None)
        config = RuntimeConfig.from_args(arguments)
        # Not `register_adapter`: that keeps one adapter of a type for the whole process, with the first profile it saw.
        return get_adapter_class_by_name(config.credentials.type)(config, get_mp_context())

    def execute_scalar(self, sql: str) -> JsonValue:
        rows = self.execute_sample(sql, 1).rows
        return rows[0][0] if rows else None

    def execute_sample(self, sql: str, limit: int) -> Rows:
        # Nothing holds this session back from writing.
        return self._there(self._execute_sample, only_reads(sql, self.dialect), limit)

    def _execute_sample(self, sql: str, limit: int) -> Rows:
        self._connect()
        try:
            _, table = self._adapter.execute(sql, auto_begin=True, fetch=True, limit=limit)
        except Exception as error:  # an adapter lets through whatever its driver raises
            # After an error some databases refuse everything until the transaction is over.
            self._adapter.connections.rollback_if_open()
            raise WarehouseError(_first_lines(error)) from error
        return Rows(tuple(table.column_names), plain_rows(table.rows))

    def close(self) -> None:
        # A connection that hangs is left to the end of the process.
        if self._lost is None and self._adapter is not None:
            self._there(self._close)
        self._worker.end()

    def _close(self) -> None:
        self._open.close()
        self._adapter = None


def _first_lines(error: Exception) -> str:
    """dbt wraps a database's message in a head line of its own; a driver may say nothing at all."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    return "\n".join(lines[1:] if len(lines) > 1 and lines[0].endswith("Error") else lines)


@dataclass(slots=True)
class PostgresAdapter(DbtAdapter):
    """PostgreSQL: each query in a transaction that may only read, and the capabilities `Sandbox` and `Several`."""

    _session: PostgresSession | None = None

    def execute_sample(self, sql: str, limit: int) -> Rows:
        return self._there(self._execute_sample, sql, limit)

    def _execute_sample(self, sql: str, limit: int) -> Rows:
        self._connect()
        if self._session is None:
            handle = self._adapter.connections.get_thread_connection().handle
            self._session = PostgresSession(handle, self.timeout)
        return self._session.read(sql, limit)

    def another(self) -> PostgresAdapter:
        """By the same adapter, which has a connection for each thread."""
        self.connect()
        places = (self.dialect, self.project_dir, self.profiles_dir, self.target, self.timeout, self.at_once)
        return PostgresAdapter(*places, _shared=self._adapter)

    def _stop(self) -> None:
        if self._session is not None:
            self._session.stop()

    def _close(self) -> None:
        self._session = None
        DbtAdapter._close(self)

    def sandbox(
        self,
        relations: Sequence[Relation],
        limits: SandboxLimits | None = None,
        rows: Mapping[Relation, str] | None = None,
    ) -> AbstractContextManager[SandboxSession]:
        """Copies of these relations as temporary tables of a session of its own."""
        from aegis.warehouse.postgres_sandbox import open_sandbox

        self.connect()
        return open_sandbox(self._adapter, relations, limits or SandboxLimits(), rows or {})


def adapter_of(adapter_type: str) -> type[DbtAdapter]:
    """The class for an adapter type: one with more capabilities, where there is one."""
    return {"postgres": PostgresAdapter}.get(adapter_type, DbtAdapter)
