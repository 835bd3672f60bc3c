"""What is odd about the times of a table: two that changed places, some that are out of the order of the rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations

from aegis.investigate.localise.odd_values import median, swapped
from aegis.investigate.localise.top import Suspicion, Top

_NEAR = 20
"""So many rows before and behind a row say what its time should be like."""
_STEPS = 5
"""A time is out of order from so many times the ordinary step between two rows on."""
_HOUR, _DAY = 3600, 86400


def swapped_times(top: Top) -> Iterator[Suspicion]:
    """Times that are later than others which come behind them in nearly all rows."""
    pairs = permutations(top.times, 2)
    odd = {(one, other): f"{top.quoted(one)} > {top.quoted(other)}" for one, other in pairs}
    for (one, other), rows in top.rare(odd):
        yield Suspicion(top.node, f"{one} and {other} swapped", rows, one, swapped(top, one, other, odd[one, other]))


@dataclass(frozen=True, slots=True)
class _Way:
    """Times that are too early, or too late, beside those of the rows before, or behind."""

    best: str
    rows: str
    odd: str


_WAYS = (
    _Way("max", "preceding", "{time} < {near} - {step}"),
    _Way("min", "following", "{time} > {near} + {step}"),
)


def times_out_of_order(top: Top) -> Iterator[Suspicion]:
    """Times of a table whose rows have a number in the order of time: those out of the order of the rows are moved by
    what they are wrong by, or have the time of their neighbours in their place."""
    key = top.key
    if key is None or not top.types[key].startswith(("int", "bigint", "hugeint")):
        return
    columns = [*top.times, *(top.texts if top.dialect == "duckdb" else ())]
    found = []
    for way in _WAYS:
        rows = _beside_neighbours(top, key, columns, way)
        few = dict(top.rare({name: top.quoted(f"aegis odd {name}") for name in columns}, rows))
        if few:
            found.append((sum(few.values()), way, rows, few))
    for _, way, rows, few in sorted(found, key=lambda one: one[0])[:1]:
        what = f"{' and '.join(few)} out of the order of {key}"
        for put in ({name: _moved(top, name, rows, way) for name in few}, {name: _near(top, name) for name in few}):
            if all(put.values()):
                whole = {name: _where_odd(top, name, value or "") for name, value in put.items()}
                yield Suspicion(top.node, what, max(few.values()), next(iter(few)), top.with_values(whole, rows))


def _where_odd(top: Top, name: str, value: str) -> str:
    return f"case when {top.quoted(f'aegis odd {name}')} then {value} else {top.quoted(name)} end"


def _near(top: Top, name: str) -> str:
    return top.quoted(f"aegis near {name}")


def _moved(top: Top, name: str, rows: str, way: _Way) -> str | None:
    """The time moved by as many whole days, or hours, as times are out of order by for the most part; None where they
    are by less."""
    odd, time, best = (top.quoted(f"aegis {what} {name}") for what in ("odd", "time", "best"))
    middle = median(top.dialect, f"abs({best} - {time})")
    found = top.counts([f"floor({middle})"], f"select * from ({rows}) as every_row where {odd}")
    unit = _DAY if found and found[1] >= _DAY // 2 else _HOUR
    by = round(found[1] / unit) * unit if found else 0
    if not by:
        return None
    sign = "+" if way.rows == "preceding" else "-"
    if name in top.times:
        return f"{top.quoted(name)} {sign} interval '{by} seconds'"
    text, moved = top.quoted(name), f"try_cast({top.quoted(name)} as timestamp) {sign} interval '{by} seconds'"
    # A text keeps its form: its day and its hour are put in, as ISO 8601 has them.
    hour = f"substr({text}, 11, 1) || strftime({moved}, '%H') || substr({text}, 14)"
    return f"strftime({moved}, '%Y-%m-%d') || case when length({text}) > 12 then {hour} else substr({text}, 11) end"


def _beside_neighbours(top: Top, key: str, columns: Sequence[str], way: _Way) -> str:
    """The table with, for each column, the time of its neighbours, and whether its own is far from it."""
    times = ", ".join(f"{_seconds(top, name)} as {top.quoted(f'aegis time {name}')}" for name in columns)
    near, odd = [], []
    for name in columns:
        time, best = top.quoted(f"aegis time {name}"), top.quoted(f"aegis best {name}")
        near += [f"{way.best}({time}) over near_rows as {best}"]
        near += [f"{way.best}({top.quoted(name)}) over near_rows as {top.quoted(f'aegis near {name}')}"]
        seconds = _seconds(top, name)
        step = f"(select {_STEPS} * (max({seconds}) - min({seconds})) / count(*) from {top.here})"
        odd += [f"{way.odd.format(time=time, near=best, step=step)} as {top.quoted(f'aegis odd {name}')}"]
    some = f"{_NEAR} {way.rows} and 1 {way.rows}" if way.rows == "preceding" else f"1 {way.rows} and {_NEAR} {way.rows}"
    timed = f"select *, {times} from {top.here}"
    window = f"window near_rows as (order by {top.quoted(key)} rows between {some})"
    return (
        f"select *, {', '.join(odd)} from (select *, {', '.join(near)} from ({timed}) as timed {window}) as neighbours"
    )


def _seconds(top: Top, name: str) -> str:
    """A time as a number; NULL of a text that is none."""
    text = name not in top.times
    return f"extract(epoch from {f'try_cast({top.quoted(name)} as timestamp)' if text else top.quoted(name)})"
