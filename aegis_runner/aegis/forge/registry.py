"""The services, each imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType

from aegis.forge.base import Forge


def _github() -> Forge:
    from aegis.forge.github import GITHUB

    return GITHUB


def _gitlab() -> Forge:
    from aegis.forge.gitlab import GITLAB

    return GITLAB


_LOADERS: MappingProxyType[str, Callable[[], Forge]] = MappingProxyType({"github": _github, "gitlab": _gitlab})

#: The names of all services.
FORGES: tuple[str, ...] = tuple(_LOADERS)


def forge(name: str) -> Forge:
    """The service called ``name``; a KeyError is a mistake of the caller, who has `FORGES`."""
    return _LOADERS[name]()
