"""What the environment says to dbt: the variables that its settings files read, and its own switches."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aegis.errors import ConfigError

_HARMLESS = frozenset({"DBT_SEND_ANONYMOUS_USAGE_STATS", "DBT_ALLOW_EXPERIMENTAL_ADAPTERS"})


def current(environment: Mapping[str, str] | None) -> Mapping[str, str]:
    """The environment given, else the process's own."""
    return os.environ if environment is None else environment


def private(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment without dbt's switches: ``DBT_TARGET_PATH`` and its like are about the user's own project."""
    given = current(environment)
    return {name: value for name, value in given.items() if not name.startswith("DBT_") or name in _HARMLESS}


def rendered(value: object, environment: Mapping[str, str], path: Path) -> Any:
    """A setting with its Jinja rendered, as deep as it goes. dbt gives settings ``env_var``, and so do we.

    Raises:
        ConfigError: A variable is not set, or the Jinja cannot be rendered.
    """
    if isinstance(value, dict):
        return {str(key): rendered(entry, environment, path) for key, entry in value.items()}
    if isinstance(value, list):
        return [rendered(entry, environment, path) for entry in value]
    if not isinstance(value, str) or ("{{" not in value and "{%" not in value):
        return value
    from jinja2 import TemplateError
    from jinja2.sandbox import SandboxedEnvironment

    def env_var(name: str, default: object = None) -> object:
        if name in environment:
            return environment[name]
        if default is None:
            raise ConfigError(f"the environment variable {name} is not set", where=str(path))
        return default

    jinja = SandboxedEnvironment()
    # What they convert to is dbt's business; the text is the same.
    jinja.filters |= dict.fromkeys(("as_text", "as_number", "as_bool", "as_native"), str)
    try:
        return jinja.from_string(value).render(env_var=env_var, var=lambda _name, default="": default)
    except (TemplateError, TypeError, ValueError) as error:
        raise ConfigError(f"cannot be rendered: {error}", where=str(path)) from error
