"""What happened in a project after a build is told by content, and by the clock only where that means anything."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from aegis.dbt.artifacts.schema import Checksum, Macro, Manifest, Metadata, Node, TestMetadata
from aegis.dbt.project.settings import Project
from aegis.dbt.results.since_build import Changed, changed_files, later_command

BUILT = datetime(2026, 11, 1, 12, tzinfo=UTC)
ID, OTHER = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "models").mkdir()
    (tmp_path / "tests").mkdir()
    write(tmp_path / "dbt_project.yml", "name: shop")
    return Project(tmp_path, "shop", None, (tmp_path / "tests",), (tmp_path / "models",), tmp_path / "target",
                   tmp_path / "dbt_packages")  # fmt: skip


def write(path: Path, text: str | bytes, age: timedelta = timedelta(hours=1)) -> Path:
    """A file, by default from an hour before the build; with a negative age, from after it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    moment = (BUILT - age).timestamp()
    os.utime(path, (moment, moment))
    return path


LATER = timedelta(minutes=-5)


def node(name: str, text: str | None, *, hashed: str | None = None, path: str | None = None, **fields: Any) -> Node:
    checksum = None if hashed is None else Checksum("sha256", hashlib.sha256(hashed.encode()).hexdigest())
    kind = str(fields.pop("resource_type", "model"))
    named = {"package_name": "shop", "original_file_path": path or f"models/{name}.sql", "raw_code": text, **fields}
    return Node(unique_id=f"{kind}.shop.{name}", name=name, resource_type=kind, checksum=checksum, **named)


def manifest(nodes: Iterable[Node], macros: Iterable[Macro] = (), **fields: Any) -> Manifest:
    return Manifest(
        metadata=Metadata(project_name="shop", generated_at=BUILT.isoformat()),
        nodes={one.unique_id: one for one in nodes}, macros={one.unique_id: one for one in macros},
        **fields,
    )  # fmt: skip


def test_a_file_that_is_as_it_was_did_not_change_however_new_it_is(project: Project) -> None:
    write(project.folder / "models/a.sql", "select 1", LATER)
    assert changed_files(manifest([node("a", "select 1")]), project) == Changed()


@pytest.mark.parametrize("text", ["select 1\n", "select 1\r\n", "  select 1"])
@pytest.mark.parametrize("known", ["text", "checksum"])
def test_line_ends_and_blanks_around_are_no_change(project: Project, text: str, known: str) -> None:
    write(project.folder / "models/a.sql", text)
    was = node("a", "select 1") if known == "text" else node("a", None, hashed="select 1")
    assert changed_files(manifest([was]), project) == Changed()


@pytest.mark.parametrize(
    ("was", "now"),
    [("select 1\nfrom a", b"select 1\r\nfrom a"), ("select 1\r\nfrom a", b"select 1\nfrom a"),
     ("select 1", b"\xef\xbb\xbfselect 1")],
)  # fmt: skip
def test_a_checkout_of_another_system_is_no_change(project: Project, was: str, now: bytes) -> None:
    write(project.folder / "models/a.sql", now)
    assert changed_files(manifest([node("a", None, hashed=was)]), project) == Changed()


def test_other_text_is_an_edit_and_a_missing_file_is_removed(project: Project) -> None:
    write(project.folder / "models/a.sql", "select 2")
    nodes = [node("a", "select 1", hashed="select 1"), node("b", "select 1"), node("c", None, hashed="x")]
    assert changed_files(manifest(nodes), project) == Changed(("models/a.sql",), ("models/b.sql", "models/c.sql"))
    assert changed_files(manifest(nodes), project).files == ("models/a.sql", "models/b.sql", "models/c.sql")


def test_an_old_checksum_beside_the_text_that_is_there_is_no_change(project: Project) -> None:
    write(project.folder / "models/a.sql", "select 2")
    assert changed_files(manifest([node("a", "select 2", hashed="select 1")]), project) == Changed()


def test_of_a_snapshot_only_its_block_is_compared(project: Project) -> None:
    path = "snapshots/s.sql"
    write(project.folder / path, "{% snapshot s %} select 1 {% endsnapshot %}")
    of = {"path": path, "resource_type": "snapshot"}
    assert changed_files(manifest([node("s", "select 1", hashed="x", **of)]), project) == Changed()
    assert changed_files(manifest([node("s", "select 2", hashed="x", **of)]), project).edited == (path,)


def test_a_file_of_several_nodes_is_an_edit_if_one_of_them_changed(project: Project) -> None:
    path = "snapshots/s.sql"
    write(project.folder / path, "{% snapshot s %} select 1 {% endsnapshot %}")
    nodes = [
        node(name, text, path=path, resource_type="snapshot") for name, text in (("s", "select 2"), ("t", "select 1"))
    ]
    for ordered in (nodes, nodes[::-1]):
        assert changed_files(manifest(ordered), project).edited == (path,)


def test_a_large_seed_that_dbt_does_not_hash_is_not_judged(project: Project) -> None:
    path = "seeds/a.csv"
    write(project.folder / path, "x" * 1_000_001)
    of = {"path": path, "resource_type": "seed"}
    assert changed_files(manifest([node("a", None, hashed="y", **of)]), project) == Changed()
    write(project.folder / path, "x" * 1_000_000)
    assert changed_files(manifest([node("a", None, hashed="y", **of)]), project).edited == (path,)


def test_generic_tests_other_packages_and_paths_outside_are_left_alone(project: Project) -> None:
    generic = node("g", "x", path="models/g.sql", test_metadata=TestMetadata(name="unique"))
    foreign = node("f", "x", package_name="other")
    yaml = node("y", "x", path="models/y.yml")
    assert changed_files(manifest([generic, foreign, yaml]), project) == Changed()
    secret = write(project.folder.parent / "secret.sql", "select 1")
    outside = node("o", "select 1", path=f"../{secret.name}")
    assert changed_files(manifest([outside]), project).removed == (f"../{secret.name}",)


def test_a_macro_is_looked_for_in_its_file(project: Project) -> None:
    path = "macros/m.sql"
    write(project.folder / path, "{% macro m() %}1{% endmacro %}\n{% macro n() %}2{% endmacro %}")

    def macro(text: str, **fields: str) -> Macro:
        named: dict[str, Any] = {"package_name": "shop", "original_file_path": path, **fields}
        return Macro(unique_id="macro.shop.m", macro_sql=text, **named)

    assert changed_files(manifest([], [macro("{% macro n() %}2{% endmacro %}")]), project) == Changed()
    assert changed_files(manifest([], [macro("{% macro n() %}3{% endmacro %}")]), project).edited == (path,)
    assert changed_files(manifest([], [macro("other", package_name="dbt_utils")]), project) == Changed()


def test_where_most_files_are_older_than_the_build_the_clock_tells_of_the_rest(project: Project) -> None:
    folder = project.folder
    nodes = []
    for name in "abc":
        write(folder / f"models/{name}.sql", "select 1")
        nodes.append(node(name, "select 1"))
    nodes.append(node("a_test", None, path="models/schema.yml", resource_type="test"))
    write(folder / "models/schema.yml", "models: []", LATER)
    write(folder / "models/deep/new.sql", "select 1", LATER)
    write(folder / "models/old.sql", "select 1")
    write(folder / "tests/new.yml", "x", LATER)
    write(folder / "models/notes.txt", "x", LATER)
    write(folder / "dbt_project.yml", "name: shop", LATER)
    found = changed_files(manifest(nodes), project)
    assert found == Changed(
        edited=("dbt_project.yml", "models/schema.yml"), added=("models/deep/new.sql", "tests/new.yml")
    )


@pytest.mark.parametrize(("newer", "tells"), [(0, True), (1, True), (2, False), (4, False)])
def test_after_a_checkout_the_clock_tells_nothing(project: Project, newer: int, tells: bool) -> None:
    names = "abcd"
    for place, name in enumerate(names):
        write(project.folder / f"models/{name}.sql", "select 1", LATER if place < newer else timedelta(hours=1))
    write(project.folder / "models/new.sql", "select 1", LATER)
    found = changed_files(manifest([node(name, "select 1") for name in names]), project)
    assert found.added == (("models/new.sql",) if tells else ())


def test_files_of_disabled_nodes_are_known(project: Project) -> None:
    write(project.folder / "models/a.sql", "select 1")
    for name in ("off", "also"):
        write(project.folder / f"models/{name}.sql", "select 1", LATER)
    disabled = {"model.shop.off": [{"original_file_path": "models/off.sql"}],
                "model.shop.also": {"original_file_path": "./models\\also.sql"}, "odd": [None]}  # fmt: skip
    known = manifest([node("a", "select 1")], disabled=disabled)
    assert changed_files(known, project) == Changed()


def section(identity: str, command: str, *, engine: int = 1) -> str:
    """A command in dbt.log, as each engine writes it."""
    if engine == 2:
        head = f"==================== 2026-11-01T12:00:00.010852Z | {identity} ====================\n"
        end = "==================== Execution Summary ====================="
        return f"{head}[info] compiling\n{end}\nFinished '{command}' successfully with 2 warnings [25ms]\n"
    head = f"\n\n============================== 12:00:00.000000 | {identity} ==============================\n"
    return f"{head}[0m12:00:00.1 [debug] [MainThread]: Command ran: {{'invocation_command': 'dbt {command} -s a'}}\n"


def log(project: Project, *sections: str, age: timedelta = timedelta(0)) -> None:
    write(project.folder / "logs/dbt.log", "".join(sections), age)


@pytest.mark.parametrize("engine", [1, 2])
@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("build", True),
        ("test", True),
        ("run", True),
        ("seed", True),
        ("snapshot", True),
        ("retry", True),
        ("docs", False),
        ("parse", False),
    ],
)
def test_a_command_after_the_build_is_told_if_it_builds_or_tests(
    project: Project, engine: int, command: str, told: bool
) -> None:
    log(project, section(ID, "build", engine=engine), section(OTHER, command, engine=engine))
    assert later_command(project, ID, BUILT) == (command if told else None)


def test_the_last_of_several_is_told_and_earlier_ones_are_not(project: Project) -> None:
    log(project, section(OTHER, "seed"), section(ID, "build"))
    assert later_command(project, ID, BUILT) is None
    log(project, section(ID, "build"), section(OTHER, "run"), section(OTHER, "test"), section(OTHER, "docs"))
    assert later_command(project, ID, BUILT) == "test"


@pytest.mark.parametrize(("age", "told"), [(timedelta(seconds=-6), "run"), (timedelta(seconds=-4), None)])
def test_where_the_log_does_not_know_the_invocation_its_time_tells(
    project: Project, age: timedelta, told: str | None
) -> None:
    log(project, section(OTHER, "seed"), section(OTHER, "run"), age=age)
    assert later_command(project, ID, BUILT) == told
    assert later_command(project, None, BUILT) == told
    assert later_command(project, ID, None) is None


def test_no_log_and_one_without_headers_tell_nothing(project: Project) -> None:
    assert later_command(project, ID, BUILT) is None
    log(project, "nothing of dbt's", age=timedelta(hours=-1))
    assert later_command(project, ID, BUILT) is None
