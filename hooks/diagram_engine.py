"""Pele, a Mermaid parser and renderer in JavaScript, run in QuickJS: what is drawn, and the drawing.

Where QuickJS is not installed there is no engine: the gate then cannot read diagrams and says so, and
a preview leaves the drawing to the browser.
"""

from __future__ import annotations

import json
import os
from functools import cache, lru_cache
from pathlib import Path

try:
    import quickjs
except ImportError:  # no wheel for this machine
    quickjs = None

PELE = Path(__file__).parent / "vendor" / "pele.global.js"
PHONE_WIDTH = 360  # px of a 390 px phone that a page leaves to a drawing
MAX_WIDTH = 520  # wider than this, labels shrink below 11 px there
MAX_EDGES = 500
MEMORY = 256 * 2**20
SECONDS = 2
# Stands in a drawing before its ids, until it is known where it is shown; no author can write it.
_PLACE = f"place-{os.urandom(8).hex()}-"

_DRAW = """
function drawn(chart, maxWidth) {
  const { svg, width } = pele.render(chart, { idPrefix: "%s", maxWidth, autoDirection: true });
  return { svg, width };
}
(function (text) { return JSON.stringify(drawn(text, %d)); })
""" % (_PLACE, PHONE_WIDTH)  # noqa: UP031  (braces of the script would all need doubling)
_READ = """
(function (text) {
  try {
    const model = pele.parse(text, { maxEdges: %d });
    if (model.type !== "flowchart") throw new Error("it is a " + model.type + ", not a flowchart");
    const read = {
      nodes: [...model.nodes].map(([id, n]) => ({
        id, text: n.text || "", classes: n.classes || [], image: Boolean(n.img || n.icon),
      })),
      edges: model.edges.map((e) => ({
        start: e.start, end: e.end, type: e.type, stroke: e.stroke, text: e.text,
      })),
      subgraphs: model.subgraphs.map((s) => ({ id: s.id, nodes: s.nodes, classes: s.classes || [] })),
      styled: [
        model.classes.size, model.defaultEdgeStyle, model.defaultInterpolate,
        ...[...model.nodes.values()].map((n) => n.styles),
        ...model.edges.flatMap((e) => [e.style, e.interpolate, e.animate, e.classes]),
      ].some((said) => Array.isArray(said) ? said.length : said),
      title: model.accTitle || "", description: model.accDescr || "",
    };
    read.drawn = drawn(model);
    read.width = read.drawn.width;
    if (read.width > %d) read.width = Math.min(read.width, drawn(model, %d).width);
    return JSON.stringify(read);
  } catch (error) {
    return JSON.stringify({ fault: error.message, line: error.line || 1 });
  }
})
""" % (MAX_EDGES, MAX_WIDTH, PHONE_WIDTH)  # noqa: UP031


def present() -> bool:
    """Whether diagrams can be read and drawn on this machine."""
    return quickjs is not None


@cache
def _functions() -> tuple:
    context = quickjs.Context()
    context.set_memory_limit(MEMORY)
    context.eval(PELE.read_text(encoding="utf-8"))
    context.set_time_limit(SECONDS)
    return context.eval(_DRAW), context.eval(_READ)


def read(source: str) -> dict:
    """A flowchart's model (nodes, edges, subgraphs, texts, width in px), or `fault` and its line."""
    return _read(source.rstrip("\n"))  # which the site's Markdown takes off


@lru_cache(maxsize=4096)
def _read(source: str) -> dict:
    if not present():
        return {"fault": "QuickJS is not installed (pip install quickjs-ng)", "line": 1}
    try:
        return json.loads(_functions()[1](source))
    except (quickjs.JSException, ValueError) as error:
        _functions.cache_clear()  # an engine that ran out of time or memory is not used again
        reason = str(error).splitlines()[0][:80]
        return {"fault": f"the diagram is too large or too deep to read ({reason})", "line": 1}


def draw(source: str, prefix: str, narrow: bool = False) -> tuple[str, float]:
    """A diagram that could be read, as SVG and its width in px; `prefix` keeps its ids apart."""
    drawn = read(source)["drawn"]
    if narrow and drawn["width"] > PHONE_WIDTH:
        drawn = _narrow(source.rstrip("\n"))
    return drawn["svg"].replace(_PLACE, prefix), drawn["width"]


@lru_cache(maxsize=4096)
def _narrow(source: str) -> dict:
    return json.loads(_functions()[0](source))
