"""Secrets: known values, and credentials known by their shape or by what stands before them. They are taken out of
every text, in every mode."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, quote_plus, unquote, urlsplit

from aegis.privacy.names import is_credential
from aegis.privacy.settings import settings_remover
from aegis.privacy.vendor import without_keys
from aegis.privacy.words import words

#: What stands where a secret was. Shorter than any secret, so that it cannot hold one.
REMOVED = "•••"
MIN_LENGTH = 4

#: Values of secret-looking settings that everybody knows; taking them out would only spoil the text.
_WELL_KNOWN = words(
    """admin changeme database default demo development docker duckdb false localhost main none null password postgres
    postgresql public root secret service_account snowflake test true user username oauth externalbrowser"""
)

_BEFORE = r"(?<![A-Za-z0-9])"
_KEYS = re.compile(
    "|".join(
        [
            r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?"
            r"(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|\Z)",
            _BEFORE + r"sk-(?=[\w-]{0,80}\d)[\w-]{20,}",  # OpenAI, Anthropic
            _BEFORE + r"(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}(?![A-Za-z0-9])",  # AWS
            _BEFORE + r"gh[pousr]_[A-Za-z0-9]{20,}",
            _BEFORE + r"github_pat_\w{20,}",
            _BEFORE + r"glpat-[\w-]{16,}",
            _BEFORE + r"xox[a-z]-[\w-]{10,}",
            _BEFORE + r"AIza[\w-]{30,}",
            _BEFORE + r"ya29\.[\w.-]{20,}",
            _BEFORE + r"eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*",  # JWT, RFC 7519
            _BEFORE + r"dapi[0-9a-f]{32}",  # Databricks
            _BEFORE + r"dbt[cu]_[\w-]{16,}",
            _BEFORE + r"(?:npm|hf)_[A-Za-z0-9]{20,}",
            _BEFORE + r"pypi-[\w-]{20,}",
            _BEFORE + r"[sr]k_(?:live|test)_[A-Za-z0-9]{10,}",  # Stripe
            _BEFORE + r"SG\.[\w-]{16,}\.[\w-]{16,}",
            r"hooks\.slack\.com/services/[\w/-]+",
        ]
    )
)
#: What one of the above holds in any case; a text without it is not looked at more closely.
_HINT = re.compile(
    r"sk-|AKIA|ASIA|AROA|AIDA|gh[pousr]_|github_pat|glpat|xox|AIza|ya29|eyJ|dapi|dbt[cu]_|npm_|hf_|pypi-|k_live"
    r"|k_test|SG\.|hooks\.slack|PRIVATE KEY"
)
_URL_PASSWORD = re.compile(r"(://[^\s/:@]*:)([^\s/]+)(?=@)")


def secret_values(settings: Mapping[str, object]) -> frozenset[str]:
    """The secret values among ``settings``: a dbt profile's fields or the environment.

    A setting is secret by its name (``password``, ``token``, ``api_key``, ``DBT_ENV_SECRET_…``); in any other one a
    password inside a URL is. Nested mappings and lists are searched. Words that everybody knows, such as
    ``postgres``, and values shorter than four characters are left out.
    """
    found = set(_secrets_in(settings, secret=False))
    return frozenset(value for value in found if len(value) >= MIN_LENGTH and value.lower() not in _WELL_KNOWN)


def _secrets_in(value: object, *, secret: bool) -> Iterable[str]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _secrets_in(item, secret=secret or _is_secret_setting(str(name)))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _secrets_in(item, secret=secret)
    elif isinstance(value, bool) or value is None:
        return
    elif secret:
        yield str(value).strip()
    elif isinstance(value, str):
        yield from _url_passwords(value)


def _is_secret_setting(name: str) -> bool:
    lowered = name.lower()
    return is_credential(name) or lowered.startswith("dbt_env_secret") or lowered in {"keyfile_json", "pass"}


def _url_passwords(value: str) -> Iterable[str]:
    if "://" not in value or "@" not in value:
        return
    try:
        password = urlsplit(value).password
    except ValueError:
        return
    if password:
        yield from (password, unquote(password))


@dataclass(frozen=True, slots=True)
class Remover:
    """Takes secrets out: of ``prose``, such as a message or a comment, and of ``code``, which is SQL without
    comments."""

    prose: Callable[[str], str]
    code: Callable[[str], str]


def remover(secrets: Iterable[str]) -> Remover:
    """What takes ``secrets``, in the forms in which they are met, and credentials that are known as such out of a
    text."""
    forms = {form for value in secrets for form in _forms(value)}
    patterns = [r"\s+".join(map(re.escape, form.split())) for form in sorted(forms, key=len, reverse=True)]
    known = re.compile("|".join(patterns)) if patterns else None

    def shaped(text: str) -> str:
        if known is not None:
            text = known.sub(REMOVED, text)
        if _HINT.search(text):
            text = _KEYS.sub(REMOVED, text)
        if "://" in text:
            text = _URL_PASSWORD.sub(rf"\g<1>{REMOVED}", text)
        return without_keys(text, REMOVED)

    in_prose, in_code = (settings_remover(REMOVED, code=code) for code in (False, True))
    return Remover(lambda text: in_prose(shaped(text)), lambda text: in_code(shaped(text)))


def _forms(value: str) -> Iterable[str]:
    """A secret as it is, and as it stands in a URL, in JSON, in base64, and in the lines of a key file."""
    long_lines = (line.strip() for line in value.splitlines() if len(line.strip()) >= 16)
    encoded = base64.b64encode(value.encode("utf-8", "surrogatepass")).decode().rstrip("=")
    quoted = () if any("\ud800" <= char <= "\udfff" for char in value) else (quote(value, safe=""), quote_plus(value))
    forms = [value, value.strip(), json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], encoded]
    return (form for form in [*forms, *quoted, *long_lines] if len(form.strip()) >= MIN_LENGTH)
