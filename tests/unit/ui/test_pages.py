"""What each page shows, of a real trail over real requests."""

from __future__ import annotations

import re
import sqlite3
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from pathlib import Path

import httpx
import pytest

from aegis.audit import AuditTrail
from tests.unit.audit.support import a_query, a_report, a_result, tamper
from tests.unit.report.test_html import TAGS, Tags
from tests.unit.ui.support import EVIL_RULE, FLAPS, RUNS, served

PAGES = ("/", "/runs/r_causes", "/runs/r_evil", "/runs/r_dead", "/rules", f"/rules/{FLAPS}", "/decisions",
         "/decisions?by=day", "/compare", "/search", "/search?q=orders", "/nowhere")  # fmt: skip
OURS = TAGS | {"form", "time"}


def text_of(site: httpx.Client, path: str, status: int = 200) -> str:
    answer = site.get(path)
    assert answer.status_code == status, answer.text
    return " ".join(" ".join(Tags(answer.text).text).split())


def links(page: str) -> list[str]:
    return [str(given["href"]) for tag, given in Tags(page).seen if tag == "a" and given.get("href")]


def test_the_list_has_every_run_the_newest_first_with_its_verdict_and_findings(site: httpx.Client) -> None:
    page = site.get("/").text
    seen = list(dict.fromkeys(re.findall(r'<th scope="row"><a href="/runs/([^"]+)"', page)))
    assert seen[:4] == ["r_causes", "r_5", "r_4", "r_3"] and len(seen) == RUNS + 3
    text = text_of(site, "/")
    assert "9 runs" in text and "did not finish" in text and "✔ passed" in text and "✖ failed" in text
    assert "▲ high 1" in text and "◆ critical 1" in text


def test_the_list_is_filtered_by_project_and_target(site: httpx.Client) -> None:
    assert "7 runs" in text_of(site, "/?project=shop&target=dev"), "one of them did not finish"
    assert "1 run" in text_of(site, "/?project=flights")
    assert "There are no runs here of this project and target" in text_of(site, "/?project=none")


def test_a_long_list_has_pages_and_each_run_is_on_one(tmp_path: Path) -> None:
    path = tmp_path / "t.db"
    with AuditTrail.open(path) as trail:
        for number in range(120):
            trail.finish_run(a_report(f"r_{number:03}", (a_result(),)))
    with served(path) as site:
        address, seen = "/", list[str]()
        while address:
            page = site.get(address).text
            seen += re.findall(r'<th scope="row"><a href="/runs/([^"]+)"', page)
            older = re.search(r'<a href="([^"]+)" rel="next"', page)
            address = unescape(older[1]) if older else ""
        assert sorted(seen, reverse=True) == seen and len(set(seen)) == len(seen) == 120
        assert site.get("/?page=999999999999999999999").status_code == 200


def test_a_run_is_the_page_of_its_report_with_links_to_its_rules(site: httpx.Client) -> None:
    page = site.get("/runs/r_causes").text
    assert 'class="cause ' in page and 'class="lineage"' in page and 'id="results"' in page
    assert any(link.startswith("/rules/") for link in links(page))
    assert "compare with the run before" not in page, "it is the first of its project"
    assert "/compare?before=r_4&after=r_5" in links(site.get("/runs/r_5").text)


def test_a_run_is_called_as_everywhere(site: httpx.Client) -> None:
    answer = site.get("/runs/r_ca")
    assert answer.status_code == 307 and answer.headers["location"] == "/runs/r_causes"
    assert site.get("/runs/latest").status_code == 307
    assert "no run has an id that begins with 'r_nope'" in text_of(site, "/runs/r_nope", 404)
    assert "did not finish" in text_of(site, "/runs/r_dead")


def test_a_rule_that_flaps_is_told_with_its_strip_and_every_rule_is_listed(site: httpx.Client) -> None:
    page = site.get("/rules?project=shop&target=dev").text
    flapping, _, everything = page.partition('id="all"')
    assert FLAPS in flapping and "pass, fail, pass, fail, pass, fail" in flapping
    assert "orders_customer_id_not_null" not in flapping and "orders_customer_id_not_null" in everything


def test_a_rule_has_its_history_the_newest_first(site: httpx.Client) -> None:
    page = site.get(f"/rules/{FLAPS}").text
    past = page.partition('id="past"')[2]
    assert re.findall(r'href="/runs/(r_\d)"', past) == [f"r_{n}" for n in reversed(range(RUNS))]
    assert f"{FLAPS} failed in 3 of 6 runs" in page
    assert "no run has a rule" in text_of(site, "/rules/nope", 404)


def test_a_rule_of_any_name_is_found_by_its_link(site: httpx.Client) -> None:
    places = [one for one in links(site.get("/rules").text) if one.startswith("/rules")]
    rules = {one for place in places for one in links(site.get(place).text)}
    evil = next(one for one in rules if one.startswith("/rules/rule%2F"))
    assert site.get(evil).status_code == 200
    assert EVIL_RULE.strip() in text_of(site, evil)


def test_decisions_are_listed_with_tokens_and_cost_and_one_is_shown_in_full(site: httpx.Client) -> None:
    text = text_of(site, "/decisions")
    assert "3 decisions" in text and "2,001" in text and "$0.5000" in text
    assert "2 decisions" not in text_of(site, "/decisions?run=r_0")
    link = next(one for one in links(site.get("/decisions").text) if re.fullmatch(r"/decisions/\d+", one))
    shown = site.get(link).text
    assert "first\n  second\n&lt;script&gt;" in shown
    for wrong in ("1", "0", "x", "9" * 5_000):
        assert "no decision has the number" in text_of(site, f"/decisions/{wrong}", 404)


def test_two_runs_are_compared(site: httpx.Client) -> None:
    text = text_of(site, "/compare?before=r_0&after=r_1")
    assert "began to fail (1)" in text and "pass → fail" in text and "0 rows → 3 rows" in text
    assert "no run has an id" in text_of(site, "/compare?before=nope", 404)
    assert "different projects" in text_of(site, "/compare?before=r_0&after=r_causes")


def test_words_are_searched_and_never_syntax(site: httpx.Client) -> None:
    assert FLAPS in text_of(site, "/search?q=amount+between")
    assert "Nothing has all of these words" in text_of(site, "/search?q=zebra")
    assert "there is nothing to search for" in text_of(site, "/search?q=%22", 400)
    assert site.get("/search", params={"q": 'a" OR (b* NEAR'}).status_code == 200


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_our_tags_alone_and_loads_nothing_from_elsewhere(site: httpx.Client, path: str) -> None:
    page = site.get(path).text
    for tag, given in Tags(page).seen:
        assert tag in OURS
        assert "style" not in given and not [key for key in given if key.startswith("on")]
        assert (given.get("src") or "/static/").startswith("/static/")
        assert (given.get("action") or "/").startswith("/")
        assert (given.get("href") or "/").startswith(("/", "#", "data:,", "https://"))
    assert "<script>" not in page and "\x1b" not in page and "\u202e" not in page


def test_every_link_of_every_page_leads_to_a_page(site: httpx.Client) -> None:
    seen: set[str] = set()
    waiting = deque(["/"])
    while waiting:
        path = waiting.popleft().partition("#")[0]
        if path in seen or not path.startswith("/"):
            continue
        seen.add(path)
        answer = site.get(path)
        assert answer.status_code == 200, (path, answer.text)
        waiting.extend(links(answer.text))
    assert len(seen) > 30


def test_many_may_read_while_a_run_writes(trail: Path, site: httpx.Client) -> None:
    with AuditTrail.open(trail) as writer, ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(site.get, path) for path in ("/", "/rules", "/decisions", "/compare") * 6]
        for _ in range(5):
            writer.record_query(a_query("r_dead"))
        assert {answer.result().status_code for answer in answers} == {200}


def test_the_trail_is_never_changed(trail: Path, site: httpx.Client) -> None:
    before = trail.read_bytes()
    for path in PAGES:
        site.get(path)
    assert trail.read_bytes() == before


def test_a_trail_that_is_gone_or_damaged_or_locked_is_told_in_words(tmp_path: Path) -> None:
    path = tmp_path / "t.db"
    with AuditTrail.open(path) as trail:
        trail.finish_run(a_report("r_1"))
    with served(path) as site:
        assert site.get("/").status_code == 200
        tamper(path, "UPDATE run_ends SET report_json = '{'")
        assert "cannot be read" in text_of(site, "/runs/r_1", 503)
        path.write_bytes(b"x" * 4096)
        assert "this is not an audit trail" in text_of(site, "/", 503)
        for one in tmp_path.glob("t.db*"):
            one.unlink()
        assert "there is no audit trail here yet" in text_of(site, "/", 503)


def test_a_trail_that_another_holds_is_told_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "t.db"
    with AuditTrail.open(path) as trail:
        trail.finish_run(a_report("r_1"))
    monkeypatch.setattr("aegis.ui.pages.WAIT", 0.1)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("PRAGMA locking_mode = EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")
    with served(path) as site:
        assert "in use by another process" in text_of(site, "/", 503)
        holder.close()
        assert site.get("/").status_code == 200


def test_a_trail_without_runs_has_pages_that_say_so(tmp_path: Path) -> None:
    path = tmp_path / "t.db"
    AuditTrail.open(path).close()
    with served(path) as site:
        assert "There are no runs here yet" in text_of(site, "/")
        assert "No run has finished yet" in text_of(site, "/rules")
        assert "No language model was asked" in text_of(site, "/decisions")
        assert "Nothing has all of these words" in text_of(site, "/search?q=x")
        assert "no run has finished yet" in text_of(site, "/compare")
        assert "no run has finished yet" in text_of(site, "/runs/latest", 404)


def test_a_bug_is_told_in_words_and_its_traceback_is_not_on_the_page(
    site: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aegis.ui.words.stacks", lambda rows: 1 / 0)
    answer = site.get("/")
    assert (answer.status_code, answer.headers["x-frame-options"]) == (500, "DENY")
    assert "this is a bug in Aegis" in answer.text and "ZeroDivisionError" not in answer.text
