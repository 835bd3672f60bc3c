"""The score of a run of changes: what was tried, what was caught, and how far a sample can be off."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools import mutants


@pytest.fixture
def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What mutmut left: of 8 changes 4 were caught (one by the clock), 1 survived, 1 no test ran, 2 were not tried."""
    monkeypatch.setattr(mutants, "STAGE", tmp_path)
    folder = tmp_path / "mutants" / "src" / "aegis" / "privacy"
    folder.mkdir(parents=True)
    codes = dict(zip("abcdefgh", [1, 1, 3, -24, 0, 33, None, None], strict=True))
    (folder / "redactor.py.meta").write_text(json.dumps({"exit_code_by_key": codes}))
    return tmp_path


def line(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()[-1].split(maxsplit=6)


@pytest.mark.usefixtures("found")
def test_a_score_counts_what_was_tried(capsys: pytest.CaptureFixture[str]) -> None:
    mutants.print_scores(["privacy"], frozenset())
    # 4 of 6, and two were not tried: so it is that of a sample.
    assert line(capsys) == ["privacy", "8", "6", "4", "1", "1", "67% ± 38%"]


@pytest.mark.usefixtures("found")
def test_of_a_sample_only_its_changes_count(capsys: pytest.CaptureFixture[str]) -> None:
    mutants.print_scores(["privacy"], frozenset("ae"))
    assert line(capsys)[:6] == ["privacy", "8", "2", "1", "1", "0"]


@pytest.mark.usefixtures("found")
def test_where_nothing_was_tried_there_is_no_score(capsys: pytest.CaptureFixture[str]) -> None:
    mutants.print_scores(["privacy"], frozenset("gh"))
    assert line(capsys) == ["privacy", "8", "0", "0", "0", "0", "-"]


@pytest.mark.usefixtures("found")
def test_a_sample_is_the_same_each_time_and_all_where_there_are_fewer() -> None:
    nothing = ["true"]
    assert mutants.sample(nothing, ["privacy"], 3) == mutants.sample(nothing, ["privacy"], 3)
    assert sorted(mutants.sample(nothing, ["privacy"], 100)) == list("abcdefgh")


@pytest.mark.usefixtures("found")
def test_a_room_of_which_mutmut_made_nothing_is_an_error() -> None:
    with pytest.raises(SystemExit, match="made no changes of audit"):
        mutants.sample(["echo"], ["audit"], 3)
