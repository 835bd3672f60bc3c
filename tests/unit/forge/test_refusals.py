"""What a service refuses is one line: what was not posted, why, and what to do. The report comes all the same."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aegis.app.post import Posted, PostOptions, post
from aegis.domain.report import Report
from aegis.errors import ForgeError
from aegis.forge import Patience
from tests.unit.forge.github_api import OLD, READER, TOKEN, GitHubApi
from tests.unit.forge.server import Fault, ForgeServer

LIMITED = {"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}


class Clock:
    """Waits that take no time, and how long they would have been."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.waits.append(seconds)


def tried(report: Report, job: dict[str, str], total: float = 90, request: float = 5) -> tuple[Posted, list[float]]:
    clock = Clock()
    patience = Patience(total=total, request=request, sleep=clock)
    return post(report, PostOptions(forge="github"), job, patience=patience), clock.waits


def without(name: str) -> Callable[[dict[str, str]], None]:
    def change(job: dict[str, str]) -> None:
        del job[name]

    return change


def set_to(name: str, value: str) -> Callable[[dict[str, str]], None]:
    return lambda job: job.update({name: value})


def from_fork(job: dict[str, str]) -> None:
    job["GITHUB_TOKEN"] = READER
    sides = {side: {"repo": {"full_name": name}} for side, name in (("head", "mallory/shop"), ("base", "acme/shop"))}
    Path(job["GITHUB_EVENT_PATH"]).write_text(json.dumps({"pull_request": {"number": 7, **sides}}), encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (without("GITHUB_TOKEN"), "GITHUB_TOKEN: there is no token. Give the step `env: GITHUB_TOKEN:"),
        (set_to("GITHUB_TOKEN", OLD), "acme/shop#7: the token in GITHUB_TOKEN is not valid, or no longer (401: Bad"),
        (
            set_to("GITHUB_TOKEN", READER),
            "acme/shop#7: the token in GITHUB_TOKEN may not do this (403: Resource not accessible by integration). "
            "Give the job `permissions: pull-requests: write`.",
        ),
        (from_fork, "Its token may only read, as in every job of a fork's or Dependabot's pull request: post from a"),
        (
            set_to("GITHUB_REPOSITORY", "acme/other"),
            "acme/other#7: GitHub does not know the repository or pull request",
        ),
        (set_to("GITHUB_REPOSITORY", "acme/.."), "GITHUB_REPOSITORY: which repository it is for is unknown."),
        (set_to("GITHUB_API_URL", "http://127.0.0.1:9"), "acme/shop#7: GitHub could not be reached: "),
        (set_to("GITHUB_API_URL", "https://me:pass@api.example"), "the address of the API of GitHub is not one."),
        (set_to("GITHUB_EVENT_PATH", "nowhere.json"), "nowhere.json: the event cannot be read: No such file"),
        (set_to("GITHUB_TOKEN", TOKEN + "\nX-Evil: 1"), "GITHUB_TOKEN holds signs that no token has."),
    ],
)
def test_each_refusal_says_why_and_what_to_do(
    api: GitHubApi, job: dict[str, str], failing: Report, change: Callable[[dict[str, str]], None], said: str
) -> None:
    change(job)
    posted, _ = tried(failing, job)
    assert posted.done == ()
    (line,) = posted.failed
    assert line.startswith("not posted: ") and said in line, line
    assert "\n" not in line
    assert not [name for name in (TOKEN, OLD, READER, "pass@") if name in line]
    assert api.comments == []
    # Whatever became of the comment, the job is told.
    assert "exit-code<<" in Path(job["GITHUB_OUTPUT"]).read_text(encoding="utf-8")
    assert "### ❌" in Path(job["GITHUB_STEP_SUMMARY"]).read_text(encoding="utf-8")


def test_what_a_server_says_is_one_short_line_without_a_log_command_or_a_token(
    github: ForgeServer, job: dict[str, str], failing: Report
) -> None:
    text = f"no\n::error::pwned\x1b[2J ##[group]x {TOKEN} " + "long " * 200
    github.faults = [Fault("GET /repos", status=418, body={"message": text})]
    posted, _ = tried(failing, job)
    (line,) = posted.failed
    assert "GitHub refused (418: no ::error::pwned [2J ## [group]x ••• long" in line
    assert len(line) < 300 and line.isprintable()


@pytest.mark.parametrize(
    ("fault", "waits"),
    [
        ({"status": 403, "body": LIMITED, "headers": {"Retry-After": "7"}}, [7.0]),
        ({"status": 429, "body": LIMITED, "headers": {"Retry-After": "7"}, "times": 3}, [7.0] * 3),
        ({"status": 503, "headers": {"Retry-After": "3"}}, [3.0]),
    ],
)
def test_a_rate_limit_is_waited_for_as_long_as_the_server_asks_and_nothing_is_written_twice(
    api: GitHubApi, github: ForgeServer, job: dict[str, str], failing: Report, fault: dict[str, Any], waits: list[float]
) -> None:
    github.faults = [Fault("POST /repos", **fault)]
    posted, waited = tried(failing, job)
    assert (posted.failed, waited, len(api.comments)) == ((), waits, 1)


def test_a_wait_that_a_person_would_notice_is_told_of(
    github: ForgeServer, job: dict[str, str], failing: Report
) -> None:
    said: list[str] = []
    patience = Patience(total=90, sleep=lambda _: None, on_wait=said.append)
    waits = {"Retry-After": "60"}
    github.faults = [Fault("POST /repos", status=403, body=LIMITED, headers=waits), Fault("GET /repos", status=502)]
    assert post(failing, PostOptions(forge="github"), job, patience=patience).failed == ()
    assert said == ["waiting 60 s before the next try"]


def test_a_limit_that_is_used_up_is_waited_for_until_its_reset(
    github: ForgeServer, job: dict[str, str], failing: Report
) -> None:
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + 20)}
    body = {"message": "API rate limit exceeded"}
    github.faults = [Fault("GET /repos", status=403, headers=headers, body=body)]
    posted, waited = tried(failing, job)
    assert posted.failed == ()
    assert len(waited) == 1 and 18 <= waited[0] <= 22


@pytest.mark.parametrize("seconds", ["3600", "1e308", "Wed, 21 Oct 2099 07:28:00 GMT"])
def test_a_wait_that_is_too_long_is_not_begun(
    github: ForgeServer, job: dict[str, str], failing: Report, seconds: str
) -> None:
    github.faults = [Fault("GET /repos", status=429, body=LIMITED, headers={"Retry-After": seconds})]
    posted, waited = tried(failing, job)
    assert "the rate limit of GitHub is used up; it asks to wait" in posted.failed[0]
    assert waited == []


def test_a_server_in_trouble_is_tried_a_few_times_with_longer_waits_and_then_left(
    github: ForgeServer, job: dict[str, str], failing: Report
) -> None:
    github.faults = [Fault("GET /repos", status=502, body="<html>bad gateway</html>", times=99)]
    posted, waited = tried(failing, job)
    assert "GitHub answered 502, 6 times. Run the job again later." in posted.failed[0]
    assert len(waited) == 5
    assert all(second > first for first, second in zip(waited, waited[2:], strict=False))


def test_a_server_that_does_not_answer_costs_no_more_than_its_time(
    github: ForgeServer, job: dict[str, str], failing: Report
) -> None:
    github.faults = [Fault("GET /repos", seconds=3, times=9)]
    began = time.monotonic()
    patience = Patience(total=0.8, request=0.3, first=0.05)
    posted = post(failing, PostOptions(forge="github"), job, patience=patience)
    assert "GitHub could not be reached: timed out" in posted.failed[0]
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("body", ["<html>login</html>", {"message": "hello"}, [{"id": "x"}], "[" * 100_000, ""])
def test_an_answer_of_another_form_is_told_of(
    api: GitHubApi, github: ForgeServer, job: dict[str, str], failing: Report, body: object
) -> None:
    github.faults = [Fault("GET /repos", status=200, body=body)]
    posted, _ = tried(failing, job)
    assert "acme/shop#7: GitHub gave an answer of another form. Is http://127.0.0.1:" in posted.failed[0]
    assert api.comments == []


def test_a_redirect_is_not_followed(github: ForgeServer, job: dict[str, str], failing: Report) -> None:
    github.faults = [Fault("GET /repos", status=301, headers={"Location": "http://127.0.0.1:9/x"})]
    posted, _ = tried(failing, job)
    assert "GitHub sends elsewhere, which is not followed (301)" in posted.failed[0]


def test_a_page_on_another_server_never_gets_the_token(
    github: ForgeServer, job: dict[str, str], failing: Report
) -> None:
    with ForgeServer(GitHubApi()) as other:
        link = {"Link": f'<{other.url}/steal?page=2>; rel="next"'}
        github.faults = [Fault("GET /repos", status=200, body=[], headers=link)]
        posted, _ = tried(failing, job)
        assert "GitHub sends to another server for the next page: 127.0.0.1:" in posted.failed[0]
        assert other.seen == []


def test_pages_without_end_are_left(github: ForgeServer, job: dict[str, str], failing: Report) -> None:
    path = "/repos/acme/shop/issues/7/comments"
    link = {"Link": f'<{github.url}{path}?page=2>; rel="next"'}
    github.faults = [Fault(f"GET {path}", status=200, body=[], headers=link, times=10_000)]
    posted, _ = tried(failing, job)
    assert "more than 200 pages of comments" in posted.failed[0]


def test_files_of_the_job_that_cannot_be_written_are_told_of(
    api: GitHubApi, job: dict[str, str], failing: Report
) -> None:
    job["GITHUB_OUTPUT"] = "/no/such/folder/output"
    posted, _ = tried(failing, job)
    assert posted.failed == ("not posted: GITHUB_OUTPUT: cannot be written: No such file or directory",)
    assert len(api.comments) == 1


def test_a_forge_error_has_the_exit_code_of_what_cannot_be_used() -> None:
    assert ForgeError("x").exit_code == 3
