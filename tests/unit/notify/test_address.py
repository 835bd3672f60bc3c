"""Which way an address takes, and that no more of it is shown than its scheme and a server's name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aegis.errors import UsageError
from aegis.notify import parse
from aegis.notify.address import Way


@pytest.mark.parametrize(
    ("text", "way", "shown", "url"),
    [
        ("https://hooks.slack.com/services/T0/B0/x", Way.SLACK, "https://hooks.slack.com", None),
        ("https://HOOKS.slack.com/services/T0/B0/x", Way.SLACK, "https://hooks.slack.com", None),
        (
            "slack+https://proxy.example:8443/x",
            Way.SLACK,
            "slack+https://proxy.example",
            "https://proxy.example:8443/x",
        ),
        ("slack+http://u:secret@[::1]:80/x", Way.SLACK, "slack+http://::1", "http://u:secret@[::1]:80/x"),
        ("https://hooks.slack.com.evil.example/x", Way.APPRISE, "https://hooks.slack.com.evil.example", None),
        ("jsons://user:secret@example.org/secret?+k=secret", Way.APPRISE, "jsons://example.org", None),
        ("mailto://user:secret@mail.example", Way.APPRISE, "mailto://mail.example", None),
        ("tgram://123456:secret/42", Way.APPRISE, "tgram://…", None),
        ("slack://T0/B0/secret", Way.APPRISE, "slack://…", None),
        ("pagerduty://secret@secret", Way.APPRISE, "pagerduty://…", None),
    ],
)
def test_an_address_takes_its_way_and_shows_no_secret(text: str, way: Way, shown: str, url: str | None) -> None:
    address = parse(text)
    assert (address.way, address.shown, address.url) == (way, shown, url or text)
    assert "secret" not in repr(address)


@pytest.mark.parametrize(
    "text",
    ["", "secret", "hooks.slack.com/services/secret", "slack+https://", "slack+ftp://x/secret", "slack+https:///secret",
     "slack+https://x:secret/", "slack+https://[::1/secret", "json://x/a secret", "json://x/secret\n"],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse(text)
    assert "secret" not in str(refused.value)


@given(
    st.sampled_from(["https", "slack+https", "json", "mailto", "tgram", "xyz"]),
    st.text(max_size=5),
    st.sampled_from(["", ":8080", ":x", "[", "]"]),
)
def test_nothing_behind_the_host_is_ever_shown(scheme: str, odd: str, port: str) -> None:
    try:
        shown = parse(f"{scheme}://us{odd}er:SECRET@host.example{port}/SECRET{odd}?SECRET#SECRET").shown
    except UsageError as error:
        shown = str(error)
    assert "SECRET" not in shown
    assert shown.isprintable() or "\n  " in shown
