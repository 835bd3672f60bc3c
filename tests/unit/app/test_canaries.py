"""In strict mode, what is secret or personal reaches no prompt, no report, no comment and no audit trail."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest

from aegis.analysis.options import AnalyzeOptions
from aegis.llm import LlmConfig
from aegis.llm.script import Request
from aegis.report import FORMATS, Options, render
from tests.unit.app.shops import Shop

PERSONAL = {
    "an address": "erika.mustermann@canary-mail.example",
    "a phone number": "+49 170 5550 1984",
    "a card": "4539 1488 0343 6467",
    "an account": "DE89370400440532013000",
}
SECRETS = {
    "a password of the profile": "canary-pass-7Q2x",
    "a key of the environment": "sk-ant-api03-canary-0123456789abcdefghijklmnop",
    "a token in a text": "ghp_canary0123456789abcdefghijABCDEFGHIJ",
    "a cloud key": "AKIACANARY0123456789",
}


def answers(request: Request) -> Mapping[str, Any]:
    """A model that repeats all that it was told."""
    told = request.prompt[:900]
    if request.asks_for == "Diagnosis":
        return {"diagnosis": told, "cites": []}
    return {"explanation": told, "proposals": []}


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setenv("SHOP_API_KEY", SECRETS["a key of the environment"])
    said = "; ".join([*PERSONAL.values(), *SECRETS.values()])
    shop = Shop(
        tmp_path,
        note=said,
        description=f"Ask {said} about it.",
        profile={"password": SECRETS["a password of the profile"]},
    )
    with duckdb.connect(str(shop.database)) as connection:
        connection.execute("alter table raw.orders_0 add column email varchar")
        connection.execute("alter table raw.orders_0 add column contact varchar")
        for number, value in enumerate([*PERSONAL.values(), *SECRETS.values()]):
            connection.execute(
                "update raw.orders_0 set email = ?, contact = ? where id % 8 = ?", [value, value, number]
            )
        connection.execute("create or replace view main.stg_orders_0 as select * from raw.orders_0")
    return shop


def test_no_canary_leaves_in_strict_mode(shop: Shop) -> None:
    prompts: list[str] = []

    def listening(request: Request) -> Mapping[str, Any]:
        prompts.append(request.text)
        return answers(request)

    report = shop.analyzed(LlmConfig(provider="scripted", script=listening))
    assert len(prompts) == 2 and report.findings[0].sample is not None
    written = {f"prompt {number}": text for number, text in enumerate(prompts)}
    written |= {name: render(report, name, Options(verbose=True)) for name in FORMATS}
    written["audit trail"] = b"".join(path.read_bytes() for path in shop.folder.glob("audit.db*")).decode(
        "utf-8", "replace"
    )
    for place, text in written.items():
        for what, canary in {**PERSONAL, **SECRETS}.items():
            forms = {canary, json.dumps(canary)[1:-1], canary.replace(" ", "")}
            assert not [form for form in forms if form in text], f"{what} in the {place}"


def test_a_column_that_is_named_after_a_person_is_told_without_the_address(tmp_path: Path) -> None:
    prompts: list[str] = []

    def listening(request: Request) -> Mapping[str, Any]:
        prompts.append(request.text)
        return answers(request)

    canary = PERSONAL["an address"]
    report = Shop(tmp_path, column=canary).analyzed(LlmConfig(provider="scripted", script=listening))
    assert report.findings and canary not in "".join(prompts)
    for name in FORMATS:
        assert canary not in render(report, name, Options(verbose=True))
    trail = b"".join(path.read_bytes() for path in tmp_path.glob("audit.db*"))
    assert canary.encode() not in trail


def test_what_may_be_shown_is_the_user_s_choice(shop: Shop) -> None:
    assert AnalyzeOptions().privacy == "strict"
    shown = render(shop.analyzed(privacy="off"), "json")
    assert PERSONAL["an address"] in shown
    assert SECRETS["a password of the profile"] not in shown
