"""What an argument of somebody else's test means among the parameters of a rule type."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

Parameters = dict[str, Any]


class NotUnderstoodError(Exception):
    """An argument whose value no rule type takes."""


Converter = Callable[[Any, Mapping[str, Any]], Parameters]
"""From an argument's value, and all arguments of the test, to parameters. Raises NotUnderstoodError."""


def as_(*ours: str) -> Converter:
    """The same under our names."""
    return lambda value, _: dict.fromkeys(ours, exact(value))


def exact(value: Any) -> Any:
    """A number as the macros want it: no float bends it on its way."""
    if isinstance(value, float):
        return {"decimal": repr(value)}
    return [exact(one) for one in value] if isinstance(value, list) else value


def only(taken: Hashable) -> Converter:
    """An argument with the one value that changes nothing."""

    def convert(value: Any, _: Mapping[str, Any]) -> Parameters:
        if type(value) is not type(taken) or value != taken:
            raise NotUnderstoodError
        return {}

    return convert


def each(_value: Any, _: Mapping[str, Any]) -> Parameters:
    """An argument that changes nothing by itself, whatever its value."""
    return {}


def switch(ours: str) -> Converter:
    """Ours, where it is on."""
    return lambda value, _: {ours: True} if _truth(value) else {}


def opposite(ours: str) -> Converter:
    """Ours, where theirs is off."""
    return lambda value, _: {} if _truth(value) else {ours: True}


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise NotUnderstoodError
    return value


def names(value: Any, _: Mapping[str, Any]) -> Parameters:
    """Columns, as a list of texts."""
    return {"columns": _texts(value)}


def _texts(value: Any) -> list[str]:
    if not isinstance(value, list) or not value or not all(isinstance(one, str) for one in value):
        raise NotUnderstoodError
    return list(value)


def where(value: Any, _: Mapping[str, Any]) -> Parameters:
    """A condition on the rows that are tested; ``1=1`` is none."""
    return {} if _text(value).replace(" ", "") == "1=1" else {"where": value}


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise NotUnderstoodError
    return value


def expression(template: str) -> Converter:
    """An expression that holds for each row, from a template with arguments in braces; a missing column is left out."""

    def convert(_value: Any, given: Mapping[str, Any]) -> Parameters:
        filled = template.format_map({"column_name": "", **{name: _plain(value) for name, value in given.items()}})
        return {"expression": filled.strip()}

    return convert


def compound(operators: Mapping[bool, str]) -> Converter:
    """``column_A`` beside ``column_B``, with the operator that the argument chooses."""

    def convert(value: Any, given: Mapping[str, Any]) -> Parameters:
        return {"expression": f"{_text(given['column_A'])} {operators[_truth(value)]} {_text(given['column_B'])}"}

    return convert


def _plain(value: Any) -> str:
    return str(value) if isinstance(value, str | int | float) else ""


def found_blank(trims: Any, given: Mapping[str, Any]) -> Parameters:
    """dbt_utils finds no fault in NULL, and trims blanks alone: only what it finds is looked at."""
    column = _text(given.get("column_name"))
    return {"where": f"trim({column}) = ''" if _truth(trims) else f"{column} = ''"}


def ignored(value: Any, given: Mapping[str, Any]) -> Parameters:
    """Rows in which all columns, or any of them, are NULL are not looked at."""
    word = {"all_values_are_missing": " and ", "any_value_is_missing": " or "}.get(_text(value))
    if word is None:
        raise NotUnderstoodError
    return {"where": f"not ({word.join(f'{column} is null' for column in _texts(given.get('column_list')))})"}


def limit(ours: str) -> Converter:
    """One end of a range. These tests paste it into their SQL as it is: a number, or a text between its quotes, is a
    value; anything else is SQL."""
    return lambda value, _: {ours: exact(bare_value(value))}


def listed(theirs: str, quoted: str) -> Converter:
    """The values of a list, as the test writes them into its SQL: texts, unless ``quoted`` says that they stand bare.

    A text in quotes has its quotes doubled by whoever wrote it, since the test does not.
    """

    def convert(_value: Any, given: Mapping[str, Any]) -> Parameters:
        values = given.get(theirs)
        if not isinstance(values, list) or not values:
            raise NotUnderstoodError
        return {"values": [exact(one) for one in values_of(values, _truth(given.get(quoted, True)))]}

    return convert


def values_of(values: list[Any], quoted: bool) -> list[Any]:
    """What stands in such a list: texts, or bare numbers, true and false, and literals of texts.

    Raises:
        NotUnderstoodError: One is an expression, or no single value.
    """
    if not all(one is None or isinstance(one, str | int | float) for one in values):
        raise NotUnderstoodError
    if quoted:
        return list(dict.fromkeys(str(one).replace("''", "'") for one in values))
    return [bare_value(one) for one in values]


_LITERAL = re.compile(r"(?:date |timestamp )?'((?:[^']|'')*)'(?:::(?:date|timestamp|text|varchar))?", re.IGNORECASE)
_CAST = re.compile(r"cast\(\s*('(?:[^']|'')*')\s+as\s+(?:date|timestamp|text|varchar|string)\s*\)", re.IGNORECASE)


def bare_value(value: Any) -> Any:
    """The value of a piece of SQL that is a literal.

    Raises:
        NotUnderstoodError: It is anything else.
    """
    if isinstance(value, bool | int | float):
        return value
    text = _text(value).strip()
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    inner = _CAST.fullmatch(text)
    literal = _LITERAL.fullmatch(inner[1] if inner else text)
    if literal is not None:
        return literal[1].replace("''", "'")
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise NotUnderstoodError from None
    if not number.is_finite() or "_" in text:
        raise NotUnderstoodError
    return int(number) if number == number.to_integral_value() and abs(number) < 10**18 else {"decimal": f"{number:f}"}


def proportion(value: Any, _: Mapping[str, Any]) -> Parameters:
    """At least this share of the rows (0 to 1), as what is tolerated of the others, in percent."""
    share = bare_value(value)
    if isinstance(share, Mapping):
        share = share["decimal"]
    if isinstance(share, bool) or not 0 <= Decimal(str(share)) <= 1:
        raise NotUnderstoodError
    tolerated = 100 * (1 - Decimal(str(share)))
    return {"max_failed_pct": {"decimal": f"{tolerated:f}"}}


def span(value: Any, given: Mapping[str, Any]) -> Parameters:
    """A number of ``datepart``s, the number being ``interval``."""
    count, unit = given.get("interval"), {"minute": "minutes", "hour": "hours", "day": "days"}.get(_text(value))
    if unit is None or isinstance(count, bool) or not isinstance(count, int) or count <= 0:
        raise NotUnderstoodError
    return {"threshold": count, "unit": unit}


RANGE: Mapping[str, Converter] = {"min_value": limit("min_value"), "max_value": limit("max_value")}
ROWS: Mapping[str, Converter] = {"row_condition": where}
REFERENCE: Mapping[str, Converter] = {"to": as_("to"), "field": as_("field")}
