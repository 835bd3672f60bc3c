"""Proxies and certificates are those that the usual variables name, and an answer has an end."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from aegis.app.post import PostOptions, post
from aegis.domain.report import Report
from aegis.forge import Patience
from tests.unit.forge.github_api import GitHubApi
from tests.unit.forge.server import ForgeServer

GITHUB = PostOptions(forge="github")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """One for 127.0.0.1 that nobody has signed, and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: no certificate can be made")
    folder = tmp_path_factory.mktemp("tls")
    names = (folder / "cert.pem", folder / "key.pem")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    files = ["-addext", "subjectAltName=IP:127.0.0.1", "-out", str(names[0]), "-keyout", str(names[1])]
    subprocess.run([*command, *files], check=True, capture_output=True)
    return names


@pytest.fixture
def secured(api: GitHubApi, certificate: tuple[Path, Path]) -> Iterator[ForgeServer]:
    with ForgeServer(api, certificate) as server:
        yield server


def patience() -> Patience:
    return Patience(total=3, first=0.01)


def test_a_server_that_nobody_vouches_for_gets_no_token(
    secured: ForgeServer, job: dict[str, str], failing: Report
) -> None:
    (line,) = post(failing, GITHUB, {**job, "GITHUB_API_URL": secured.url}, patience=Patience(total=0.5)).failed
    assert "GitHub could not be reached: [SSL: CERTIFICATE_VERIFY_FAILED]" in line and "SSL_CERT_FILE" in line
    assert secured.seen == []


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_ca_bundle_of_the_environment_is_trusted(
    api: GitHubApi, secured: ForgeServer, job: dict[str, str], failing: Report, name: str,
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv(name, str(certificate[0]))
    assert post(failing, GITHUB, {**job, "GITHUB_API_URL": secured.url}, patience=patience()).failed == ()
    assert len(api.comments) == 1


def test_a_bundle_that_is_not_there_is_told_of(
    job: dict[str, str], failing: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/no/such/file.pem")
    (line,) = post(failing, GITHUB, job, patience=patience()).failed
    assert "the connection is set up wrongly: [Errno 2] No such file" in line and "SSL_CERT_FILE" in line


def test_a_proxy_of_the_environment_is_used(
    api: GitHubApi, github: ForgeServer, job: dict[str, str], failing: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", github.url)
    job["GITHUB_API_URL"] = "http://github.corp.invalid"
    assert post(failing, GITHUB, job, patience=patience()).failed == ()
    assert {one.headers["host"] for one in github.seen} == {"github.corp.invalid"}
    monkeypatch.setenv("NO_PROXY", "corp.invalid")
    assert "could not be reached" in post(failing, GITHUB, job, patience=Patience(total=0.2)).failed[0]


def test_an_answer_that_drips_is_given_up(job: dict[str, str], failing: Report) -> None:
    """Each packet comes in time, the whole answer never."""
    listener = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(65_536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
                for _ in range(40):
                    try:
                        connection.sendall(b" ")
                    except OSError:
                        break
                    time.sleep(0.05)

    Thread(target=drip, daemon=True).start()
    began = time.monotonic()
    job["GITHUB_API_URL"] = f"http://127.0.0.1:{listener.getsockname()[1]}"
    (line,) = post(failing, GITHUB, job, patience=Patience(total=0.6, request=0.3, first=0.01)).failed
    listener.close()
    assert "could not be reached: no whole answer within" in line
    assert time.monotonic() - began < 1.5


def test_an_answer_without_end_is_given_up(
    api: GitHubApi, job: dict[str, str], failing: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aegis.forge.client.MAX_ANSWER", 1_000)
    api.add("x" * 2_000)
    (line,) = post(failing, GITHUB, job, patience=patience()).failed
    assert "an answer of more than 1,000 bytes" in line
