"""A fix of a dbt file is built by the user's dbt in a scratch target, and nothing of the user's own changes by it."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from aegis.analysis.fix_builder import FixBuilder
from aegis.analysis.options import AnalyzeOptions
from aegis.app.analyze import analyze
from aegis.connection.project import ProjectOptions, resolve_project
from aegis.dbt.artifacts.read import read_artifacts
from aegis.dbt.graph.lineage import Lineage
from aegis.domain.proposals import Proposal
from aegis.domain.report import Finding
from aegis.errors import WarehouseError
from aegis.llm import LlmConfig
from aegis.llm.script import Request
from integration_tests.command import make_database, quickest
from integration_tests.engines import Engine, engines

LANDING = """\
{{ config(materialized='table') }}
select i as id, case when i % 10 = 0 then null else i end as customer_id,
    case when i % 10 = 0 then 'PHONE' else 'WEB' end as channel
from range(1, 401) as t(i)
"""
CLEANED = "select id, customer_id, channel from {{ ref('landing') }} where customer_id is not null"
LOST = "select id, customer_id, channel from {{ ref('landing') }}"
LOWERED = "select id, customer_id, lower(channel) as channel from {{ ref('landing') }} where customer_id is not null"
BY_CHANNEL = "select channel, count(*) as orders from {{ ref('stg_orders') }} group by 1"
TESTS: dict[str, Any] = {
    "models": [
        {"name": "stg_orders", "columns": [{"name": "customer_id", "data_tests": ["not_null"]}]},
        {
            "name": "by_channel",
            "columns": [
                {
                    "name": "channel",
                    "data_tests": [
                        {"accepted_values": {"arguments": {"values": ["WEB", "PHONE"]}, "config": {"severity": "warn"}}}
                    ],
                }
            ],
        },
    ]
}


class Project:
    """Three models in a row and two tests; the one in the middle gets another file between two builds."""

    def __init__(
        self, folder: Path, engine: Engine, before: str = CLEANED, landing: str = LANDING, **settings: Any
    ) -> None:
        self.folder, self.engine = folder, engine
        (folder / "models").mkdir(parents=True)
        output = {"type": "duckdb", "path": "shop.duckdb", "threads": 2}
        whole = {"name": "shop", "version": "1.0.0", "profile": "shop", **settings}
        # A failed test would keep what lies below from being built.
        whole["data_tests"] = {"+severity": "warn"}
        self.write("dbt_project.yml", json.dumps(whole))
        self.write("profiles.yml", json.dumps({"shop": {"target": "dev", "outputs": {"dev": output}}}))
        self.write("models/schema.yml", json.dumps(TESTS))
        self.write("models/landing.sql", landing)
        self.write("models/stg_orders.sql", before)
        self.write("models/by_channel.sql", BY_CHANNEL)
        self.build()
        shutil.copytree(folder / "target", folder / "state")
        self.write("models/stg_orders.sql", LOST)
        self.build()

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def build(self) -> None:
        command = [str(self.engine.executable), "build", "--quiet", "--profiles-dir", "."]
        done = subprocess.run(command, cwd=self.folder, env=self.engine.environment, capture_output=True, check=False)
        assert done.returncode == 0, done.stdout

    def contents(self) -> dict[str, str]:
        files = (path for path in self.folder.rglob("*") if path.is_file())
        return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}

    @property
    def connection(self) -> ProjectOptions:
        return ProjectOptions(self.folder, self.folder, dbt=str(self.engine.executable))

    def analyzed(self, **options: Any) -> tuple[Finding, ...]:
        """The findings; every file is as it was."""
        before = self.contents()
        given = {"state": self.folder / "state", **options}
        report = analyze(self.folder / "target", AnalyzeOptions(connection=self.connection, audit=False, **given))
        assert self.contents() == before
        return report.findings


@pytest.fixture(autouse=True)
def variables(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What dbt 2 needs to find its drivers, for the dbt that the analysis starts."""
    named = request.node.callspec.params.get("engine") if hasattr(request.node, "callspec") else None
    for name, value in (named or quickest()).variables.items():
        monkeypatch.setenv(name, value)
    yield


def put_back(findings: Sequence[Finding]) -> Proposal:
    finding = next(one for one in findings if one.rca is not None and one.rca.kind == "code_changed")
    [proposal] = [one for one in (*finding.proposals, *finding.rejected) if one.kind == "model_fix"]
    return proposal


@pytest.mark.parametrize("engine", engines(long="dbt1"))
def test_the_file_as_it_was_is_built_with_all_below_it(tmp_path: Path, engine: Engine) -> None:
    trial = put_back(Project(tmp_path / "shop", engine).analyzed()).trial
    assert trial.verdict == "verified" and trial.why is None
    assert trial.build is not None
    assert trial.build.nodes == ("model.shop.stg_orders", "model.shop.by_channel")
    assert (trial.build.tests, trial.build.fixed, trial.build.failing) == (2, ("not_null_stg_orders_customer_id",), 0)


def test_a_test_further_down_that_breaks_makes_a_fix_harmful(tmp_path: Path) -> None:
    # The queries ask the rules of the table itself: none of them sees what the values become below.
    project = Project(tmp_path / "shop", quickest(), before=LOWERED)
    proposal = put_back(project.analyzed())
    assert proposal.trial.verdict == "harmful"
    assert proposal.trial.why is not None and "accepted_values_by_channel_channel" in proposal.trial.why
    assert proposal.trial.build is not None and proposal.trial.build.failing == 1
    by_queries = put_back(project.analyzed(build=False))
    assert by_queries.trial.verdict == "verified" and by_queries.trial.build is None


WRITTEN = """\
{{{{ config(materialized='table') }}}}
select i as id, i as customer_id, {channel} as channel from range(1, 401) as t(i)
"""


@pytest.mark.parametrize(
    ("text", "verdict", "why"),
    [
        (WRITTEN.format(channel="'WEB'"), "verified", None),
        (WRITTEN.format(channel="'web'"), "harmful", "accepted_values_by_channel_channel__WEB__PHONE fails with it"),
        # What dbt renders is the config that was there; a model does not get to write it.
        (WRITTEN.format(channel="'WEB'").replace("'table'", "'view'"), "refused", "it changes the model's config"),
    ],
)
def test_what_a_language_model_writes_is_built_too(tmp_path: Path, text: str, verdict: str, why: str | None) -> None:
    [finding] = Project(tmp_path / "shop", quickest()).analyzed(state=None, llm=writing(text))
    [proposal] = [one for one in (*finding.proposals, *finding.rejected) if one.kind == "model_fix"]
    assert proposal.trial.verdict == verdict
    assert proposal.trial.why is why if why is None else why in str(proposal.trial.why)
    assert (proposal.trial.build is None) is (verdict == "refused")
    if proposal.trial.build is not None:
        assert proposal.trial.build.nodes[0] == "model.shop.landing" and len(proposal.trial.build.nodes) == 3


def writing(text: str) -> LlmConfig:
    """A language model that writes the file anew."""

    def model(request: Request) -> Mapping[str, Any]:
        if request.asks_for == "Diagnosis":
            return {"diagnosis": "It is the code.", "cites": []}
        fix = {"kind": "model_fix", "sql": text, "what": "As it should be.", "caveat": ""}
        return {"explanation": "A filter is missing.", "proposals": [fix]}

    return LlmConfig(provider="scripted", script=model)


def test_what_reaches_beyond_the_copy_is_held_back_by_the_database(tmp_path: Path) -> None:
    """A hook, a macro and the end of a run write files: they did in the user's own build, and do not again."""
    hook, macro, end = (tmp_path / name for name in ("hook.csv", "macro.csv", "end.csv"))
    writes = "copy (select 1 as one) to '{}'"
    settings: dict[str, Any] = {
        "on-run-end": writes.format(end),
        "models": {"shop": {"landing": {"+post-hook": writes.format(hook)}}},
    }
    project = Project(tmp_path / "shop", quickest(), **settings)
    assert hook.exists() and end.exists()
    hook.unlink()
    end.unlink()
    # Nothing below the changed model asks for a file: neither the hook above it nor the end of the run is missed.
    assert put_back(project.analyzed()).trial.build is not None
    asking = f'{{% if execute %}}{{% do run_query("{writes.format(macro)}") %}}{{% endif %}} {BY_CHANNEL}'
    project.write("models/by_channel.sql", asking)
    project.build()
    for path in (hook, macro, end):
        path.unlink()
    trial = put_back(project.analyzed()).trial
    assert trial.verdict == "verified" and trial.build is not None
    assert trial.build.nodes == ("model.shop.stg_orders",)
    assert str(trial.why).startswith("by_channel cannot be built in a scratch target: ")
    assert not any(path.exists() for path in (hook, macro, end))


def test_a_package_does_nothing_at_the_end_of_a_run_either(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    package = tmp_path / "package"
    package.mkdir()
    settings = {"name": "util", "version": "1.0.0", "on-run-end": f"copy (select 1 as one) to '{log}'"}
    (package / "dbt_project.yml").write_text(json.dumps(settings), encoding="utf-8")
    project = Project(tmp_path / "shop", quickest())
    (project.folder / "dbt_packages").mkdir()
    (project.folder / "dbt_packages" / "util").symlink_to(package)
    project.write("packages.yml", json.dumps({"packages": [{"local": "../package"}]}))
    project.build()
    log.unlink()
    assert put_back(project.analyzed()).trial.build is not None
    assert not log.exists()


@pytest.mark.parametrize("name", ["attach", "plugins"])
def test_a_profile_that_reaches_beyond_its_database_has_no_scratch_target(tmp_path: Path, name: str) -> None:
    project = Project(tmp_path / "shop", quickest())
    profiles = json.loads((project.folder / "profiles.yml").read_text(encoding="utf-8"))
    make_database(project.folder / "other.duckdb")
    profiles["shop"]["outputs"]["dev"][name] = [{"path": "other.duckdb"}]
    project.write("profiles.yml", json.dumps(profiles))
    why = f"it was not built: the profile says {name}, which reaches beyond its database"
    assert put_back(project.analyzed()).trial.why == why


def test_a_failing_test_that_gets_worse_makes_a_fix_harmful(tmp_path: Path) -> None:
    landing = LANDING.replace("else 'WEB'", "when i % 7 = 0 then 'x' else 'WEB'")
    project = Project(tmp_path / "shop", quickest(), before=LOWERED, landing=landing)
    trial = put_back(project.analyzed()).trial
    assert trial.verdict == "harmful" and "gets worse" in str(trial.why)


def test_a_test_that_breaks_with_the_file_that_is_there_too_is_no_harm(tmp_path: Path) -> None:
    """Rows that came after the build break a test, whatever the file says."""
    project = Project(tmp_path / "shop", quickest())
    with duckdb.connect(str(project.folder / "shop.duckdb")) as connection:
        connection.execute("insert into landing values (401, 401, 'FAX')")
    trial = put_back(project.analyzed()).trial
    assert trial.verdict == "verified"
    assert trial.build is not None and trial.build.failing == 1


def test_a_database_that_somebody_writes_to_is_not_copied(tmp_path: Path) -> None:
    project = Project(tmp_path / "shop", quickest())
    reach_of = resolve_project(project.folder / "target", project.connection)
    artifacts = read_artifacts(project.folder / "target")
    rehearsal = FixBuilder(reach_of, artifacts, Lineage.of(artifacts.manifest))
    node = artifacts.manifest.nodes["model.shop.stg_orders"]
    holding = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", holding, str(project.folder / "shop.duckdb")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None and writer.stdout.readline() == "held\n"
        with pytest.raises(WarehouseError, match="in use"):
            rehearsal(node, CLEANED, 60.0)
        writer.communicate()
    assert rehearsal(node, CLEANED, 60.0).nodes == ("model.shop.stg_orders", "model.shop.by_channel")


def test_a_file_that_changed_after_the_build_is_not_built(tmp_path: Path) -> None:
    project = Project(tmp_path / "shop", quickest())
    project.write("models/stg_orders.sql", f"{LOST} -- somebody is at work")
    trial = put_back(project.analyzed()).trial
    assert trial.build is None and trial.why == "it was not built: its file was changed after the build"


def test_a_build_that_takes_too_long_is_ended_and_said_to_be(tmp_path: Path) -> None:
    slow = tmp_path / "dbt"
    slow.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "dbt 2.0.0" || sleep 60\n', encoding="utf-8")
    slow.chmod(0o755)
    project = Project(tmp_path / "shop", quickest())
    project.engine = Engine("slow", slow)
    trial = put_back(project.analyzed(max_seconds=2.0)).trial
    assert trial.build is None and trial.why == "it was not built: dbt took longer than 2 s"
