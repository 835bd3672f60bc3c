"""``make gallery``: one report with many findings in every format, and pictures of what people look at.

The report is that of ``make demo``. Everything goes to ``docs/assets/``: the formats as they are written, the page in
light, in dark and on a phone, the terminal, the comment as GitHub shows it (by its own Markdown library), and two pages
of ``aegis ui``.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools import browser
from tools.gallery_trail import served, write_trail
from tools.setup import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from aegis.domain.report import Report

ASSETS = ROOT / "docs" / "assets"
REPORT = ROOT / "examples" / "flights" / "report.json"
SUFFIXES: Mapping[str, str] = {
    "terminal": "txt", "json": "json", "markdown": "md", "html": "html", "junit": "xml", "sarif": "sarif",
    "github": "github.txt", "gitlab": "gitlab.json", "slack": "slack.json",
}  # fmt: skip
WIDE: dict[str, Any] = {"viewport": {"width": 1200, "height": 900}}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2}
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--no-first-run"]  # fmt: skip
# What GitHub puts around a comment, as plain as it can be.
COMMENT = """<!doctype html><meta charset="utf-8"><title>comment</title><style>
body {{ font: 14px/1.5 -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; margin: 24px; color: #1f2328 }}
article {{ border: 1px solid #d1d9e0; border-radius: 6px; max-width: 860px }}
header {{ background: #f6f8fa; border-bottom: 1px solid #d1d9e0; padding: 8px 16px; color: #59636e }}
main {{ padding: 12px 16px; overflow-wrap: anywhere }}
code, pre {{ font: 12px/1.45 ui-monospace, Menlo, Consolas, monospace; background: #eff1f3; border-radius: 6px }}
code {{ padding: 2px 5px }} pre {{ padding: 12px; overflow: auto }} pre code {{ padding: 0; background: none }}
h3 {{ margin: 4px 0 12px }}
</style><article><header><b>github-actions</b> commented</header><main>{body}</main></article>"""


def main() -> int:
    from aegis.report.json import load_report

    if not REPORT.is_file():
        print("gallery: run `make demo` first, which makes the report", file=sys.stderr)
        return 3
    found = browser.executable()
    if found is None:
        print("gallery: there is no Chromium: `make browser`", file=sys.stderr)
        return 3
    report = load_report(REPORT.read_text(encoding="utf-8"))
    ASSETS.mkdir(parents=True, exist_ok=True)
    write_formats(report)
    with_browser(found, report)
    return 0


def write_formats(report: Report) -> None:
    from aegis.report import FORMATS, Options, render

    for name in FORMATS:
        text = render(report, name, Options(width=100, recorded=False))
        (ASSETS / f"flights.{SUFFIXES[name]}").write_text(text, encoding="utf-8")


def with_browser(found: Path, report: Report) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(found), args=QUIET)
        page = (ASSETS / "flights.html").as_uri()
        for name, settings in {"light": WIDE, "dark": {**WIDE, "color_scheme": "dark"}, "phone": PHONE}.items():
            take(chromium, page, f"page-{name}", settings, at="#c2")
        take(chromium, page, "page-list", WIDE)
        take(chromium, written("comment.html", comment(report)), "comment", WIDE)
        take(chromium, written("terminal.svg", terminal(report)), "terminal", WIDE)
        trail_pages(chromium, report)
        chromium.close()


def trail_pages(chromium: Browser, report: Report) -> None:
    """The pages of `aegis ui`, of a trail that ends with the report."""
    trail = ROOT / "build" / "gallery" / "trail.db"
    write_trail(trail, report)
    with served(trail) as address:
        take(chromium, address, "ui-runs", WIDE, offline=False)
        take(chromium, f"{address}rules", "ui-rules", WIDE, offline=False)


def take(
    chromium: Browser, address: str, name: str, settings: Mapping[str, Any], at: str | None = None, *,
    offline: bool = True,
) -> None:  # fmt: skip
    """A picture of what is seen first, or from an element on."""
    context = chromium.new_context(offline=offline, **settings)
    page = context.new_page()
    page.goto(address)
    if at is not None:
        page.evaluate("query => document.querySelector(query).scrollIntoView({behavior: 'instant'})", at)
        page.wait_for_timeout(200)
    page.screenshot(path=str(ASSETS / f"{name}.png"))
    context.close()
    print(f"docs/assets/{name}.png")


def written(name: str, text: str) -> str:
    path = ROOT / "build" / "gallery" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path.as_uri()


def comment(report: Report) -> str:
    """The comment by GitHub's Markdown library, with the HTML that GitHub lets through."""
    import cmarkgfm
    from cmarkgfm.cmark import Options as Flags

    from aegis.report import render

    body = cmarkgfm.github_flavored_markdown_to_html(render(report, "markdown"), options=Flags.CMARK_OPT_UNSAFE)
    return COMMENT.format(body=body)


def terminal(report: Report) -> str:
    """The terminal's own signs and colours as a drawing."""
    from rich.console import Console
    from rich.text import Text

    from aegis.report import Options, render

    console = Console(record=True, width=100, file=io.StringIO())
    console.print(Text.from_ansi(render(report, "terminal", Options(width=100, color=True, recorded=False))))
    return console.export_svg(title="aegis analyze target/")


if __name__ == "__main__":
    sys.exit(main())
