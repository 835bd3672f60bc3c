"""Recorded calls of a model, looked at again and played again."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from aegis.app.replay import NOT_RECORDED, replay, script_of, script_text, write_script
from aegis.audit import AuditTrail, DecisionRecord, StoredDecision
from aegis.errors import AuditError, UsageError
from aegis.investigate.explain.forms import Diagnosis, Remedy
from aegis.llm import Call, Fault, LanguageModel, LlmConfig, Question, Reply, Script, Unanswered, When, open_model
from aegis.testing import FakeModelServer, load_script
from tests.unit.audit.support import MOMENT, a_decision, a_start

FINE = '{"diagnosis": "Rows came late — 漢.", "cites": ["E1"]}'
REMEDY = '{"explanation": "Late.", "proposals": []}'


def question(prompt: str, system: str = "You explain.\nBriefly.", rule: str = "r") -> Question[Diagnosis]:
    return Question("diagnose", system, prompt, Diagnosis, rule)


QUESTIONS: tuple[Question[Any], ...] = (
    question("<data>\n{1}\n</data>"),
    question("<data>\n{1}\n</data> and more"),
    question("same words", "one system"),
    question("same words", "another system"),
    Question("remediate", "You repair.", "<data>\n{1}\n</data>", Remedy, "r"),
)


@pytest.fixture
def trail(tmp_path: Path) -> Iterator[AuditTrail]:
    with AuditTrail.open(tmp_path / "history.db") as opened:
        yield opened


def model(trail: AuditTrail, run_id: str, script: Script | Sequence[Reply], **config: Any) -> LanguageModel:
    """A scripted model whose calls are decisions of the run, as those of an analysis are."""
    trail.ensure_run(a_start(run_id))

    def record(call: Call) -> None:
        trail.record_decision(DecisionRecord(run_id=run_id, **call.model_dump()))

    return open_model(LlmConfig(provider="scripted", script=script, retries=1, **config), on_call=record)


def said(model: LanguageModel, questions: Sequence[Question[Any]]) -> list[object]:
    """What each question got: the answer, or that there is none."""
    answers: list[object] = []
    for one in questions:
        try:
            answers.append(model.ask(one).value)
        except Unanswered:
            answers.append(None)
    return answers


def texts(trail: AuditTrail, run_id: str) -> set[tuple[str | None, ...]]:
    return {(one.system_prompt, one.prompt, one.response) for one in trail.decisions(run_id) if one.response}


RECORDED = (
    Reply(text='{"diagnosis": "first", "cites": []}'),
    Reply(text='{"diagnosis": "second", "cites": []}', input_tokens=7, output_tokens=3),
    Reply(text='{"diagnosis": "third", "cites": []}'),
    Reply(text=FINE),
    Reply(text=REMEDY),
)


@pytest.mark.parametrize("backwards", [False, True])
def test_a_run_that_is_played_again_from_its_own_script_gets_the_same_answers(
    trail: AuditTrail, tmp_path: Path, backwards: bool
) -> None:
    first = said(model(trail, "r_1", RECORDED), QUESTIONS)
    assert None not in first
    file = tmp_path / "script.json"
    assert write_script(trail.decisions("r_1"), file, force=False) == len(QUESTIONS)
    # Threads ask in any order: the script does not depend on it.
    asked = QUESTIONS[::-1] if backwards else QUESTIONS
    again = said(model(trail, "r_2", load_script(file)), asked)
    assert (again[::-1] if backwards else again) == first
    assert texts(trail, "r_2") == texts(trail, "r_1")
    usage = [sum(one.input_tokens or 0 for one in trail.decisions(run)) for run in ("r_1", "r_2")]
    assert usage[0] == usage[1]


def test_the_server_of_the_test_kit_plays_it_over_the_wire(trail: AuditTrail, tmp_path: Path) -> None:
    first = said(model(trail, "r_1", RECORDED), QUESTIONS)
    file = tmp_path / "script.json"
    write_script(trail.decisions("r_1"), file, force=False)
    with FakeModelServer(file) as server:
        config = LlmConfig(provider="ollama", base_url=server.url, cache=False)
        assert said(open_model(config), QUESTIONS) == first
        assert len(server.requests) == len(QUESTIONS)


@pytest.mark.parametrize(
    ("replies", "answered"),
    [
        pytest.param([Reply(text="no JSON"), Reply(text=FINE)], True, id="repaired"),
        pytest.param([Reply(text="no JSON"), Reply(text="still none")], False, id="invalid twice"),
        pytest.param([Reply(fault=Fault.SERVER_ERROR), Reply(text=FINE)], True, id="retried"),
        pytest.param([Reply(fault=Fault.BAD_REQUEST)], False, id="rejected"),
        pytest.param([Reply(text="I will not.", fault=Fault.REFUSAL)], False, id="declined"),
        pytest.param([Reply(text=FINE, fault=Fault.MAX_TOKENS)], False, id="cut short"),
    ],
)
def test_what_went_wrong_goes_wrong_again_and_what_was_answered_in_the_end_is_answered(
    trail: AuditTrail, replies: list[Reply], answered: bool
) -> None:
    one = (question("Why?"),)
    first = said(model(trail, "r_1", replies), one)
    assert (first != [None]) is answered
    script = script_of(trail.decisions("r_1"))
    assert said(model(trail, "r_2", script), one) == first
    words = {response for _, _, response in texts(trail, "r_1")}
    assert words <= {response for _, _, response in texts(trail, "r_2")}
    errors = [[one.error for one in trail.decisions(run) if one.response] for run in ("r_1", "r_2")]
    assert errors[0] == errors[1] or not words


def test_an_answer_out_of_the_cache_is_played_too_and_as_often_as_it_is_asked(trail: AuditTrail) -> None:
    trail.start_run(a_start("r_1"))
    recorded = {"system_prompt": "You explain.\nBriefly.", "prompt": "Why?", "response": FINE}
    trail.record_decision(a_decision("r_1", cached=True, input_tokens=0, output_tokens=0, **recorded))
    again = said(model(trail, "r_2", script_of(trail.decisions("r_1"))), (question("Why?"),) * 3)
    assert again == [Diagnosis.model_validate_json(FINE)] * 3


def test_a_question_that_was_not_asked_then_is_declined_in_words(trail: AuditTrail) -> None:
    said(model(trail, "r_1", RECORDED), QUESTIONS[:1])
    with pytest.raises(Unanswered, match=NOT_RECORDED):
        model(trail, "r_2", script_of(trail.decisions("r_1"))).ask(question("Something else?"))


def test_a_run_without_calls_gives_a_script_that_declines(trail: AuditTrail) -> None:
    script = script_of(())
    assert [reply.fault for reply in script.replies] == [Fault.REFUSAL]


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1), st.text())
def test_a_script_survives_its_file_whatever_signs_are_in_it(prompt: str, text: str) -> None:
    script = Script(replies=(Reply(text=text, when=When(prompt=prompt + "\x00\x1b\x7f\x85\u2028\ufeff🐍")),))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "script.json"
        file.write_text(script_text(script), encoding="utf-8")
        assert load_script(file) == script


def test_a_script_is_for_its_owner_only_and_replaces_nothing_unasked(trail: AuditTrail, tmp_path: Path) -> None:
    file = tmp_path / "script.json"
    write_script((), file, force=False)
    assert file.stat().st_mode & 0o777 == 0o600
    before = file.read_text(encoding="utf-8")
    with pytest.raises(UsageError, match="was left alone"):
        write_script(stored(), file, force=False)
    assert file.read_text(encoding="utf-8") == before
    write_script(stored(), file, force=True)
    assert len(load_script(file).replies) == 2
    assert [one.name for one in tmp_path.iterdir() if "script" in one.name] == ["script.json"]


def stored(**fields: Any) -> tuple[StoredDecision, ...]:
    return (StoredDecision(seq=1, recorded_at=MOMENT, **a_decision("r_1", **fields).model_dump()),)


def test_each_answer_is_checked_against_the_form_of_today(trail: AuditTrail) -> None:
    trail.start_run(a_start("r_1"))
    for node, response in (
        ("diagnose", FINE), ("diagnose", '{"diagnosis": ""}'), ("remediate", REMEDY), ("remediate", FINE),
        ("elsewhere", "anything"), ("diagnose", None),
    ):  # fmt: skip
        trail.record_decision(a_decision("r_1", node=node, response=response))
    found = replay(trail, "r_1")
    assert [one.fits for one in found] == [True, False, True, False, None, None]
    assert found[1].problem is not None and "cites: Field required" in found[1].problem
    assert [one.decision.response for one in replay(trail, "r_1", node="elsewhere")] == ["anything"]


def test_node_and_rule_choose_and_the_order_is_that_of_the_calls(trail: AuditTrail) -> None:
    trail.start_run(a_start("r_1"))
    for number, (node, rule) in enumerate([("diagnose", "a"), ("diagnose", "b"), ("remediate", "a")]):
        trail.record_decision(a_decision("r_1", node=node, rule_id=rule, prompt=str(number)))
    assert [one.decision.prompt for one in replay(trail, "r_1", rule="a")] == ["0", "2"]
    assert [one.decision.prompt for one in replay(trail, "r_1", rule="a", node="diagnose")] == ["0"]
    assert replay(trail, "r_1", rule="z") == ()


def test_a_run_that_was_killed_can_be_read_by_its_id(trail: AuditTrail) -> None:
    trail.start_run(a_start("r_1"))
    trail.record_decision(a_decision("r_1"))
    assert len(replay(trail, "r_1")) == 1
    with pytest.raises(AuditError, match="no run has finished yet"):
        replay(trail, "latest")


def test_a_question_is_the_same_only_with_its_system_prompt() -> None:
    one, other = (
        stored(prompt="p", system_prompt="a", response="A")[0],
        stored(prompt="p", system_prompt="", response="B")[0],
    )
    for pair in ((one, other), (other, one)):
        replies = script_of(pair).replies
        assert [(reply.text, reply.when and reply.when.pattern) for reply in replies[:2]] == [("A", "a"), ("B", "")]
    assert replace(question("p"), system="b").system == "b"
