"""Secrets, by value and by shape."""

from __future__ import annotations

import base64
import json
import time
from urllib.parse import quote

import pytest

from aegis.privacy.secrets import MIN_LENGTH, REMOVED, remover, secret_values

PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEAvN8c\nq1Zb6Jw2R5xkP0aTfakefake\n-----END RSA PRIVATE KEY-----"
KEYS = [
    "sk-proj-abcdef0123456789ABCDEF",
    "sk-ant-api03-abcdef0123456789ABCDEF",
    "AKIAIOSFODNN7EXAMPLE",
    "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "github_pat_11ABCDEFG0123456789_abcdefghij",
    "glpat-abcdefghij0123456789",
    "xoxb-123456789012-abcdefghijkl",
    "AIzaSyA1234567890abcdefghijklmnopqrstuv",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefghij",
    "dapi0123456789abcdef0123456789abcdef",
    "dbtc_abcdefghij0123456789",
    "npm_abcdefghijklmnopqrstuvwxyz",
    "sk_live_abcdefghij0123",
    "https://hooks.slack.com/services/T000/B000/abcdefgh",
    PEM,
]


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("text", ["{}", "key {} was refused", "'{}'", '{{"a": "{}"}}', "x={}"])
def test_a_known_key_is_taken_out_of_any_text(key: str, text: str) -> None:
    treated = remover(()).prose(text.format(key))
    assert REMOVED in treated
    assert key[-8:] not in treated.replace("KEY-----", "")


@pytest.mark.parametrize(
    "text",
    ["task-some-kebab-case-identifier-name", "sk-some-kebab-case-identifier", "orders_token", "token is NULL",
     "select token from t where t.token = s.token", "password: is NULL", "risk-0123456789012345678901234",
     "https://wiki.example.org/a@b"],
)  # fmt: skip
def test_what_only_looks_like_a_key_stays(text: str) -> None:
    assert remover(()).prose(text) == text


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("postgres://dbt:hunter2@localhost/shop", "hunter2"),
        ("could not connect: host=x password=hunter2 user=y", "hunter2"),
        ("DB_PASSWORD='hun ter2'", "hun ter2"),
        ('{"api_key": "hunter2hunter2"}', "hunter2"),
        ("Authorization: Bearer abcdef123456", "abcdef123456"),
    ],
)
def test_a_credential_in_a_setting_is_taken_out(text: str, gone: str) -> None:
    assert gone not in remover(()).prose(text)


@pytest.mark.parametrize("secret", ["hunter2", "p@ss/w:rd %", 'quo"te\\d', "two words", "пжцд1234", PEM])
def test_a_secret_is_taken_out_in_each_of_its_forms(secret: str) -> None:
    remove = remover({secret}).prose
    for form in (
        secret,
        quote(secret, safe=""),
        json.dumps(secret)[1:-1],
        base64.b64encode(secret.encode()).decode(),
        secret.replace(" ", "\n  "),
    ):
        assert form not in remove(f"before {form} after")
        assert remove(f"before {form} after").startswith("before ")


def test_longer_secrets_go_before_those_they_contain() -> None:
    assert remover({"abcd", "abcdefgh"}).prose("abcdefgh") == REMOVED


def test_secrets_are_found_by_the_names_of_their_settings() -> None:
    profile = {
        "type": "postgres",
        "user": "dbt",
        "password": "hunter2",
        "port": 5432,
        "dsn": "postgres://dbt:p%40ssword@host/db",
        "keyfile_json": {"private_key": PEM, "client_email": "a@b.iam"},
        "nested": [{"token": "t0ken-value"}],
        "api_key": "",
        "secret": None,
        "threads": 4,
    }
    values = secret_values(profile)
    assert {"hunter2", "p%40ssword", "p@ssword", PEM, "t0ken-value", "a@b.iam"} == values


def test_well_known_and_short_values_are_no_secrets() -> None:
    assert secret_values({"password": "postgres", "DBT_ENV_SECRET_X": "abc", "PGPASSWORD": "Admin"}) == frozenset()
    assert secret_values({"DBT_ENV_SECRET_GIT": "abcd"}) == {"abcd"}


def test_the_mark_cannot_hold_a_secret() -> None:
    assert len(REMOVED) < MIN_LENGTH


@pytest.mark.parametrize(
    "text",
    [
        "sk-" * 30_000,
        "eyJ" * 30_000,
        "-----BEGIN PRIVATE KEY-----" * 2_000,
        "://a:" * 20_000,
        "password=" * 10_000,
        "a_token-" * 10_000,
    ],
)
@pytest.mark.alone
def test_no_text_makes_it_slow(text: str) -> None:
    remove = remover({"hunter2"}).prose
    start = time.process_time()
    remove(text)
    assert time.process_time() - start < 2
