"""What statuses and headers of HTTP mean."""

from __future__ import annotations

import email.utils
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aegis.llm.failures import Failure, Permanent, Rejected, Transient
from aegis.llm.providers.wire import Lenient, failed, read_reply, retry_after


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *((status, Transient) for status in (408, 409, 425, 429, 500, 502, 503, 504, 529, 599)),
        *((status, Permanent) for status in (401, 402, 403, 404)),
        *((status, Rejected) for status in (400, 405, 413, 422, 451)),
    ],
)
def test_a_status_says_whether_to_try_again(status: int, kind: type[Failure]) -> None:
    failure = failed(status, "why", {})
    assert type(failure) is kind and failure.reason == f"HTTP {status}: why"
    assert not failure.maybe_billed
    assert kind is not Permanent or failure.hint


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "0.25"}, 0.25),
        ({"retry-after": "-1"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
    ],
)
def test_how_long_to_wait_is_read_as_it_is_written(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


def test_a_date_to_come_back_is_so_many_seconds_from_now() -> None:
    waits = retry_after({"retry-after": email.utils.formatdate(time.time() + 30, usegmt=True)})
    assert waits is not None and 27 < waits <= 30


@given(st.text())
def test_no_header_is_a_crash(value: str) -> None:
    waits = retry_after({"retry-after": value})
    assert waits is None or waits >= 0


class Part(Lenient):
    number: int


@given(st.binary(max_size=40))
def test_a_body_is_read_or_a_failure_that_may_pass(body: bytes) -> None:
    try:
        read_reply(Part, body)
    except Transient as failure:
        assert failure.maybe_billed and "could not be read" in failure.reason
