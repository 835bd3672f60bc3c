"""Build hook: a wheel carries the dbt package under ``aegis/dbt_package``; an editable install does not.

A checkout keeps the dbt package at its root, where dbt looks for it, so that there is one copy to edit.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PARTS = ("dbt_project.yml", "macros", "models")


class CarryDbtPackage(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version != "standard":
            return
        for part in PARTS:
            source = Path(self.root, part)
            if not source.exists():
                raise FileNotFoundError(f"{source} is part of the dbt package and is missing")
            build_data["force_include"][str(source)] = f"aegis/dbt_package/{part}"
