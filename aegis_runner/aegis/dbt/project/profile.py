"""A dbt profile: how the project reaches its warehouse. Its values are secrets; nothing here prints them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aegis.dbt.engine.environment import current, rendered
from aegis.dbt.project.settings import Project, read_yaml_mapping
from aegis.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Profile:
    """One output of a profile. ``settings`` are its fields, env_var() resolved; they never appear in a repr."""

    name: str
    target: str
    type: str
    folder: Path
    settings: Mapping[str, Any] = field(repr=False)

    @property
    def threads(self) -> int:
        """How many things dbt may do at once there; one where it does not say."""
        said = self.settings.get("threads")
        return max(1, said) if isinstance(said, int) else int(said) if isinstance(said, str) and said.isdecimal() else 1

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
    env = current(environment)
    if given is not None:
        candidates = [given]
    elif env.get("DBT_PROFILES_DIR"):
        candidates = [Path(env["DBT_PROFILES_DIR"])]
    else:
        candidates = list(dict.fromkeys((Path.cwd(), project_folder, Path("~/.dbt").expanduser())))
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
    env = current(environment)
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
    chosen = target or env.get("DBT_TARGET") or rendered(profile.get("target", "default"), env, path)
    outputs = profile["outputs"]
    if chosen not in outputs:
        raise ConfigError(
            f"profile '{name}' has no target '{chosen}' (it has: {', '.join(map(str, outputs))})",
            where=str(path),
            hint="Choose one with --target.",
        )
    settings = rendered(outputs[chosen], env, path)
    if not isinstance(settings, dict) or not isinstance(settings.get("type"), str):
        raise ConfigError(f"target '{chosen}' of profile '{name}' says no `type`", where=str(path))
    return Profile(name=name, target=str(chosen), type=settings["type"], folder=folder, settings=settings)
