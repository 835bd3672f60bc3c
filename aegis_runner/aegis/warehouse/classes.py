"""Warehouse classes of others: which there are, by what name they are chosen, and how one is made.

A package registers a class under the entry point group ``aegis.warehouses``, by the name of the dbt adapter type that
it stands in for (which is also the scheme of its addresses), or somebody names it: ``module:Class``.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib import import_module
from typing import Any

from aegis.errors import WarehouseError
from aegis.warehouse.custom import CustomWarehouse, custom, flaws_of

GROUP = "aegis.warehouses"
_NAMED = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*")


@dataclass(frozen=True, slots=True)
class Given:
    """What a class may ask for, by naming it in its constructor. Its values are secrets: they never appear in a repr.

    Attributes:
        settings: The fields of the dbt profile's target, variables resolved; empty without a project.
        url: The address that was given; None without one.
        target: The name of the profile's target; None without a project.
        timeout: Seconds after which a query of an investigation is given up.
    """

    settings: Mapping[str, Any] = field(default_factory=dict, repr=False)
    url: str | None = field(default=None, repr=False)
    target: str | None = None
    timeout: float = 60.0


def registered(name: str) -> Any | None:
    """The class that an installed package registered under this name; None if there is none.

    Raises:
        WarehouseError: It cannot be imported.
    """
    from importlib.metadata import entry_points

    found = next(iter(entry_points(group=GROUP, name=name)), None)
    return None if found is None else _loaded(found.value, f"the warehouse class '{name}' ({found.value})")


def names() -> list[str]:
    """What classes are registered as."""
    from importlib.metadata import entry_points

    return sorted({entry.name for entry in entry_points(group=GROUP)})


def class_of(chosen: object) -> Any:
    """The class or object that ``chosen`` is, or names: ``module:Class``, or the name of a registered one.

    Raises:
        WarehouseError: There is none, or it cannot be imported.
    """
    if not isinstance(chosen, str):
        return chosen
    if _NAMED.fullmatch(chosen):
        return _loaded(chosen, chosen)
    found = registered(chosen)
    if found is None:
        known = names()
        near = get_close_matches(chosen, known, n=1)
        guess = f"Did you mean {near[0]}? " if near else ""
        told = f"Registered: {', '.join(known)}." if known else "No installed package registers one."
        raise WarehouseError(
            f"there is no warehouse class '{chosen}'",
            where="--warehouse",
            hint=f"{guess}Name it as module:Class. {told}",
        )
    return found


def _loaded(path: str, told: str) -> Any:
    module, _, name = path.partition(":")
    try:
        found: Any = import_module(module)
    except Exception as error:  # importing runs the module: it may raise anything
        raise WarehouseError(
            f"cannot be imported: {type(error).__name__}: {error}",
            where=told,
            hint="Is it installed beside Aegis, or its folder on PYTHONPATH?",
        ) from error
    for part in name.split("."):
        if not hasattr(found, part):
            near = get_close_matches(part, [one for one in dir(found) if not one.startswith("_")], n=1)
            guess = f"Did you mean {near[0]}?" if near else "A class is named as module:Class."
            raise WarehouseError(f"{module} has no {part}", where=told, hint=guess)
        found = getattr(found, part)
    return found


def made(chosen: object, given: Given, dialect: str | None = None) -> CustomWarehouse:
    """A warehouse of a class of somebody's, not yet connected.

    Args:
        chosen: The class, an object of it, or what names it.
        given: What its constructor may ask for.
        dialect: Of the dbt project; without one the class says its own.

    Raises:
        WarehouseError: It cannot be made, or is not what a warehouse is.
    """
    found = class_of(chosen)
    told = chosen if isinstance(chosen, str) else _called(found)
    flaws = flaws_of(found)
    if flaws:
        raise WarehouseError(
            f"is not a warehouse class: {'; '.join(flaws)}",
            where=told,
            hint="It has connect(), execute_scalar(sql) and execute_sample(sql, limit).",
        )
    instance = _instance(found, given, told) if isinstance(found, type) or inspect.isfunction(found) else found
    return custom(instance, told, dialect=dialect, url=given.url, timeout=given.timeout)


def _called(found: object) -> str:
    of = found if isinstance(found, type) else type(found)
    return f"{of.__module__}:{of.__qualname__}"


def _instance(cls: Any, given: Given, told: str) -> Any:
    try:
        wanted = dict(inspect.signature(cls).parameters)
    except ValueError:  # a class of C's
        wanted = {}
    known = ("settings", "url", "target", "timeout")
    offered = {name: value for name in known if (value := getattr(given, name)) is not None}
    needed = [
        name
        for name, one in wanted.items()
        if one.default is one.empty and one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD) and name not in offered
    ]
    if needed:
        raise WarehouseError(
            f"its constructor wants {', '.join(needed)}, which is not known here",
            where=told,
            hint=f"A constructor may ask for {', '.join(known)} (url is what --db says, target is of a dbt project);"
            " what may be missing needs a default.",
        )
    try:
        return cls(**{name: value for name, value in offered.items() if name in wanted})
    except Exception as error:  # the class is somebody else's: it may raise anything
        message = f"cannot be made: {type(error).__name__}: {error}"
        raise WarehouseError(message, where=told, hint="That is what its constructor says.") from error
