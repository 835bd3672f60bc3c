"""The golden files hold. ``UPDATE_GOLDEN=1`` writes them anew: read the difference before you keep it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from aegis.domain.report import Report
from aegis.report import FORMATS, Options, render

GOLDEN = Path(__file__).parents[2] / "golden" / "report"
SUFFIXES = {
    "terminal": "txt", "json": "json", "markdown": "md", "html": "html", "junit": "junit.xml", "sarif": "sarif",
    "github": "github.txt", "gitlab": "gitlab.json", "slack": "slack.json",
}  # fmt: skip
# 1,000 results for a machine are a megabyte, and show nothing that the others do not; causes have few results.
TOO_LONG = {
    ("thousand", "json"), ("usual", "json"), ("all_pass", "json"), ("thousand", "junit"), ("usual", "junit"),
    ("all_pass", "junit"), ("thousand", "sarif"), ("thousand", "gitlab"), ("thousand", "html"), ("usual", "html"),
}  # fmt: skip
CASES = [
    (name, style)
    for name in ("empty", "all_pass", "usual", "causes", "not_run", "left_out", "hostile", "thousand")
    for style in FORMATS
    if (name, style) not in TOO_LONG
]


def check(name: str, text: str) -> None:
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    assert text.encode() == path.read_bytes()


@pytest.mark.parametrize(("name", "style"), CASES)
def test_each_format_renders_each_report_to_the_byte(reports: dict[str, Report], name: str, style: str) -> None:
    options = Options(report_path="target/aegis/report.json")
    check(f"{name}.{SUFFIXES.get(style, style)}", render(reports[name], style, options))


@pytest.mark.parametrize(
    ("variant", "options"),
    [
        ("narrow", Options(width=60)),
        ("wide_verbose", Options(width=160, verbose=True)),
        ("color", Options(color=True)),
    ],
)
def test_the_terminal_s_variants_hold_to_the_byte(reports: dict[str, Report], variant: str, options: Options) -> None:
    text = render(reports["usual"], "terminal", options)
    passed = [line for line in text.splitlines() if "orders_rule_" in line]
    check(f"usual.{variant}.txt", "".join(f"{line}\n" for line in text.splitlines() if line not in passed[3:]))


def test_the_small_failing_run_is_the_same_json_to_the_byte(reports: dict[str, Report]) -> None:
    usual = reports["usual"]
    check("usual.json", render(usual.model_copy(update={"results": usual.results[:8]}), "json"))
