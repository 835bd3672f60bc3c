"""Words that an option of a run may be, in the order of help."""

from __future__ import annotations

from typing import Literal, TypeAlias

Depth: TypeAlias = Literal["results", "evidence", "causes"]
"""How far to look: at results, at evidence, or for causes and fixes."""
PrivacyMode: TypeAlias = Literal["strict", "samples", "off"]
"""How much of the data may be shown."""
History: TypeAlias = Literal["audit", "warehouse", "auto"]
"""Where the past of rules is read: the audit trail, the package's table in the warehouse, or that table where the trail
has no run of this project and target."""
Layout: TypeAlias = Literal["suite", "rule"]
"""One dbt test per table, or one per rule."""
NotifyOn: TypeAlias = Literal["failures", "change", "all"]
"""Which runs send a message: those with something that failed, those that differ from the last one, or every one."""
