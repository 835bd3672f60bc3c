"""GitLab: one note on the merge request, with the tokens and projects that GitLab has."""

from __future__ import annotations

from typing import Any

import pytest

from aegis.app.post import Posted, PostOptions, post
from aegis.domain.report import Report
from aegis.errors import RefusedError
from aegis.forge import Patience
from tests.unit.forge.gitlab_api import BOT, HEAD, JOB, TOKEN, GitLabApi
from tests.unit.forge.server import Fault, ForgeServer


def posted(report: Report, pipeline: dict[str, str], **options: Any) -> Posted:
    return post(report, PostOptions(forge="gitlab", **options), pipeline, patience=Patience(total=10, first=0.01))


def test_one_note_is_written_then_turns_green(
    notes: GitLabApi, pipeline: dict[str, str], failing: Report, green: Report
) -> None:
    assert posted(green, pipeline).done == ("no comment on 42!3: nothing failed, and there is none to update",)
    said = posted(failing, pipeline)
    assert said.done == ("commented on 42!3: https://gitlab.com/acme/shop/-/merge_requests/3#note_900",)
    posted(green, pipeline)
    assert len(notes.notes) == 1
    assert "### ✅ 3 causes behind 6 findings fixed since run `r_7f3c`" in notes.notes[0]["body"]


def test_the_newest_note_of_ours_is_found_on_whichever_page_it_is(
    notes: GitLabApi, gitlab: ForgeServer, pipeline: dict[str, str], failing: Report
) -> None:
    for number in range(130):
        notes.add("<!-- aegis:report -->\n", BOT if number in (2, 110) else 12)
    posted(failing, pipeline)
    assert gitlab.lines.count("GET /api/v4/projects/42/merge_requests/3/notes") == 3
    assert gitlab.lines[-1] == "PUT /api/v4/projects/42/merge_requests/3/notes/1010"


def test_a_forks_pipeline_writes_to_the_project_of_the_merge_request(
    notes: GitLabApi, pipeline: dict[str, str], failing: Report
) -> None:
    posted(failing, {**pipeline, "CI_PROJECT_ID": "99"})
    assert len(notes.notes) == 1


def test_a_large_report_is_told_at_greater_length_than_on_github(
    notes: GitLabApi, pipeline: dict[str, str], large: Report
) -> None:
    posted(large, pipeline)
    assert 70_000 < len(notes.notes[0]["body"]) <= 1_000_000


def test_a_pipeline_of_no_merge_request_writes_no_note(
    gitlab: ForgeServer, pipeline: dict[str, str], failing: Report
) -> None:
    pipeline.pop("CI_MERGE_REQUEST_IID")
    said = posted(failing, {**pipeline, "CI_PIPELINE_SOURCE": "push"})
    assert said.done[0].startswith("no comment on GitLab: this pipeline is for no merge request; `rules:")
    assert (said.failed, gitlab.seen) == ((), [])
    assert posted(failing, {}).done == (
        "no comment on GitLab: this is not a job of GitLab, and --merge-request is not given",
    )


def test_the_token_of_a_job_writes_where_it_may_and_is_told_of_where_it_may_not(
    notes: GitLabApi, pipeline: dict[str, str], failing: Report
) -> None:
    pipeline.pop("GITLAB_TOKEN")
    pipeline["CI_JOB_TOKEN"] = JOB
    (line,) = posted(failing, pipeline).failed
    assert "hides it from this token (404: 404 Not found). Set GITLAB_TOKEN, masked, to a project access token" in line
    notes.jobs_may_write = True
    for _ in range(2):
        assert posted(failing, pipeline).failed == ()
    assert [one["author"]["id"] for one in notes.notes] == [77]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"GITLAB_TOKEN": ""}, "GITLAB_TOKEN: there is no token. Set GITLAB_TOKEN, masked, to a project access token"),
        (
            {"GITLAB_TOKEN": TOKEN + "x"},
            "the token in GITLAB_TOKEN is not valid, or no longer (401: 401",
        ),
        ({"CI_MERGE_REQUEST_PROJECT_ID": "", "CI_PROJECT_ID": "../1"}, "which project it is for is unknown"),
        ({"CI_MERGE_REQUEST_PROJECT_ID": "43"}, "43!3: GitLab does not know the project or merge request"),
    ],
)
def test_each_refusal_says_why_and_what_to_do(
    pipeline: dict[str, str], failing: Report, change: dict[str, str], said: str
) -> None:
    (line,) = posted(failing, {**pipeline, **change}).failed
    assert said in line
    assert TOKEN not in line


def test_the_limit_of_a_server_is_waited_for(
    notes: GitLabApi, gitlab: ForgeServer, pipeline: dict[str, str], failing: Report
) -> None:
    gitlab.faults = [Fault("POST /api", status=429, body="Retry later", headers={"Retry-After": "0"})]
    assert posted(failing, pipeline).failed == ()
    assert len(notes.notes) == 1


def test_the_commit_must_be_the_head_of_the_merge_request(
    notes: GitLabApi, pipeline: dict[str, str], failing: Report
) -> None:
    with pytest.raises(RefusedError, match="merge request 3 has another head"):
        posted(failing, pipeline, head_sha="ab" * 20, untrusted=True)
    posted(failing, pipeline, head_sha=HEAD)
    assert len(notes.notes) == 1
