"""The gate reads a diagram as Mermaid does: held against Mermaid itself, in a real Chromium.

Every diagram of the guide and every form of flowcharts.yml is given to both. They must accept or refuse
it alike and find the same nodes, classes, edges and subgraphs; from those, the gate must make the ways
that the form states.
"""

import math
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import diagram_engine
import pytest
import read_flowchart
import yaml
from browser import chromium
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parent.parent
LIBRARY = ROOT / "docs" / "assets" / "vendor" / "mermaid.min.js"
FORMS = {
    form["form"]: form
    for form in yaml.safe_load((ROOT / "tests" / "flowcharts.yml").read_text(encoding="utf-8"))
}
FENCES = {
    f"{path.relative_to(ROOT / 'docs')}, diagram {number}": text
    for path in sorted((ROOT / "docs").rglob("*.md"))
    for number, text in enumerate(
        re.findall(r"^```mermaid\n(.*?)^```$", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL), 1
    )
}
TEXTS = FENCES | {name: form["text"] for name, form in FORMS.items()}
GOOD = "flowchart TD\n  a:::hazard --> b:::guard --> c:::exposed\n"

ASK_MERMAID = """async texts => {
  mermaid.initialize({startOnLoad: false});
  const read = async text => {
    try {
      const {type, db} = await mermaid.mermaidAPI.getDiagramFromText(text);
      if (!type.startsWith("flowchart")) return {fault: `it is a ${type}`};
      return {
        nodes: [...db.getVertices()].map(([id, node]) => ({id, classes: node.classes})),
        edges: db.getEdges().map(({start, end, type, stroke}) => ({start, end, type, stroke})),
        subgraphs: db.getSubGraphs().map(({id, nodes, classes}) => ({id, nodes, classes})),
      };
    } catch (error) {
      return {fault: String(error)};
    }
  };
  const answers = [];
  for (const text of texts) answers.push(await read(text));
  return answers;
}"""


def _ask_mermaid(texts):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium())
        page = browser.new_page()
        page.add_script_tag(path=LIBRARY)
        answers = page.evaluate(ASK_MERMAID, texts)
        browser.close()
    return answers


@pytest.fixture(scope="module")
def mermaid():
    """What Mermaid makes of each text. In a thread: another test's Playwright may be open in this one."""
    with ThreadPoolExecutor(1) as pool:
        answers = pool.submit(_ask_mermaid, list(TEXTS.values())).result()
    return dict(zip(TEXTS, answers, strict=True))


def _classes(model):
    return {node["id"]: sorted(node["classes"]) for node in model["nodes"]}


def _edges(model):
    return sorted((edge["start"], edge["end"], edge["type"], edge["stroke"]) for edge in model["edges"])


def _subgraphs(model):
    """Members and classes by id: a name drawn twice is one subgraph, and none is inside itself."""
    found = {}
    for subgraph in model["subgraphs"]:
        members, classes = found.setdefault(subgraph["id"], (set(), set()))
        members.update(set(subgraph["nodes"]) - {subgraph["id"]})
        classes.update(subgraph["classes"])
    return found


def test_there_is_something_to_read():
    assert FENCES
    assert any(name.startswith("questions/_template.md") for name in FENCES)
    assert len(FORMS) >= 60
    assert sum("refused" in form for form in FORMS.values()) >= 10


def test_every_form_has_a_name_of_its_own_and_one_expectation():
    source = (ROOT / "tests" / "flowcharts.yml").read_text(encoding="utf-8")
    assert len(re.findall(r"^- form:", source, re.MULTILINE)) == len(FORMS)
    for name, form in FORMS.items():
        assert form.keys() in ({"form", "text", "ways"}, {"form", "text", "refused"}), name


@pytest.mark.parametrize("name", TEXTS)
def test_gate_reads_what_mermaid_reads(mermaid, name):
    theirs, ours = mermaid[name], diagram_engine.read(TEXTS[name])
    assert ("fault" in ours) == ("fault" in theirs), (ours.get("fault"), theirs.get("fault"))
    assert bool(read_flowchart.read(TEXTS[name], 1).fault) == ("fault" in theirs)
    if "fault" not in theirs:
        assert _classes(ours) == _classes(theirs)
        assert _edges(ours) == _edges(theirs)
        assert _subgraphs(ours) == _subgraphs(theirs)


@pytest.mark.parametrize("name", FORMS)
def test_form_gives_its_ways(name):
    form, chart = FORMS[name], read_flowchart.read(FORMS[name]["text"], 1)
    if form.get("refused"):
        assert chart.fault
        assert chart.edges == []
    else:
        assert chart.fault == ""
        assert sorted(f"{edge.start}>{edge.end}" for edge in chart.edges) == sorted(form["ways"].split())


@pytest.mark.parametrize("name", FENCES)
def test_diagram_of_the_guide_has_ways_and_a_phone_width(name):
    chart = read_flowchart.read(FENCES[name], 1)
    assert chart.edges
    assert math.isfinite(chart.width)
    assert chart.width > 0


@pytest.mark.parametrize(
    "text",
    [
        "flowchart TD\n  a --> b\n%% \0\n",
        "flowchart TD\n  subgraph a\n    b\n  end\n  subgraph b\n    a\n  end\n  c --> a\n",
        "flowchart TD\n" + "  a --> b\n" * 3_000,
        "flowchart TD\n" + "".join(f"  a{n} --> b{n}\n" for n in range(600)),
        "flowchart TD\n  "
        + " & ".join(f"a{n}" for n in range(30))
        + " --> "
        + " & ".join("bcdefghijklmnopqrstu"),
    ],
    ids=["a NUL byte", "boxes in a circle", "30 kB", "600 edges", "600 edges in one line"],
)
def test_too_much_is_a_fault(text):
    chart = read_flowchart.read(text, 7)
    assert chart.fault
    assert chart.fault_line >= 7
    assert (chart.nodes, chart.edges) == ({}, [])
    assert read_flowchart.read(GOOD, 1).fault == ""


BOX = "flowchart TD\n  subgraph s\n" + "".join(f"    b{n}\n" for n in range(48)) + "  end\n"


@pytest.mark.parametrize(
    "most, one_more",
    [
        (BOX + "  a --> s\n" * 100, "  b0 --> b1\n"),
        ("flowchart TD\n" + "".join(f"  a{n}\n" for n in range(200)), "  b\n"),
        ("flowchart TD\n  a --> b\n%%" + "x" * 19_975, "x"),
    ],
    ids=["ways into boxes", "nodes", "letters"],
)
def test_what_is_just_not_too_much_is_read(most, one_more):
    assert read_flowchart.read(most, 1).fault == ""
    assert read_flowchart.read(most + one_more, 1).fault
    assert read_flowchart.read(most + one_more, 1).nodes == {}


def test_an_empty_subgraph_is_a_node_and_a_full_one_is_none():
    text = "flowchart TD\n  subgraph s\n  end\n  subgraph t\n    c\n  end\n  a --> t\n  b.a-dd --> t\n"
    nodes = read_flowchart.read(text, 1).nodes
    assert {id: node.line for id, node in nodes.items()} == {"s": 2, "c": 5, "a": 7, "b.a-dd": 8}


HIDDEN = """
%% b
  %%b
accTitle: b
  accTitle : a b
accDescr:b
  accDescr : a b
accDescr{b}
accDescr {a b c}
a["c] --> b"]
a[a b]
a(a b)
a{a b}
a([b])
a[(b)]
a(((b)))
a -->|a b| c
"""


@pytest.mark.parametrize("line", [*HIDDEN.strip().split("\n"), "accDescr{\nb\n}"])
def test_a_node_stands_where_it_is_drawn_and_not_in_a_label(line):
    chart = read_flowchart.read(f"flowchart TD\n{line}\n  a --> b\n", 1)
    assert chart.nodes["b"].line == 3 + line.count("\n")


def test_after_a_time_out_the_next_page_is_read_right(monkeypatch):
    before = read_flowchart.read(GOOD, 1)
    diagram_engine._functions.cache_clear()
    diagram_engine._read.cache_clear()
    with monkeypatch.context() as patched:
        patched.setattr(diagram_engine, "_READ", "(function () { for (;;) {} })")
        assert read_flowchart.read("flowchart TD\n  a --> endless\n", 1).fault
    assert read_flowchart.read(GOOD, 1) == before
    assert [(edge.start, edge.end) for edge in before.edges] == [("a", "b"), ("b", "c")]
