"""A dbt project on disk: what its dbt_project.yml says, as far as Aegis needs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aegis.dbt.engine.environment import current, rendered
from aegis.errors import ConfigError

PROJECT_FILE = "dbt_project.yml"
_READ = frozenset({"name", "profile", "target-path", "test-paths", "model-paths", "packages-install-path"})


@dataclass(frozen=True, slots=True)
class Project:
    """Paths are absolute; ``profile`` is the name of the profile that the project asks for."""

    folder: Path
    name: str
    profile: str | None
    test_paths: tuple[Path, ...]
    model_paths: tuple[Path, ...]
    target_dir: Path
    packages_dir: Path

    @property
    def suites_dir(self) -> Path:
        """Where compiled suites go: ``aegis/`` under the first test path.

        Raises:
            ConfigError: The project has none, so dbt would read no suite.
        """
        if not self.test_paths:
            raise ConfigError(
                "test-paths is empty, so dbt reads no tests of this project",
                where=str(self.folder / PROJECT_FILE),
                hint='Name a folder for tests, for example `test-paths: ["tests"]`.',
            )
        return self.test_paths[0] / "aegis"

    @property
    def rules_dir(self) -> Path:
        """Where people keep rules, unless they say otherwise."""
        return self.folder / "rules"

    def shown(self, path: Path) -> str:
        """A path as people write it: relative to the project where it lies inside."""
        return path.relative_to(self.folder).as_posix() if path.is_relative_to(self.folder) else str(path)


def find_project(start: Path) -> Path | None:
    """The closest folder, ``start`` included, that holds a dbt_project.yml."""
    absolute = start.absolute()
    return next((folder for folder in (absolute, *absolute.parents) if (folder / PROJECT_FILE).is_file()), None)


def load_project(folder: Path, environment: Mapping[str, str] | None = None) -> Project:
    """Read ``folder``/dbt_project.yml.

    Raises:
        ConfigError: It is not there, or not a dbt project.
    """
    path = folder / PROJECT_FILE
    if not path.is_file():
        raise ConfigError(
            "no dbt_project.yml here",
            where=str(folder),
            hint="Name the project with --project-dir, or a database with --db.",
        )
    env = current(environment)
    given = {key: rendered(value, env, path) for key, value in read_yaml_mapping(path).items() if key in _READ}
    name = given.get("name")
    if not isinstance(name, str):
        raise ConfigError("the project has no name", where=str(path), hint="dbt needs `name:` at the top.")
    target = env.get("DBT_TARGET_PATH") or given.get("target-path") or "target"
    profile = given.get("profile")
    absolute = folder.absolute()
    return Project(
        folder=absolute,
        name=name,
        profile=str(profile) if profile is not None else None,
        test_paths=() if given.get("test-paths") == [] else _paths(absolute, given.get("test-paths"), "tests"),
        model_paths=_paths(absolute, given.get("model-paths"), "models"),
        target_dir=absolute / str(target),
        packages_dir=absolute / str(given.get("packages-install-path") or "dbt_packages"),
    )


def restricted_packages(project: Project) -> frozenset[str]:
    """The installed packages that let other projects read their public models only (``restrict-access: true``).

    Raises:
        ConfigError: A package's dbt_project.yml cannot be read.
    """
    found = [read_yaml_mapping(path) for path in sorted(project.packages_dir.glob(f"*/{PROJECT_FILE}"))]
    return frozenset(str(one.get("name")) for one in found if one.get("restrict-access") is True)


def _paths(folder: Path, given: object, default: str) -> tuple[Path, ...]:
    names = [str(entry) for entry in given] if isinstance(given, list) and given else [default]
    return tuple(folder / name for name in names)


def parse_yaml(text: str) -> Any:
    """YAML as dbt reads it. Raises yaml.YAMLError."""
    import yaml

    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def read_yaml_mapping(path: Path, *, may_be_empty: bool = False) -> dict[str, Any]:
    """A YAML file of dbt's that must hold a mapping, or may hold nothing at all.

    Raises:
        ConfigError: It cannot be read, is not YAML, or holds something else.
    """
    import yaml

    try:
        given = parse_yaml(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot be read: {getattr(error, 'strerror', None) or error}", where=str(path)) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path}:{mark.line + 1}" if mark is not None else str(path)
        raise ConfigError(f"is not valid YAML: {getattr(error, 'problem', error)}", where=place) from error
    except (RecursionError, ValueError) as error:
        raise ConfigError(f"is not YAML that can be read: {type(error).__name__}", where=str(path)) from error
    if given is None and may_be_empty:
        return {}
    if not isinstance(given, dict):
        raise ConfigError("holds no settings", where=str(path), hint="It should be a YAML mapping.")
    return {str(key): value for key, value in given.items()}
