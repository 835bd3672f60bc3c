"""An identical question is answered from a file; a file that is not right is as none."""

from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aegis.domain.base import Frozen
from aegis.domain.report import Usage
from aegis.llm import Question, Unanswered
from aegis.llm.cache import Cache, Kept, default_folder
from aegis.testing import FakeModelServer, Fault, Reply, When
from tests.unit.llm.helpers import GOOD, GOOD_REPLY, QUESTION, asking, scripted, served

ALWAYS = [Reply(json=GOOD, input_tokens=100, output_tokens=20, when=When())]


def test_an_identical_question_is_asked_once_and_then_costs_nothing(tmp_path: Path) -> None:
    with FakeModelServer(ALWAYS) as server:
        first = served(server, "ollama", cache_dir=tmp_path).ask(QUESTION)
        model = served(server, "ollama", cache_dir=tmp_path)
        second = model.ask(replace(QUESTION, node="rca", rule_id="another"))
        assert len(server.requests) == 1
    assert second.value == first.value
    assert not first.cached and second.cached
    (call,) = model.calls
    assert (call.cached, call.cost_usd, call.input_tokens, call.output_tokens) == (True, 0.0, 0, 0)
    assert (call.node, call.rule_id, call.response) == ("rca", "another", first.calls[0].response)
    assert model.usage == Usage()


class Other(Frozen):
    cause: str
    confidence: float
    more: bool = False


def test_whatever_decides_an_answer_makes_another_question(tmp_path: Path) -> None:
    others: list[Question[Any]] = [
        replace(QUESTION, prompt="another"),
        replace(QUESTION, system="another"),
        Question(QUESTION.node, QUESTION.system, QUESTION.prompt, Other),
    ]
    with FakeModelServer(ALWAYS) as server, FakeModelServer(ALWAYS) as elsewhere:
        for number, question in enumerate([QUESTION, *others], 1):
            served(server, "ollama", cache_dir=tmp_path).ask(question)
            assert len(server.requests) == number
        served(server, "ollama", cache_dir=tmp_path, model="another").ask(QUESTION)
        served(server, "openai", cache_dir=tmp_path).ask(QUESTION)
        served(elsewhere, "ollama", cache_dir=tmp_path).ask(QUESTION)
        assert (len(server.requests), len(elsewhere.requests)) == (6, 1)


def test_twins_that_are_asked_at_once_are_asked_once(tmp_path: Path) -> None:
    slow = [Reply(json=GOOD, seconds=0.1, when=When())]
    with FakeModelServer(slow) as server, ThreadPoolExecutor(10) as pool:
        model = served(server, "ollama", cache_dir=tmp_path)
        answers = list(pool.map(model.ask, [QUESTION] * 10))
        assert len(server.requests) == 1
    assert sum(answer.cached for answer in answers) == 9


def test_a_file_is_for_its_owner_only_and_holds_no_question(tmp_path: Path) -> None:
    folder = tmp_path / "made" / "here"
    with FakeModelServer(ALWAYS) as server:
        served(server, "ollama", cache_dir=folder).ask(QUESTION)
    (file,) = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert file.stem == file.stem.lower() and len(file.stem) == 64
    assert set(json.loads(file.read_text(encoding="utf-8"))) == {"provider", "model", "response"}
    assert QUESTION.prompt not in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "garbage",
    [b"", b"{", b"\xff\xfe\x00", b"[]", b'{"response": 1}', b'{"provider":"ollama","model":"m","response":"not it"}'],
)
def test_a_garbage_file_is_ignored_and_replaced(tmp_path: Path, garbage: bytes) -> None:
    with FakeModelServer(ALWAYS) as server:
        served(server, "ollama", cache_dir=tmp_path).ask(QUESTION)
        (file,) = tmp_path.iterdir()
        good = file.read_bytes()
        file.write_bytes(garbage)
        assert not served(server, "ollama", cache_dir=tmp_path).ask(QUESTION).cached
        assert len(server.requests) == 2
    assert file.read_bytes() == good


def test_a_folder_that_cannot_be_written_costs_the_next_question_and_no_more(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with FakeModelServer(ALWAYS) as server:
        model = served(server, "ollama", cache_dir=tmp_path / "file")
        assert model.ask(QUESTION).value == model.ask(QUESTION).value
        assert len(server.requests) == 2


@pytest.mark.parametrize("bad", [Reply(text="no"), Reply(fault=Fault.REFUSAL), Reply(json=GOOD, fault=Fault.CUT)])
def test_only_answers_that_are_good_are_kept(tmp_path: Path, bad: Reply) -> None:
    with FakeModelServer([bad.model_copy(update={"times": 9})]) as server, pytest.raises(Unanswered):
        served(server, "openai", cache_dir=tmp_path).ask(QUESTION)
    assert not list(tmp_path.iterdir())


def test_the_answer_of_a_repair_is_kept_under_the_question(tmp_path: Path) -> None:
    with FakeModelServer([Reply(text="?"), GOOD_REPLY]) as server:
        served(server, "ollama", cache_dir=tmp_path).ask(QUESTION)
        assert served(server, "ollama", cache_dir=tmp_path).ask(QUESTION).cached


def test_a_dead_service_does_not_keep_answers_from_being_found(tmp_path: Path) -> None:
    with FakeModelServer([GOOD_REPLY, Reply(fault=Fault.UNAUTHORIZED)]) as server:
        model = served(server, "ollama", cache_dir=tmp_path)
        model.ask(QUESTION)
        with pytest.raises(Unanswered):
            model.ask(asking("another"))
        assert model.ask(QUESTION).cached


def test_scripted_answers_are_never_kept(tmp_path: Path) -> None:
    model = scripted(GOOD_REPLY, GOOD_REPLY, cache=True, cache_dir=tmp_path)
    model.ask(QUESTION)
    assert not model.ask(QUESTION).cached and not list(tmp_path.iterdir())


def test_the_folder_is_in_the_home_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_folder() == tmp_path / ".aegis" / "cache" / "llm"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(response=st.text(), key=st.text(min_size=1))
def test_what_is_kept_is_found_again_to_the_letter(tmp_path: Path, response: str, key: str) -> None:
    cache = Cache(tmp_path)
    kept = Kept(provider="p", model="m", response=response.encode("utf-8", "replace").decode())
    cache.keep(Cache.key(key), kept)
    assert cache.find(Cache.key(key)) == kept
