"""What an argument of somebody else's test means among the parameters of a rule type."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
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


RANGE: Mapping[str, Converter] = {"min_value": as_("min_value"), "max_value": as_("max_value")}
ROWS: Mapping[str, Converter] = {"row_condition": where}
REFERENCE: Mapping[str, Converter] = {"to": as_("to"), "field": as_("field")}
