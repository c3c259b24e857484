"""The site is locked down: a page runs, loads, sends and remembers nothing but what we built into it."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest
from reader import DESK, PHONE, QUESTION, SHARES, entered, once_so, resize, shared, until

NOTE_VIOLATIONS = """window.violations = [];
  addEventListener("securitypolicyviolation", event =>
    violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`), true)"""


class Tags(HTMLParser):
    """Every start tag of a page with its attributes, and what stands in scripts and styles."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.inside = [], {"script": [], "style": []}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag in self.inside:
            self.inside[tag].append("")

    def handle_data(self, data):
        if self.cdata_elem in self.inside:
            self.inside[self.cdata_elem][-1] += data


@pytest.fixture(scope="module")
def pages(built):
    found = {str(path.relative_to(built)): path.read_text(encoding="utf-8") for path in built.rglob("*.html")}
    assert {"index.html", "404.html", f"{QUESTION}index.html"} <= set(found)
    return {path: Tags(text) for path, text in found.items()}


def directives(tags):
    """The policy of a page: the sources by directive."""
    equiv = [attributes for tag, attributes in tags if tag == "meta" and "http-equiv" in attributes]
    assert [each["http-equiv"] for each in equiv] == ["Content-Security-Policy"]
    parts = [part.split() for part in equiv[0]["content"].split(";")]
    return {name: sources for name, *sources in parts}


def digest(text):
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_every_page_has_the_policy_before_anything_it_could_stop(pages):
    for path, page in pages.items():
        head = page.tags[page.tags.index(("head", {})) + 1 :]
        assert head[0] == ("meta", {"charset": "utf-8"}), path
        assert head[1][1].get("http-equiv") == "Content-Security-Policy", path


def test_the_policy_allows_what_we_built_and_nothing_else(pages):
    for path, page in pages.items():
        scripts, styles = page.inside["script"], page.inside["style"]
        assert len(scripts) == len(styles) == 1, path
        assert directives(page.tags) == {
            "default-src": ["'self'"],
            "img-src": ["'self'", "data:"],
            "script-src": ["'self'", digest(scripts[0])],
            "style-src": [digest(styles[0])],
            "object-src": ["'none'"],
            "base-uri": ["'none'"],
            "form-action": ["'none'"],
            "require-trusted-types-for": ["'script'"],
            "trusted-types": ["guide-worker"],  # for one address, the worker's
        }, path


def test_no_built_page_holds_a_style_attribute_or_a_handler(pages):
    for path, page in pages.items():
        for tag, attributes in page.tags:
            assert "style" not in attributes, f"{path}: {tag} {attributes}"
            assert not [name for name in attributes if name.startswith("on")], f"{path}: {tag} {attributes}"
            assert tag not in ("iframe", "object", "embed", "base", "form", "template"), f"{path}: {tag}"


@pytest.mark.parametrize("share", SHARES)
def test_no_page_violates_its_policy(visit, built, share):
    page = visit("404.html", before=NOTE_VIOLATIONS)
    for path, address in shared(page, built, share):
        page.goto(address)
        page.locator("#__next-palette").click()
        if path in ("404.html", "index.html", f"{QUESTION}index.html"):  # style, search: the same on all
            resize(page, PHONE, 844)
            resize(page, DESK, 844)
            page.keyboard.press("/")
            page.keyboard.type("queue")
            page.locator("#__hits a").first.wait_for()
            page.keyboard.press("Escape")
        assert page.evaluate("violations") == [], path


def test_the_policy_holds(browser, address):
    """What a stranger's text would try, tried: none of it happens."""
    with entered(browser) as context:
        page = context.new_page()
        page.add_init_script(NOTE_VIOLATIONS)
        page.goto(address + QUESTION)
        # Later, because what a debugger itself runs may do more than a page.
        page.evaluate("""() => setTimeout(() => {
            const attempt = (act) => { try { act(); } catch { violations.push("thrown"); } };
            const add = (tag, properties) => attempt(() =>
                document.body.append(Object.assign(document.createElement(tag), properties)));
            add("style", {textContent: "h1 { display: none }"});
            add("img", {src: "https://elsewhere.example/who-reads.png"});
            add("script", {text: "window.ran = true"});
            attempt(() => { document.body.innerHTML += "<img src=x onerror='window.ran = true'>"; });
            attempt(() => document.querySelector("h1").setAttribute("onclick", "window.ran = true"));
            attempt(() => document.querySelector("h1").setAttribute("style", "display: none"));
            attempt(() => eval("window.ran = true"));
            document.querySelector("h1")?.click();
            window.tried = true;
        })""")
        until(page, "window.tried")
        stopped = ("style-src-elem", "style-src-attr", "img-src", "require-trusted-types-for")
        noted = "violations.join(' ')"
        once_so(page, lambda: page.evaluate(noted), lambda found: all(each in found for each in stopped))
        assert page.evaluate("window.ran") is None
        assert page.locator("h1").is_visible()


def test_nothing_is_remembered_but_the_palette(visit):
    page = visit(QUESTION)
    state = """async () => ({
        cookie: document.cookie, local: Object.entries({...localStorage}), session: {...sessionStorage},
        databases: await indexedDB.databases()})"""
    nothing = {"cookie": "", "local": [], "session": {}, "databases": []}
    page.keyboard.press("/")
    page.locator("#__words").fill("queue")
    page.locator("#__hits a").first.wait_for()
    page.locator("#__close-search").click()
    assert page.evaluate(state) == nothing
    page.locator("#__next-palette").click()
    assert page.evaluate(state) == nothing | {"local": [["guarded-path-palette", "dark"]]}
    page.locator("#__next-palette").click()
    page.locator("#__next-palette").click()
    assert page.evaluate(state) == nothing
    assert page.context.cookies() == []


def test_a_browser_that_refuses_storage_still_changes_colours(visit):
    refuse = "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no') }})"
    page = visit(QUESTION, before=refuse)
    page.locator("#__next-palette").click()
    assert page.evaluate("document.documentElement.dataset.palette") == "dark"


@pytest.mark.parametrize("kept", ["", "slate", "<b>", "light dark"])
def test_a_foreign_value_in_the_store_is_no_palette(visit, kept):
    page = visit("", before=f"localStorage.setItem('guarded-path-palette', '{kept}')")
    assert page.evaluate("document.documentElement.dataset.palette ?? null") is None


def test_the_frame_and_a_page_never_share_an_id(pages):
    """A question may well call a row `content` or `search`."""
    for path, page in pages.items():
        ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
        assert len(ids) == len(set(ids)), f"{path}: {sorted(id for id in set(ids) if ids.count(id) > 1)}"
    frame = {attributes["id"] for _, attributes in pages["404.html"].tags if "id" in attributes}
    assert len(frame) > 5 and all(id.startswith("__") for id in frame)


def test_no_built_page_names_another_host_for_a_part(pages):
    """Links may lead out; scripts, styles, images and fonts may not come in."""
    for path, page in pages.items():
        for tag, attributes in page.tags:
            address = attributes.get("href" if tag == "link" else "src", "")
            canonical = tag == "link" and attributes.get("rel") == "canonical"
            assert tag == "a" or canonical or not re.match(r"\s*(?:https?:)?//", address), (
                f"{path}: {address}"
            )


def test_every_part_a_page_names_was_built(pages, built):
    for path, page in pages.items():
        for tag, attributes in page.tags:
            name = attributes.get("href" if tag == "link" else "data-search" if tag == "script" else "src")
            if name and tag != "a" and ":" not in name and not name.startswith("#"):
                start = built if name.startswith("/") else (built / path).parent
                assert (start / unquote(name).lstrip("/")).exists(), f"{path} names {name}"


def test_nothing_is_published_that_no_page_needs(built):
    """No script of the theme's, no library that draws in the browser, no map, no letters but our own."""
    files = {str(path.relative_to(built)) for path in built.rglob("*") if path.is_file()}
    scripts = {name for name in files if name.endswith((".js", ".css", ".map", ".woff2", ".wasm"))}
    letters = {"serif-400-normal", "serif-600-normal", "serif-400-italic"}
    assert scripts == {
        "worker.js",
        "assets/javascripts/device.js",
        "assets/javascripts/search.js",
        "assets/javascripts/viewer.js",
        "assets/vendor/minisearch.js",
        *(f"assets/vendor/{each}.woff2" for each in letters),
    }
    assert "assets/vendor/minisearch.LICENSE.txt" in files
