"""The package's macros rendered outside dbt, by Jinja2 alone: for `aegis rules show --sql`, for the splitting of a
suite whose statement broke, and for tests of dialects that have no server here.

The macros that make SQL use ``return``, ``adapter.dispatch``, ``adapter.quote``, ``exceptions`` and each other, and
nothing else; this module gives them just that. Nothing is executed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, NoReturn

from aegis.dbt.package import package_folder
from aegis.errors import DbtError

if TYPE_CHECKING:
    from jinja2 import Environment

# dbt's adapters inherit dispatch from each other.
_PARENTS = {"databricks": "spark", "redshift": "postgres"}
_QUOTES = {"bigquery": "`", "spark": "`", "databricks": "`"}


@dataclass(frozen=True, slots=True)
class RenderedRelation:
    """A relation as the macros see one: its parts, and quoted as text."""

    database: str | None
    schema: str | None
    identifier: str
    text: str

    def __str__(self) -> str:
        return self.text


class _Returned(Exception):
    """What `return` does in dbt: the macro ends there, with a value."""

    def __init__(self, value: object) -> None:
        super().__init__()
        self.value = value


class _Macro:
    """A macro whose `return` gives a value, else its text."""

    def __init__(self, macro: Callable[..., Any]) -> None:
        self._macro = macro

    def __call__(self, *args: object, **kwargs: object) -> Any:
        try:
            return self._macro(*args, **kwargs)
        except _Returned as returned:
            return returned.value


class _Adapter:
    def __init__(self, dialect: str, macros: Mapping[str, _Macro]) -> None:
        self._dialect = dialect
        self._macros = macros

    def dispatch(self, name: str, _package: str) -> _Macro:
        dialect: str | None = self._dialect
        while dialect is not None:
            if f"{dialect}__{name}" in self._macros:
                return self._macros[f"{dialect}__{name}"]
            dialect = _PARENTS.get(dialect)
        return self._macros[f"default__{name}"]

    def quote(self, name: str) -> str:
        """As dbt's adapters do: what is inside is left alone."""
        mark = _QUOTES.get(self._dialect, '"')
        return f"{mark}{name}{mark}"


class MacroError(DbtError):
    """A macro refuses what it was given."""


class _Exceptions:
    @staticmethod
    def raise_compiler_error(message: str) -> NoReturn:
        raise MacroError(message)


def statement(
    dialect: str,
    relation: RenderedRelation,
    rules: Sequence[Mapping[str, Any]],
    columns: Sequence[Mapping[str, str]],
    *,
    references: Mapping[str, RenderedRelation] | None = None,
    reference_columns: Mapping[str, Sequence[Mapping[str, str]]] | None = None,
    keys: Sequence[str] = (),
) -> str:
    """The statement of a suite, as the package's macro ``statement`` makes it.

    Args:
        dialect: A dbt adapter type such as ``duckdb`` or ``bigquery``.
        relation: The table.
        rules: What `Rule.arguments` gives, for each rule.
        columns: ``{"name", "type"}`` of each column of the table.
        references: The relations that rules name beside the table, by the name they use.
        reference_columns: Their columns.
        keys: The columns by which a person finds a row.

    Raises:
        MacroError: A macro refuses, or lacks an argument.
    """
    others = references or {}
    facts: dict[str, Any] = {"": {"columns": list(columns), "rows": None}}
    for name in others:
        facts[name] = {"columns": list((reference_columns or {}).get(name, ())), "rows": None}
    macros = _macros(dialect)
    from jinja2 import TemplateError

    try:
        return str(macros["suite_statement"](relation, list(rules), dict(others), list(keys), facts, {})).strip()
    except TemplateError as error:
        raise MacroError(f"the rule's macro cannot use its arguments: {error}") from error


def macro(dialect: str, name: str) -> Callable[..., Any]:
    """One macro of the package, to be called as dbt would call it."""
    return _macros(dialect)[name]


def quoted(dialect: str, name: str) -> str:
    """An identifier as the warehouse takes it."""
    return str(macro(dialect, "quoted")(name, macro(dialect, "dialect")()))


def text_literal(dialect: str, value: str) -> str:
    """A text as the warehouse takes it."""
    return str(macro(dialect, "text_literal")(value, macro(dialect, "dialect")()))


def text_type(dialect: str) -> str:
    """The type of texts of any length."""
    return str(macro(dialect, "dialect")()["text"])


def _return(value: object = None) -> NoReturn:
    raise _Returned(value)


@cache
def _sources() -> tuple[str, ...]:
    files = sorted((package_folder() / "macros").rglob("*.sql"))
    return tuple(path.read_text(encoding="utf-8") for path in files if path.parent.name != "results")


@cache
def _environment() -> Environment:
    from jinja2 import DictLoader, nodes
    from jinja2 import Environment as Jinja
    from jinja2.ext import Extension
    from jinja2.parser import Parser

    from aegis.dbt.suites.macro_cache import macro_cache

    class TestTag(Extension):
        """dbt's ``{% test %}`` blocks are macros; outside dbt nobody calls them."""

        tags = {"test"}  # noqa: RUF012  (jinja2 reads a class attribute)

        def parse(self, parser: Parser) -> list[nodes.Node]:
            while parser.stream.current.type != "block_end":
                next(parser.stream)
            parser.parse_statements(("name:endtest",), drop_needle=True)
            return []

    files = DictLoader({str(place): source for place, source in enumerate(_sources())})
    extensions: list[str | type[Extension]] = ["jinja2.ext.do", TestTag]
    return Jinja(loader=files, bytecode_cache=macro_cache(), extensions=extensions, autoescape=False)


@cache
def _files() -> Mapping[str, int]:
    """Which of `_sources` each macro stands in."""
    return {name: place for place, source in enumerate(_sources()) for name in _MACRO.findall(source)}


_MACRO = re.compile(r"\{%-?\s*macro\s+(\w+)")


class _Macros(dict[str, _Macro]):
    """The package's macros by name; a file is compiled, or loaded as it was compiled before, when one of its macros is
    first asked for."""

    def __init__(self, dialect: str) -> None:
        super().__init__()
        self._known: dict[str, Any] = {
            "aegis": self,
            "return": _return,
            "adapter": _Adapter(dialect, self),
            "exceptions": _Exceptions,
            "fromjson": json.loads,
            "tojson": json.dumps,
        }

    def __contains__(self, name: object) -> bool:
        return name in _files()

    def __missing__(self, name: str) -> _Macro:
        module = _environment().get_template(str(_files()[name])).make_module(self._known)
        for found, macro in vars(module).items():
            if callable(macro) and not found.startswith("_"):
                self[found] = _Macro(macro)
        return self[name]


@cache
def _macros(dialect: str) -> Mapping[str, _Macro]:
    return _Macros(dialect)
