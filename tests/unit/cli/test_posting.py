"""`--github` and `--gitlab`: the report comes as ever, messages go to stderr, and the exit code stays the report's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from aegis import report as report_room
from aegis.app.post import PostOptions, post
from aegis.domain.report import Report
from aegis.forge import Patience
from aegis.report import Options, render
from tests.unit.forge.github_api import FORK_HEAD, READER, TOKEN, GitHubApi
from tests.unit.forge.server import ForgeServer
from tests.unit.report.conftest import causes, hostile

TARGET = Path(__file__).parents[2] / "fixtures" / "targets" / "dbt-1.12"


@pytest.fixture
def github() -> Iterator[ForgeServer]:
    with ForgeServer(GitHubApi()) as server:
        yield server


@pytest.fixture
def job(github: ForgeServer, tmp_path: Path) -> dict[str, str]:
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 7}}), encoding="utf-8")
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_API_URL": github.url,
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_REPOSITORY": "acme/shop",
        "GITHUB_TOKEN": TOKEN,
        "NO_PROXY": "127.0.0.1",
    }


def aegis(job: dict[str, str], folder: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "aegis", *map(str, words)]
    environment = {**os.environ, "AEGIS_AUDIT_DB": str(folder / "audit.db"), **job}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def comments(server: ForgeServer) -> list[str]:
    assert isinstance(server.api, GitHubApi)
    return [one["body"] for one in server.api.comments]


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    file = tmp_path / "report.json"
    file.write_text(render(causes(), "json"), encoding="utf-8")
    return file


def test_analyze_posts_what_it_prints_and_exits_as_without(
    github: ForgeServer, job: dict[str, str], tmp_path: Path
) -> None:
    alone = aegis(job, tmp_path, "analyze", TARGET, "--offline", "--json")
    done = aegis(job, tmp_path, "analyze", TARGET, "--offline", "--json", "--output-json", "r.json", "--github")
    assert done.returncode == alone.returncode == 1
    assert json.loads(done.stdout)["findings"]
    assert "\naegis: commented on acme/shop#7: https://github.com/" in done.stderr
    assert "\n::error file=" in done.stderr, "stdout is JSON"
    assert len(comments(github)) == 1
    outputs = Path(job["GITHUB_OUTPUT"]).read_text(encoding="utf-8")
    assert "\nr.json\n" in outputs and "exit-code<<" in outputs
    run_id = json.loads(done.stdout)["run"]["run_id"]
    again = aegis(job, tmp_path, "report", run_id, "--github")
    assert (again.returncode, len(comments(github))) == (0, 1)
    assert again.stderr.startswith("aegis: updated the comment on acme/shop#7")
    assert "\n::error file=" in again.stdout


def test_annotations_name_files_as_the_repository_does(
    github: ForgeServer, job: dict[str, str], tmp_path: Path, saved: Path
) -> None:
    done = aegis(job, tmp_path, "report", saved, "--github", "--path-prefix", "dbt/shop")
    assert "\n::error file=dbt/shop/rules/orders.yml,line=1," in done.stdout


def test_what_cannot_be_posted_costs_neither_the_report_nor_its_exit_code(job: dict[str, str], tmp_path: Path) -> None:
    job["GITHUB_TOKEN"] = READER
    done = aegis(job, tmp_path, "analyze", TARGET, "--offline", "--quiet", "--github")
    assert done.returncode == 1 and "exit 1" in done.stdout
    (line,) = done.stderr.splitlines()
    assert line.startswith("aegis: not posted: acme/shop#7: ") and "pull-requests: write" in line
    assert READER not in done.stdout + done.stderr


def test_a_file_that_cannot_be_written_does_not_cost_the_comment(
    github: ForgeServer, job: dict[str, str], tmp_path: Path
) -> None:
    done = aegis(job, tmp_path, "analyze", TARGET, "--offline", "--output-json", tmp_path, "--github")
    assert done.returncode == 2
    assert len(comments(github)) == 1


def test_a_saved_report_is_rendered_and_posted(
    github: ForgeServer, job: dict[str, str], tmp_path: Path, saved: Path
) -> None:
    done = aegis(job, tmp_path, "report", saved, "--github", "--format", "markdown")
    assert done.returncode == 0, done.stderr
    assert done.stdout == render(causes(), "markdown")
    assert render(causes(), "github") in done.stderr
    assert comments(github)[0].split("\n", 1)[1] == render(causes(), "markdown")
    job["GITHUB_TOKEN"] = "nonsense"
    done = aegis(job, tmp_path, "report", saved, "--github")
    assert done.returncode == 3 and "not posted: " in done.stderr and "CRITICAL" in done.stdout


def test_the_privileged_half_posts_a_forks_report_only_to_the_forks_pull_request(
    github: ForgeServer, job: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "report.json"
    file.write_text(render(hostile(), "json"), encoding="utf-8")
    run = {"head_sha": FORK_HEAD, "head_branch": "patch-1", "head_repository": {"owner": {"login": "mallory"}}}
    Path(job["GITHUB_EVENT_PATH"]).write_text(json.dumps({"workflow_run": run}), encoding="utf-8")
    job["GITHUB_EVENT_NAME"] = "workflow_run"
    done = aegis(job, tmp_path, "report", file, "--github", "--pull-request", "7", "--head-sha", FORK_HEAD)
    assert done.returncode == 5
    assert "pull request 7 has another head than the commit that this report is of; nothing was posted" in done.stderr
    assert comments(github) == [] and not Path(job["GITHUB_OUTPUT"]).exists()
    done = aegis(job, tmp_path, "report", file, "--github", "--pull-request", "8", "--head-sha", FORK_HEAD)
    assert done.returncode == 0, done.stderr
    assert len(comments(github)) == 1
    assert not [line for line in (done.stdout + done.stderr).splitlines() if line.lstrip().startswith("::")]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--github", "--gitlab"], "--github and --gitlab do not go together"),
        (["--pull-request", "7"], "there is nowhere to post to\n  Add --github or --gitlab."),
        (["--github", "--pull-request", "7\n::error::x"], r"'7\n::error::x' is not the number of a pull request"),
        (["--github", "--pull-request", "0"], "0 is not the number of a pull request"),
        (["--github", "--pull-request", "٣"], "is not the number of a pull request"),
        (["--github", "--head-sha", ""], "'' is not a commit's hash"),
        (["--github", "--head-sha", "c0ffee"], "Give the whole hash"),
        (["--github", "--comment-name", "a--b"], "'a--b' cannot be the name of a comment"),
    ],
)
def test_options_that_are_wrong_are_refused_before_anything_is_done(
    github: ForgeServer, job: dict[str, str], tmp_path: Path, saved: Path, words: list[str], said: str
) -> None:
    done = aegis(job, tmp_path, "report", saved, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr and "\n::" not in done.stderr
    assert github.seen == []


def test_a_wrong_option_is_told_before_the_analysis_begins(job: dict[str, str], tmp_path: Path) -> None:
    done = aegis(job, tmp_path, "analyze", "no-such-folder", "--github", "--head-sha", "")
    assert done.returncode == 2 and "is not a commit's hash" in done.stderr


def test_a_saved_report_that_is_posted_is_a_plain_file_of_bounded_size(
    github: ForgeServer, job: dict[str, str], tmp_path: Path, saved: Path
) -> None:
    (tmp_path / "link.json").symlink_to(saved)
    large = tmp_path / "large.json"
    with large.open("wb") as stream:
        stream.truncate(20_000_001)
    broken = tmp_path / "broken.json"
    broken.write_text("[" * 200_000, encoding="utf-8")
    for file, code, said in (
        ("link.json", 2, "is not a plain file"),
        (str(large), 2, "is larger than 20,000,000 bytes"),
        (str(broken), 3, "this is not JSON"),
        ("gone.json", 2, "is not a plain file"),
    ):
        done = aegis(job, tmp_path, "report", file, "--github")
        assert done.returncode == code and said in done.stderr, done.stderr
    assert github.seen == []


def test_annotations_are_printed_where_the_job_has_the_code_and_a_renderer_is_there(
    job: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def annotate(report: Report, _options: Options = Options()) -> str:  # noqa: B008
        return f"::error file=orders.yml,line=3::{report.summary.findings} findings\n"

    loaders = {"markdown": report_room._LOADERS["markdown"], "github": lambda: annotate}
    monkeypatch.setattr("aegis.report._LOADERS", loaders)
    options = PostOptions(forge="github")
    monkeypatch.setattr("aegis.report.FORMATS", ("markdown",))
    assert post(causes(), options, job, patience=Patience(total=5)).annotations == ""
    monkeypatch.setattr("aegis.report.FORMATS", ("markdown", "github"))
    said = post(causes(), options, job, patience=Patience(total=5)).annotations
    assert said == "::error file=orders.yml,line=3::6 findings\n"
    for other in ({"GITHUB_EVENT_NAME": "workflow_run"}, {"GITHUB_ACTIONS": ""}):
        assert post(causes(), options, {**job, **other}, patience=Patience(total=5)).annotations == ""
