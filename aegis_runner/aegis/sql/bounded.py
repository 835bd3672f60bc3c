"""Does a condition leave rows out? As far as its text can tell.

The condition is read as a formula over terms (a column, an expression of one, a pair of things compared), and tried on
every kind of value that its literals tell apart: NULL, each literal, what lies between them, below and above. What is
true of all of them bounds nothing. A part that names no column of the changed table is taken for true: ``1 = 1`` is,
and of a subquery nobody knows. Also refused is what holds of every value but NULL (``x = x``, ``x > 0 or x <= 0``),
unless it asks for no more than that (``x is not null``).

The meaning of functions is not looked into: ``x + 0 = x`` passes here; the trial on a copy sees what it changes.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from aegis.errors import RefusedError
from aegis.sql.terms import Belongs, columns_outside, is_whole_table, literal, only_result, text_of

if TYPE_CHECKING:
    from sqlglot import exp

_MOST_TRIED = 20_000
_MOST_CONSTANTS = 8

Values = Mapping[str, Any]
Truth = Callable[[Values], bool | None]

_COMPARED: dict[str, Callable[[int], bool]] = {
    "EQ": lambda order: order == 0,
    "NEQ": lambda order: order != 0,
    "LT": lambda order: order < 0,
    "LTE": lambda order: order <= 0,
    "GT": lambda order: order > 0,
    "GTE": lambda order: order >= 0,
}
_SAME = {"NullSafeEQ": True, "NullSafeNEQ": False}
_NEVER_NEGATIVE = frozenset({"Length", "Abs", "Count", "ByteLength", "BitLength", "ArraySize"})
_ANYTHING = frozenset({"", "%", "%%", ".*", ".*?", "^", "$", "^.*$", "^.*", ".*$"})


def check_bounded(condition: exp.Expr, belongs: Belongs, *, what: str, table: str | None = None) -> None:
    """Refuses a condition that leaves no row out.

    Args:
        condition: The tree.
        belongs: Whether a column is one of the rows that are to be bounded.
        what: The statement, for the message.
        table: The one table whose columns those are, so that its name before them changes nothing; None of several.

    Raises:
        RefusedError: It bounds nothing, as far as can be seen.
    """
    reader = _Reader(belongs, table)
    truth = reader.formula(condition)
    hint = "Say which rows are wrong by their own columns, as in WHERE status = 'Shiped'."
    if not reader.terms:
        raise RefusedError(f"has a condition that names no column of the rows it is about; {what} needs one", hint=hint)
    if len(reader.constants) > _MOST_CONSTANTS:
        raise RefusedError("has too many conditions that name no column of the table", hint=hint)
    try:
        tried = list(reader.assignments(_MOST_TRIED >> len(reader.constants)))
    except ArithmeticError as error:
        raise RefusedError("compares with a number that is too large or too small to be read", hint=hint) from error
    for constants in itertools.product((True, False), repeat=len(reader.constants)):
        fixed = dict(zip(reader.constants, constants, strict=True))
        everywhere = unless_null = True
        for values in tried:
            if truth({**fixed, **values}) is not True:
                everywhere, unless_null = False, unless_null and None in values.values()
            if not unless_null:
                break
        if everywhere or (unless_null and not reader.asks_for_null_only):
            raise RefusedError(f"has a condition that holds for every row; {what} needs one that leaves some out",
                               hint=hint)  # fmt: skip


@dataclass(slots=True)
class _Term:
    """Something whose value decides: with literals to compare it with, or by itself true or false."""

    literals: set[Any] = field(default_factory=set)
    outcomes: tuple[Any, ...] | None = None
    least: Decimal | None = None

    def values(self) -> list[Any]:
        if self.outcomes is not None:
            return list(self.outcomes)
        known = sorted(self.literals)
        if known and isinstance(known[0], str):
            return [None, "", *known, *(f"{one}\x00" for one in known), known[-1] + "\U0010ffff"]
        middle = [(one + other) / 2 for one, other in itertools.pairwise(known)]
        found = [*known, *middle, *([known[0] - 1, known[-1] + 1] if known else [Decimal(0)])]
        return [None, *(one for one in found if self.least is None or one >= self.least)]


class _Reader:
    def __init__(self, belongs: Belongs, table: str | None) -> None:
        self._belongs = belongs
        self._table = table
        self.terms: dict[str, _Term] = {}
        self.constants: list[str] = []
        self.asks_for_null_only = True

    def _key(self, node: exp.Expr) -> str:
        return text_of(node, self._belongs if self._table else None)

    def assignments(self, most: int) -> Iterator[dict[str, Any]]:
        """Every combination of values; where there are more than ``most``, a sample (always the same one)."""
        names, choices = list(self.terms), [term.values() for term in self.terms.values()]
        total = 1
        for values in choices:
            total *= len(values)
        if total <= most:
            return (dict(zip(names, one, strict=True)) for one in itertools.product(*choices))
        chance = random.Random(total)
        return (dict(zip(names, map(chance.choice, choices), strict=True)) for _ in range(most))

    def formula(self, node: exp.Expr) -> Truth:
        from sqlglot import exp

        if isinstance(node, exp.Paren):
            return self.formula(node.this)
        if isinstance(node, exp.Not):
            inner = self.formula(node.this)
            return lambda values: _not(inner(values))
        if isinstance(node, exp.And | exp.Or):
            parts = [self.formula(part) for part in node.flatten()]
            join = _all if isinstance(node, exp.And) else _any
            return lambda values: join([part(values) for part in parts])
        if isinstance(node, exp.Case) and (one := only_result(node)) is not None:
            return self.formula(one)
        if not self._names_a_column(node):
            return self._constant(node)
        read = _ATOMS.get(type(node).__name__)
        if not isinstance(node, exp.Is):
            self.asks_for_null_only = False
        return (read(self, node) if read is not None else None) or self._by_itself(node)

    def _constant(self, node: exp.Expr) -> Truth:
        key = f"constant {self._key(node)}"
        if key not in self.constants:
            self.constants.append(key)
        return lambda values: values[key]

    def _by_itself(self, node: exp.Expr) -> Truth:
        key = f"truth of {self._key(node)}"
        self.terms.setdefault(key, _Term(outcomes=(None, True, False)))
        return lambda values: values[key]

    def _names_a_column(self, node: exp.Expr) -> bool:
        return not is_whole_table(node, self._table) and any(self._belongs(column) for column in columns_outside(node))

    def compared(self, node: exp.Expr) -> Truth | None:
        test = _COMPARED[type(node).__name__]
        return self._order(node.this, node.expression, test)

    def _order(self, left: exp.Expr, right: exp.Expr, test: Callable[[int], bool]) -> Truth:
        one, other = literal(left), literal(right)
        if one is not None and other is None:
            return self._order(right, left, lambda order: test(-order))
        if other is not None:
            return self._against(left, other, test)
        if self._key(left) == self._key(right):
            self.terms.setdefault(self._key(left), _Term())
            return lambda values: None if values[self._key(left)] is None else test(0)
        swapped = self._key(left) > self._key(right)
        first, second = (right, left) if swapped else (left, right)
        key = f"{self._key(first)} against {self._key(second)}"
        self.terms.setdefault(key, _Term(outcomes=(None, -1, 0, 1)))

        def truth(values: Values) -> bool | None:
            order = values[key]
            return None if order is None else test(-order if swapped else order)

        return truth

    def _against(self, side: exp.Expr, value: Any, test: Callable[[int], bool]) -> Truth:
        """Terms are apart by the type of the literal, since a database would convert one of the two."""
        bare = side.unnest()
        key = f"{self._key(bare)} as {type(value).__name__}"
        term = self.terms.setdefault(key, _Term())
        if isinstance(value, bool):
            term.outcomes = (None, True, False)
        term.literals.add(value)
        if type(bare).__name__ in _NEVER_NEGATIVE:
            term.least = Decimal(0)

        def truth(values: Values) -> bool | None:
            found = values[key]
            return None if found is None else test((found > value) - (found < value))

        return truth

    def same(self, node: exp.Expr) -> Truth | None:
        wanted = _SAME[type(node).__name__]
        equal = self._order(node.this, node.expression, lambda order: order == 0)
        if self._key(node.this) == self._key(node.expression):
            return lambda values: wanted
        return lambda values: (equal(values) is True) is wanted

    def is_(self, node: exp.Expr) -> Truth | None:
        from sqlglot import exp

        if isinstance(node.expression, exp.Boolean):
            wanted = bool(node.expression.this)
            inner = self.formula(node.this)
            return lambda values: inner(values) is wanted
        if not isinstance(node.expression, exp.Null):
            return None
        term = self._key(node.this.unnest())

        def null(values: Values) -> bool:
            # The term may be known by several types of literals: it is NULL where any of these is.
            keys = [key for key in values if key == term or key.startswith(f"{term} as ")]
            return any(values[key] is None for key in keys)

        self.terms.setdefault(term, _Term(outcomes=(None, Decimal(0))))
        return null

    def between(self, node: exp.Expr) -> Truth | None:
        low = self._order(node.this, node.args["low"], lambda order: order >= 0)
        high = self._order(node.this, node.args["high"], lambda order: order <= 0)
        return lambda values: _all([low(values), high(values)])

    def in_(self, node: exp.Expr) -> Truth | None:
        if not node.expressions or node.args.get("query"):
            return None
        parts = [self._order(node.this, one, lambda order: order == 0) for one in node.expressions]
        return lambda values: _any([part(values) for part in parts])

    def like(self, node: exp.Expr) -> Truth | None:
        if literal(node.expression) not in _ANYTHING:
            return None
        return self._order(node.this, node.this, lambda order: True)


_ATOMS: dict[str, Callable[[_Reader, Any], Truth | None]] = {
    **dict.fromkeys(_COMPARED, _Reader.compared),
    **dict.fromkeys(_SAME, _Reader.same),
    **dict.fromkeys(("Like", "ILike", "SimilarTo", "RegexpLike", "RegexpILike"), _Reader.like),
    "Is": _Reader.is_,
    "Between": _Reader.between,
    "In": _Reader.in_,
}


def _not(value: bool | None) -> bool | None:
    return None if value is None else not value


def _all(values: Sequence[bool | None]) -> bool | None:
    return False if False in values else None if None in values else True


def _any(values: Sequence[bool | None]) -> bool | None:
    return True if True in values else None if None in values else False
