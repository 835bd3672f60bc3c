"""One class per rule type, one module per family. A family is imported when one of its types is asked for: the classes
of all of them cost a small run a tenth of its time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from aegis.rules.types.names import FAMILIES

if TYPE_CHECKING:
    from aegis.rules.model import Rule

_FAMILY_OF = {name: family for family, types in FAMILIES.items() for name in types}


class Types(Mapping[str, "type[Rule]"]):
    """Rule types by name: ours, and what else was declared in ``declared``."""

    def __init__(self, declared: Mapping[str, type[Rule]]) -> None:
        self._declared = declared

    def __getitem__(self, name: str) -> type[Rule]:
        if name in _FAMILY_OF:
            import_module(f"{__name__}.{_FAMILY_OF[name]}")
        return self._declared[name]

    def __contains__(self, name: object) -> bool:
        return name in _FAMILY_OF or name in self._declared

    def __iter__(self) -> Iterator[str]:
        return iter({**_FAMILY_OF, **self._declared})

    def __len__(self) -> int:
        return len({**_FAMILY_OF, **self._declared})
