"""Column names that tell of personal data. A name that might, does: harmless ones are the listed exception."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from aegis.privacy.words import words

_TOKENS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[^\W\d_]+|\d+")

#: One of these words anywhere in a name makes its values personal.
_PERSONAL = words(
    """email mail phone telephone mobile fax cellphone surname forename nickname username login ssn nin nino iban
    passport birth birthday birthdate birthplace dob address addr street zip zipcode postcode postal ip ipaddr passwd
    ipv4 ipv6 mac plate cvv cvc signature biometric fingerprint
    vorname nachname adresse strasse telefon geburtsdatum geburtstag nombre apellido apellidos correo telefono
    direccion prenom adresse naissance courriel"""
)
#: Credentials: not even their length or shape is shown.
_CREDENTIAL = words("password passwd pwd passphrase secret token apikey credential credentials pin cvv cvc")
_PAIRS = frozenset(
    {
        ("api", "key"),
        ("access", "key"),
        ("private", "key"),
        ("tax", "id"),
        ("national", "id"),
        ("driver", "license"),
        ("drivers", "license"),
        ("driving", "licence"),
        ("card", "number"),
        ("credit", "card"),
        ("account", "number"),
        ("social", "security"),
    }
)
#: Written together, as in ``customeremail`` or ``lastname``.
_STEMS = re.compile(
    r"email|phone(?!tic)|passw|passport|birthda|surname|(?:first|last|full|user|nick|given|family|middle|maiden)name"
    r"|address|socialsec|creditcard|cardnumber|apikey|accesskey"
)
#: ``name`` is a person's unless one of these stands before it.
_THINGS = words(
    """file table column schema database db product event host domain brand item category model rule campaign carrier
    airline airport station company city country state region store shop warehouse plan project service app
    application device browser page metric test dataset index class type tag field process job queue topic role
    group department currency language color colour node source target bucket package module function method
    vendor supplier manufacturer feature segment channel partner species genus month day weekday status"""
)
#: A name that begins or ends so tells about a value, it does not hold it: ``is_email_valid``, ``phone_count``.
_ABOUT_FIRST = frozenset({"is", "has", "num", "n", "count", "valid"})
_ABOUT_LAST = frozenset({"count", "flag", "status", "verified", "valid", "length", "rate", "pct", "type", "at"})


@lru_cache(maxsize=4096)
def is_personal(column: str) -> bool:
    """Whether a column of this name is taken to hold personal data or a credential."""
    parts = _parts(column)
    if not parts or parts[0] in _ABOUT_FIRST or parts[-1] in _ABOUT_LAST:
        return False
    if not _PERSONAL.isdisjoint(parts) or is_credential(column) or _has_pair(parts, _PAIRS):
        return True
    return _STEMS.search("".join(parts)) is not None or _names_a_person(parts)


@lru_cache(maxsize=4096)
def is_credential(column: str) -> bool:
    """Whether a column or setting of this name holds a password, token or key."""
    parts = _parts(column)
    if not parts or parts[0] in _ABOUT_FIRST or parts[-1] in _ABOUT_LAST:
        return False
    keys = frozenset({("api", "key"), ("access", "key"), ("private", "key")})
    return not _CREDENTIAL.isdisjoint(parts) or _has_pair(parts, keys) or "passw" in "".join(parts)


def _parts(column: str) -> tuple[str, ...]:
    return tuple(word.lower() for word in _TOKENS.findall(column))


def _has_pair(parts: tuple[str, ...], pairs: frozenset[tuple[str, str]]) -> bool:
    return any(pair in pairs for pair in pairwise(parts))


def _names_a_person(parts: tuple[str, ...]) -> bool:
    if "name" not in parts:
        return False
    before = parts[: parts.index("name")]
    return not before or before[-1] not in _THINGS
