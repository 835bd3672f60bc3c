"""The kinds of value that a rule's parameters take.

Numbers stay exact: a YAML float arrives as ``Decimal``, a Python float becomes the ``Decimal`` that its shortest
text names (0.1 is 0.1), and nothing is infinite or longer than 100 digits. Dates and timestamps become ISO text.
Each function here takes a value and returns it as a rule holds it; its ValueError says what is accepted.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainValidator, StringConstraints, WithJsonSchema

from aegis.domain.text import plural_of
from aegis.rules.written import Written, doubt, plain_number

MAX_DIGITS = 100
MAX_ID = 200

_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)?)?")
_SINCE = re.compile(r"\s*(\d{1,6})\s*(second|minute|hour|day|week)s?\s*", re.IGNORECASE)
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+\-]*(/[A-Za-z0-9_+\-]+){0,2}")
_ID = re.compile(r"\w[\w.:-]*")


def number(value: object) -> int | Decimal:
    """A finite number of at most 100 digits, exactly as written. Text is not a number, nor is true."""
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        hint = ", without quotes" if isinstance(value, str) and _looks_like_number(value) else ""
        raise ValueError(f"a number{hint}")
    value = plain_number(value)
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError("a finite number")
        if abs(value.adjusted()) > MAX_DIGITS or len(value.as_tuple().digits) > MAX_DIGITS:
            raise ValueError(f"a number of at most {MAX_DIGITS} digits")
    elif abs(value) >= 10**MAX_DIGITS:
        raise ValueError(f"a number of at most {MAX_DIGITS} digits")
    return value


def percent(value: object) -> int | Decimal:
    """A number from 0 to 100."""
    given = number(value)
    if not 0 <= given <= 100:
        raise ValueError("a percentage from 0 to 100")
    return given


def positive(value: object) -> int | Decimal:
    given = number(value)
    if given <= 0:
        raise ValueError("a number above 0")
    return given


def not_negative(value: object) -> int | Decimal:
    given = number(value)
    if given < 0:
        raise ValueError("0 or more")
    return given


def count(value: object) -> int:
    """A whole number, 0 or more; 10.0 is 10."""
    given = not_negative(value)
    if given != int(given):
        raise ValueError("a whole number")
    return int(given)


def bound(value: object) -> int | Decimal | str:
    """One end of a range: a number, a date or timestamp (as ISO text), or text."""
    if (either := doubt(value)) is not None:
        raise ValueError(either)
    if isinstance(value, datetime | date):
        return value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, str):
        if not value:
            raise ValueError("text that is not empty")
        return value
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError("a number, a date, a timestamp or text")
    return number(value)


def scalar(value: object) -> bool | int | Decimal | str:
    """One entry of ``values``: text, a number, a date, true or false. NULL is not a value."""
    if isinstance(value, bool) or value == "":
        return value
    if (either := doubt(value)) is not None:
        raise ValueError(either)
    if value is None:
        raise ValueError("text, a number, a date, true or false; 'nulls: pass' or 'nulls: fail' says what NULLs do")
    try:
        return bound(value)
    except ValueError as error:
        raise ValueError("text, a number, a date, true or false") from error


def since(value: object) -> str:
    """How far back rows are checked: '7 days' (seconds to weeks), or 'last_success'."""
    if value == "last_success":
        return "last_success"
    match = _SINCE.fullmatch(value) if isinstance(value, str) else None
    if match is None or int(match[1]) == 0:
        raise ValueError("a span such as '7 days' (seconds, minutes, hours, days, weeks), or last_success")
    size = int(match[1])
    return f"{size} {plural_of(size, match[2].lower())}"


def zone(value: object) -> str:
    """The IANA name of a time zone, as it is spelled there."""
    if not isinstance(value, str) or not _ZONE.fullmatch(value):
        raise ValueError("the IANA name of a time zone, such as Europe/Berlin or UTC")
    known = _zones()
    # A machine may have no list of zones at all; then the warehouse is the first that can tell.
    if known and value not in known:
        from aegis.rules.spell import did_you_mean

        raise ValueError(f"the IANA name of a time zone, such as Europe/Berlin or UTC{did_you_mean(value, known)}")
    return value


@cache
def _zones() -> frozenset[str]:
    from zoneinfo import available_timezones

    return frozenset(available_timezones())


def identifier(value: object) -> str:
    """A rule's id: letters, digits and ``_ . : -``, at most 200 characters, so that it fits names and selections."""
    text = str(value) if isinstance(value, int | Written) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not is_identifier(text):
        raise ValueError(f"letters, digits and _ . : -, at most {MAX_ID}, the first a letter, a digit or _")
    return text


def is_identifier(text: str) -> bool:
    return _ID.fullmatch(text) is not None and len(text) <= MAX_ID


def regex_flags(value: object) -> str:
    """The subset of ``i m s`` in alphabetical order: ignore case, ^ and $ at lines, . matches a line break."""
    letters = "".join(value) if isinstance(value, list | tuple) and all(isinstance(v, str) for v in value) else value
    if not isinstance(letters, str) or not letters or set(letters) - set("ims"):
        raise ValueError("some of i (ignore case), m (^ and $ match at lines), s (. matches a line break)")
    return "".join(sorted(set(letters)))


def written_text(value: object) -> object:
    """A number where text is wanted is what was written: ``.5`` is a pattern of two characters."""
    return value.written if isinstance(value, Written) else value


def word(value: object) -> object:
    """A word that has few spellings, in the one that is accepted: capitals are no matter."""
    return value.strip().lower() if isinstance(value, str) and value.strip().isidentifier() else value


def as_list(value: object) -> object:
    """One thing stands for the list of it."""
    return (value,) if isinstance(value, str | int | Decimal) and not isinstance(value, bool) else value


def is_temporal(value: object) -> bool:
    """Does this text read as an ISO date or timestamp?"""
    return isinstance(value, str) and _ISO_DATE.fullmatch(value) is not None


def _looks_like_number(text: str) -> bool:
    try:
        return Decimal(text.strip()).is_finite()
    except ArithmeticError:
        return False


def _one_or_more(entry: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [entry, {"type": "array", "items": entry}]}


_TEXT = {"type": ["string", "number"]}
_NUMBER = {"type": "number"}
_SCALAR = {"type": ["string", "number", "boolean"]}

Word = BeforeValidator(word)
Text = Annotated[str, StringConstraints(min_length=1), BeforeValidator(written_text)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(as_list), WithJsonSchema(_one_or_more({**_TEXT, "minLength": 1}))]
Columns = Texts
Id = Annotated[
    str,
    PlainValidator(identifier),
    WithJsonSchema({"type": ["string", "integer"], "pattern": r"^\w[\w.:-]*$", "maxLength": MAX_ID}),
]
Number = Annotated[int | Decimal, PlainValidator(number), WithJsonSchema(_NUMBER)]
NotNegative = Annotated[int | Decimal, PlainValidator(not_negative), WithJsonSchema({**_NUMBER, "minimum": 0})]
Positive = Annotated[int | Decimal, PlainValidator(positive), WithJsonSchema({**_NUMBER, "exclusiveMinimum": 0})]
Percent = Annotated[int | Decimal, PlainValidator(percent), WithJsonSchema({**_NUMBER, "minimum": 0, "maximum": 100})]
Count = Annotated[int, PlainValidator(count), WithJsonSchema({"type": "integer", "minimum": 0})]
Bound = Annotated[
    int | Decimal | str, PlainValidator(bound), WithJsonSchema({"type": ["number", "string"], "minLength": 1})
]
Scalar = Annotated[bool | int | Decimal | str, PlainValidator(scalar), WithJsonSchema(_SCALAR)]
Scalars = Annotated[tuple[Scalar, ...], BeforeValidator(as_list), WithJsonSchema(_one_or_more(_SCALAR))]
Since = Annotated[
    str,
    PlainValidator(since),
    WithJsonSchema({"type": "string", "pattern": r"^(last_success|\s*\d{1,6}\s*[A-Za-z]+\s*)$"}),
]
Zone = Annotated[str, PlainValidator(zone), WithJsonSchema({"type": "string", "pattern": f"^{_ZONE.pattern}$"})]
Flags = Annotated[
    str,
    PlainValidator(regex_flags),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": "^[ims]+$"},
                {"type": "array", "items": {"enum": ["i", "m", "s"]}, "minItems": 1},
            ]
        }
    ),
]
