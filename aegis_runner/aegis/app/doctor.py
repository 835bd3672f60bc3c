"""`aegis doctor`: is everything that Aegis works with there, and does it fit together?"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path

from aegis.connection.project import ProjectContext, ProjectOptions, resolve_project
from aegis.dbt.project.settings import find_project
from aegis.errors import AegisError


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: ``ok`` True fine, False broken, None worth knowing."""

    name: str
    ok: bool | None
    told: str
    hint: str | None = None


def doctor(connection: ProjectOptions, audit_db: Path | None = None) -> tuple[Check, ...]:
    """Look at the pair (package and runner), dbt, the project, its profile, the warehouse and the audit trail."""
    checks = [_runner(), *_namesakes(), *_tried("dbt", lambda: _dbt(connection))]
    try:
        found = resolve_project(None, connection)
    except AegisError as error:
        # Without a project Aegis works on databases and on target folders; a project that leads nowhere is broken.
        ok = None if find_project(Path.cwd()) is None and connection.project_dir is None else False
        checks.append(Check("project", ok, _where(error), error.hint))
    else:
        checks += _tried("project", lambda: _project(found))
        checks += _tried("warehouse", lambda: _warehouse(found))
    checks += _tried("audit trail", lambda: _trail(audit_db))
    return tuple(checks)


def _tried(name: str, look: Callable[[], Iterator[Check]]) -> list[Check]:
    try:
        return list(look())
    except AegisError as error:
        return [Check(name, False, _where(error), error.hint)]


def _where(error: AegisError) -> str:
    return f"{error.where}: {error.message}" if error.where else error.message


def _runner() -> Check:
    from aegis import __version__

    version = ".".join(map(str, sys.version_info[:3]))
    return Check("aegis", True, f"{__version__}, Python {version}")


def _namesakes() -> Iterator[Check]:
    """Other distributions that install a top-level ``aegis``: whichever came last wins, file by file."""
    for found in distributions():
        name = (found.metadata["Name"] or "").lower()
        if name in ("aegis-dq", "aegis-harness"):
            yield Check(
                "aegis", False, f"{name} is installed too and has the same import name", f"pip uninstall {name}"
            )


def _dbt(connection: ProjectOptions) -> Iterator[Check]:
    from aegis.dbt.engine.executable import find_dbt

    dbt = find_dbt(connection.dbt, connection.project_dir)
    yield Check("dbt", True, f"{dbt.version} at {dbt.path}")


def _project(found: ProjectContext) -> Iterator[Check]:
    from aegis import __version__
    from aegis.dbt.project.settings import read_yaml_mapping

    project = found.project
    yield Check("project", True, f"{project.name} at {project.folder}")
    yield Check("profile", True, f"{found.profile.name}, target {found.profile.target}, {found.profile.type}")
    installed = project.packages_dir / "aegis" / "dbt_project.yml"
    if not installed.is_file():
        yield Check("dbt package", False, "not installed in the project", "Run `aegis init`, then `dbt deps`.")
        return
    version = str(read_yaml_mapping(installed).get("version"))
    if version == __version__:
        yield Check("dbt package", True, f"{version}, the runner's own")
    else:
        yield Check(
            "dbt package", False, f"{version}, but the runner is {__version__}", "Run `aegis init`, then `dbt deps`."
        )


def _warehouse(found: ProjectContext) -> Iterator[Check]:
    from aegis.errors import WarehouseError

    warehouse = found.warehouse()
    try:
        warehouse.connect()
        if warehouse.execute_scalar("select 1 as one") != 1:
            raise WarehouseError("answers, but not 1 to `select 1`")
    finally:
        warehouse.close()
    yield Check("warehouse", True, f"{warehouse.dialect} answers")


def _trail(audit_db: Path | None) -> Iterator[Check]:
    from aegis.analysis.record import trail_path
    from aegis.audit import AuditTrail

    path = trail_path(audit_db)
    if not path.exists():
        yield Check("audit trail", None, f"none yet at {path}; the first run makes it")
        return
    with AuditTrail.open(path, create=False) as trail:
        checked = trail.verify()
        writable = "" if not trail.read_only else ", read-only"
    if checked.broken is not None:
        yield Check("audit trail", False, f"{path} does not verify: {checked.broken}")
    else:
        yield Check("audit trail", not trail.read_only, f"{checked.rows} rows verified at {path}{writable}")
