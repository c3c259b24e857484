"""Mermaid flowchart text -> Flowchart: nodes with roles, edges as ways, lines of both.

The parser is Pele, run in QuickJS: it accepts what Mermaid accepts and yields the same
nodes, edges, strokes and classes (tests/test_flowchart.py holds it against Mermaid).
What cannot be read is a fault, never skipped: a skipped edge would be an unguarded path.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

import diagram_engine
from finding import shorten

MAX_LENGTH = 20_000
MAX_NODES = 200
MAX_WAYS = 5_000
_ID = re.compile(r"\w+(?:[.-]\w+)*")


@dataclass(frozen=True)
class Edge:
    """A drawn line between two nodes, as a way from `start` to `end`, and the line it stands on."""

    start: str
    end: str
    line: int


@dataclass
class Node:
    """A node: its label, its classes, the line of its first mention."""

    id: str
    text: str
    classes: list[str]
    line: int


@dataclass
class Flowchart:
    """A diagram as a graph. `fault` says why it could not be read; `line` is its first line."""

    source: str
    line: int
    fault: str = ""
    fault_line: int = 0
    nodes: dict[str, Node] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    subgraphs: dict[str, list[str]] = field(default_factory=dict)
    subgraph_classes: dict[str, list[str]] = field(default_factory=dict)
    extras: list[tuple[int, str]] = field(default_factory=list)
    title: str = ""
    description: str = ""
    width: float = 0.0
    labels: list[tuple[int, str]] = field(default_factory=list)
    section: str = ""

    @cached_property
    def mentions(self) -> list[list[str]]:
        """The ids that each line of the source mentions outside labels and comments, in order."""
        return [_ID.findall(text) for text in _mask_labels(self.source).split("\n")]

    def line_of(self, id: str) -> int:
        """The first line that mentions an id, or the diagram's first line."""
        return next((self.line + n for n, ids in enumerate(self.mentions) if id in ids), self.line)

    def line_of_edge(self, start: str, end: str) -> int:
        """The line on which two ids stand closest together, in this order where they can."""
        places = []
        for offset, ids in enumerate(self.mentions):
            if start in ids and end in ids:
                between = ids.index(end) - ids.index(start)
                places.append((between < 0, abs(between), offset))
        return self.line + min(places)[2] if places else self.line_of(end)


def read(source: str, line: int, section: str = "") -> Flowchart:
    """Read a diagram whose first line of text stands on `line` of its page. Never raises."""
    chart = Flowchart(source, line, section=section)
    if len(source) > MAX_LENGTH or "\0" in source:
        chart.fault, chart.fault_line = "the diagram is too large or holds a NUL byte", line
        return chart
    model = diagram_engine.read(source)
    if "fault" in model:
        chart.fault = shorten(model["fault"], 160)
        chart.fault_line = line + int(model["line"]) - 1
        return chart
    _fill(chart, model)
    return chart


def _fill(chart: Flowchart, model: dict) -> None:
    if len(model["nodes"]) > MAX_NODES or sum(_breadth(model, e) for e in model["edges"]) > MAX_WAYS:
        chart.fault, chart.fault_line = f"it has more than {MAX_NODES} nodes or {MAX_WAYS:,} ways", chart.line
        return
    chart.title, chart.description, chart.width = model["title"], model["description"], model["width"]
    chart.subgraphs = {s["id"]: s["nodes"] for s in model["subgraphs"] if s["nodes"]}
    endless = next((id for id in chart.subgraphs if not _members(chart, id)), None)
    if endless:
        chart.fault, chart.fault_line = f"`{endless}` is a box inside itself", chart.line_of(endless)
        return
    chart.subgraph_classes = {s["id"]: s["classes"] for s in model["subgraphs"]}
    for node in model["nodes"]:
        if node["id"] not in chart.subgraphs:
            line = chart.line_of(node["id"])
            chart.nodes[node["id"]] = Node(node["id"], node["text"], node["classes"], line)
            chart.labels.append((line, node["text"]))
    for empty in (s["id"] for s in model["subgraphs"] if not s["nodes"]):
        chart.nodes.setdefault(empty, Node(empty, empty, [], chart.line_of(empty)))
    for edge in model["edges"]:
        line = chart.line_of_edge(edge["start"], edge["end"])
        chart.labels.append((line, edge["text"]))
        chart.edges += _ways(chart, edge, line)
    chart.extras = _extras(chart, model)


def _breadth(model: dict, edge: dict) -> int:
    """At least as many ways as an edge stands for: its ends' subgraphs may hold each other."""
    groups = {s["id"] for s in model["subgraphs"]}
    each = [len(model["nodes"]) if edge[end] in groups else 1 for end in ("start", "end")]
    return each[0] * each[1]


def _ways(chart: Flowchart, edge: dict, line: int) -> list[Edge]:
    """An edge as ways: none if invisible, one by an arrow's head, both for any other end.

    An end at a subgraph stands for every node in it.
    """
    if edge["stroke"] == "invisible":
        return []
    starts, ends = _members(chart, edge["start"]), _members(chart, edge["end"])
    ways = [Edge(a, b, line) for a in starts for b in ends if a != b]
    if edge["type"] != "arrow_point":
        ways += [Edge(way.end, way.start, line) for way in ways]
    return ways


def _members(chart: Flowchart, id: str) -> list[str]:
    """The nodes that an edge's end stands for: itself, or all nodes of a subgraph, nested ones too."""
    seen, todo = {}, [id]
    while todo:
        name = todo.pop()
        if name not in seen:
            seen[name] = None
            todo += chart.subgraphs.get(name, [])
    return [name for name in seen if name not in chart.subgraphs]


def _extras(chart: Flowchart, model: dict) -> list[tuple[int, str]]:
    """What a diagram may not hold: styling of its own and images. (line, what)"""
    found = [
        (chart.line_of(n["id"]), f"an image or icon on `{n['id']}`") for n in model["nodes"] if n["image"]
    ]
    for offset, text in enumerate(_mask_labels(chart.source).split("\n")):
        for word in re.findall(r"(?:^|;)\s*(style|linkStyle|classDef)\b", text):
            found.append((chart.line + offset, f"`{word}`"))
    if not found and model["styled"]:
        found.append((chart.line, "styling inside the diagram"))
    return found


def _mask_labels(source: str) -> str:
    """The source with labels, comments and accessible texts blanked, so that ids stand alone."""
    blank = lambda m: re.sub(r"[^\n]", " ", m.group(0))  # noqa: E731
    source = re.sub(r"(?m)^[ \t]*%%.*$|^[ \t]*acc(?:Title|Descr)[ \t]*:.*$", blank, source)
    source = re.sub(r"accDescr\s*\{[^}]*\}", blank, source)
    source = re.sub(r'"[^"]*"', blank, source)
    source = re.sub(r"\|[^|\n]*\|", blank, source)
    return re.sub(r"\[[^\[\]\n]*\]|\([^()\n]*\)|\{[^{}\n]*\}", blank, source)
