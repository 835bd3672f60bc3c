"""The workflows that the page on pull requests shows are valid, use what the action has, and have no more rights."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.docs.pages import Block, blocks
from tests.unit.forge.github_api import FORK_HEAD, TOKEN, GitHubApi
from tests.unit.forge.server import ForgeServer
from tests.unit.report.conftest import causes

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "how-to" / "pull-requests.md").read_text(encoding="utf-8")
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
SHOWN = [block for block in blocks(PAGE) if block.language == "yaml"]
WORKFLOWS = [block for block in SHOWN if (block.title or "").startswith(".github/")]
OURS = "OWNER/aegis@COMMIT"


def loaded(block: Block) -> Any:
    return yaml.safe_load(block.body)


def steps(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def test_every_snippet_is_yaml_and_all_are_looked_at() -> None:
    assert [block.title for block in SHOWN] == [
        ".github/workflows/dbt.yml", None, ".github/workflows/dbt.yml", ".github/workflows/dbt-comment.yml",
        ".gitlab-ci.yml",
    ]  # fmt: skip
    assert all(loaded(block) for block in SHOWN)


@pytest.mark.parametrize("block", WORKFLOWS, ids=["action", "fork", "comment"])
def test_a_workflow_uses_only_what_the_action_has(block: Block) -> None:
    workflow = loaded(block)
    used = {step["id"]: step for step in steps(workflow) if step.get("uses") == OURS}
    for step in used.values():
        assert set(step["with"]) <= set(ACTION["inputs"])
    for name, output in re.findall(r"steps\.([\w-]+)\.outputs\.([\w-]+)", block.body):
        assert name in used and output in ACTION["outputs"]


@pytest.mark.parametrize("block", WORKFLOWS, ids=["action", "fork", "comment"])
def test_a_workflow_may_write_comments_only_where_it_comments(block: Block) -> None:
    workflow = loaded(block)
    comments = any(step.get("uses") == OURS or "--github" in step.get("run", "") for step in steps(workflow))
    assert (workflow["permissions"].get("pull-requests") == "write") is comments
    assert set(workflow["permissions"].values()) <= {"read", "write"}
    assert "pull_request_target" not in workflow[True]  # YAML reads `on` as a truth value


def test_the_half_with_rights_runs_no_code_of_the_fork() -> None:
    workflow = loaded(WORKFLOWS[2])
    assert not [step for step in steps(workflow) if "checkout" in step.get("uses", "")]
    assert workflow["jobs"]["comment"]["if"] == "github.event.workflow_run.event == 'pull_request'"
    (first,) = [loaded(WORKFLOWS[1])["name"]]
    assert workflow[True]["workflow_run"]["workflows"] == [first]
    (uploaded,) = [step["with"]["name"] for step in steps(loaded(WORKFLOWS[1])) if "upload" in step.get("uses", "")]
    (taken,) = [step["with"]["name"] for step in steps(workflow) if "download" in step.get("uses", "")]
    assert uploaded == taken


def test_the_half_with_rights_does_what_the_page_says(tmp_path: Path) -> None:
    """Its last step is run, with what GitHub gives it."""
    from aegis.report import render

    last = steps(loaded(WORKFLOWS[2]))[-1]
    run = {"head_sha": FORK_HEAD, "head_branch": "patch-1", "head_repository": {"owner": {"login": "mallory"}}}
    (tmp_path / "event.json").write_text(json.dumps({"workflow_run": run}), encoding="utf-8")
    (tmp_path / "aegis").mkdir()
    (tmp_path / "aegis" / "report.json").write_text(render(causes(), "json"), encoding="utf-8")
    values = {"${{ github.token }}": TOKEN, "${{ github.event.workflow_run.head_sha }}": FORK_HEAD}
    api = GitHubApi()
    with ForgeServer(api) as server:
        environment = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": server.url,
            "GITHUB_EVENT_NAME": "workflow_run",
            "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
            "GITHUB_REPOSITORY": "acme/shop",
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), "/usr/bin", "/bin"]),
            "RUNNER_TEMP": str(tmp_path),
            **{name: values[value] for name, value in last["env"].items()},
        }
        command = ["bash", "-e", "-c", last["run"]]
        done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert [one["issue"] for one in api.comments] == [8]


@pytest.mark.parametrize("block", WORKFLOWS, ids=["action", "fork", "comment"])
def test_no_expression_stands_in_a_script_of_a_snippet(block: Block) -> None:
    assert not [step["run"] for step in steps(loaded(block)) if "${{" in step.get("run", "")]


def test_the_table_of_inputs_is_that_of_the_action() -> None:
    table = PAGE.partition("| input | default | |")[2].partition("\n\n")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
    told = {name.strip("`"): default.strip("`") for name, default, _ in rows}
    declared = {name: str(one["default"]) for name, one in ACTION["inputs"].items()}
    assert told.pop("github-token") == "the job's" and declared.pop("github-token") == "${{ github.token }}"
    assert told == declared


def test_every_output_is_told_of() -> None:
    assert not [name for name in ACTION["outputs"] if f"`{name}`" not in PAGE]
