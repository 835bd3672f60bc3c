"""The lineage around a cause, laid out: layers from left to right (Sugiyama, Tagawa and Toda 1981, by grandalf)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from aegis.domain.lineage import LineageGraph, LineageNode
from aegis.domain.report import Cause
from aegis.domain.text import plural
from aegis.report.text import cut, one_line
from aegis.rules.lookup import rows_on_the_way

_LETTER, _SMALL_LETTER, _PADDING = 7.4, 6.6, 26.0
_NARROWEST, _WIDEST = 96.0, 232.0
_HEIGHT = 46.0
_BETWEEN_LAYERS, _BETWEEN_NODES = 46.0, 18.0
_MARGIN = 16.0
#: Letters of a name that are shown; the whole stands in the title.
_LETTERS = 28
#: Nodes that one drawing holds, nearest to the cause first.
_MOST = 40

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """A node: its top left corner and size in pixels, what it says, and its part in the cause (a class name)."""

    x: float
    y: float
    width: float
    height: float
    name: str
    title: str
    about: str
    count: str
    role: str


@dataclass(frozen=True, slots=True)
class Arrow:
    """An edge as an SVG path, and whether the fault came along it."""

    path: str
    faulty: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing of ``width`` by ``height`` pixels; ``told`` says it in words."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    told: str


def draw(cause: Cause, graph: LineageGraph | None, failing: Collection[str]) -> Drawing | None:
    """The way of a cause with what stands around it; None where there is nothing but one table. ``failing`` are the
    nodes that its findings are about."""
    nodes, edges = _around(cause, graph)
    if len(nodes) < 2:
        return None
    way = _way(cause)
    counts = {hop.node: rows for hop in cause.path if (rows := rows_on_the_way(hop)) is not None}
    below = _reached(edges, way)
    roles = {uid: _role(uid, cause, way, failing, below) for uid in nodes}
    boxes = {uid: _box(node, roles[uid], counts.get(uid)) for uid, node in nodes.items()}
    widths = {uid: box.width for uid, box in boxes.items()}
    places, routes = _places(widths, edges)
    placed = [
        replace(box, x=places[uid][0] - box.width / 2, y=places[uid][1] - _HEIGHT / 2) for uid, box in boxes.items()
    ]
    arrows = [
        Arrow(_curve(routes[edge], widths[edge[0]] / 2, widths[edge[1]] / 2), edge[0] in way and edge[1] in way)
        for edge in edges
    ]
    return Drawing(
        width=max(box.x + box.width for box in placed) + _MARGIN,
        height=max(box.y + box.height for box in placed) + _MARGIN,
        boxes=tuple(placed), arrows=tuple(sorted(arrows, key=lambda arrow: arrow.faulty)),
        told=_told(cause, nodes, roles),
    )  # fmt: skip


def _box(node: LineageNode, role: str, failing: int | None) -> Box:
    """A node without its place, as wide as what it says."""
    name = cut(one_line(node.name), _LETTERS)
    about = "began here" if role == "origin" else one_line(node.kind)
    rows = "" if failing is None else plural(failing, "row")
    longest = max(len(name) * _LETTER, (len(about) + len(rows) + 3 * bool(rows)) * _SMALL_LETTER)
    width = min(_WIDEST, max(_NARROWEST, longest + _PADDING))
    return Box(0, 0, width, _HEIGHT, name=name, title=one_line(node.name), about=about, count=rows, role=role)


def _way(cause: Cause) -> list[str]:
    return list(dict.fromkeys([*([cause.origin] if cause.origin else []), *(hop.node for hop in cause.path)]))


def _around(cause: Cause, graph: LineageGraph | None) -> tuple[dict[str, LineageNode], list[tuple[str, str]]]:
    """The nodes of one cause and their edges, without cycles, which only a report that somebody changed can have."""
    known = {node.id: node for node in graph.nodes} if graph else {}
    for hop in cause.path:
        known.setdefault(hop.node, LineageNode(id=hop.node, name=hop.table, kind=hop.node.partition(".")[0]))
    edges = list(dict.fromkeys(graph.edges)) if graph and graph.edges else []
    way = [uid for uid in _way(cause) if uid in known]
    if not edges:
        edges = list(pairwise(way))
    edges = [(one, other) for one, other in edges if one in known and other in known]
    up = _reached([(other, one) for one, other in edges], way, levels=2)
    shown = dict.fromkeys([*way, *up, *_reached(edges, way)][:_MOST])
    inner = [(one, other) for one, other in edges if one in shown and other in shown]
    return {uid: known[uid] for uid in shown}, _without_cycles(list(shown), inner)


def _reached(edges: Iterable[tuple[str, str]], starts: Sequence[str], levels: int | None = None) -> list[str]:
    """What is reached along the edges, nearest first, without the starts."""
    next_of: dict[str, list[str]] = defaultdict(list)
    for one, other in edges:
        next_of[one].append(other)
    seen, level, depth = dict.fromkeys(starts), list(starts), 0
    while level and (levels is None or depth < levels):
        level = list(dict.fromkeys(other for uid in level for other in next_of[uid] if other not in seen))
        seen |= dict.fromkeys(level)
        depth += 1
    return [uid for uid in seen if uid not in set(starts)]


def _without_cycles(nodes: Sequence[str], edges: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The edges that lead on from a node whose parents stand all before it (Kahn 1962)."""
    left = dict.fromkeys(nodes, 0)
    for _, other in edges:
        left[other] += 1
    order: dict[str, int] = {}
    waiting = [uid for uid in nodes if not left[uid]]
    for uid in waiting:
        order[uid] = len(order)
        for one, other in edges:
            if one == uid:
                left[other] -= 1
                if not left[other]:
                    waiting.append(other)
    return [(one, other) for one, other in edges if one in order and other in order]


def _role(uid: str, cause: Cause, way: Sequence[str], failing: Collection[str], below: Collection[str]) -> str:
    if uid == cause.origin:
        return "origin"
    if uid in failing:
        return "failing"
    return "way" if uid in way else "below" if uid in below else "beside"


def _places(
    widths: Mapping[str, float], edges: Sequence[tuple[str, str]]
) -> tuple[dict[str, Point], dict[tuple[str, str], list[Point]]]:
    """Where the middle of each node lies, and the points of each edge. grandalf lays layers from top to bottom, so
    width and height, and x and y, change places."""
    from grandalf.graphs import Edge, Graph, Vertex
    from grandalf.layouts import SugiyamaLayout

    vertices = {uid: Vertex(uid) for uid in widths}
    for uid, vertex in vertices.items():
        vertex.view = _View(_HEIGHT, widths[uid])
    links = {edge: Edge(vertices[edge[0]], vertices[edge[1]]) for edge in edges}
    for link in links.values():
        link.view = _Route()
    places: dict[str, Point] = {}
    shift = _MARGIN
    for part in Graph(list(vertices.values()), list(links.values())).C:
        layout = SugiyamaLayout(part)
        layout.xspace, layout.yspace = _BETWEEN_NODES, _BETWEEN_LAYERS
        layout.init_all()
        layout.draw(4)
        shift = _take(part, places, shift)
    routes = {}
    for edge, link in links.items():
        middle = [(y + link.view.shift[0], x + link.view.shift[1]) for x, y in link.view.points[1:-1]]
        routes[edge] = [places[edge[0]], *middle, places[edge[1]]]
    return places, routes


def _take(part: Any, places: dict[str, Point], top: float) -> float:
    """The places of one connected part, below what is there already; where the next one may begin."""
    found = {vertex.data: (vertex.view.xy[1], vertex.view.xy[0]) for vertex in part.sV}
    left = min(found[vertex.data][0] - vertex.view.h / 2 for vertex in part.sV)
    highest = min(y for _, y in found.values()) - _HEIGHT / 2
    dx, dy = _MARGIN - left, top - highest
    places |= {uid: (x + dx, y + dy) for uid, (x, y) in found.items()}
    for edge in part.sE:
        edge.view.shift = (dx, dy)
    return float(max(y for _, y in found.values()) + dy + _HEIGHT / 2 + _BETWEEN_NODES)


class _View:
    """What grandalf asks of a node: its size, and a place that it writes."""

    def __init__(self, width: float, height: float) -> None:
        self.w, self.h = width, height
        self.xy: Point = (0.0, 0.0)


class _Route:
    """What grandalf asks of an edge."""

    def __init__(self) -> None:
        self.points: list[Point] = []
        self.shift: Point = (0.0, 0.0)

    def setpath(self, points: list[Point]) -> None:
        self.points = points


def _curve(points: Sequence[Point], before: float, after: float) -> str:
    """From the right edge of one box to the left edge of the next, level at each point."""
    (x, y), *middle, (end_x, end_y) = points
    stops = [(x + before, y), *middle, (end_x - after - 5, end_y)]
    parts = [f"M{stops[0][0]:.0f} {stops[0][1]:.0f}"]
    for (from_x, from_y), (to_x, to_y) in pairwise(stops):
        half = (from_x + to_x) / 2
        parts.append(f"C{half:.0f} {from_y:.0f} {half:.0f} {to_y:.0f} {to_x:.0f} {to_y:.0f}")
    return "".join(parts)


def _told(cause: Cause, nodes: Mapping[str, LineageNode], roles: Mapping[str, str]) -> str:
    way = " → ".join(one_line(nodes[uid].name) for uid in _way(cause) if uid in nodes)
    below = sum(role == "below" for role in roles.values())
    return way + (f", and {plural(below, 'node')} below" if below else "")
