"""Mermaid flowchart text -> Flowchart: nodes with roles, edges as ways, lines of both.

The parser is Pele, run in QuickJS: it accepts what Mermaid accepts and yields the same
nodes, edges, strokes and classes (tests/test_flowchart.py holds it against Mermaid).
What cannot be read is a fault, never skipped: a skipped edge would be an unguarded path.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from pathlib import Path

import quickjs
from finding import shorten

PELE = Path(__file__).parent / "vendor" / "pele.global.js"
PHONE_WIDTH = 360  # px of a 390 px phone that a page leaves to a drawing
MAX_WIDTH = 520  # wider than this, labels shrink below 11 px there
MAX_LENGTH = 20_000
_ID = re.compile(r"\w+(?:[.-]\w+)*")

_READ = """
(function (text) {
  try {
    const model = pele.parse(text, { maxEdges: 500 });
    if (model.type !== "flowchart") throw new Error("it is a " + model.type + ", not a flowchart");
    const read = {
      nodes: [...model.nodes].map(([id, n]) => ({
        id, text: n.text || "", classes: n.classes || [],
        styled: Boolean((n.styles || []).length), image: Boolean(n.img || n.icon),
      })),
      edges: model.edges.map((e) => ({
        start: e.start, end: e.end, type: e.type, stroke: e.stroke, text: e.text,
      })),
      subgraphs: model.subgraphs.map((s) => ({ id: s.id, nodes: s.nodes, classes: s.classes || [] })),
      title: model.accTitle || "", description: model.accDescr || "",
    };
    read.width = pele.render(model).width;
    if (read.width > %d) {
      const narrow = pele.render(text, { maxWidth: %d, autoDirection: true });
      read.width = Math.min(read.width, narrow.width);
    }
    return JSON.stringify(read);
  } catch (error) {
    return JSON.stringify({ fault: error.message, line: error.line || 1 });
  }
})
""" % (MAX_WIDTH, PHONE_WIDTH)  # noqa: UP031  (braces of the script would all need doubling)


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

    @cached_property
    def mentions(self) -> list[set[str]]:
        """The ids that each line of the source mentions outside labels and comments."""
        return [set(_ID.findall(text)) for text in _mask_labels(self.source).split("\n")]

    def line_of(self, *ids: str) -> int:
        """The first line that mentions all the ids; else the first of the last; else the top."""
        for wanted in (set(ids), set(ids[-1:])):
            for offset, mentioned in enumerate(self.mentions):
                if wanted <= mentioned:
                    return self.line + offset
        return self.line


@cache
def _engine():
    context = quickjs.Context()
    context.set_memory_limit(256 * 2**20)
    context.eval(PELE.read_text(encoding="utf-8"))
    context.set_time_limit(2)
    return context.eval(_READ)


@lru_cache(maxsize=512)
def _parsed(source: str) -> dict:
    try:
        return json.loads(_engine()(source))
    except (quickjs.JSException, ValueError) as error:
        _engine.cache_clear()  # an engine that ran out of time or memory is not used again
        return {
            "fault": f"the diagram is too large or too deep to read ({str(error).splitlines()[0][:80]})",
            "line": 1,
        }


def read(source: str, line: int) -> Flowchart:
    """Read a diagram whose first line of text stands on `line` of its page. Never raises."""
    chart = Flowchart(source, line)
    if len(source) > MAX_LENGTH or "\0" in source:
        chart.fault, chart.fault_line = "the diagram is too large or holds a NUL byte", line
        return chart
    model = _parsed(source)
    if "fault" in model:
        chart.fault = shorten(model["fault"], 160)
        chart.fault_line = line + max(0, int(model["line"]) - 1)
        return chart
    _fill(chart, model)
    return chart


def _fill(chart: Flowchart, model: dict) -> None:
    chart.title, chart.description, chart.width = model["title"], model["description"], model["width"]
    chart.subgraphs = {s["id"]: s["nodes"] for s in model["subgraphs"] if s["nodes"]}
    chart.subgraph_classes = {s["id"]: s["classes"] for s in model["subgraphs"]}
    for node in model["nodes"]:
        if node["id"] not in chart.subgraphs:
            line = chart.line_of(node["id"])
            chart.nodes[node["id"]] = Node(node["id"], node["text"], node["classes"], line)
            chart.labels.append((line, node["text"]))
    for empty in (s["id"] for s in model["subgraphs"] if not s["nodes"]):
        chart.nodes.setdefault(empty, Node(empty, empty, [], chart.line_of(empty)))
    for edge in model["edges"]:
        line = chart.line_of(edge["start"], edge["end"])
        chart.labels.append((line, edge["text"] or ""))
        chart.edges += _ways(chart, edge, line)
    chart.extras = _extras(chart, model)


def _ways(chart: Flowchart, edge: dict, line: int) -> list[Edge]:
    """An edge as ways: none if invisible, both for two heads or no head, all nodes of a subgraph."""
    if edge["stroke"] == "invisible":
        return []
    starts, ends = _members(chart, edge["start"]), _members(chart, edge["end"])
    ways = [Edge(a, b, line) for a in starts for b in ends if a != b]
    kind = edge["type"] or ""
    if kind == "arrow_open" or not kind.startswith("arrow_"):
        ways += [Edge(b, a, line) for a in starts for b in ends if a != b]
    return ways


def _members(chart: Flowchart, id: str, seen: frozenset = frozenset()) -> list[str]:
    if id not in chart.subgraphs or id in seen:
        return [id]
    inner = [_members(chart, child, seen | {id}) for child in chart.subgraphs[id]]
    return [node for nodes in inner for node in nodes]


def _extras(chart: Flowchart, model: dict) -> list[tuple[int, str]]:
    """What a diagram may not hold: styling of its own and images. (line, what)"""
    found = [
        (chart.line_of(n["id"]), f"an image or icon on `{n['id']}`") for n in model["nodes"] if n["image"]
    ]
    for offset, text in enumerate(chart.source.split("\n")):
        match = re.match(r"\s*(style|linkStyle|classDef)\b", text)
        if match:
            found.append((chart.line + offset, f"`{match.group(1)}`"))
    if not found and any(n["styled"] for n in model["nodes"]):
        found.append((chart.line, "styling inside the diagram"))
    return found


def _mask_labels(source: str) -> str:
    """The source with labels, comments and accessible texts blanked, so that ids stand alone."""
    blank = lambda m: re.sub(r"[^\n]", " ", m.group(0))  # noqa: E731
    source = re.sub(r"(?m)^\s*%%.*$|^\s*acc(?:Title|Descr)\s*:.*$", blank, source)
    source = re.sub(r"accDescr\s*\{[^}]*\}", blank, source)
    source = re.sub(r'"[^"]*"', blank, source)
    source = re.sub(r"\|[^|\n]*\|", blank, source)
    for _ in range(3):
        source = re.sub(r"\[[^\[\]\n]*\]|\([^()\n]*\)|\{[^{}\n]*\}", blank, source)
    return source
