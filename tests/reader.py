"""A reader of the built site: the real build, a server that compresses as a host does, Chromium."""

import functools
import gzip
import http.server
import io
import os
import re
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from browser import chromium
from filelock import FileLock
from playwright.sync_api import expect, sync_playwright

ROOT = Path(__file__).parent.parent
QUESTIONS = sorted(
    f"questions/{path.stem}/" for path in (ROOT / "docs/questions").glob("*.md") if path.stem[0] != "_"
)
QUESTION = "questions/inference-batching/"
PHONE, DESK = 390, 1440
SHARES = range(4)  # of all pages, where a test goes through them, so that two workers share the way
PATIENCE = 60  # s; nothing takes as long, but two cores may have other work
expect.set_options(timeout=PATIENCE * 1000)
NO_DEVICE = b"export function start() {}"
REMEMBERED = "(() => { try { return localStorage.length > 0; } catch { return true; } })()"
COMPRESSED = (".html", ".css", ".js", ".json", ".svg", ".xml", ".txt")


class Server(http.server.SimpleHTTPRequestHandler):
    """Files of a folder, compressed with gzip 6; an unknown address gets the site's own page for it."""

    protocol_version = "HTTP/1.1"

    def send_head(self):
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        status = 200 if path.is_file() else 404
        path = path if status == 200 else Path(self.directory) / "404.html"
        body, packed = self.read(path), path.suffix in COMPRESSED
        body = gzip.compress(body, 6) if packed else body
        self.send_response(status)
        self.send_header("Content-Type", self.guess_type(str(path)))
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        return io.BytesIO(body)

    def read(self, path):
        """What is sent of a file."""
        return path.read_bytes()

    def log_message(self, *_):
        """Say nothing: pytest shows what matters."""


class Still(Server):
    """The same without the part that brings the guide onto a device: a page stays as it was opened.

    Otherwise a test of more than a few seconds would see the foot change, and pages that the device sent.
    """

    def send_head(self):
        if not self.path.endswith("/device.js"):
            return super().send_head()
        self.send_response(200)
        self.send_header("Content-Type", "text/javascript")
        self.send_header("Content-Length", str(len(NO_DEVICE)))
        self.end_headers()
        return io.BytesIO(NO_DEVICE)


class Keeping(Still):
    """The same, letting a browser keep what it has for ten minutes, as GitHub Pages does."""

    def end_headers(self):
        self.send_header("Cache-Control", "max-age=600")
        super().end_headers()


@contextmanager
def served(folder, handler=Server):
    """The address at which a folder is served."""
    handler = functools.partial(handler, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def build(folder, tree=ROOT, **told):
    """A strict build, made by the command a contributor types; `told` goes into its environment."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", **told}
    done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return Path(folder)


def _free_place():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


@contextmanager
def previewed(tree, environment, log):
    """The address of a real `mkdocs serve` of a tree, once it serves."""
    taken = "Address already in use"  # by somebody else, between our look and the server's
    while not log.exists() or taken in log.read_text():
        place = _free_place()
        command = [sys.executable, "-m", "mkdocs", "serve", "--dev-addr", place, "--no-livereload"]
        with log.open("w") as output:
            process = {"cwd": tree, "env": environment, "stdout": output, "stderr": subprocess.STDOUT}
            server = subprocess.Popen(command, **process)
        end = time.monotonic() + 4 * PATIENCE
        while "Serving on" not in log.read_text() and server.poll() is None and time.monotonic() < end:
            time.sleep(0.1)
    try:
        said = log.read_text()
        assert "Serving on" in said, said
        yield f"http://{place}/"
    finally:
        server.terminate()
        server.wait(timeout=PATIENCE)


def once(factory, name, make):
    """A folder that `make(folder)` fills, once for all workers of a run."""
    base = factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, done = base / name, base / f"{name}.done"
    with FileLock(base / f"{name}.lock"):
        if not done.exists():
            make(folder)
            done.touch()
    return folder


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """The folder of the built site."""
    return once(tmp_path_factory, "site", build)


@pytest.fixture(scope="session")
def address(built):
    """Where the built site is served, without what comes onto a device: see test_offline.py for that."""
    with served(built, Still) as at:
        yield at


@pytest.fixture(scope="session")
def browser():
    """One Chromium for all tests of a worker."""
    with sync_playwright() as playwright:
        opened = launched(playwright.chromium)
        yield opened
        opened.close()


def launched(kind, *flags):
    """A Chromium that is patient, whoever opens a window of it."""
    browser = kind.launch(executable_path=chromium(), args=flags, timeout=PATIENCE * 1000)
    browser.on("context", lambda context: context.set_default_timeout(PATIENCE * 1000))
    return browser


def entered(browser, width=DESK, scheme="light", **options):
    """A new reader's browser: nothing in memory, and a window of this width."""
    options |= {"viewport": {"width": width, "height": 844}, "color_scheme": scheme}
    return browser.new_context(reduced_motion="reduce", **options)


def watched(page, address, complaints):
    """Notes what a page asks for; complains of errors, and of other hosts that it asks."""

    def note_request(request):
        page.requested.append(request.url.removeprefix(address))
        if not request.url.startswith((address, "data:")):
            complaints.append(f"asked {request.url}")

    def note_response(response):
        if response.status >= 400:
            complaints.append(f"{response.status} {response.url}")

    def note_console(entry):
        if entry.type in ("error", "warning"):
            complaints.append(entry.text)

    page.requested = []
    page.on("request", note_request)
    page.on("response", note_response)
    page.on("console", note_console)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return page


@pytest.fixture(scope="session")
def readers(browser):
    """Readers' browsers that remember nothing, by width, palette and so on: a new one takes a second."""
    opened = {}
    yield opened
    for context in opened.values():
        context.close()


@pytest.fixture
def visit(browser, address, readers):
    """Opens a page of the site. After the test: no error was logged, and no other host was asked."""
    pages, complaints = [], []

    def open_page(path="", width=DESK, scheme="light", before=None, **options):
        kind = (width, scheme, *sorted(options.items()))
        if kind not in readers:
            readers[kind] = entered(browser, width, scheme, **options)
            readers[kind].new_page()  # while one is open, so is the process that shows the next
        page = watched(readers[kind].new_page(), address, complaints)
        pages.append((kind, page))
        if before:
            page.add_init_script(before)
        page.goto(address + path, wait_until="load")
        return page

    yield open_page
    spent = {kind for kind, page in pages if page.evaluate(REMEMBERED)}
    for _, page in pages:
        page.close()
    for kind in spent:
        readers.pop(kind).close()
    assert complaints == []


@pytest.fixture(scope="session")
def windows(browser):
    """For each width one browser window that stays open, with its open pages by address."""
    opened = {}
    yield opened
    for context, _ in opened.values():
        context.close()


@pytest.fixture
def look(browser, address, windows):
    """Opens a page as `visit` does, for tests that only look at it: they share it."""
    complaints = []

    def open_page(path="", width=DESK):
        if width not in windows:
            windows[width] = entered(browser, width, "light"), {}
        context, pages = windows[width]
        if path not in pages:
            pages[path] = watched(context.new_page(), address, complaints)
            pages[path].goto(address + path, wait_until="load")
        return pages[path]

    yield open_page
    assert complaints == []


def until(page, expression, wanted=True):
    """Ask a page again until it is so; to wait inside the page is what its policy refuses."""
    once_so(page, lambda: page.evaluate(expression), lambda found: found == wanted)


def once_so(page, ask, so):
    """What `ask` gives, asked again until `so` holds of it."""
    end = time.monotonic() + PATIENCE
    while not so(found := ask()):
        assert time.monotonic() < end, f"after {PATIENCE} s it is still {found}"
        page.wait_for_timeout(50)
    return found


def resize(page, width, height):
    """Turn the phone, drag the window; and wait until the page has heard of it."""
    page.set_viewport_size({"width": width, "height": height})
    until(page, "[innerWidth, innerHeight]", [width, height])


def shared(page, built, share):
    """Name and address of each page of the site that falls to one of the SHARES."""
    root = re.match("https?://[^/]+/", page.url).group()
    paths = sorted(str(path.relative_to(built)) for path in built.rglob("*.html"))
    return [(path, root + path.removesuffix("index.html")) for path in paths[share :: len(SHARES)]]


def contrast(one, other):
    """The contrast of two CSS colours `rgb(r, g, b)`, as WCAG reckons it."""

    def luminance(colour):
        parts = [int(number) / 255 for number in colour[colour.index("(") + 1 : -1].split(",")[:3]]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def fences(question):
    """How many diagrams a question's author wrote."""
    text = (ROOT / "docs" / f"{question.rstrip('/')}.md").read_text(encoding="utf-8")
    return len(re.findall(r"^```mermaid$", text, re.MULTILINE))
