"""A fix of a dbt file is built by the user's dbt in a scratch target, and nothing of the user's own changes by it."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from aegis.app.analyze import AnalyzeOptions, analyze
from aegis.app.reach import Connection
from aegis.domain.report import Finding, Proposal
from aegis.llm import LlmConfig
from aegis.llm.script import Request
from integration_tests.command import quickest
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

    def __init__(self, folder: Path, engine: Engine, before: str = CLEANED, **settings: Any) -> None:
        self.folder, self.engine = folder, engine
        (folder / "models").mkdir(parents=True)
        output = {"type": "duckdb", "path": "shop.duckdb", "threads": 2}
        whole = {"name": "shop", "version": "1.0.0", "profile": "shop", **settings}
        # A failed test would keep what lies below from being built.
        whole["data_tests"] = {"+severity": "warn"}
        self.write("dbt_project.yml", json.dumps(whole))
        self.write("profiles.yml", json.dumps({"shop": {"target": "dev", "outputs": {"dev": output}}}))
        self.write("models/schema.yml", json.dumps(TESTS))
        self.write("models/landing.sql", LANDING)
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

    def analyzed(self, **options: Any) -> Finding:
        """The one finding; every file is as it was."""
        before = self.contents()
        connection = Connection(self.folder, self.folder, dbt=str(self.engine.executable))
        given = {"state": self.folder / "state", **options}
        report = analyze(self.folder / "target", AnalyzeOptions(connection=connection, audit=False, **given))
        assert self.contents() == before
        [finding] = report.findings
        return finding


@pytest.fixture(autouse=True)
def variables(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What dbt 2 needs to find its drivers, for the dbt that the analysis starts."""
    named = request.node.callspec.params.get("engine") if hasattr(request.node, "callspec") else None
    for name, value in (named or quickest()).variables.items():
        monkeypatch.setenv(name, value)
    yield


def put_back(finding: Finding) -> Proposal:
    assert finding.rca is not None and finding.rca.kind == "code_changed"
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
        (WRITTEN.format(channel="'web'"), "harmful", "accepted_values_by_channel_channel__WEB__PHONE, which passed"),
        # What dbt renders is the config that was there; a model does not get to write it.
        (WRITTEN.format(channel="'WEB'").replace("'table'", "'view'"), "refused", "it changes the model's config"),
    ],
)
def test_what_a_language_model_writes_is_built_too(tmp_path: Path, text: str, verdict: str, why: str | None) -> None:
    finding = Project(tmp_path / "shop", quickest()).analyzed(state=None, llm=writing(text))
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


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"models": {"shop": {"by_channel": {"+post-hook": "select 1"}}}}, "by_channel has hooks"),
        ({"models": {"shop": {"by_channel": {"+materialized": "external"}}}}, "by_channel is materialized as external"),
    ],
)
def test_what_may_reach_beyond_the_copy_is_not_built(tmp_path: Path, changed: dict[str, Any], why: str) -> None:
    trial = put_back(Project(tmp_path / "shop", quickest(), **changed).analyzed()).trial
    assert trial.build is None and trial.verdict == "verified"
    assert trial.why is not None and f"it was not built: {why}" in trial.why


def test_what_a_project_does_at_the_end_of_a_run_is_not_done_again(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    hook = {"on-run-end": f"copy (select now() as at) to '{log}'"}
    project = Project(tmp_path / "shop", quickest(), **hook)
    assert log.exists()
    log.unlink()
    assert put_back(project.analyzed()).trial.build is not None
    assert not log.exists()


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
