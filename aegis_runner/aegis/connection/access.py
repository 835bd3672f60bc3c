"""The warehouse of an analysis, or why it cannot be asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from aegis.connection.project import ProjectContext, ProjectOptions, resolve_project
from aegis.errors import AegisError

if TYPE_CHECKING:
    from aegis.warehouse.base import Warehouse


@dataclass(frozen=True, slots=True)
class WarehouseAccess:
    """The warehouse, or why there is no way to it: a report without a warehouse is still a report."""

    warehouse: Warehouse | None = None
    refused: AegisError | None = None
    """Why there is no warehouse; None where there is one."""
    project: ProjectContext | None = None
    """The project that leads to it; None for a target folder alone, and for a database without a project."""

    @classmethod
    def of_target(cls, target_dir: Path, connection: ProjectOptions, built: str | None) -> WarehouseAccess:
        """The way to the warehouse of a target folder; ``built`` is the target of the profile that it was built for,
        which counts where none was named."""
        if connection.target is None:
            connection = replace(connection, target=built)
        try:
            project = resolve_project(target_dir, connection)
        except AegisError as error:
            return cls(refused=error)
        try:
            return cls(project.warehouse(), project=project)
        except AegisError as error:
            return cls(refused=error, project=project)

    def connect(self) -> Warehouse:
        """The warehouse, connected.

        Raises:
            AegisError: There is no way to it, or it does not answer.
        """
        if self.warehouse is None:
            assert self.refused is not None
            raise self.refused
        self.warehouse.connect()
        return self.warehouse

    def close(self) -> None:
        """Let go of the warehouse; a second call does nothing."""
        if self.warehouse is not None:
            self.warehouse.close()
