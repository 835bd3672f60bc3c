"""The page: one file, nothing from elsewhere, nothing that data could run."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from time import process_time

import pytest
from pydantic import JsonValue

from aegis.domain.kinds import EvidenceKind, OriginKind
from aegis.domain.lineage import LineageGraph, LineageNode
from aegis.domain.past import PastVerdict, RuleHistory
from aegis.domain.report import Cause, Evidence, Hop, Report
from aegis.domain.results import Status
from aegis.domain.severity import Severity
from aegis.privacy.words import words
from aegis.report import render
from aegis.report.html.charts import charts
from aegis.report.html.graph import Drawing, draw
from tests.unit.report.build import START, a_finding, a_report, a_result

TAGS = words(
    """a article b body button caption code dd defs details div dl dt figcaption figure footer g h1 h2 h3 head header
    html input label li link main marker meta nav ol option output p path pre rect script section select span strong
    style summary svg table tbody td text th thead title tr tspan ul"""
)


class Tags(HTMLParser):
    """What a browser would make of a page: its tags with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def page(reports: dict[str, Report], name: str) -> Tags:
    return Tags(render(reports[name], "html"))


@pytest.mark.parametrize("name", ["usual", "causes", "hostile", "not_run", "left_out", "empty"])
def test_a_page_has_our_tags_alone_and_no_attribute_that_runs_or_fetches(reports: dict[str, Report], name: str) -> None:
    for tag, attributes in page(reports, name).seen:
        assert tag in TAGS
        assert not {"src", "srcset", "style", "action"} & attributes.keys()
        assert not [key for key in attributes if key.startswith("on")]
        target = attributes.get("href") or "#"
        assert target.startswith(("#", "https://", "http://")) or target == "data:,"


def test_only_the_page_s_own_script_may_run(reports: dict[str, Report]) -> None:
    text = render(reports["hostile"], "html")
    scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    policy = next(a["content"] for tag, a in Tags(text).seen if a.get("http-equiv") == "Content-Security-Policy")
    assert len(scripts) == 1
    assert policy is not None and "default-src 'none'" in policy and f"script-src 'sha256-{digest}'" in policy


def test_signs_that_a_page_would_not_show_are_escapes(reports: dict[str, Report]) -> None:
    text = "".join(page(reports, "hostile").text)
    assert all(char.isprintable() or char in "\n\t" for char in text)


def test_a_runbook_is_a_link_where_it_leads_to_the_web_and_nowhere_else() -> None:
    def links(runbook: str) -> list[str]:
        failed = a_result("r", status=Status.FAIL, rows_failed=1, runbook=runbook)
        tags = Tags(render(a_report([failed], [a_finding(1, failed)]), "html"))
        return [str(a["href"]) for tag, a in tags.seen if tag == "a" and not str(a["href"]).startswith("#")]

    assert links("https://wiki.example.org/orders") == ["https://wiki.example.org/orders"]
    for text in ("javascript:alert(1)", "data:text/html,x", "//evil.example", "ask Anna, https://x.example"):
        assert links(text) == []


ORDERS = (("raw", "stg"), ("stg", "fct"), ("fct", "daily"), ("fct", "board"), ("other", "fct"), ("far", "other"))


def cause(*nodes: str, origin: str | None = None) -> Cause:
    path = tuple(Hop(node=node, table=node, rows_failed=5, asked="the same", type="not_null") for node in nodes)
    return Cause(id="C1", title="t", severity=Severity.HIGH, finding_ids=("F1",), origin=origin, path=path,
                 kind=OriginKind.BAD_SOURCE_DATA)  # fmt: skip


def graph(edges: tuple[tuple[str, str], ...]) -> LineageGraph:
    names = dict.fromkeys(name for edge in edges for name in edge)
    return LineageGraph(nodes=tuple(LineageNode(id=n, name=n, kind="model") for n in names), edges=edges)


def roles(drawing: Drawing | None) -> dict[str, str]:
    assert drawing is not None
    return {box.name: box.role for box in drawing.boxes}


def test_a_drawing_marks_where_it_began_the_way_and_what_is_below() -> None:
    drawing = draw(cause("raw", "stg", "fct", origin="raw"), graph(ORDERS), {"fct"})
    assert roles(drawing) == {
        "raw": "origin", "stg": "way", "fct": "failing", "daily": "below", "board": "below", "other": "beside",
        "far": "beside",
    }  # fmt: skip
    assert drawing is not None
    assert {box.name: box.count for box in drawing.boxes if box.count} == dict.fromkeys(("raw", "stg", "fct"), "5 rows")
    assert sum(arrow.faulty for arrow in drawing.arrows) == 2
    assert drawing.told == "raw → stg → fct, and 2 nodes below"


def test_who_is_read_stands_left_of_who_reads_it_and_no_box_covers_another() -> None:
    drawing = draw(cause("raw", "stg", "fct", origin="raw"), graph(ORDERS), set())
    assert drawing is not None
    places = {box.name: box for box in drawing.boxes}
    for one, other in ORDERS:
        assert places[one].x + places[one].width < places[other].x
    for box in drawing.boxes:
        assert box.x >= 0 and box.x + box.width <= drawing.width and box.y >= 0 and box.y + box.height <= drawing.height
        for other_box in drawing.boxes:
            apart = box.x + box.width <= other_box.x or other_box.x + other_box.width <= box.x
            assert box is other_box or apart or abs(box.y - other_box.y) >= box.height


def test_without_a_graph_the_way_itself_is_drawn_and_one_table_is_no_drawing() -> None:
    assert roles(draw(cause("raw", "stg", origin="raw"), None, set())) == {"raw": "origin", "stg": "way"}
    assert draw(cause("raw", origin="raw"), None, set()) is None
    assert draw(cause(origin="raw"), None, set()) is None


def test_a_cycle_and_edges_to_nowhere_are_left_out_of_a_drawing() -> None:
    edges = (("raw", "stg"), ("stg", "raw"), ("stg", "stg"), ("stg", "fct"), ("fct", "gone"))
    odd = LineageGraph(nodes=graph((("raw", "stg"), ("stg", "fct"))).nodes, edges=edges)
    assert set(roles(draw(cause("raw", "stg", "fct", origin="raw"), odd, set()))) == {"raw", "stg", "fct"}


def test_charts_are_drawn_of_what_can_be_counted_and_no_data_can_break_them() -> None:
    numbers: dict[str, JsonValue] = {
        "failing": 9,
        "failing_total": 10,
        "all": 1,
        "all_total": 10,
        "columns": ["source"],
    }
    good = Evidence(id="E1", kind=EvidenceKind.SEGMENTS, text="9 of 10", data=numbers)
    forms: list[JsonValue] = [None, 1, "x", [], {}, {"values": [[1], "a", ["b", None]]}, {"failing": "9"}]
    odd = [
        Evidence(id=f"E{place}", kind=kind, text=f"{kind}{place}", data=data)
        for kind in EvidenceKind
        for place, data in enumerate(forms)
    ]
    past = tuple(
        PastVerdict(at=START.replace(day=day), status=status)
        for day, status in ((1, Status.PASS), (2, Status.FAIL), (3, Status.ERROR))
    )
    history = RuleHistory(
        failing_since=START, failing_builds=2, flips=1, builds=4, last_passed=START, source="audit", verdicts=past
    )
    failed = a_result("r", status=Status.FAIL, rows_failed=8)
    finding = a_finding(1, failed, evidence=(good, *odd), history=history)
    shares, runs = charts([finding])
    assert [(bar.percent, bar.number) for bar in shares.bars] == [(90, "90%"), (10, "10%")]
    assert [(bar.number, bar.tone) for bar in runs.bars] == [
        ("passed", "good"), ("failed", "bad"), ("error", "plain"), ("failed", "bad"),
    ]  # fmt: skip


def large() -> Report:
    """A thousand results, a hundred of which failed with evidence, samples and long queries."""
    results = [a_result(f"rule_{number}", status=Status.FAIL if number < 100 else Status.PASS, rows_failed=number,
                        failing_keys=tuple(range(20)), failing_rows_sql=f"select * from t where id = {number}")
               for number in range(1000)]  # fmt: skip
    query = "select " + ", ".join(f"column_{number}" for number in range(120)) + " from orders"
    evidence = [Evidence(id=f"E{n}", kind=EvidenceKind.SEGMENTS, text=f"fact {n}", query=query) for n in range(8)]
    findings = [a_finding(place, result, evidence=tuple(evidence)) for place, result in enumerate(results[:100], 1)]
    causes = tuple(
        cause("raw", "stg", "fct", origin="raw").model_copy(update={"id": f"C{n}", "finding_ids": (f"F{n}",)})
        for n in range(1, 101)
    )
    report = a_report(results, findings)
    summary = report.summary.model_copy(update={"causes": 100})
    return report.model_copy(update={"causes": causes, "summary": summary, "lineage": graph(ORDERS)})


def test_a_thousand_results_with_a_hundred_findings_are_less_than_a_megabyte_and_what_is_left_out_is_said() -> None:
    text = render(large(), "html")
    assert len(text.encode()) <= 1_000_000
    assert text.count('<section class="cause') == 100 and text.count("<tr class=") == 1000
    assert "left out to keep this page small" in text


@pytest.mark.alone
def test_a_page_of_a_thousand_results_costs_half_a_second() -> None:
    report = large()
    began = process_time()
    render(report, "html")
    assert process_time() - began <= 0.5
