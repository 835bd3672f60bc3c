"""`aegis report`: an earlier report in any format, from a file or from the audit trail; `--output` of a run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from aegis.cli.main import app
from aegis.errors import ArtifactError, AuditError, UsageError
from aegis.report import FORMATS
from tests.unit.app.shops import Shop


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    shop = Shop(tmp_path_factory.mktemp("report"))
    shop.write_artifacts("state", 'where "customer_id" is not null')
    shop.analyzed()
    return shop


@pytest.fixture(scope="module")
def saved(shop: Shop) -> Path:
    path = shop.trail.parent / "saved.json"
    said("report", "--format", "json", "-o", str(path), "--audit-db", str(shop.trail))
    return path


def said(*words: str) -> str:
    done = CliRunner().invoke(app, [*words])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


@pytest.mark.parametrize("format", FORMATS)
def test_a_run_and_its_file_give_the_same_in_every_format(shop: Shop, saved: Path, format: str) -> None:
    trail = ("--audit-db", str(shop.trail))
    run_id = json.loads(saved.read_text(encoding="utf-8"))["run"]["run_id"]
    texts = {said("report", source, "-f", format, *trail) for source in (run_id, run_id[:-2], "latest", str(saved))}
    assert len(texts) == 1
    assert said("report", "-f", format, *trail) in texts


def test_a_file_of_that_name_is_not_taken_for_latest(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "latest").write_text("{}", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert said("report", "latest", "--audit-db", str(shop.trail)).startswith("aegis ")
    with pytest.raises(ArtifactError, match="not an Aegis report"):
        said("report", "./latest")


@pytest.mark.parametrize("name", ["gone.json", "gone/report", "x\0.json"])
def test_a_file_that_is_not_there_is_told_as_one(shop: Shop, name: str) -> None:
    with pytest.raises(UsageError, match="cannot be read") as refused:
        said("report", name, "--audit-db", str(shop.trail))
    assert refused.value.where == name


def test_a_folder_is_no_report(shop: Shop) -> None:
    with pytest.raises(UsageError, match="directory"):
        said("report", str(shop.trail.parent))


def test_a_name_that_is_neither_a_file_nor_a_run_says_both(shop: Shop, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no file 'r_zzz', and no run: no run has an id that begins with 'r_zzz'"):
        said("report", "r_zzz", "--audit-db", str(shop.trail))
    with pytest.raises(UsageError, match="no file 'r_zzz', and no run: there is no audit trail yet"):
        said("report", "r_zzz", "--audit-db", str(tmp_path / "none.db"))
    with pytest.raises(AuditError, match="no audit trail yet"):
        said("report", "latest", "--audit-db", str(tmp_path / "none.db"))


def test_an_unknown_format_is_refused_before_anything_runs(shop: Shop) -> None:
    with pytest.raises(UsageError, match="invalid report format 'sarf'") as refused:
        said("report", "-f", "sarf")
    assert refused.value.hint is not None and refused.value.hint.startswith("did you mean sarif?")
    with pytest.raises(UsageError, match="invalid report format 'junitt'"):
        said("analyze", "nowhere", "--output", "junitt=x.xml")
    with pytest.raises(UsageError, match="--output cannot be 'sarif'"):
        said("analyze", "nowhere", "--output", "sarif")


def test_an_analysis_writes_every_file_it_is_asked_for(tmp_path: Path) -> None:
    target = Path(__file__).parents[2] / "fixtures" / "targets" / "dbt-1.12"
    files = {name: tmp_path / f"a.{name}" for name in FORMATS}
    words = [word for name, path in files.items() for word in ("--output", f"{name}={path}")]
    offline = ("--offline", "--no-audit", "--quiet", "--path-prefix", "warehouse")
    said("analyze", str(target), *offline, *words, "--output-json", str(tmp_path / "old.json"))
    assert all(path.read_text(encoding="utf-8").endswith("\n") for path in files.values())
    assert (tmp_path / "old.json").read_bytes() == files["json"].read_bytes()
    assert '"uri": "warehouse/models/' in files["sarif"].read_text(encoding="utf-8")


def test_a_file_that_cannot_be_written_costs_no_other(tmp_path: Path) -> None:
    target = Path(__file__).parents[2] / "fixtures" / "targets" / "dbt-1.12"
    words = ("--output", f"junit={tmp_path}", "--output", f"sarif={tmp_path / 'a.sarif'}", "--offline", "--no-audit")
    with pytest.raises(UsageError, match="cannot be written"):
        said("analyze", str(target), *words)
    assert (tmp_path / "a.sarif").exists()
