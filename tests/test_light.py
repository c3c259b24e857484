"""A first visit is small, and stays small when the guide grows. Times are in `make bench`."""

import gzip
import queue
import re
import shutil
from pathlib import Path

import first_visit
import material
import pytest
import yaml
from reader import DESK, PHONE, QUESTION, QUESTIONS, ROOT, Keeping, Server, build, served, until

HEADERS = 2_000  # of the bytes of a first visit: what a host says before each of them
FRAME = 14_000  # of which: style, script and navigation, the part that every page carries
# Copies of one question are what the gate refuses; in the copied tree it reads them and says nothing.
UNGUARDED = """
_whole_tree = tree_findings
def tree_findings(guide):
    _whole_tree(guide)
    return []
def rendered_findings(*_):
    return []
"""
PAINTED = "new Promise(painted => requestAnimationFrame(() => setTimeout(painted)))"

# How each kind of element looks, and what CSS puts beside it; compared with an earlier look, if any.
LOOK = """() => {
  const before = window.look, look = new Map(), different = [];
  const name = each => each && `${each.localName}.${each.getAttribute("class")}`;
  const properties = [...getComputedStyle(document.body)].filter(name => !name.startsWith("--"));
  for (const element of document.querySelectorAll(":not(head, head *)")) {
    const kind = `${name(element.parentElement)} > ${name(element)} in ${element.closest("[id]")?.localName}`;
    for (const part of element.ownerSVGElement ? [""] : ["", "::before", "::after"]) {
      if (look.has(kind + part)) continue;
      const style = getComputedStyle(element, part);
      look.set(kind + part, properties.map(property => style.getPropertyValue(property)));
    }
  }
  for (const [kind, values] of before ?? [])
    values.forEach((value, at) => {
      if (value !== look.get(kind)[at]) different.push([kind, properties[at], value, look.get(kind)[at]]);
    });
  window.look = look;
  return {count: look.size, different};
}"""


def test_no_page_is_heavier_than_the_budget(built):
    """Each page as it is sent, with all that is beside it on a first visit: letters and emblem."""
    letters = sum(path.stat().st_size for path in built.rglob("*.woff2"))
    icon = len(gzip.compress((built / "assets/favicon.svg").read_bytes(), 6))
    pages = {str(path.relative_to(built)): path.read_bytes() for path in built.rglob("*.html")}
    weights = {path: len(gzip.compress(text, 6)) + letters + icon for path, text in pages.items()}
    assert len(weights) > len(QUESTIONS)
    assert {path: weight for path, weight in weights.items() if weight > first_visit.BUDGET - HEADERS} == {}


def test_a_repeat_visit_needs_no_byte(browser, built):
    with served(built, Keeping) as address:
        first, again = first_visit.visits(browser, address + QUESTION)
    assert first.total > 0
    assert again.total == 0


class Dripping(Server):
    """A host behind a slow link: of a page it sends piece by piece what it is given."""

    protocol_version = "HTTP/1.0"
    pieces = None

    def do_GET(self):
        if not self.path.endswith("/"):
            return super().do_GET()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        for piece in iter(self.pieces.get, b""):
            self.wfile.write(piece)


@pytest.mark.parametrize("path, width", [(QUESTION, PHONE), (QUESTION, DESK), ("craft/inference/", PHONE)])
def test_nothing_moves_while_a_page_comes_tag_by_tag(browser, built, path, width):
    """A browser paints what it has got, unless it knows how to wait; the rest must leave that where it is."""
    head, body = (built / path / "index.html").read_bytes().split(b"<body>")
    tags = re.findall(rb"[^<]*<(?:svg.*?</svg>|nav.*?</nav>|[^>]*>)", body, re.DOTALL)
    end = next(place for place, tag in enumerate(tags) if re.search(rb"</aside>$|<h2", tag))
    with served(built, Dripping) as address, browser.new_context(**first_visit.PHONE) as context:
        Dripping.pieces = queue.SimpleQueue()
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": 844})
        page.add_init_script(first_visit.WATCH)
        Dripping.pieces.put(head.replace(b'blocking="render"', b"") + b"<body>")
        page.goto(address + path, wait_until="commit")
        for tag in tags[:end]:
            Dripping.pieces.put(tag)
            page.evaluate(PAINTED)
        Dripping.pieces.put(b"".join(tags[end:]))
        Dripping.pieces.put(b"")
        page.wait_for_load_state("load")
        page.evaluate(PAINTED)
        assert page.evaluate("[seen.moved, seen.shift]") == [[], 0]


@pytest.mark.parametrize("path", ["", *QUESTIONS])
def test_first_visit_is_within_the_budget(browser, address, path):
    done = first_visit.visit(browser, address + path)
    assert (done.beyond(), done.seen["moved"]) == ([], [])
    assert done.seen["fcp"] > 0
    assert all(url.startswith(address) for _, url in done.asked)
    assert not [url for _, url in done.asked if "/search.js" in url]


def test_a_text_is_painted_with_nothing_but_the_page(browser, address):
    """Everything else is asked in vain, our letters too."""
    with browser.new_context(**first_visit.PHONE) as context:
        context.add_init_script(first_visit.WATCH)
        page = context.new_page()
        page.route("**/*", lambda route: route.request.url == address + QUESTION and route.continue_())
        page.goto(address + QUESTION, wait_until="commit")
        until(page, "seen.fcp > 0 && seen.drawing > 0")


def test_nothing_moves_when_a_picture_comes(browser, address, built):
    for page in built.rglob("*.html"):
        for picture in re.findall(r"<img[^>]*>", page.read_text(encoding="utf-8")):
            assert re.search(r'\bwidth="\d+"', picture) and re.search(r'\bheight="\d+"', picture)


def test_the_frame_is_small(built):
    text = (built / QUESTION / "index.html").read_text(encoding="utf-8")
    frame = re.sub(r"<article.*?</article>", "", text, flags=re.DOTALL)
    assert len(gzip.compress(frame.encode(), 6)) <= FRAME


def test_no_page_grows_when_a_question_is_added(built, tmp_path):
    """Four more questions: but for the names of its neighbours, a page stays as it was."""
    for name in ("docs", "hooks", "overrides", "simulations"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    with (tmp_path / "hooks/check_page.py").open("a") as gate:
        gate.write(UNGUARDED)
    questions = tmp_path / "docs/questions"
    for number in range(4):
        shutil.copy(questions / f"{Path(QUESTION).name}.md", questions / f"more-{number}.md")
    before, after = _sizes(built), _sizes(build(tmp_path / "site", tmp_path))
    assert len(after) == len(before) + 4
    for path in before:
        if path not in ("questions/index.html", "cards/index.html", "sources/index.html"):  # they name all
            assert after[path] <= before[path] + 150, path


def _sizes(site):
    return {str(page.relative_to(site)): page.stat().st_size for page in site.rglob("*.html")}


@pytest.mark.parametrize(("scheme", "width"), [("light", PHONE), ("dark", DESK)])
def test_dropped_rules_change_nothing(visit, scheme, width):
    """With every rule of the theme and of ours put back, no element looks different."""
    page = visit(QUESTION, width, scheme, bypass_csp=True)
    page.evaluate("document.querySelector('details').open = true")
    page.keyboard.press("/")
    page.keyboard.type("queue")
    page.locator("#__hits mark").first.wait_for()
    page.evaluate("document.querySelector('#__next-palette').click()")
    assert page.evaluate("document.fonts.ready.then(() => true)")  # later none would come between the looks
    assert page.evaluate(LOOK)["count"] > 100
    page.evaluate("whole => document.querySelector('style').textContent = whole", _whole_style())
    assert page.evaluate(LOOK)["different"] == []


def _whole_style():
    theme = Path(material.__file__).parent / "templates/assets/stylesheets"
    config = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    names = re.search(r"^extra_css:\n((?:  - .*\n)+)", config, re.MULTILINE).group(1)
    ours = [ROOT / "overrides" / name for name in yaml.safe_load(names)]
    return "\n".join(path.read_text(encoding="utf-8") for path in (*theme.glob("main.*.css"), *ours))
