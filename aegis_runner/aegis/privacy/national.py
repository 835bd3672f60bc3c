"""Personal values as countries write them: telephone numbers without a country code, numbers of persons, addresses.

What has a check digit is only taken for what it is if that is right: Spain's DNI (modulo 23) and France's NIR
(modulo 97). Forms that are a bare run of digits are left alone: an order number has the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from aegis.domain.privacy import MASK
from aegis.privacy.words import words

_TELEPHONE = re.compile(
    r"(?<![\w.,+:/-])(?:"
    r"0[1-9](?:[. ]\d{2}){4}|\(?0[1-9]\d{0,3}\)?[ ./-]{1,3}\d{2,4}(?:[ .-]?\d{2,4}){1,4}"  # Europe, Japan, Australia
    r"|1[3-9]\d[ -]\d{4}[ -]\d{4}"  # China
    r"|\(\d{2}\) ?9?\d{4}-\d{4}"  # Brazil
    r"|8[ -]?\(\d{3}\)[ -]?\d{3}-?\d{2}-?\d{2}"  # Russia
    r")(?![\w/:]|[-.,]\d)"
)
_DAY = re.compile(r"0?\d[./-]\d{1,2}[./-](?:\d{4}|\d{2}(?!\.\d\d\.))(?:\D|\Z)")
_SPAIN = re.compile(r"(?<![\w-])\d{8}-?[A-HJ-NP-TV-Z](?![\w-])")
_FRANCE = re.compile(r"(?<![\w-])[12] ?\d{2} ?(?:0[1-9]|1[0-2]) ?\d[\dAB] ?\d{3} ?\d{3} ?\d{2}(?![\w-])")
_NUMBERS = (
    re.compile(r"(?<![\w-])\d{3}\.\d{3}\.\d{3}-\d{2}(?![\w-])"),  # Brazil: CPF
    re.compile(r"(?<![\w-])[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z](?![\w-])"),  # Italy: codice fiscale
    re.compile(  # United Kingdom: national insurance
        r"(?<![\w-])(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D](?![\w-])"
    ),
)
#: Addresses of network cards.
_CARD = re.compile(r"(?<![\w:-])(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}(?![\w:-])")
#: A number and a street, with words of which one must be there, in small letters.
_STREETS = (
    (
        words("street st st. avenue ave ave. road rd lane ln drive dr boulevard blvd court ct square sq place pl way"
              " terrace close crescent"),
        re.compile(
            r"(?<![\w.,-])\d{1,5}[A-Za-z]? (?:[A-Z][\w'.-]{0,30} ){1,3}(?:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr"
            r"|Boulevard|Blvd|Court|Ct|Square|Sq|Place|Pl|Way|Terrace|Close|Crescent)\b\.?"
        ),
    ),
    (
        words("straße strasse str. weg platz allee gasse laan straat"),
        re.compile(
            r"(?<!\w)[A-ZÄÖÜ][\wäöüß-]{1,30}(?:straße|strasse|str\.|weg|platz|allee|gasse|laan"
            r"|straat) \d{1,4}[a-z]?(?!\w)"
        ),
    ),
    (
        words("rue avenue boulevard place chemin allée impasse"),
        re.compile(
            r"(?<![\w.,-])\d{1,4},? (?:bis |ter )?(?:rue|avenue|boulevard|place|chemin|allée|impasse) "
            r"(?:(?:de la|de|du|des|d')[ ']?)?[A-ZÉÈ][\w'éèêàç-]{1,30}"
        ),
    ),
    (
        words("calle via rua viale piazza avenida"),
        re.compile(
            r"(?<!\w)(?:Calle|Via|Rua|Viale|Piazza|Avenida) (?:[A-Z][\wáéíóúñãç'-]{1,30},? ){1,3}\d{1,4}(?!\w)"
        ),
    ),
)  # fmt: skip
#: A number beside a word.
_STREET = re.compile(r"\d[A-Za-z]?,? [^\W\d_]|[^\W\d_][.,]? \d")
_BIRTH = ("born", "dob", "d.o.b.", "birth", "gebor", "né", "nacid")
#: So near to each other stand the digits of every number of a person or a telephone.
_DIGITS = re.compile(r"(?:\d\D{0,6}){6}")
_BORN = re.compile(
    r"(?i)(\b(?:born|dob|d\.o\.b\.|date of birth|birth ?date|geboren|né(?:e)?|nacid[oa])(?!\w)"
    r"\W{1,4}(?:(?:on|am|le|el) )?)"
    r"(\d{1,4}[./ -](?:\d{1,2}|[a-z]{3,9})[./ -]\d{1,4}|[a-z]{3,9} \d{1,2},? \d{4})"
)
_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"


def without_national(text: str) -> str:
    """``text``, which has a digit, with these masked."""
    lowered = text.lower()
    if any(word in lowered for word in _BIRTH):
        text = _BORN.sub(rf"\g<1>{MASK}", text)
    for hints, pattern in _STREETS if _STREET.search(text) is not None else ():
        if any(hint in lowered for hint in hints):
            text = pattern.sub(MASK, text)
    if text.count(":") > 4 or text.count("-") > 4:
        text = _CARD.sub(MASK, text)
    if _DIGITS.search(text) is None:
        return text
    for pattern in _NUMBERS:
        text = pattern.sub(MASK, text)
    text = _SPAIN.sub(partial(_checked, _is_spanish), text)
    text = _FRANCE.sub(partial(_checked, _is_french), text)
    return _TELEPHONE.sub(partial(_checked, _is_telephone), text)


def _checked(check: Callable[[str], bool], match: re.Match[str]) -> str:
    return MASK if check(match.group()) else match.group()


def _is_telephone(text: str) -> bool:
    """So many digits, and no date: ``01.02.2024 10``."""
    return 9 <= sum(map(str.isdigit, text)) <= 13 and _DAY.match(text) is None


def _is_spanish(text: str) -> bool:
    return _LETTERS[int(text[:8]) % 23] == text[-1]


def _is_french(text: str) -> bool:
    """Corsica's departments 2A and 2B count as 19 and 18."""
    digits = text.replace(" ", "").replace("2A", "19").replace("2B", "18")
    return digits.isdigit() and 97 - int(digits[:13]) % 97 == int(digits[13:])
