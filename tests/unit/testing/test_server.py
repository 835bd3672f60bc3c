"""The server: what it records, what it hides, how it begins and ends, what it says when something is wrong."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from statistics import median

import pytest

from aegis.errors import ConfigError, UsageError
from aegis.testing import FakeModelServer, Fault, NothingScripted, Received, Reply, When
from aegis.testing.__main__ import main
from tests.unit.testing.support import OLLAMA, post

CHAT = "/api/chat"
ONCE = {**OLLAMA, "stream": False}


def test_requests_are_recorded_in_order_with_all_that_came() -> None:
    with FakeModelServer([Reply(text="a", when=When())]) as server:
        for number in range(3):
            post(server, CHAT, {**ONCE, "model": f"m{number}"}, {"X-Custom": "yes"})
        requests = server.requests
    assert [(request.number, request.model) for request in requests] == [(1, "m0"), (2, "m1"), (3, "m2")]
    assert requests[0].headers["x-custom"] == "yes"
    assert (requests[0].path, requests[0].body) == (CHAT, {**ONCE, "model": "m0"})


@pytest.mark.parametrize("name", ["Authorization", "X-Api-Key", "api-key", "X-Amz-Security-Token", "Cookie"])
def test_keys_are_masked_unless_the_test_wants_them(name: str) -> None:
    for keep in (False, True):
        with FakeModelServer([Reply(text="a")], keep_secrets=keep) as server:
            post(server, CHAT, ONCE, {name: "Bearer sk-1"})
            kept = server.requests[0].headers[name.lower()]
            assert kept == ("Bearer sk-1" if keep else "«secret»")
            assert keep or "sk-1" not in repr(server.requests)


def test_a_request_that_no_reply_is_for_is_refused_and_remembered() -> None:
    with FakeModelServer([Reply(text="a", when=When(prompt="never"))]) as server:
        status, body = post(server, CHAT, ONCE)
        assert (len(server.requests), len(server.unscripted)) == (1, 1)
    assert status == 400
    assert json.loads(body)["error"] == "the script has no reply left for request 1, which begins 'hi'"


@pytest.mark.parametrize("body", [b"", b"no JSON", b"[]", b"{}", b'{"model": "m", "messages": [1]}', b"\xff"])
@pytest.mark.parametrize("path", ["/v1/messages", "/v1/chat/completions", "/v1/responses", CHAT, "/model/m/converse"])
def test_a_body_that_is_no_request_is_refused_in_words(path: str, body: bytes) -> None:
    with FakeModelServer([Reply(text="a", when=When())]) as server:
        status, answer = post(server, path, body)
        if status == 200:  # a message that is no object has no text, where text is looked for leniently
            assert server.requests
        else:
            assert status == 400 and b"this is not a request of the wire protocol" in answer
            assert not server.requests


def test_a_body_in_parts_is_read_like_a_whole_one() -> None:
    encoded = json.dumps(ONCE).encode()
    with FakeModelServer([Reply(text="a", when=When())]) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        for _ in range(2):  # the connection is fit for another request
            connection.request("POST", CHAT, iter([encoded[:7], encoded[7:]]), encode_chunked=True)
            assert connection.getresponse().read()
        connection.close()
        assert [request.body for request in server.requests] == [ONCE, ONCE]


def test_a_path_that_is_no_wire_is_refused_with_those_that_are() -> None:
    with FakeModelServer([Reply(text="a")]) as server:
        status, answer = post(server, "/v2/messages", ONCE)
        assert status == 404 and b"/v1/messages" in answer
        assert not server.requests


def test_a_function_answers_from_what_it_is_asked() -> None:
    def obey(request: Received) -> dict[str, object]:
        return {"you said": request.prompt, "times": request.number}

    with FakeModelServer(obey) as server:
        answers = [json.loads(json.loads(post(server, CHAT, ONCE)[1])["message"]["content"]) for _ in range(2)]
    assert answers == [{"you said": "hi", "times": 1}, {"you said": "hi", "times": 2}]


def test_a_function_that_raises_is_a_500_and_fails_the_test_at_the_end() -> None:
    def broken(_: Received) -> Reply:
        raise KeyError("oh")

    with pytest.raises(KeyError, match="oh"), FakeModelServer(broken) as server:
        status, answer = post(server, CHAT, ONCE)
        assert status == 500 and b"the function that answers raised KeyError" in answer


def test_a_function_may_have_no_answer() -> None:
    def silent(_: Received) -> Reply:
        raise NothingScripted("not me")

    with FakeModelServer(silent) as server:
        assert post(server, CHAT, ONCE)[0] == 400
        assert len(server.unscripted) == 1


def test_a_reply_takes_its_time() -> None:
    with FakeModelServer([Reply(text="a", seconds=0.15)]) as server:
        begun = time.monotonic()
        post(server, CHAT, ONCE)
        assert time.monotonic() - begun >= 0.15


@pytest.mark.alone
def test_an_answer_is_swift() -> None:
    """Forty milliseconds for most of them would be the algorithm of Nagle at work."""
    with FakeModelServer([Reply(text="a", when=When())]) as server:
        took = []
        for _ in range(21):
            begun = time.monotonic()
            post(server, CHAT, ONCE)
            took.append(time.monotonic() - begun)
    assert median(took) < 0.03


@pytest.mark.alone
def test_the_end_is_at_once_and_leaves_nothing_behind() -> None:
    with FakeModelServer([Reply(text="a", seconds=60)]) as server:
        connection = socket.create_connection(("127.0.0.1", server.port))
        body = json.dumps(ONCE)
        connection.sendall(f"POST {CHAT} HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        idle = socket.create_connection(("127.0.0.1", server.port))
        while not server.requests:
            time.sleep(0.005)
        port, begun = server.port, time.monotonic()
    assert time.monotonic() - begun < 1
    for client in (connection, idle):
        client.settimeout(2)
        with suppress(ConnectionResetError):  # the other way to say so
            assert client.recv(100) == b""
        client.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))
    deadline = time.monotonic() + 2
    while [
        one for one in threading.enumerate() if "process_request_thread" in one.name
    ] and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not [one for one in threading.enumerate() if "process_request_thread" in one.name]
    server.close()


def test_a_port_that_is_taken_is_said_to_be() -> None:
    with FakeModelServer([Reply(text="a")]) as server, pytest.raises(UsageError, match="cannot listen"):
        FakeModelServer([Reply(text="a")], port=server.port)


def test_only_this_machine_can_ask() -> None:
    with FakeModelServer([Reply(text="a")]) as server:
        assert server.url == f"http://127.0.0.1:{server.port}"


def test_a_script_is_read_from_its_path(tmp_path: Path) -> None:
    (tmp_path / "s.yml").write_text("- text: hello\n", encoding="utf-8")
    with FakeModelServer(tmp_path / "s.yml") as server:
        assert b"hello" in post(server, CHAT, ONCE)[1]
    (tmp_path / "s.yml").write_text("- txt: hello\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="txt"):
        FakeModelServer(str(tmp_path / "s.yml"))


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize(
    "path", ["/v1/messages", "/v1/chat/completions", "/v1/responses", CHAT, "/model/m%3A0/converse"]
)
def test_every_fault_shows_on_every_wire(path: str, fault: Fault) -> None:
    """As a status, a connection that breaks, or a body that differs from that of the same reply without the fault."""
    body = {**ONCE, "input": "hi", "max_tokens": 1}
    reply = Reply(json={"a": "longer than that"}, fault=fault)
    with FakeModelServer([Reply(json={"a": "longer than that"}), reply]) as server:
        good = post(server, path, body)
        try:
            bad = post(server, path, body)
        except Exception as error:
            assert fault is Fault.CUT, error
            return
        assert server.requests[1].model in ("llama", "m:0")
    assert bad != good
    assert (bad[0] >= 400) is (
        fault.value
        in ("rate_limited", "overloaded", "server_error", "unauthorized", "no_credit", "not_found", "bad_request")
    )


def test_by_hand_it_tells_its_address_and_what_comes(tmp_path: Path) -> None:
    (tmp_path / "s.yml").write_text("- text: hello\n", encoding="utf-8")
    command = [sys.executable, "-m", "aegis.testing", "s.yml"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stdout is not None
            head = process.stdout.readline()
            port = int(head.partition("127.0.0.1:")[2].partition(";")[0])
            exported = [process.stdout.readline() for _ in range(9)]
            assert f"export OPENAI_BASE_URL=http://127.0.0.1:{port}/v1\n" in exported
            with urllib.request.urlopen(
                f"http://127.0.0.1:{port}{CHAT}", json.dumps(ONCE).encode(), timeout=30
            ) as reply:
                assert b"hello" in reply.read()
            assert process.stdout.readline() == "1  ollama  llama  'hi'\n"
            process.send_signal(signal.SIGINT)
            assert process.stdout.readline() == "# 1 requests, 0 that no reply was for\n"
            assert process.wait(timeout=30) == 0
        finally:
            process.kill()  # otherwise a failure above would wait for it without end


def test_by_hand_a_bad_script_is_an_error_with_a_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "s.yml").write_text("- txt: hello\n", encoding="utf-8")
    assert main([str(tmp_path / "s.yml")]) == 2
    assert "txt" in capsys.readouterr().err
