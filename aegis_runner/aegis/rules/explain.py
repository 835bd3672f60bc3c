"""What pydantic found wrong with a rule's values, in words: what was given, what is accepted, the nearest spelling."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from aegis.errors import Problem
from aegis.rules.common import ROW_CHECKS
from aegis.rules.spell import did_you_mean, listed, shown

if TYPE_CHECKING:
    from pydantic import ValidationError

    from aegis.rules.model import Rule

_WORDS = {
    "string_type": "text",
    "string_too_short": "text that is not empty",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}
_QUOTED = re.compile(r"'([^']*)'")
_LED_BY_FIELD = re.compile(r"([a-z_]+): (.*)", re.DOTALL)


def problems_of(cls: type[Rule], values: Mapping[str, Any], error: ValidationError) -> list[Problem]:
    """One problem per thing that is wrong; `Problem.field` is the dotted path within ``values``."""
    file, line, rule_id = _place(cls, values)
    found = []
    for entry in error.errors(include_url=False):
        location = tuple(str(part) for part in entry["loc"])
        field, message = _MESSAGES.get(entry["type"], _other)(cls, location, entry)
        found.append(Problem(file, line, rule_id, field, message))
    return found


def unnamed_values(cls: type[Rule]) -> Problem:
    """Values without names: their order would be one more thing to know."""
    needed = [name for name, one in cls.model_fields.items() if one.is_required() and name != "table"]
    shown = ", ".join(f"{name}=…" for name in ("table", *needed))
    return Problem(cls.__name__, None, None, None, f"takes its values by name: {cls.__name__}({shown})")


def text_flaws(cls: type[Rule], values: Mapping[str, Any]) -> list[Problem]:
    """Text that no database and no file of ours can hold: NUL characters and lone surrogates."""
    file, line, rule_id = _place(cls, values)
    return [
        Problem(file, line, rule_id, field, message)
        for field, text in _texts(values, ())
        if (message := text_flaw(text)) is not None
    ]


def text_flaw(text: str) -> str | None:
    if "\0" in text:
        return f"{shown(text)} holds a NUL character, which databases cannot store and Aegis refuses"
    if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        return f"{shown(text)} holds half a surrogate pair, which is not a character"
    return None


def unknown_field(cls: type[Rule], name: str) -> str:
    """``unknown field 'min_valu'; did you mean 'min_value'?  (between takes: column, min_value, …)``."""
    takes = cls.takes()
    if name in _all_parameters():
        return f"{cls.type} does not take '{name}'  ({cls.type} takes: {listed(takes, most=12)})"
    other = _ELSEWHERE.get(name.lower())
    near = f"; did you mean '{other}'?" if other in takes else did_you_mean(name, takes)
    return f"unknown field {shown(name)}{near}  ({cls.type} takes: {listed(takes, most=12)})"


# What other tools, and files that were made up from memory, call a parameter.
_ELSEWHERE = {
    **dict.fromkeys(("min", "minimum", "min_rows", "min_count", "lower_bound"), "min_value"),
    **dict.fromkeys(("max", "maximum", "max_rows", "max_count", "upper_bound"), "max_value"),
    **dict.fromkeys(("regex", "regexp", "format"), "pattern"),
    **dict.fromkeys(("allowed", "allowed_values", "value_set", "valid_values", "forbidden_values"), "values"),
    **dict.fromkeys(("to", "ref_table", "parent_table", "references"), "reference_table"),
    **dict.fromkeys(("field", "ref_column", "parent_column"), "reference_column"),
    **dict.fromkeys(("sql", "statement"), "query"),
    **dict.fromkeys(("when", "if"), "condition"),
    **dict.fromkeys(("max_age", "max_age_hours", "hours", "percentage", "max_pct"), "threshold"),
    **dict.fromkeys(("end_column", "second_column", "other_column"), "column_b"),
    **dict.fromkeys(("filter", "row_condition"), "where"),
}


def not_accepted(given: object, accepted: str, near: str = "") -> str:
    """``'hgh' is not accepted; did you mean 'high'?  (accepted: critical, high, …)``."""
    return f"{shown(given)} is not accepted{near}  (accepted: {accepted})"


def _all_parameters() -> frozenset[str]:
    from aegis.rules.declared import all_parameters

    return ROW_CHECKS.union(all_parameters())


def _place(cls: type[Rule], values: Mapping[str, Any]) -> tuple[str, int | None, str | None]:
    source, rule_id = values.get("source"), values.get("id")
    file, line = (source.file, source.line) if source is not None else (cls.__name__, None)
    return file, line, rule_id if isinstance(rule_id, str) and rule_id.isprintable() else None


def _texts(value: object, path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield ".".join(path), value
    elif isinstance(value, Mapping):
        for key, entry in value.items():
            yield from _texts(entry, (*path, str(key)))
    elif type(value) in (list, tuple):
        for index, entry in enumerate(value):  # type: ignore[arg-type]  # the line above says what it is
            yield from _texts(entry, (*path, str(index)))


_Explained = tuple[str | None, str]


def _missing(cls: type[Rule], location: tuple[str, ...], entry: Any) -> _Explained:
    del entry
    return ".".join(location), f"'{location[-1]}' is missing  ({cls.type} takes: {listed(cls.takes(), most=12)})"


def _extra(cls: type[Rule], location: tuple[str, ...], entry: Any) -> _Explained:
    del entry
    if len(location) == 1:
        return location[0], unknown_field(cls, location[0])
    accepted = _nested_fields(cls, location[:-1])
    word = location[-1]
    near = did_you_mean(word, accepted)
    return ".".join(location), f"unknown field {shown(word)}{near}  (accepted: {listed(accepted)})"


def _choice(cls: type[Rule], location: tuple[str, ...], entry: Any) -> _Explained:
    del cls
    accepted = _QUOTED.findall(entry["ctx"]["expected"])
    given = entry["input"]
    near = did_you_mean(given, accepted) if isinstance(given, str) else ""
    return ".".join(location), not_accepted(given, listed(accepted), near)


def _value(cls: type[Rule], location: tuple[str, ...], entry: Any) -> _Explained:
    message = str(entry["ctx"]["error"])
    if location:
        return ".".join(location), not_accepted(entry["input"], message)
    led = _LED_BY_FIELD.fullmatch(message)
    if led is None:
        return None, message
    field, text = led.groups()
    if text.startswith(f"{cls.type} does not take"):
        return field, unknown_field(cls, field)
    return field, text


def _other(cls: type[Rule], location: tuple[str, ...], entry: Any) -> _Explained:
    del cls
    words = _WORDS[entry["type"]] if entry["type"] in _WORDS else entry["msg"]
    return ".".join(location) or None, not_accepted(entry["input"], words)


_MESSAGES: dict[str, Callable[[type[Rule], tuple[str, ...], Any], _Explained]] = {
    "missing": _missing,
    "extra_forbidden": _extra,
    "enum": _choice,
    "literal_error": _choice,
    "value_error": _value,
}


def _nested_fields(cls: type[Rule], path: tuple[str, ...]) -> list[str]:
    from pydantic import BaseModel

    model: type[BaseModel] = cls
    for part in path:
        annotation = model.model_fields[part].annotation
        choices = [annotation, *getattr(annotation, "__args__", ())]
        model = next(choice for choice in choices if isinstance(choice, type) and issubclass(choice, BaseModel))
    return list(model.model_fields)
