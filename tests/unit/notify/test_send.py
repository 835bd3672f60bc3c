"""A message goes out by real HTTP; what fails is told in words that hold nothing of the address."""

from __future__ import annotations

import logging
import subprocess
import sys
import time

import pytest

from aegis.notify import Delivery, Message, parse, send
from tests.unit.notify.server import SECRET, Web

MESSAGE = Message("shop: 1 finding", "critical: orders", '{"text": "shop", "blocks": []}', ())


def sent(*urls: str, seconds: float = 10.0) -> list[Delivery]:
    return list(send([(MESSAGE, parse(url)) for url in urls], seconds))


def test_slack_gets_the_payload_and_a_webhook_of_apprise_title_and_text(web: Web) -> None:
    assert [one.problem for one in sent(web.slack(), web.json())] == [None, None]
    by_kind = {"blocks" in body: body for body in web.bodies}
    assert by_kind[True] == {"text": "shop", "blocks": []}
    assert (by_kind[False]["title"], by_kind[False]["message"]) == (MESSAGE.title, MESSAGE.text)


@pytest.mark.parametrize(
    ("path", "problem", "tries"),
    [
        ("400", "the server answered 400 (Bad Request, invalid_blocks)", 1),
        ("404", "the server answered 404 (Not Found, no_service)", 1),
        ("302", "the server answered 302 (Found)", 1),
        ("299", None, 1),
        ("799", "the server answered 799 (unknown status)", 1),
        ("500", "the server answered 500 (Internal Server Error)", 3),
        ("500-200", None, 2),
        ("429-200-after-1", None, 2),
        ("429-after-3600", "the server answered 429 (Too Many Requests), and asks to wait 3600 s", 1),
    ],
)
def test_what_slack_answers_is_told_and_tried_again_where_that_helps(
    web: Web, path: str, problem: str | None, tries: int
) -> None:
    (delivery,) = sent(web.slack(path))
    assert delivery.problem == problem
    assert len(web.got) == tries


def test_the_wait_that_a_server_asks_for_is_kept(web: Web) -> None:
    began = time.monotonic()
    assert sent(web.slack("429-200-after-1"))[0].problem is None
    assert time.monotonic() - began >= 1


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("400", "the server answered 400"),
        ("500", "the server answered 500"),
        ("302", "the server answered 302"),
    ],
)
def test_what_a_service_of_apprise_answers_is_told(web: Web, path: str, problem: str) -> None:
    (delivery,) = sent(web.json(path))
    assert delivery.problem == problem
    assert len(web.got) == 1


def test_an_address_that_does_not_answer_costs_the_others_nothing_and_the_run_little(web: Web) -> None:
    began = time.monotonic()
    found = sent(web.slack("hang"), web.json("hang"), web.slack(), seconds=1.0)
    assert time.monotonic() - began < 3
    assert [one.problem is None for one in found] == [False, False, True]
    assert found[0].problem == "no answer within 1 s"


def test_a_server_that_is_not_there_is_told() -> None:
    found = sent("slack+http://127.0.0.1:1/x", "json://127.0.0.1:1/x")
    assert [one.problem for one in found] == ["no connection to the server", "no connection, or no answer in time"]


@pytest.mark.parametrize("url", ["nothing://x/secret", "https://example.com/secret", "tgram://secret", "json://"])
def test_an_address_that_apprise_does_not_know_is_told(url: str) -> None:
    (delivery,) = sent(url)
    assert delivery.problem == "Apprise knows no such address, or it is incomplete"
    assert "secret" not in str(delivery)


def test_no_secret_is_told_or_logged(
    web: Web, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "urllib3", "apprise"):
        caplog.set_level(logging.DEBUG, name)
    paths = ("200", "400", "500", "302")
    found = sent(
        *map(web.slack, paths), *map(web.json, paths), f"tgram://{SECRET}", f"slack+http://127.0.0.1:1/{SECRET}"
    )
    assert len(found) == 10
    assert SECRET not in "".join(map(str, found))
    assert SECRET not in caplog.text
    assert SECRET not in "".join(capfd.readouterr())


def test_without_apprise_the_way_to_get_it_is_told() -> None:
    """In a process of its own, in which Apprise cannot be imported."""
    program = (
        "import sys; sys.modules['apprise'] = None\n"
        "from aegis.notify import Message, parse, send\n"
        "print(send([(Message('t', 'b', '{}', ()), parse('json://localhost/x'))])[0])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "Apprise, which is not installed. pip install 'aegis-dbt[notify]'" in done.stdout


def test_slack_needs_no_apprise(web: Web) -> None:
    program = (
        "import sys\nfrom aegis.notify import Message, parse, send\n"
        f"print(send([(Message('t', 'b', '{{}}', ()), parse({web.slack()!r}))])[0].problem, 'apprise' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["None", "False"]
