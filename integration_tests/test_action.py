"""The GitHub action does what it says: its steps are run, on a dbt project, against a server that speaks REST."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from integration_tests.command import quickest
from integration_tests.composite import EXPRESSION, Runner, load_action
from integration_tests.plain_project import BAD, GOOD, dbt, project
from tests.unit.forge.github_api import TOKEN, GitHubApi
from tests.unit.forge.server import ForgeServer

ROOT = Path(__file__).parents[1]
ACTION = load_action(ROOT / "action.yml")
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose build failed: two orders have no customer."""
    folder = project(tmp_path_factory.mktemp("workspace"), BAD)
    dbt(folder, quickest(), "build")
    return folder


@pytest.fixture(scope="module")
def github() -> Iterator[ForgeServer]:
    with ForgeServer(GitHubApi()) as server:
        yield server


@pytest.fixture
def runner(built: Path, github: ForgeServer, tmp_path: Path) -> Runner:
    """What GitHub gives a job of pull request 7; with dbt, and without anything else of this machine."""
    event, home = tmp_path / "event.json", tmp_path / "home"
    event.write_text(json.dumps({"pull_request": {"number": 7}}), encoding="utf-8")
    home.mkdir()
    engine = quickest()
    environment = {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), str(engine.executable.parent), "/usr/bin", "/bin"]),
        "AEGIS_DBT": str(engine.executable),
        "CI": "true",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "GITHUB_ACTIONS": "true",
        "GITHUB_ACTION_PATH": str(ROOT),
        "GITHUB_API_URL": github.url,
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_REPOSITORY": "acme/shop",
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "HOME": str(home),
        "NO_PROXY": "127.0.0.1",
    }
    return Runner(ACTION, {"token": TOKEN}, environment, built, tmp_path)


def api(server: ForgeServer) -> GitHubApi:
    assert isinstance(server.api, GitHubApi)
    return server.api


@pytest.mark.slow
def test_the_action_installs_the_runner_and_comments(runner: Runner, github: ForgeServer, tmp_path: Path) -> None:
    # What it depends on is here already, and the wheel is built without a network (0: no isolation).
    packages = sysconfig.get_paths()["purelib"]
    here = {"PYTHONPATH": packages, "PIP_NO_DEPS": "1", "PIP_NO_BUILD_ISOLATION": "0"}
    runner.environment = {**runner.environment, **here}
    steps, outputs = runner.run()
    assert [(step.name, step.code) for step in steps] == [("Install Aegis", 0), ("Analyze", 1)], steps
    program = tmp_path / "aegis" / "bin" / "aegis"
    assert program.read_text(encoding="utf-8").startswith(f"#!{tmp_path}")
    assert "commented on acme/shop#7" in steps[1].out
    report = json.loads(Path(outputs["report"]).read_text(encoding="utf-8"))
    assert Path(outputs["report"]) == tmp_path / "aegis-report.json"
    assert outputs == {
        "exit-code": "1",
        "findings": "1",
        "causes": str(report["summary"]["causes"]),
        "passed": str(report["summary"]["passed"]),
        "run-id": report["run"]["run_id"],
        "report": outputs["report"],
        "comment-url": api(github).comments[-1]["html_url"],
    }
    assert "### ❌" in (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert "`customer_id`" in api(github).comments[-1]["body"]
    assert TOKEN not in "".join(step.out for step in steps)


def test_the_comment_turns_green_when_the_data_is_repaired(
    runner: Runner, github: ForgeServer, built: Path, tmp_path: Path
) -> None:
    api(github).comments.clear()
    steps, outputs = runner.run(install="false", comment_name="dbt", fail_on="never")
    assert [step.code for step in steps] == [0], steps
    assert api(github).comments[0]["body"].startswith("<!-- aegis:dbt run=")
    red = outputs["run-id"]
    shop = tmp_path / "repaired"
    shutil.copytree(built, shop)
    (shop / "seeds" / "raw_orders.csv").write_text(GOOD, encoding="utf-8")
    dbt(shop, quickest(), "build")
    runner.workspace = shop.parent
    steps, outputs = runner.run(install="false", comment_name="dbt", working_directory=shop.name)
    assert [step.code for step in steps] == [0], steps
    (comment,) = api(github).comments
    assert re.search(rf"### ✅ 1 cause behind 1 finding fixed since run `{red}`", comment["body"])
    assert (outputs["findings"], outputs["comment-url"]) == ("0", comment["html_url"])


@pytest.mark.parametrize(
    "inputs",
    [
        {"fail_on": "never; touch pwned", "target_dir": "target"},
        {"target_dir": "$(touch pwned)"},
        {"target_dir": "--help"},
        {"comment_name": "`touch pwned`"},
        {"arguments": '--quiet\n"; touch pwned #'},
        {"report": "/no/such/folder/$(touch pwned)"},
    ],
)
def test_what_stands_in_an_input_is_never_run(runner: Runner, built: Path, inputs: dict[str, str]) -> None:
    steps, _ = runner.run(install="false", **inputs)
    assert steps[-1].code in (2, 3), steps
    assert not list(built.rglob("pwned"))


def test_extras_are_names_and_nothing_else(runner: Runner) -> None:
    steps, _ = runner.run(extras="duckdb] @ https://evil.example/x #")
    assert [(step.code, step.out) for step in steps] == [
        (2, "::error::extras holds more than names with commas between them\n")
    ]


def test_further_words_are_passed_on_one_a_line(runner: Runner, tmp_path: Path) -> None:
    file = tmp_path / "with space.md"
    steps, _ = runner.run(
        install="false", fail_on="never", arguments=f"--depth\nresults\n\n--output-markdown\n{file}\n"
    )
    assert steps[-1].code == 0, steps
    assert file.read_text(encoding="utf-8").startswith("### ")


def test_no_expression_stands_in_a_script() -> None:
    assert STEPS
    for step in STEPS:
        assert "uses" not in step, "another action has a tag that moves"
        assert "${{" not in step["run"]
        assert step["shell"] == "bash"


def test_every_input_is_used_and_every_one_that_is_used_is_declared() -> None:
    text = json.dumps([STEPS, ACTION["outputs"]])
    used = set(re.findall(r"inputs\.([a-z-]+)", text))
    assert used == set(ACTION["inputs"])
    assert all(one["description"] for one in [*ACTION["inputs"].values(), *ACTION["outputs"].values()])


def test_the_outputs_are_those_that_the_runner_writes() -> None:
    for name, one in ACTION["outputs"].items():
        assert EXPRESSION.fullmatch(one["value"]), name
        assert one["value"] == f"${{{{ steps.analyze.outputs.{name} }}}}"


def test_the_scripts_quote_every_variable_and_are_valid() -> None:
    """As shellcheck would: no word is split, no file name expanded."""
    for step in STEPS:
        checked = subprocess.run(["bash", "-n"], input=step["run"], text=True, capture_output=True, check=False)
        assert checked.returncode == 0, checked.stderr
        # Inside [[ ]] and after an assignment nothing is split; everywhere else a variable stands in quotes.
        code = re.sub(r"#.*", "", re.sub(r"\[\[.*?\]\]", "", step["run"]))
        bare = re.sub(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'', "", code)
        assert not re.findall(r"\$\w+|\$\{|\$\(|`", bare), bare
        assert "eval" not in step["run"]


def test_the_script_of_a_wrong_action_would_be_found() -> None:
    wrong = 'aegis analyze $TARGET "${{ inputs.x }}"'
    assert EXPRESSION.search(wrong)
    assert re.findall(r"\$\w+", re.sub(r'"(?:[^"\\]|\\.)*"', "", wrong)) == ["$TARGET"]
