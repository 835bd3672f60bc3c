"""Who may ask, how, and what a browser is told."""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path

import httpx
import pytest

from aegis.ui import peer
from aegis.ui.guard import HEADERS, names
from tests.unit.audit.support import in_child

PATHS = ("/", "/runs/r_causes", "/runs/nope", "/nowhere", "/static/style.css", "/static/nothing.css", "/runs/latest")


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_has_the_headers_that_close_a_page(site: httpx.Client, path: str) -> None:
    headers = site.get(path).headers
    assert {name: headers.get_list(name) for name in HEADERS} == {name: [value] for name, value in HEADERS.items()}
    assert not [name for name in headers if name.startswith("access-control")]
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "ODD"])
def test_pages_are_only_read(site: httpx.Client, method: str) -> None:
    answer = site.request(method, "/")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert answer.headers["content-security-policy"]


def test_head_answers_as_get_without_a_body(site: httpx.Client) -> None:
    answer = site.head("/")
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "127.0.0.1.evil.example:{port}", "",
             "[::1]:{port}", "0.0.0.0:{port}", "127.0.0.1:{port}@evil.example"]
)  # fmt: skip
def test_another_name_for_this_machine_is_refused(site: httpx.Client, host: str) -> None:
    answer = site.get("/", headers={"Host": host.format(port=site.base_url.port)})
    assert answer.status_code == 421
    assert "under no other name" in answer.text and "r_causes" not in answer.text


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "localhost:{port}", "LOCALHOST:{port}"])
def test_our_own_names_are_answered(site: httpx.Client, host: str) -> None:
    assert site.get("/", headers={"Host": host.format(port=site.base_url.port)}).status_code == 200


def test_two_names_at_once_are_refused(site: httpx.Client) -> None:
    port = site.base_url.port
    with socket.create_connection(("127.0.0.1", port or 0), timeout=10) as plain:
        plain.sendall(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nHost: evil.example\r\n\r\n".encode())
        assert re.match(rb"HTTP/1.1 4(00|21) ", plain.recv(1_000))


def test_what_another_site_embeds_is_refused_and_what_a_person_follows_is_not(site: httpx.Client) -> None:
    cross = {"Sec-Fetch-Site": "cross-site"}
    assert site.get("/search?q=a", headers={**cross, "Sec-Fetch-Mode": "no-cors"}).status_code == 403
    assert site.get("/", headers={**cross, "Sec-Fetch-Mode": "navigate"}).status_code == 200
    assert site.get("/static/style.css", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200


def test_no_header_says_whose_a_request_is(site: httpx.Client) -> None:
    forged = {"X-Forwarded-For": "10.0.0.1", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    assert site.get("/", headers=forged).status_code == 200
    # No host of a header stands in it.
    assert site.get("/runs/latest", headers=forged).headers["location"] == "/runs/r_5"


def test_the_usual_port_needs_no_number() -> None:
    assert "localhost" in names(80) and "localhost" not in names(8321)


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="this system does not tell whose a connection is")
@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can ask as another user")
@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_another_user_of_the_machine_is_refused(site: httpx.Client, family: socket.AddressFamily) -> None:
    port = site.base_url.port or 0
    host = "127.0.0.1" if family is socket.AF_INET else "::ffff:127.0.0.1"

    def ask() -> str:
        with socket.socket(family, socket.SOCK_STREAM) as plain:
            plain.settimeout(10)
            plain.connect((host, port))
            plain.sendall(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
            return plain.recv(12).decode()

    assert in_child(ask, unprivileged=True) == "HTTP/1.1 403"
    assert in_child(ask) == "HTTP/1.1 200"


def test_a_system_that_does_not_tell_refuses_nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(peer, "TABLES", (tmp_path / "none",))
    assert peer.is_ours(("127.0.0.1", 5_000), ("127.0.0.1", 8_321))


def test_a_connection_that_the_table_does_not_know_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        if not Path("/proc/net/tcp").exists():
            pytest.skip("this system does not tell whose a connection is")
        assert not peer.is_ours(("127.0.0.1", 1), listener.getsockname())
