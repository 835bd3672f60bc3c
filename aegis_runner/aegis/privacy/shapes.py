"""Values that are personal by their shape, and what stands in their place.

Sources: card numbers by issuer prefix, length and the Luhn check (ISO/IEC 7812-1), IBAN by country length and the
remainder modulo 97 (ISO 13616), IP addresses by the standard library, phone numbers by E.164 and common groupings.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache

from aegis.domain.privacy import MASK
from aegis.privacy.national import without_national

_DIGIT = re.compile(r"\d")
#: So near to each other stand the digits of every number below but that of a network address.
_NEAR = re.compile(r"(?:\d\D{0,6}){6}")
_EMAIL = re.compile(r"[^\s@<>\"'(),;:=\[\]{}]{1,64}@[^\s@<>\"'(),;:=\[\]{}]{1,190}\.[^\W\d_][\w-]{1,62}")
_CARD = re.compile(r"(?<![\w.])\d(?:[ -]?\d){12,18}(?![\w])")
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ ]?[A-Za-z0-9]){11,30}")
_PHONE = re.compile(
    # A code of Snowflake, "002003 (02000)", is none.
    r"(?<![\w.+-])(?!\d{6} \(\w{5}\))(?:\+\d[\d ()./-]{6,18}\d|00[1-9]\d[\d ()./-]{6,16}\d"
    r"|\(\d{3}\)[ .-]?\d{3}[ .-]\d{4}"
    r"|\d{3}[ .-]\d{3}[ .-]\d{4})(?![\w])"
)
_SSN = re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])")
_IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?!\w|\.\d|-[A-Za-z])")
_IPV6 = re.compile(r"(?<![\w:])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])")

_ISSUERS = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}"
    r"|6(?:011|5\d\d|4[4-9]\d)\d{12}|35\d{14}|62\d{14,17}"
)
_SHORTEST_CARD = 13
_IBAN_LENGTHS = dict(
    re.findall(
        r"([A-Z]{2})(\d{2})",
        "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BR29BY28CH21CR22CY28CZ24DE22DK18DO28EE20EG29ES24FI18FO18FR27GB22GE22GI23"
        "GL18GR27GT28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MR27MT31"
        "MU30NL18NO15PK24PL28PS29PT25QA29RO24RS22SA24SC31SE24SI19SK24SM27ST25SV28TL23TN24TR26UA29VA22VG24XK20",
    )
)

#: Longer text is free text: it may hold anything.
WORD_LIMIT = 40


def mask(text: str) -> str:
    """The mask of a text; an empty one, and one of blanks, stays as it is: there is nothing in it."""
    return MASK if text.strip() else text


def masked(value: object) -> str | None:
    """The mask of one value. NULL stays NULL, and a text of blanks one of blanks."""
    if value is None:
        return None
    return mask(value) if isinstance(value, str) else MASK


@lru_cache(maxsize=8192)
def without_shapes(text: str) -> str:
    """``text``, the values in it that are personal by their shape masked."""
    if "@" in text:
        text = _EMAIL.sub(_masked, text)
    if _DIGIT.search(text) is None:
        return text
    if _NEAR.search(text) is not None:
        text = _IBAN.sub(_mask_iban, text)
        text = _CARD.sub(_mask_card, text)
        text = _PHONE.sub(_masked, text)
        text = _SSN.sub(_masked, text)
    if text.count(".") > 2:
        text = _IPV4.sub(_mask_ip, text)
    text = _IPV6.sub(_mask_ip, text) if text.count(":") > 1 else text
    return without_national(text)


def is_card(text: str) -> bool:
    """Whether ``text``, spaces and dashes aside, is the number of a payment card."""
    if len(text) < _SHORTEST_CARD:
        return False
    digits = re.sub(r"[ -]", "", text)
    if not (digits.isascii() and digits.isdigit()) or _ISSUERS.fullmatch(digits) is None:
        return False
    doubled = (2 * int(digit) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(number - 9 * (number > 9) for number in doubled)) % 10 == 0


def _masked(match: re.Match[str]) -> str:
    return mask(match.group())


def _mask_card(match: re.Match[str]) -> str:
    return mask(match.group()) if is_card(match.group()) else match.group()


def _mask_iban(match: re.Match[str]) -> str:
    """Words may follow an IBAN, so only as many characters as its country has are looked at."""
    text = match.group()
    length = _IBAN_LENGTHS.get(text[:2].upper())
    places = [place for place, char in enumerate(text) if char != " "]
    if length is None or len(places) < int(length):
        return text
    end = places[int(length) - 1] + 1
    compact = text[:end].replace(" ", "").upper()
    number = "".join(str(int(char, 36)) for char in compact[4:] + compact[:4])
    return MASK + text[end:] if int(number) % 97 == 1 else text


def _mask_ip(match: re.Match[str]) -> str:
    text = match.group()
    if ":" in text and (len([part for part in text.split(":") if part]) < 2 or not any(map(str.isdigit, text))):
        return text
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return text
    return MASK


_MOMENT = re.compile(
    r"[\d:.,TZ+/ -]+(?:UTC|GMT|AM|PM|am|pm)?"
    r"|(?:[-+]?\d+ (?:micro|milli)?(?:second|minute|hour|day|week|mon|month|quarter|year)s?,? ?)+(?:[-+]?[\d:.]+)?",
    re.IGNORECASE,
)


def is_free_text(text: str) -> bool:
    """Whether ``text`` is more than a word, a code, a number or a time: it may hold anything."""
    return len(text) > WORD_LIMIT or (
        len(text.split()) > 1 and any(map(str.isalpha, text)) and _MOMENT.fullmatch(text) is None
    )
