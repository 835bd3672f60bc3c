"""A dbt profile: how the project reaches its warehouse. Its values are secrets; nothing here prints them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aegis.dbt.project import Project, read_yaml_mapping
from aegis.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Profile:
    """One output of a profile. ``settings`` are its fields, env_var() resolved; they never appear in a repr."""

    name: str
    target: str
    type: str
    folder: Path
    settings: Mapping[str, Any] = field(repr=False)

    def secrets(self) -> tuple[str, ...]:
        """Values that must never be shown, longest first."""
        names = ("password", "pass", "token", "secret", "key", "credential", "passphrase")
        found = {
            str(value)
            for key, value in self.settings.items()
            if isinstance(value, str) and value and any(name in key.lower() for name in names)
        }
        return tuple(sorted(found, key=len, reverse=True))


def profiles_folder(project_folder: Path, given: Path | None, environment: Mapping[str, str] | None = None) -> Path:
    """Where dbt looks for profiles.yml: --profiles-dir, DBT_PROFILES_DIR, the working or project folder, ~/.dbt.

    Raises:
        ConfigError: None of them has one.
    """
    env = os.environ if environment is None else environment
    if given is not None:
        candidates = [given]
    elif env.get("DBT_PROFILES_DIR"):
        candidates = [Path(env["DBT_PROFILES_DIR"])]
    else:
        candidates = [Path.cwd(), project_folder, Path.home() / ".dbt"]
    for folder in candidates:
        if (folder / "profiles.yml").is_file():
            return folder.absolute()
    looked = ", ".join(str(folder) for folder in candidates)
    raise ConfigError(
        f"no profiles.yml in {looked}",
        hint="Name its folder with --profiles-dir, or write one: docs.getdbt.com explains it.",
    )


def load_profile(
    project: Project, profiles_dir: Path | None, target: str | None, environment: Mapping[str, str] | None = None
) -> Profile:
    """The output that dbt would use for this project.

    Raises:
        ConfigError: No profiles.yml, no such profile, no such target, or a missing environment variable.
    """
    env = os.environ if environment is None else environment
    folder = profiles_folder(project.folder, profiles_dir, env)
    path = folder / "profiles.yml"
    profiles = read_yaml_mapping(path)
    name = env.get("DBT_PROFILE") or project.profile
    if name is None:
        raise ConfigError("the project names no profile", where=str(project.folder / "dbt_project.yml"))
    profile = profiles.get(name)
    if not isinstance(profile, dict) or not isinstance(profile.get("outputs"), dict):
        known = ", ".join(str(key) for key in profiles if key != "config") or "none"
        raise ConfigError(f"no profile '{name}' (there is: {known})", where=str(path))
    chosen = target or env.get("DBT_TARGET") or _render(profile.get("target", "default"), env, path)
    outputs = profile["outputs"]
    if chosen not in outputs:
        raise ConfigError(
            f"profile '{name}' has no target '{chosen}' (it has: {', '.join(map(str, outputs))})",
            where=str(path),
            hint="Choose one with --target.",
        )
    settings = _rendered(outputs[chosen], env, path)
    if not isinstance(settings, dict) or not isinstance(settings.get("type"), str):
        raise ConfigError(f"target '{chosen}' of profile '{name}' says no `type`", where=str(path))
    return Profile(name=name, target=str(chosen), type=settings["type"], folder=folder, settings=settings)


def _rendered(value: object, env: Mapping[str, str], path: Path) -> Any:
    if isinstance(value, dict):
        return {str(key): _rendered(entry, env, path) for key, entry in value.items()}
    if isinstance(value, list):
        return [_rendered(entry, env, path) for entry in value]
    return _render(value, env, path) if isinstance(value, str) else value


def _render(value: object, env: Mapping[str, str], path: Path) -> Any:
    """profiles.yml may hold Jinja; dbt gives it env_var, and so do we."""
    text = str(value)
    if "{{" not in text and "{%" not in text:
        return text
    from jinja2 import TemplateError
    from jinja2.sandbox import SandboxedEnvironment

    def env_var(name: str, default: str | None = None) -> str:
        if name in env:
            return env[name]
        if default is None:
            raise ConfigError(f"the environment variable {name} is not set", where=str(path))
        return default

    try:
        return SandboxedEnvironment().from_string(text).render(env_var=env_var, var=lambda _name, default="": default)
    except TemplateError as error:
        raise ConfigError(f"cannot be rendered: {error}", where=str(path)) from error
