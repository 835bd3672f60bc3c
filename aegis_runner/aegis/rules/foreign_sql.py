"""What somebody else's test asks as SQL, where no rule type has the values to say it.

A *condition* holds for each row that passes; it is NULL, or true, where the test finds no fault. A *query* gives what
the test gives: one row for each of its failures. Both paste arguments as the tests do: what stands there is SQL.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aegis.rules.foreign_arguments import NotUnderstoodError

Given = Mapping[str, Any]
Condition = Callable[[Given], str]
"""From all arguments of a test. Raises NotUnderstoodError."""
Query = Callable[[Given, str, str], str]
"""From all arguments, the rows that are tested (what FROM takes), and the table that is referred to."""


def condition(template: str, *optional: str) -> Condition:
    """From a template with the arguments in braces; those named ``optional`` may be there too, and change nothing."""
    return lambda given: _filled(template, given, optional)


def in_list(theirs: str, quoted: str, *, negated: bool = False) -> Condition:
    """The value is one of the list, or none of it."""

    def holds(given: Given) -> str:
        _only(given, "column_name", theirs, quoted)
        return f"{_text(given, 'column_name')} {'not in' if negated else 'in'} ({_list(given, theirs, quoted)})"

    return holds


def in_range(
    value: str = "{column_name}", inclusive: str | None = "inclusive", strictly: str | None = None
) -> Condition:
    """The value (a template) lies between the limits, whatever SQL they are."""

    def holds(given: Given) -> str:
        _only(given, "column_name", "min_value", "max_value", *filter(None, (inclusive, strictly)))
        equal = given.get(inclusive, True) if inclusive else not given.get(strictly or "", False)
        what = _filled(value, {"column_name": given.get("column_name")})
        limits = [
            f"{what} {sign}{'=' if equal else ''} {_scalar(given[name])}"
            for name, sign in (("min_value", ">"), ("max_value", "<"))
            if given.get(name) is not None
        ]
        if not limits:
            raise NotUnderstoodError
        return " and ".join(limits)

    return holds


def each_value_once(given: Given, rows: str, _to: str) -> str:
    """Values that occur more than once; NULL is not a value."""
    _only(given, "column_name")
    value = _text(given, "column_name")
    return (
        f"select {value} as found, count(*) as n_records from {rows} where {value} is not null "
        f"group by {value} having count(*) > 1"
    )


def each_combination_once(theirs: str, *optional: str) -> Query:
    """Combinations that occur more than once."""

    def query(given: Given, rows: str, _to: str) -> str:
        _only(given, theirs, *optional)
        names = given.get(theirs)
        if not isinstance(names, list) or not names:
            raise NotUnderstoodError
        columns = ", ".join(map(str, names))
        return f"select {columns}, count(*) as n_records from {rows} group by {columns} having count(*) > 1"

    return query


def values_outside(holds: Condition) -> Query:
    """The distinct values for which a condition does not hold."""

    def query(given: Given, rows: str, _to: str) -> str:
        value = _text(given, "column_name")
        return f"select {value} as found, count(*) as n_records from {rows} where not ({holds(given)}) group by {value}"

    return query


def without_reference(given: Given, rows: str, to: str) -> str:
    """Values that the other table does not have; NULL is not a value."""
    _only(given, "column_name", "to", "field")
    value, field = _text(given, "column_name"), _text(given, "field")
    return (
        f"select child.found from (select {value} as found from {rows} where {value} is not null) as child "
        f"left join (select {field} as known from {to}) as parent on child.found = parent.known "
        "where parent.known is null"
    )


def of_all_rows(value: str, holds: Condition) -> Query:
    """One row unless a condition holds for an aggregate; ``value`` is the aggregate as a template."""

    def query(given: Given, rows: str, _to: str) -> str:
        measured = _filled(value, {"column_name": given.get("column_name")})
        return f"select {measured} as found from {rows} having not ({holds(given)})"

    return query


def _filled(template: str, given: Given, optional: tuple[str, ...] = ()) -> str:
    used = {name for name in given if f"{{{name}}}" in template}
    _only(given, *used, *optional)
    try:
        return template.format_map({name: _scalar(given[name]) for name in used})
    except KeyError:
        raise NotUnderstoodError from None


def _only(given: Given, *names: str) -> None:
    """What is not named may change what is asked."""
    if given.keys() - {"model", *names}:
        raise NotUnderstoodError


def _list(given: Given, theirs: str, quoted: str) -> str:
    values = given.get(theirs)
    if not isinstance(values, list) or not values:
        raise NotUnderstoodError
    if not given.get(quoted, True):
        return ", ".join(map(_scalar, values))
    return ", ".join(f"'{'None' if value is None else _scalar(value)}'" for value in values)


def _text(given: Given, name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str):
        raise NotUnderstoodError
    return value


def _scalar(value: Any) -> str:
    if not isinstance(value, str | int | float):
        raise NotUnderstoodError
    return str(value)
