"""The page in a real browser: no network, no message on the console, and everything that can be clicked works."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from aegis.report import render
from tests.unit.report.conftest import BUILDERS
from tests.unit.report.test_html import large
from tools import browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser]
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--no-first-run"]  # fmt: skip


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = browser.executable()
        assert found is not None
        started = playwright.chromium.launch(executable_path=str(found), args=QUIET)
        yield started
        started.close()


class Opened:
    """A page of a file, without network, and what its console said."""

    def __init__(self, chromium: Browser, file: Path, **settings: Any) -> None:
        self.said: list[str] = []
        self.context = chromium.new_context(offline=True, **settings)
        self.page: Page = self.context.new_page()
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.said.append(request.url) if "file:" not in request.url else None)
        self.page.goto(file.as_uri())


def written(tmp_path: Path, name: str) -> Path:
    report = large() if name == "large" else BUILDERS[name]()
    file = tmp_path / f"{name}.html"
    file.write_text(render(report, "html"), encoding="utf-8")
    return file


@pytest.mark.parametrize("name", sorted([*BUILDERS, "large"]))
def test_a_page_opens_without_network_and_without_a_word_on_the_console(
    chromium: Browser, tmp_path: Path, name: str
) -> None:
    opened = Opened(chromium, written(tmp_path, name))
    opened.page.click("#theme")
    assert opened.page.locator("h1").is_visible()
    assert [line for line in opened.said if not line.startswith("data:")] == []
    opened.context.close()


@pytest.mark.parametrize(
    ("name", "scheme", "width"),
    [("causes", "light", 1200), ("causes", "dark", 390), ("hostile", "dark", 1200), ("hostile", "light", 390)],
)
def test_a_page_has_no_violation_that_axe_finds(
    chromium: Browser, tmp_path: Path, name: str, scheme: Any, width: int
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    size = {"width": width, "height": 900}
    opened = Opened(chromium, written(tmp_path, name), color_scheme=scheme, viewport=size, bypass_csp=True)
    opened.page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    found = Axe().run(opened.page).response["violations"]
    told = [(one["id"], [node["html"][:160] for node in one["nodes"]][:3]) for one in found]
    assert told == []
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width, "nothing is wider than the screen"
    opened.context.close()


def test_results_are_searched_filtered_and_sorted(chromium: Browser, tmp_path: Path) -> None:
    opened = Opened(chromium, written(tmp_path, "large"))
    page = opened.page

    def rules(most: int = 3) -> list[str]:
        return page.locator("#results tbody tr:not([hidden]) th").all_text_contents()[:most]

    page.fill("#search", "RULE_77")
    assert page.locator("#shown").text_content() == "11 of 1000 results"
    page.select_option("#status", "fail")
    assert rules() == ["rule_77"]
    page.fill("#search", "")
    assert page.locator("#shown").text_content() == "100 of 1000 results"
    for click, first, order in ((1, "rule_99", "descending"), (2, "rule_0", "ascending")):
        page.get_by_role("button", name="rows failed").click()
        assert (rules(1), click) == ([first], click)
        assert page.locator("th[aria-sort]").get_attribute("aria-sort") == order
    page.get_by_role("button", name="rule", exact=True).focus()
    page.keyboard.press("Enter")
    assert rules(2) == ["rule_0", "rule_1"], "the keyboard sorts too"
    assert opened.said == []
    opened.context.close()


def test_sql_is_copied_as_it_is_and_a_link_opens_what_is_folded(chromium: Browser, tmp_path: Path) -> None:
    opened = Opened(chromium, written(tmp_path, "causes"), permissions=["clipboard-read", "clipboard-write"])
    page = opened.page
    shown = page.locator(".fix .code code").first.text_content()
    page.locator(".fix .copy").first.click()
    page.locator(".copy", has_text="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == shown
    assert not page.locator("#f1").is_visible()
    page.evaluate("location.hash = '#f1'")
    page.locator("#f1").wait_for(state="visible")
    opened.context.close()
