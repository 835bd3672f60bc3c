"""Where the dbt half of Aegis lies: inside the installed wheel, or at the root of a checkout."""

from __future__ import annotations

from pathlib import Path

from aegis.errors import ConfigError

PACKAGE = "aegis"
"""What the dbt package is called."""

_HERE = Path(__file__).resolve().parent


def package_folder() -> Path:
    """The folder with ``dbt_project.yml`` and ``macros/``.

    Raises:
        ConfigError: The installation is incomplete.
    """
    for folder in (_HERE.parent / "dbt_package", _HERE.parents[2]):
        if (folder / "dbt_project.yml").is_file() and (folder / "macros" / "suite").is_dir():
            return folder
    raise ConfigError("the dbt package is missing from this installation of aegis-dbt", hint="Install aegis-dbt again.")
