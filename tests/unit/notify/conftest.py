"""A server that plays the services, anew for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.notify.server import Web, serving


@pytest.fixture
def web() -> Iterator[Web]:
    with serving() as web:
        yield web
