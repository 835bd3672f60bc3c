"""The pages of the audit trail in a real browser: nothing from elsewhere, a quiet console, links that work."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from integration_tests.test_pages import QUIET
from tests.unit.ui.support import FLAPS, a_trail, served
from tools import browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser]
PAGES = ("/", "/runs/r_causes", "/runs/r_evil", "/runs/r_dead", "/rules?project=shop&target=dev", f"/rules/{FLAPS}",
         "/decisions", "/decisions?run=r_5", "/compare?before=r_0&after=r_1", "/search?q=orders")  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with served(a_trail(tmp_path_factory.mktemp("ui") / "history.db")) as client:
        yield client


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = browser.executable()
        assert found is not None
        started = playwright.chromium.launch(executable_path=str(found), args=QUIET)
        yield started
        started.close()


class Visit:
    """A tab, with what its console said and what it asked of anybody but the site."""

    def __init__(self, chromium: Browser, site: httpx.Client, **settings: Any) -> None:
        self.base, self.said = str(site.base_url).rstrip("/"), list[str]()
        self.context = chromium.new_context(base_url=self.base, **settings)
        self.page: Page = self.context.new_page()
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self._asked(request.url))

    def _asked(self, url: str) -> None:
        if not url.startswith((self.base + "/", "data:")):
            self.said.append(url)


def test_every_page_opens_without_a_word_on_the_console(chromium: Browser, site: httpx.Client) -> None:
    visit = Visit(chromium, site)
    for path in PAGES:
        visit.page.goto(path)
        assert visit.page.locator("h1").is_visible()
        assert (visit.said, path) == ([], path)
    visit.context.close()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1200), ("dark", 390)])
def test_no_page_has_a_violation_that_axe_finds(chromium: Browser, site: httpx.Client, scheme: Any, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    size = {"width": width, "height": 900}
    visit = Visit(chromium, site, color_scheme=scheme, viewport=size, bypass_csp=True)
    for path in set(PAGES) - {"/runs/r_causes"}:  # the page of a report has its own test
        visit.page.goto(path)
        found = Axe().run(visit.page).response["violations"]
        told = [(path, one["id"], [node["html"][:160] for node in one["nodes"]][:3]) for one in found]
        assert told == []
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= width, path
    visit.context.close()


def test_a_person_gets_from_the_list_to_a_rule_and_back_and_searches(chromium: Browser, site: httpx.Client) -> None:
    visit = Visit(chromium, site)
    page = visit.page
    page.goto("/")
    page.select_option("select[name=project]", "shop")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**/?project=shop*")
    assert page.locator("table.list tbody tr").count() == 7
    page.get_by_role("link", name="r_5").click()
    page.fill("#search", "amount")
    assert page.locator("#shown").text_content() == "1 of 2 results"
    page.get_by_role("link", name=FLAPS).click()
    assert page.locator("h1").text_content() == FLAPS
    page.get_by_role("link", name="r_0").click()
    page.get_by_role("link", name="Compare", exact=True).click()
    page.fill("input[name=q] >> nth=0", FLAPS)
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=*")
    assert page.locator("ul.hits li").count() >= 2
    assert visit.said == []
    visit.context.close()


def test_a_choice_of_dark_or_light_lasts_from_page_to_page(chromium: Browser, site: httpx.Client) -> None:
    visit = Visit(chromium, site, color_scheme="light")
    visit.page.goto("/")
    visit.page.click("#theme")
    visit.page.goto("/rules")
    assert visit.page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert visit.said == []
    visit.context.close()


def test_a_page_of_another_name_gets_nothing(chromium: Browser, site: httpx.Client, tmp_path: Path) -> None:
    """What a page of another site can do: embed the style, or ask by script."""
    page = tmp_path / "evil.html"
    base = str(site.base_url).rstrip("/")
    page.write_text(
        f"<!doctype html><title>x</title><script>fetch('{base}/').then(r => r.text(), e => 'refused')"
        ".then(text => { document.title = text.slice(0, 60) })</script>",
        encoding="utf-8",
    )
    context = chromium.new_context()
    tab = context.new_page()
    tab.goto(page.as_uri())
    tab.wait_for_function("document.title !== 'x'")
    assert tab.title() == "refused"
    context.close()
