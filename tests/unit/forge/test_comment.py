"""One comment for a job: written when something failed, kept up to date, green when it is fixed, and only ever ours."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from aegis.app.post import Posted, PostOptions, post
from aegis.domain.report import Report
from aegis.forge import Patience
from tests.unit.forge.github_api import BOT, LIMIT, PERSON, TOKEN, GitHubApi
from tests.unit.forge.server import Fault, ForgeServer

GOLDEN = Path(__file__).parents[2] / "golden" / "forge"
GITHUB = PostOptions(forge="github")


def quick() -> Patience:
    return Patience(total=20, request=5, first=0.01)


def posted(report: Report, job: dict[str, str], **options: Any) -> Posted:
    return post(report, PostOptions(forge="github", **options), job, patience=quick())


def smaller(report: Report) -> Report:
    """The next run, with one finding and one cause left."""
    run = report.run.model_copy(update={"run_id": "r_8e21"})
    summary = report.summary.model_copy(update={"findings": 1, "causes": 1})
    kept = {"causes": report.causes[:1], "findings": report.findings[:1], "run": run, "summary": summary}
    return report.model_copy(update=kept)


def check(name: str, text: str) -> None:
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    assert text.encode() == path.read_bytes()


def test_one_comment_is_written_then_updated_then_turns_green(
    api: GitHubApi, job: dict[str, str], failing: Report, green: Report
) -> None:
    assert posted(failing, job).done[0].startswith("commented on acme/shop#7: https://")
    check("before.md", api.comments[0]["body"])
    assert posted(smaller(failing), job).done[0].startswith("updated the comment on acme/shop#7: https://")
    check("after.md", api.comments[0]["body"])
    assert posted(green, job).failed == ()
    check("healed.md", api.comments[0]["body"])
    posted(green.model_copy(update={"run": green.run.model_copy(update={"run_id": "r_99"})}), job)
    assert "1 cause behind 1 finding fixed since run `r_8e21`" in api.comments[0]["body"]
    assert len(api.comments) == 1


def test_a_green_run_without_an_earlier_comment_writes_none_unless_it_is_asked_to(
    api: GitHubApi, job: dict[str, str], green: Report
) -> None:
    said = posted(green, job)
    assert (said.done, said.failed) == (("no comment on acme/shop#7: nothing failed, and there is none to update",), ())
    assert api.comments == []
    posted(green, job, always=True)
    assert api.comments[0]["body"].startswith("<!-- aegis:report -->\n### ✅ 48 passed")


@pytest.mark.parametrize("name", ["not_run", "empty", "left_out"])
def test_a_run_in_which_something_could_not_be_checked_is_not_green(
    api: GitHubApi, job: dict[str, str], name: str
) -> None:
    from tests.unit.report.conftest import BUILDERS

    posted(BUILDERS[name](), job)
    assert len(api.comments) == 1
    assert "✅" not in api.comments[0]["body"].partition("\n\n")[0]


def test_a_comment_that_somebody_else_wrote_is_left_alone_whatever_it_says(
    api: GitHubApi, job: dict[str, str], failing: Report
) -> None:
    posted(failing, job)
    copied = api.comments.pop()["body"]
    for login in ("mallory", "github-actions", "other-app[bot]"):
        api.add(copied, login)
    posted(failing, job)
    assert [one["body"] for one in api.comments[:3]] == [copied] * 3
    assert len(api.comments) == 4
    assert api.comments[3]["user"]["login"] == BOT


def test_a_marker_further_down_is_a_quotation(api: GitHubApi, job: dict[str, str], failing: Report) -> None:
    api.add("Another job of Actions quotes:\n<!-- aegis:report -->\n")
    api.add("<!-- aegis:report-of-others -->\n")
    posted(failing, job)
    assert len(api.comments) == 3


def test_the_newest_of_ours_is_updated_on_whichever_page_it_is(
    api: GitHubApi, github: ForgeServer, job: dict[str, str], failing: Report
) -> None:
    for number in range(250):
        ours = number in (3, 120, 220)
        api.add(f"<!-- aegis:report -->\n{number}" if ours else f"talk {number}", BOT if ours else "octo")
    posted(failing, job)
    assert github.lines.count("GET /repos/acme/shop/issues/7/comments") == 3
    assert github.lines[-1] == f"PATCH /repos/acme/shop/issues/comments/{api.comments[220]['id']}"
    assert (len(api.comments), api.comments[3]["body"]) == (250, "<!-- aegis:report -->\n3")


def test_jobs_with_names_of_their_own_have_a_comment_each(api: GitHubApi, job: dict[str, str], failing: Report) -> None:
    for name in ("dbt", "dbt-nightly", "dbt"):
        posted(failing, job, name=name)
    assert [one["body"].partition(" run=")[0] for one in api.comments] == ["<!-- aegis:dbt", "<!-- aegis:dbt-nightly"]


def test_the_token_of_a_person_has_comments_of_that_person(
    api: GitHubApi, job: dict[str, str], failing: Report
) -> None:
    for _ in range(2):
        posted(failing, {**job, "GITHUB_TOKEN": PERSON})
    assert [one["user"]["login"] for one in api.comments] == ["octo"]


@pytest.mark.parametrize("graphql", [True, False])
def test_the_bot_is_known_however_the_server_tells_of_it(
    api: GitHubApi, job: dict[str, str], failing: Report, graphql: bool
) -> None:
    api.graphql = graphql
    api.viewer[TOKEN] = "github-actions"  # as GraphQL names authors
    for _ in range(2):
        posted(failing, job)
    assert len(api.comments) == 1


def test_a_person_is_not_the_app_of_the_same_name(api: GitHubApi, job: dict[str, str], failing: Report) -> None:
    api.add("<!-- aegis:report -->\n", "octo[bot]")
    posted(failing, {**job, "GITHUB_TOKEN": PERSON})
    assert [one["user"]["login"] for one in api.comments] == ["octo[bot]", "octo"]


def test_a_new_comment_whose_answer_was_lost_is_not_written_twice(
    api: GitHubApi, github: ForgeServer, job: dict[str, str], failing: Report
) -> None:
    github.faults = [
        Fault("POST /repos", drop=True, carried_out=True),
    ]
    said = posted(failing, job)
    assert (len(api.comments), said.failed) == (1, ())
    assert said.done[0].startswith("updated the comment")


@pytest.mark.parametrize("fault", [{"status": 502}, {"drop": True}])
def test_a_new_comment_that_was_not_written_is_tried_again(
    api: GitHubApi, github: ForgeServer, job: dict[str, str], failing: Report, fault: dict[str, Any]
) -> None:
    github.faults = [Fault("POST /repos", **fault)]
    assert posted(failing, job).failed == ()
    assert len(api.comments) == 1


def test_a_comment_that_was_deleted_meanwhile_is_written_again(
    api: GitHubApi, github: ForgeServer, job: dict[str, str], failing: Report
) -> None:
    posted(failing, job)
    github.faults = [Fault("PATCH", status=404, body={"message": "Not Found"}, first=api.comments.clear)]
    assert posted(failing, job).done[0].startswith("commented on")
    assert len(api.comments) == 1


def test_a_large_report_fits_a_comment_and_a_smaller_one_where_the_server_takes_less(
    api: GitHubApi, github: ForgeServer, job: dict[str, str], large: Report
) -> None:
    posted(large, job)
    assert 20_000 < len(api.comments[0]["body"]) <= LIMIT
    api.limit = 15_000
    assert posted(large, job).failed == ()
    assert len(api.comments[0]["body"]) <= 15_000
    assert "**Left out**" in api.comments[0]["body"]


def test_a_server_that_takes_nothing_is_told_of(api: GitHubApi, job: dict[str, str], large: Report) -> None:
    api.limit = 10
    (line,) = posted(large, job).failed
    assert "GitHub refused the comment (422: Validation Failed; body is too long (maximum is 10 characters))" in line
