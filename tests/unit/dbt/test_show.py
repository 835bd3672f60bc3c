"""`dbt show`, with a program that plays dbt."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from aegis.dbt.engine.executable import Dbt
from aegis.dbt.engine.show import show
from aegis.errors import DbtError, WarehouseError


def ask(tmp_path: Path, body: str, inline: str = "select 1") -> list[dict[str, Any]]:
    path = tmp_path / "dbt"
    path.write_text(f"#!{sys.executable}\nimport sys\n{body}\n", encoding="utf-8")
    path.chmod(0o755)
    return show(
        Dbt(path, "1.12.0"), inline, 5, project_dir=tmp_path, profiles_dir=None, target="t", target_path=tmp_path / "x"
    )


@pytest.mark.parametrize(
    "printed",
    [
        '{"node": "inline", "show": [{"a": 1}]}',
        '[{"a": 1}]',
        'a banner\\n12:00:00  Running\\n{"show": [{"a": 1}]}',
    ],
)
def test_rows_are_read_from_what_either_dbt_prints(tmp_path: Path, printed: str) -> None:
    assert ask(tmp_path, f"print('{printed}')") == [{"a": 1}]


@pytest.mark.parametrize("printed", ["", "nothing", "{broken", '{"other": 1}', '{"show": 1}'])
def test_an_answer_that_is_none_is_told(tmp_path: Path, printed: str) -> None:
    with pytest.raises(DbtError, match="dbt show gave"):
        ask(tmp_path, f"print({printed!r})")


def test_the_databases_message_is_told_without_dbts_noise(tmp_path: Path) -> None:
    noise = (
        "dbt-fusion 2.0\\n   Loading profiles.yml\\nno such column: x\\n  0: <unknown>\\n  at ./sys/clone3.S:81:0\\n==="
    )
    with pytest.raises(WarehouseError) as caught:
        ask(tmp_path, f"print('{noise}'); sys.exit(1)")
    assert caught.value.message == "no such column: x"
    with pytest.raises(WarehouseError, match="without a message"):
        ask(tmp_path, "sys.exit(1)")


def test_a_query_that_is_too_long_for_a_command_line_is_a_query_that_failed(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="too long"):
        ask(tmp_path, "print('[]')", "select '" + "x" * 3_000_000 + "'")


def test_a_program_that_cannot_run_is_told(tmp_path: Path) -> None:
    with pytest.raises(DbtError, match="cannot be run"):
        show(
            Dbt(tmp_path / "none", "1"),
            "q",
            1,
            project_dir=tmp_path,
            profiles_dir=None,
            target=None,
            target_path=tmp_path,
        )
