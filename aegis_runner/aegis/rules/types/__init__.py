"""One class per rule type, one module per family; importing this package declares them all."""

from __future__ import annotations

from aegis.rules.types import completeness, consistency, distribution, timeliness, uniqueness, validity, volume

__all__ = ["completeness", "consistency", "distribution", "timeliness", "uniqueness", "validity", "volume"]
