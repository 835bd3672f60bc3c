"""What rules with a lower and an upper limit share."""

from decimal import Decimal

from aegis.rules.fields import is_temporal

Limit = int | Decimal | str | None


def check_range(low: Limit, high: Limit, *, strictly: bool = False) -> None:
    """At least one limit, both of one kind, in order. Text other than ISO dates has no order that we know."""
    if low is None and high is None:
        raise ValueError("min_value: give min_value, max_value or both")
    if low is None or high is None:
        return
    if isinstance(low, str) != isinstance(high, str):
        raise ValueError("max_value: min_value and max_value must both be numbers or both be text or dates")
    if isinstance(low, str) and isinstance(high, str):
        # ISO text of one shape sorts as time does; with offsets, or a date beside a timestamp, it need not.
        if not (is_temporal(low) and is_temporal(high) and len(low) == len(high) and low[10:11] == high[10:11]):
            return
        ordered = low <= high
        same = low == high
    else:
        ordered = Decimal(low) <= Decimal(high)
        same = Decimal(low) == Decimal(high)
    if not ordered or (strictly and same):
        word = "below" if strictly else "at most"
        raise ValueError(f"min_value: {low} must be {word} max_value, {high}")
