"""Numbers that remember how they were written, where it is not how Aegis would write them.

``pattern: .5`` is a text of two characters and ``threshold: .5`` a number: the field decides, so the reader keeps both.
"""

from __future__ import annotations

import re
from decimal import Decimal

# Between hexadecimal or octal numbers, powers of ten and codes such as 1E2 nobody can tell where either may stand.
_DOUBTFUL = re.compile(r"0[xo].*|[^eE]*[0-9.][eE].*")
# With a point and a signed power it is a number to every reader of YAML, and no code: 1.0e+3.
_SCIENTIFIC = re.compile(r"[-+]?[0-9]*\.[0-9]*[eE][-+][0-9]+")


class WrittenInt(int):
    """A whole number such as ``+1`` or ``0x1F``."""

    written: str

    def __repr__(self) -> str:
        return self.written

    __str__ = __repr__


class WrittenDecimal(Decimal):
    """A number such as ``.5``, ``1.``, ``1E2`` or ``.inf``."""

    written: str

    def __repr__(self) -> str:
        return self.written

    __str__ = __repr__


Written = WrittenInt | WrittenDecimal


def as_written(number: int | Decimal, text: str) -> int | Decimal:
    """The number, with its text where that is another than its own."""
    if str(number) == text:
        return number
    found: Written = WrittenInt(number) if isinstance(number, int) else WrittenDecimal(number)
    found.written = text
    return found


def plain_number(value: int | Decimal) -> int | Decimal:
    """The number alone."""
    if isinstance(value, WrittenInt):
        return int(value)
    return Decimal(value) if isinstance(value, WrittenDecimal) else value


def doubt(value: object) -> str | None:
    """What to write instead where a number and a text could both be meant; None where there is no doubt."""
    if not isinstance(value, Written) or _SCIENTIFIC.fullmatch(value.written):
        return None
    if not _DOUBTFUL.fullmatch(value.written):
        return None
    number = plain_number(value)
    told = f"{number:f}" if isinstance(number, Decimal) and abs(number.adjusted()) < 40 else str(number)
    return f"{told} for the number, '{value.written}' in quotes for the text"
