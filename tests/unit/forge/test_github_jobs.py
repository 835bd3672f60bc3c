"""Which pull request a job of GitHub Actions is for, whether the report is of it, and what the job is told."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aegis.app.post import Posted, PostOptions, post
from aegis.domain.failing import Failing
from aegis.domain.report import Report
from aegis.errors import ForgeError, RefusedError, UsageError
from aegis.forge import Patience, check_name
from aegis.forge.github_job import SUMMARY_BYTES
from aegis.forge.marker import is_marked, marker, remembered
from tests.unit.forge.github_api import FORK_HEAD, HEAD, GitHubApi
from tests.unit.forge.server import ForgeServer


def posted(report: Report, job: dict[str, str], **options: Any) -> Posted:
    return post(report, PostOptions(forge="github", **options), job, patience=Patience(total=10, first=0.01))


def started_by(job: dict[str, str], name: str, event: object) -> dict[str, str]:
    text = event if isinstance(event, str) else json.dumps(event)
    Path(job["GITHUB_EVENT_PATH"]).write_text(text, encoding="utf-8")
    return {**job, "GITHUB_EVENT_NAME": name}


def run_of_fork(sha: str = FORK_HEAD) -> dict[str, Any]:
    """What GitHub tells of a fork's run: the branch and the commit, and no pull request."""
    owner = {"login": "mallory"}
    head = {"head_sha": sha, "head_branch": "patch-1", "head_repository": {"full_name": "mallory/shop", "owner": owner}}
    return {"workflow_run": {**head, "event": "pull_request", "pull_requests": []}}


@pytest.mark.parametrize(
    ("name", "event"),
    [
        ("pull_request_target", {"pull_request": {"number": 7}}),
        ("pull_request_review", {"pull_request": {"number": 7}, "review": {}}),
        ("issue_comment", {"issue": {"number": 7, "pull_request": {"url": "x"}}, "comment": {}}),
    ],
)
def test_an_event_of_a_pull_request_names_it(
    api: GitHubApi, job: dict[str, str], failing: Report, name: str, event: object
) -> None:
    posted(failing, started_by(job, name, event))
    assert [one["issue"] for one in api.comments] == [7]


@pytest.mark.parametrize(
    ("name", "event"),
    [("push", {"ref": "refs/heads/main"}), ("schedule", {}), ("issue_comment", {"issue": {"number": 7}})],
)
def test_a_job_of_no_pull_request_writes_no_comment_and_asks_nobody(
    github: ForgeServer, job: dict[str, str], failing: Report, name: str, event: object
) -> None:
    job.pop("GITHUB_TOKEN")
    said = posted(failing, started_by(job, name, event))
    assert said.done == (f"no comment on GitHub: this job was started by {name}, which is for no pull request",)
    assert (said.failed, github.seen) == ((), [])
    assert "### ❌" in Path(job["GITHUB_STEP_SUMMARY"]).read_text(encoding="utf-8")


def test_outside_of_actions_the_options_say_which(
    api: GitHubApi, github: ForgeServer, job: dict[str, str], failing: Report
) -> None:
    outside = {name: job[name] for name in ("GITHUB_API_URL", "GITHUB_REPOSITORY")}
    assert posted(failing, outside).done[0].endswith("not a job of GitHub Actions, and --pull-request is not given")
    said = posted(failing, {**outside, "GH_TOKEN": job["GITHUB_TOKEN"]}, pull_request=7)
    assert (said.failed, len(api.comments)) == ((), 1)
    assert {one.headers["x-github-api-version"] for one in github.seen} == {"2022-11-28"}


def test_an_enterprise_server_is_reached_where_it_says(
    api: GitHubApi, github: ForgeServer, job: dict[str, str], failing: Report
) -> None:
    posted(failing, {**job, "GITHUB_API_URL": f"{github.url}/api/v3/"})
    assert github.lines == [
        "POST /api/graphql",
        "GET /api/v3/repos/acme/shop/issues/7/comments",
        "POST /api/v3/repos/acme/shop/issues/7/comments",
    ]
    assert len(api.comments) == 1


def test_the_pull_request_of_a_forks_run_is_found_by_its_head(
    api: GitHubApi, job: dict[str, str], failing: Report
) -> None:
    said = posted(failing, started_by(job, "workflow_run", run_of_fork()))
    assert (said.failed, [one["issue"] for one in api.comments]) == ((), [8])


def test_a_run_whose_head_no_pull_request_has_posts_nothing(
    api: GitHubApi, job: dict[str, str], failing: Report
) -> None:
    said = posted(failing, started_by(job, "workflow_run", run_of_fork("ab" * 20)))
    assert said.done == ("no comment on GitHub: no open pull request has the head abababababab of the workflow run",)
    assert api.comments == []


def test_a_number_that_a_fork_sends_must_be_that_of_the_run(
    api: GitHubApi, job: dict[str, str], failing: Report
) -> None:
    privileged = started_by(job, "workflow_run", run_of_fork())
    with pytest.raises(RefusedError, match="pull request 7 has another head") as refused:
        posted(failing, privileged, pull_request=7, untrusted=True)
    assert refused.value.exit_code == 5
    with pytest.raises(RefusedError):  # the fork names the head of somebody else's pull request, too
        posted(failing, privileged, pull_request=7, head_sha=HEAD, untrusted=True)
    assert api.comments == []
    assert not Path(job["GITHUB_STEP_SUMMARY"]).exists() and not Path(job["GITHUB_OUTPUT"]).exists()
    posted(failing, privileged, pull_request=8, head_sha=FORK_HEAD.upper())
    assert [one["issue"] for one in api.comments] == [8]


def test_the_commit_is_checked_in_any_job_that_names_one(api: GitHubApi, job: dict[str, str], failing: Report) -> None:
    posted(failing, job, head_sha=HEAD)
    (line,) = posted(failing, job, head_sha="ab" * 20).failed
    assert "pull request 7 has another head than the commit that this report is of" in line
    assert len(api.comments) == 1
    assert "### ❌" in Path(job["GITHUB_STEP_SUMMARY"]).read_text(encoding="utf-8")


@pytest.mark.parametrize("event", ["[]", "{", "null", '{"pull_request": {"number": "; rm"}}', "\x00", "[" * 100_000])
def test_an_event_that_is_none_is_told_of(job: dict[str, str], failing: Report, event: str) -> None:
    (line,) = posted(failing, started_by(job, "pull_request", event)).failed
    assert line.endswith("event.json: this is not an event of GitHub Actions")


def test_what_is_attacked_with_reaches_no_line_of_its_own(
    api: GitHubApi, job: dict[str, str], attack: Report, failing: Report
) -> None:
    posted(attack, job)
    posted(attack, job)
    assert len(api.comments) == 1, "its marker is found again, whatever its run is called"
    outputs = Path(job["GITHUB_OUTPUT"]).read_text(encoding="utf-8")
    assert not [line for line in outputs.splitlines() if line.startswith("::")]
    assert read_outputs(outputs)["run-id"] == ""
    summary = Path(job["GITHUB_STEP_SUMMARY"]).read_text(encoding="utf-8")
    assert "<script>alert" not in re.sub(r"(`+).*?\1", "", summary, flags=re.DOTALL)


def test_outputs_and_summary_are_what_actions_reads(job: dict[str, str], failing: Report, tmp_path: Path) -> None:
    odd = Path("reports/a\nb=c.json")
    posted_ = post(failing, PostOptions(forge="github"), job, report_path=odd, patience=Patience(total=10))
    assert posted_.failed == ()
    outputs = read_outputs(Path(job["GITHUB_OUTPUT"]).read_text(encoding="utf-8"))
    assert outputs.pop("comment-url").startswith("https://github.com/acme/shop/pull/7#issuecomment-")
    assert outputs == {
        "exit-code": "1", "findings": "6", "causes": "3", "passed": "1402", "run-id": "r_7f3c", "report": str(odd),
    }  # fmt: skip


def read_outputs(text: str) -> dict[str, str]:
    """As the runner does: name, delimiter, lines up to it."""
    found, lines = {}, iter(text.split("\n"))
    for line in lines:
        if line:
            name, _, end = line.partition("<<")
            value = list(iter(lambda: next(lines), end))
            found[name] = "\n".join(value)
    return found


def test_the_summary_fits_what_is_left_of_a_mebibyte(job: dict[str, str], large: Report) -> None:
    file = Path(job["GITHUB_STEP_SUMMARY"])
    before = "é" * ((SUMMARY_BYTES - 20_000) // 2)
    file.write_text(before, encoding="utf-8")
    assert posted(large, job).failed == ()
    text = file.read_text(encoding="utf-8")
    assert len(text.encode()) <= SUMMARY_BYTES
    assert text.startswith(before) and "**Left out**" in text
    file.write_bytes(b"x" * SUMMARY_BYTES)
    assert posted(large, job).failed == ()
    assert file.stat().st_size == SUMMARY_BYTES


@settings(max_examples=60)
@given(
    st.text(max_size=70),
    st.text(max_size=80),
    st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))])),
    st.integers(-5, 10**12),
)
def test_a_marker_is_found_again_and_holds_nothing_that_could_end_it(
    name: str, run: str, at: datetime, number: int
) -> None:
    try:
        check_name(name)
    except UsageError:
        name = "report"
    line = marker(name, Failing(run_id=run, at=at, findings=number, causes=number))
    assert line.count("-->") == line.count("<!--") == 1 and "\n" not in line
    assert is_marked(f"{line}\nmore", name) and not is_marked(f"{line}\nmore", f"{name}x")
    again = remembered(line)
    assert again is not None and 0 <= again.findings <= 999_999_999
    assert marker(name, again) == line


@pytest.mark.parametrize("name", ["", "a b", "a--b", "-a", "a>", "é", "x" * 65, "a\nb", "a:b"])
def test_a_name_that_could_end_the_marker_is_refused(name: str) -> None:
    with pytest.raises(UsageError):
        check_name(name)


def test_a_marker_of_no_day_remembers_nothing() -> None:
    assert remembered("<!-- aegis:report run=r_1 at=2026-99-99T00:00:00Z findings=1 causes=1 -->") is None


def test_an_event_that_is_too_large_is_not_read(
    job: dict[str, str], failing: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aegis.forge.github_job.MAX_EVENT", 10)
    assert "the event is larger than 10 bytes" in posted(failing, job).failed[0]


def test_the_token_stands_in_no_repr(job: dict[str, str]) -> None:
    from aegis.forge import Wanted
    from aegis.forge.github_job import GitHubJob, read_job

    read = read_job(job, Wanted())
    assert isinstance(read, GitHubJob)
    assert job["GITHUB_TOKEN"] not in repr(read)
    with pytest.raises(ForgeError):
        read_job({**job, "GITHUB_TOKEN": "\u00e9"}, Wanted())
