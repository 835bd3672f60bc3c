"""What all tests share: a clean process environment, the PostgreSQL server, and what happens without dbt 2."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tools import browser, environments

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A job that a shell starts in the background ignores it, and so would all that the tests interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)


if TYPE_CHECKING:
    from integration_tests.servers import PostgresServer

KEEP = ("AEGIS_TEST_",)
FOREIGN = (
    "AEGIS_", "DBT_", "PG", "GITHUB_", "ANTHROPIC_", "OPENAI_", "OLLAMA_", "AWS_", "LANGCHAIN_", "LANGSMITH_",
)  # fmt: skip
"""Settings of the machine that would change what the programs under test do."""


def pytest_configure(config: pytest.Config) -> None:
    """Subprocesses of tests see neither the developer's settings nor the developer's home folder."""
    for name in list(os.environ):
        if name.startswith(FOREIGN) and not name.startswith(KEEP):
            del os.environ[name]
    os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
    os.environ["DO_NOT_TRACK"] = "1"
    os.environ["NO_COLOR"] = "1"
    os.environ["TZ"] = "UTC"
    home = tempfile.TemporaryDirectory(prefix="aegis-home-")
    config.add_cleanup(home.cleanup)
    os.environ["HOME"] = home.name


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without dbt 2 or a browser their tests are skipped, in the open; ``AEGIS_TEST_REQUIRE`` makes that a failure."""
    # The longest first: at the end, two workers share what is short.
    items.sort(key=lambda item: not any(item.get_closest_marker(mark) for mark in ("long", "slow")))
    for mark, is_there, reason in (
        ("dbt2", environments.is_ready("dbt2"), "dbt 2 is not installed: `make dbt2-env`"),
        ("browser", browser.executable() is not None, "there is no Chromium: `make browser`"),
    ):
        if is_there:
            continue
        if mark in os.environ.get("AEGIS_TEST_REQUIRE", ""):
            raise pytest.UsageError(f"{mark} is required, and {reason}")
        for item in items:
            if item.get_closest_marker(mark):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server of this process (with xdist: one per worker, half a second each)."""
    from integration_tests.servers import postgres_server

    with postgres_server() as server:
        yield server
