"""The registry of formats."""

from __future__ import annotations

import subprocess
import sys

import pytest

from aegis.domain.report import Report
from aegis.errors import UsageError
from aegis.report import FORMATS, render, renderer


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_renders_text_that_ends_with_a_line_break(reports: dict[str, Report], name: str) -> None:
    for report in reports.values():
        assert render(report, name).endswith("\n")


def test_an_unknown_format_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(UsageError, match="markdwon") as caught:
        renderer("markdwon")
    assert "'markdown'" in str(caught.value)


def test_a_renderer_is_imported_only_when_it_is_asked_for() -> None:
    code = "import sys, aegis.report; print([m for m in sys.modules if m.startswith('aegis.report.')])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert loaded.strip() == "['aegis.report.options']"
