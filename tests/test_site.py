"""The site as a reader meets it: built by the real command, served, opened in a real Chromium."""

import functools
import http.server
import os
import re
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import unquote

import pytest
from browser import chromium
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parent.parent
QUESTION = "questions/inference-batching/"
ROLES = ("hazard", "guard", "exposed")
PHONE, DESK = 390, 1440

# Material draws diagrams into closed shadow roots; opened, a test can look inside. Nothing else changes.
OPEN_SHADOWS = """
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (init) { return attach.call(this, {...init, mode: "open"}) };
"""

# What a role looks like in every drawing: fill, outline and text of each node that has it.
LOOKS = """role => [...document.querySelectorAll("div.mermaid")].flatMap(host =>
  [...host.shadowRoot.querySelectorAll(`.node.${role}`)].map(node => {
    const shape = [...node.querySelectorAll("rect, circle, ellipse, polygon, path")]
      .find(shape => shape.getBoundingClientRect().width && !shape.closest(".label"));
    const look = getComputedStyle(shape), label = getComputedStyle(node.querySelector(".nodeLabel"));
    return {fill: look.fill, stroke: look.stroke, width: parseFloat(look.strokeWidth),
            dashed: look.strokeDasharray !== "none", text: label.color};
  }))"""


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        """Say nothing: pytest shows what matters."""


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """The folder of a strict build, made by the command a contributor types."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="session")
def address(built):
    handler = functools.partial(_Quiet, directory=built)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium())
        yield opened
        opened.close()


@pytest.fixture
def visit(browser, address):
    """Opens a page of the site. After the test: no error was logged, and no other host was asked."""
    contexts, complaints = [], []

    def open_page(path, width=DESK, scheme="light", **options):
        options |= {"viewport": {"width": width, "height": 844}, "color_scheme": scheme}
        context = browser.new_context(reduced_motion="reduce", **options)
        context.set_default_timeout(10_000)
        contexts.append(context)
        context.add_init_script(OPEN_SHADOWS)
        page = context.new_page()
        page.requested = []
        page.on("request", note_request)
        page.on("request", lambda request: page.requested.append(request.url))
        page.on("response", note_response)
        page.on("console", note_console)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(address + path, wait_until="load")
        return page

    def note_request(request):
        if not request.url.startswith((address, "data:", "blob:" + address)):
            complaints.append(f"asked {request.url}")

    def note_response(response):
        if response.status >= 400:
            complaints.append(f"{response.status} {response.url}")

    def note_console(entry):
        if entry.type in ("error", "warning"):
            complaints.append(entry.text)

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def _draw(page, count):
    """Waits until every diagram is drawn and no source is left."""
    drawn = "count => document.querySelectorAll('div.mermaid').length === count"
    page.wait_for_function(drawn + " && !document.querySelector('pre.mermaid')", arg=count)


def _sources():
    """The diagrams of the question's page, as their author wrote them."""
    page = (ROOT / "docs" / (QUESTION.rstrip("/") + ".md")).read_text()
    return re.findall(r"^```mermaid\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def _diagrams():
    return len(_sources())


def _contrast(one, other):
    def luminance(colour):
        parts = [int(number) / 255 for number in re.findall(r"\d+", colour)[:3]]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["", QUESTION], ids=["home", "question"])
def test_page_opens_whole(visit, path, scheme, width):
    page = visit(path, width, scheme)
    _draw(page, _diagrams() if path else 0)
    palette = page.locator("body").get_attribute("data-md-color-scheme")
    assert palette == {"light": "default", "dark": "slate"}[scheme]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for host in page.locator("div.mermaid").all():
        box = host.bounding_box()
        assert box["width"] <= width
        assert box["height"] > 100
        assert host.evaluate("host => host.shadowRoot.querySelectorAll('svg .node').length") > 2


def test_nothing_on_a_phone_hides_beyond_the_edge(visit):
    page = visit(QUESTION, PHONE)
    _draw(page, _diagrams())
    beyond = page.evaluate("""
      [...document.querySelectorAll(".md-content :is(p, li, td, h1, h2, h3, div.mermaid)")]
        .filter(each => each.getBoundingClientRect().right > innerWidth + 1)
        .map(each => each.textContent.slice(0, 60))""")
    assert beyond == []


def test_library_comes_only_with_a_diagram(visit):
    with_diagrams, without = visit(QUESTION), visit("")
    _draw(with_diagrams, _diagrams())
    assert [url for url in with_diagrams.requested if "/vendor/" in url] != []
    assert [url for url in without.requested if "/vendor/" in url] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_roles_are_legible_and_told_apart_without_colour(visit, scheme):
    page = visit(QUESTION, DESK, scheme)
    _draw(page, _diagrams())
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    looks = {role: page.evaluate(LOOKS, role) for role in ROLES}
    for role in ROLES:
        assert looks[role], f"no {role} in {QUESTION}"
        for look in looks[role]:
            assert _contrast(look["text"], look["fill"]) >= 4.5
            assert _contrast(look["stroke"], paper) >= 3
    assert all(look["dashed"] for look in looks["hazard"])
    assert all(look["width"] >= 4 and not look["dashed"] for look in looks["guard"])
    assert all(_contrast(look["fill"], paper) >= 4.5 and not look["dashed"] for look in looks["exposed"])
    assert all(_contrast(look["fill"], paper) < 3 for role in ("hazard", "guard") for look in looks[role])


def test_palette_toggle_recolours_diagrams(visit):
    page = visit(QUESTION)
    _draw(page, _diagrams())
    before = {role: page.evaluate(LOOKS, role)[0]["fill"] for role in ROLES}
    page.locator("label[for=__palette_1]:not([hidden])").click()
    page.wait_for_function("document.body.dataset.mdColorScheme === 'slate'")
    after = {role: page.evaluate(LOOKS, role)[0]["fill"] for role in ROLES}
    assert all(before[role] != after[role] for role in ROLES)
    page.reload()
    _draw(page, _diagrams())
    assert {role: page.evaluate(LOOKS, role)[0]["fill"] for role in ROLES} == after


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_reads_without_javascript(visit, width):
    page = visit(QUESTION, width, java_script_enabled=False)
    assert page.locator("h1").inner_text()
    assert page.locator("h2").count() >= 3
    shown = page.locator("pre.mermaid").all_text_contents()
    assert [text.strip() for text in shown] == [source.strip() for source in _sources()] != []
    assert page.locator("article").evaluate("article => article.getBoundingClientRect().right") <= width


def test_dark_reader_prints_on_white(visit):
    page = visit(QUESTION, DESK, "dark")
    _draw(page, _diagrams())
    page.emulate_media(media="print", color_scheme="dark")
    white = "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == white
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light only"
    assert _contrast(page.evaluate("getComputedStyle(document.querySelector('h1')).color"), white) >= 7


def test_no_built_page_names_another_host_for_a_part(built):
    """Links may lead out; scripts, styles, images and fonts may not come in."""
    pages = list(built.rglob("*.html"))
    assert pages
    elsewhere = r"""["']?(?:https?:)?//[^"'>\s]+"""
    part = re.compile(rf"<(?:script|img|iframe|source)\b[^>]*\bsrc={elsewhere}")
    sheet = re.compile(rf"<link\b(?=[^>]*rel=\S?(?:stylesheet|pre|dns|icon))[^>]*href={elsewhere}")
    texts = [page.read_text() for page in pages]
    found = [hit for text in texts for hit in part.findall(text) + sheet.findall(text)]
    assert found == []
    assert not any("Made with" in text for text in texts)


def test_every_part_a_page_names_was_built(built):
    for page in built.rglob("index.html"):
        for name in re.findall(r'<(?:script|link)\b[^>]*(?:src|href)="([^":#]+)"', page.read_text()):
            target = page.parent / unquote(name.partition("?")[0])
            assert target.exists(), f"{page.relative_to(built)} names {name}"


def test_colours_are_named_once_and_nothing_shouts():
    style = (ROOT / "overrides/assets/stylesheets/guide.css").read_text()
    hexes = [line for line in style.splitlines() if re.search(r"#[0-9a-fA-F]{3,8}\b", line)]
    assert hexes
    assert all(re.search(r"--guide-[a-z-]+: #", line) for line in hexes)
    assert "!important" not in style
