"""Servers, and the environment of a job that is for pull request 7."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from aegis.domain.report import Report
from tests.unit.forge.github_api import TOKEN, GitHubApi
from tests.unit.forge.gitlab_api import TOKEN as GITLAB_TOKEN
from tests.unit.forge.gitlab_api import GitLabApi
from tests.unit.forge.server import ForgeServer
from tests.unit.report.conftest import all_pass, causes, hostile, thousand


@pytest.fixture(autouse=True)
def no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither its proxy nor its certificates."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def api() -> GitHubApi:
    return GitHubApi()


@pytest.fixture
def github(api: GitHubApi) -> Iterator[ForgeServer]:
    with ForgeServer(api) as server:
        yield server


@pytest.fixture
def notes() -> GitLabApi:
    return GitLabApi()


@pytest.fixture
def gitlab(notes: GitLabApi) -> Iterator[ForgeServer]:
    with ForgeServer(notes) as server:
        yield server


@pytest.fixture
def job(github: ForgeServer, tmp_path: Path) -> dict[str, str]:
    """What GitHub Actions gives a step of a job that `pull_request` started."""
    event = tmp_path / "event.json"
    side = {"repo": {"full_name": "acme/shop"}}
    event.write_text(json.dumps({"action": "synchronize", "pull_request": {"number": 7, "head": side, "base": side}}))
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_API_URL": github.url,
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_REPOSITORY": "acme/shop",
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "GITHUB_TOKEN": TOKEN,
    }


@pytest.fixture
def pipeline(gitlab: ForgeServer) -> dict[str, str]:
    """What GitLab gives a job of a merge request's pipeline."""
    return {
        "CI_API_V4_URL": f"{gitlab.url}/api/v4",
        "CI_MERGE_REQUEST_IID": "3",
        "CI_MERGE_REQUEST_PROJECT_ID": "42",
        "CI_MERGE_REQUEST_PROJECT_URL": "https://gitlab.com/acme/shop",
        "CI_PIPELINE_SOURCE": "merge_request_event",
        "CI_PROJECT_ID": "42",
        "GITLAB_TOKEN": GITLAB_TOKEN,
    }


@pytest.fixture(scope="session")
def failing() -> Report:
    return causes()


@pytest.fixture(scope="session")
def green() -> Report:
    report = all_pass()
    return report.model_copy(update={"run": report.run.model_copy(update={"run_id": "r_0a11"})})


@pytest.fixture(scope="session")
def attack() -> Report:
    return hostile()


@pytest.fixture(scope="session")
def large() -> Report:
    """More than a comment takes: the SQL of each of 100 findings is 3,500 characters."""
    report = thousand()
    sql = "select " + ", ".join(f"column_{number}" for number in range(270))
    findings = tuple(
        one.model_copy(update={"result": one.result.model_copy(update={"failing_rows_sql": sql})})
        for one in report.findings
    )
    return report.model_copy(update={"findings": findings})
