"""Without a library for the warehouse it is asked through `dbt show`: the same answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aegis.analysis.options import AnalyzeOptions
from aegis.app.analyze import analyze
from aegis.connection import project
from aegis.connection.project import ProjectOptions
from aegis.warehouse import dbt_adapter
from aegis.warehouse.through_dbt import ThroughDbt
from integration_tests.command import DUCKDB, aegis, make_project
from integration_tests.engines import Engine, engines
from integration_tests.servers import PostgresServer
from integration_tests.test_causes_postgres import LANDING, RULES

Output = Callable[[str], dict[str, Any]]


@pytest.fixture(params=["duckdb", pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.long])])
def output(request: pytest.FixtureRequest) -> Output:
    """A profile's output, by the name of a schema."""
    if request.param == "duckdb":
        return lambda _schema: dict(DUCKDB)
    server: PostgresServer = request.getfixturevalue("postgres")
    return lambda schema: dict(server.profile(schema))


@pytest.mark.parametrize("engine", engines(long="dbt1"))
def test_causes_are_found_through_dbt_alone(
    tmp_path: Path, output: Output, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_project(tmp_path / "shop", output(f"through_{engine.name}"), engine)
    (folder / "models" / "labels.sql").unlink()
    (folder / "models" / "landing.sql").write_text(LANDING, encoding="utf-8")
    (folder / "models" / "orders.sql").write_text("select * from {{ ref('landing') }}\n", encoding="utf-8")
    (folder / "models" / "customers.sql").write_text("select i as id from generate_series(0, 44) as t(i)\n")
    (folder / "rules" / "orders.yml").write_text(RULES, encoding="utf-8")
    done = aegis("run", "--json", cwd=folder, engine=engine)
    assert done.code == 1, done.said
    monkeypatch.setattr(dbt_adapter, "is_installed", lambda _type: False)
    monkeypatch.setattr(project, "is_installed", lambda: False)
    connection = ProjectOptions(
        project_dir=folder, profiles_dir=folder, dbt=str(engine.executable), environment=engine.environment
    )
    assert isinstance(project.resolve_project(None, connection).warehouse(), ThroughDbt)
    report = analyze(folder / "target", AnalyzeOptions(connection=connection, audit=False))
    assert report.errors == ()
    assert found(report.model_dump(mode="json")) == found(done.report)
    assert [one.trial.why for finding in report.findings for one in finding.proposals if one.kind == "data_fix"] == []


def found(report: dict[str, Any]) -> list[Any]:
    """What stands behind the findings. (dbt writes a time as ISO does, with a T.)"""
    causes = [
        (one["title"], one["confidence"], [hop["rows_failed"] for hop in one["path"]]) for one in report["causes"]
    ]
    evidence = [
        (one["rule_id"], [(item["kind"], item["text"].replace("T0", " 0")) for item in one["evidence"]])
        for one in report["findings"]
    ]
    return [causes, evidence]
