"""A script says which reply comes when; a bad one is refused with its place."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aegis.errors import ConfigError
from aegis.llm.script import Player, answer_text, tokens_of
from aegis.testing import Fault, NothingScripted, Reply, Request, Script, When, load_script
from aegis.testing.scripts import parse_yaml

SCRIPT = """\
replies:
  - fault: rate_limited
    retry_after: 0.5
    when: {call: 2}
  - json: {cause: late}
    when: {pattern: "orders|customers", asks_for: Diagnosis}
    seconds: 0.1
  - text: hello
    input_tokens: 12
    output_tokens: 3
    times: 2
"""


def request(number: int = 1, prompt: str = "p", **fields: object) -> Request:
    given: dict[str, object] = {"number": number, "wire": "scripted", "model": "m-large", "system": "sys"}
    return Request(**(given | {"messages": (("user", prompt),)} | fields))  # type: ignore[arg-type]


def played(script: Script, *requests: Request) -> list[Reply | None]:
    player: Player[Request] = Player(script)
    found: list[Reply | None] = []
    for one in requests:
        try:
            found.append(player.reply(one))
        except NothingScripted:
            found.append(None)
    return found


def test_a_script_is_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "script.yml").write_text(SCRIPT, encoding="utf-8")
    script = load_script(tmp_path / "script.yml")
    assert script.replies[0] == Reply(fault=Fault.RATE_LIMITED, retry_after=0.5, when=When(call=2))
    assert script.replies[1].answer == {"cause": "late"}
    assert parse_yaml(SCRIPT.partition("\n")[2], "the list alone") == script


def test_the_first_reply_that_fits_and_is_not_used_up_answers() -> None:
    script = parse_yaml(SCRIPT, "s")
    limited, late, hello = script.replies
    asked = [
        request(1),
        request(2, "orders", asks_for="Diagnosis"),
        request(3, "orders", asks_for="Diagnosis"),
        request(4, "orders"),
        request(5, "orders"),
        request(6, "customers", asks_for="Diagnosis"),
    ]
    assert played(script, *asked) == [hello, limited, late, hello, None, late]


def test_a_reply_without_a_condition_is_used_once_and_one_with_a_condition_without_end() -> None:
    once, ever = Reply(text="once"), Reply(text="ever", when=When())
    assert played(Script(replies=(once, ever)), *map(request, range(1, 5))) == [once, ever, ever, ever]


@pytest.mark.parametrize(
    ("when", "fits"),
    [
        (When(prompt="rows"), True),
        (When(prompt="sys"), True),
        (When(prompt="nothing like it"), False),
        (When(pattern=r"r\w+s$"), True),
        (When(model="large"), True),
        (When(model="small"), False),
        (When(wire="scripted", call=7), True),
        (When(wire="ollama"), False),
        (When(prompt="rows", call=8), False),
        (When(), True),
    ],
)
def test_all_that_a_condition_names_must_hold(when: When, fits: bool) -> None:
    assert when.fits(request(7, "three rows")) is fits


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("replies:\n  - text: a\n    falt: cut\n", "s.yml:3", "replies[0].falt: Extra inputs are not permitted"),
        ("replies:\n  - text: a\n  - fault: brocken\n", "s.yml:3", "replies[1].fault"),
        ("replies:\n  - text: a\n  - seconds: 1\n", "s.yml:3", "needs one of 'text', 'json' and 'fault'"),
        ("- text: a\n- tool: x\n  text: b\n", "s.yml:2", "a 'tool' is called with 'json'"),
        ("replies:\n  - text: a\n    when:\n      pattern: '('\n", "s.yml:4", "is not a regular expression"),
        ("replies: []\n", "s.yml:1", "replies: has no reply"),
        ("replies:\n  - {text: a, retry_after: 1}\n", "s.yml:2", "goes with the faults"),
        ("replies:\n  - {text: a, input_tokens: -1}\n", "s.yml:2", "input_tokens"),
        ("just words\n", "s.yml:1", "dictionary"),
        ("", "s.yml", "dictionary"),
        ("replies: [\n", "s.yml:2", "is not YAML"),
        ("a: 1\n b: 2\n", "s.yml:2", "is not YAML"),
    ],
)
def test_a_bad_script_is_refused_with_its_place(text: str, place: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_yaml(text, "s.yml")
    assert caught.value.where == place
    assert said in str(caught.value)


def test_every_mistake_is_told_with_its_line() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_yaml("replies:\n  - {}\n  - text: 1\n", "s.yml")
    assert caught.value.where == "s.yml"
    assert "line 2: replies[0]" in str(caught.value) and "line 3: replies[1].text" in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_script(tmp_path / "none.yml")
    assert str(tmp_path / "none.yml") == caught.value.where
    (tmp_path / "binary.yml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="cannot be read"):
        load_script(tmp_path / "binary.yml")


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_any_text_is_a_script_or_a_mistake_with_a_place_and_never_a_traceback(text: str) -> None:
    try:
        parse_yaml(text, "s.yml")
    except ConfigError as error:
        assert (error.where or "").startswith("s.yml")


@given(st.lists(st.integers(1, 4), min_size=1, max_size=6), st.integers(1, 30))
def test_a_script_plays_exactly_as_many_replies_as_it_has(times: list[int], asked: int) -> None:
    script = Script(replies=tuple(Reply(text=str(index), times=many) for index, many in enumerate(times)))
    with ThreadPoolExecutor(4) as pool:
        player: Player[Request] = Player(script)

        def one(number: int) -> str | None:
            try:
                return player.reply(request(number)).text
            except NothingScripted:
                return None

        said = list(pool.map(one, range(1, asked + 1)))
    assert sum(text is not None for text in said) == min(asked, sum(times))
    for index, many in enumerate(times):
        assert said.count(str(index)) <= many


def test_a_function_may_answer_with_a_reply_a_text_or_a_mapping() -> None:
    said: dict[str, Reply | str | dict[str, Any]] = {"1": Reply(text="a"), "2": "b", "3": {"c": 1}}
    player: Player[Request] = Player(lambda asked: said[asked.prompt])
    assert [answer_text(player.reply(request(prompt=prompt))) for prompt in said] == ["a", "b", '{"c": 1}']


def test_tokens_that_a_reply_does_not_name_come_from_the_lengths() -> None:
    asked = request(prompt="x" * 100)
    assert tokens_of(asked, Reply(text="y" * 9)) == (26, 3)
    assert tokens_of(asked, Reply(text="y", input_tokens=0, output_tokens=7)) == (0, 7)
