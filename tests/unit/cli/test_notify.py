"""`--notify` from the command line to a server: the report comes first and its exit code stays, whatever is sent."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from typer.testing import CliRunner

from aegis.cli.main import app
from aegis.errors import UsageError
from tests.unit.notify.server import SECRET, Web, serving

TARGET = Path(__file__).parents[2] / "fixtures" / "targets" / "dbt-1.12"


@pytest.fixture
def web() -> Iterator[Web]:
    with serving() as web:
        yield web


@dataclass
class Desk:
    """`aegis` in a folder of its own."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def aegis(self, *words: str) -> subprocess.CompletedProcess[str]:
        own = {"AEGIS_AUDIT_DB": str(self.folder / "audit.db"), "HOME": str(self.folder)}
        done = subprocess.run(
            [sys.executable, "-m", "aegis", *words], cwd=self.folder, capture_output=True, text=True, check=False,
            env={**os.environ, **own, **self.environment},
        )  # fmt: skip
        assert SECRET not in done.stdout + done.stderr
        return done

    def analyze(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self.aegis("analyze", str(TARGET), "--offline", *words)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_run_tells_and_keeps_its_report_and_exit_code(desk: Desk, web: Web) -> None:
    quiet = desk.analyze()
    urls = (web.slack(), web.json(), web.slack("400"), web.json("500"), "tgram://nobody", "nonsense")
    said = desk.analyze(*(word for url in urls for word in ("--notify", url)))
    assert (said.returncode, quiet.returncode) == (1, 1)
    assert "8 findings" in said.stdout
    assert len(said.stderr.splitlines()) == len(quiet.stderr.splitlines()) + 4
    assert "aegis: no notification was sent to slack+http://127.0.0.1: the server answered 400" in said.stderr
    assert len(web.got) == 4
    assert all("customer_id is NULL" in str(body) for body in web.bodies)
    assert desk.aegis("audit", "verify").returncode == 0


def test_a_file_that_cannot_be_written_costs_no_message(desk: Desk, web: Web) -> None:
    desk.environment["AEGIS_NOTIFY"] = f"{web.slack()}\n{web.json()}"
    said = desk.analyze("--output", f"junit={desk.folder}", "--no-audit")
    assert said.returncode == 2 and "cannot be written" in said.stderr
    assert len(web.got) == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--no-audit", "--notify-on", "change"), "--notify-on change needs the audit trail"),
        (("--no-audit", "--quiet-for", "24h"), "--quiet-for needs the audit trail"),
        (("--quiet-for", "24"), "--quiet-for cannot be '24'"),
        (("--notify-on", "failure"), "did you mean failures?"),
        (("--notify-severity", "hi"), "did you mean high?"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_runs(web: Web, words: tuple[str, ...], message: str) -> None:
    done = CliRunner().invoke(app, ["analyze", "nowhere", "--notify", web.slack(), *words])
    assert isinstance(done.exception, UsageError)
    assert message in str(done.exception)
    assert not web.got


def test_an_earlier_report_is_sent_when_asked_for_and_never_by_the_environment(desk: Desk, web: Web) -> None:
    desk.environment["AEGIS_NOTIFY"] = web.slack("500")
    desk.analyze("--output-json", "saved.json", "--notify", web.json())
    web.got.clear()
    assert desk.aegis("report", "latest", "-f", "markdown").returncode == 0
    assert not web.got
    for source in ("latest", "saved.json"):
        sent = desk.aegis("report", source, "--notify", web.slack())
        assert (sent.returncode, sent.stderr) == (0, "")
    assert web.bodies[0] == web.bodies[1]
    assert "customer_id is NULL" in str(web.bodies)


def test_apprise_takes_nothing_from_its_own_files_or_environment(desk: Desk, web: Web) -> None:
    """Its command line would read all of these."""
    for name in (".apprise", ".apprise.yml", ".config/apprise/apprise.yml", ".config/apprise.conf"):
        file = desk.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"urls:\n  - {web.json('500')}\n" if "yml" in name else web.json("500"), encoding="utf-8")
    desk.environment |= {"APPRISE_URLS": web.json("500"), "APPRISE_TEMPLATE_PORT": "1"}
    before = set(desk.folder.rglob("*"))
    desk.analyze("--notify", web.json(), "--no-audit")
    assert [path.split("/")[1] for path, _ in web.got] == ["200"]
    assert not [path for path in set(desk.folder.rglob("*")) - before if "apprise" in str(path)]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process change what `ps` shows of it")
@pytest.mark.parametrize("joined", [True, False])
def test_an_address_is_not_shown_to_who_lists_processes(desk: Desk, web: Web, joined: bool) -> None:
    words = [f"--notify={web.slack('hang')}"] if joined else ["--notify", web.slack("hang")]
    command = [sys.executable, "-m", "aegis", "analyze", str(TARGET), "--offline", "--no-audit", *words]
    with subprocess.Popen(command, cwd=desk.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        end = time.monotonic() + 20
        while not web.got and time.monotonic() < end:
            time.sleep(0.05)
        shown = Path(f"/proc/{process.pid}/cmdline").read_text(encoding="utf-8")
        process.kill()
    assert "slack+http://***" in shown
    assert SECRET not in shown and "127.0.0.1" not in shown
