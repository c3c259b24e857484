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
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parent.parent
QUESTIONS = sorted(
    f"questions/{path.stem}/" for path in (ROOT / "docs/questions").glob("*.md") if path.stem[0] != "_"
)
QUESTION = "questions/inference-batching/"
PHONE, DESK = 390, 1440
PATIENCE = 60  # s; nothing takes as long, but two cores may have other work
NO_DEVICE = b"export function start() {}"
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
    place = _free_place()
    command = [sys.executable, "-m", "mkdocs", "serve", "--dev-addr", place, "--no-livereload"]
    with log.open("w") as output:
        server = subprocess.Popen(command, cwd=tree, env=environment, stdout=output, stderr=subprocess.STDOUT)
        try:
            end = time.monotonic() + 2 * PATIENCE
            while "Serving on" not in log.read_text() and server.poll() is None and time.monotonic() < end:
                time.sleep(0.1)
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
        opened = playwright.chromium.launch(executable_path=chromium(), timeout=PATIENCE * 1000)
        yield opened
        opened.close()


def entered(browser, width, scheme, **options):
    """A new reader's browser: nothing in memory, and a window of this width."""
    options |= {"viewport": {"width": width, "height": 844}, "color_scheme": scheme}
    context = browser.new_context(reduced_motion="reduce", **options)
    context.set_default_timeout(PATIENCE * 1000)
    return context


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


@pytest.fixture
def visit(browser, address):
    """Opens a page of the site. After the test: no error was logged, and no other host was asked."""
    contexts, complaints = [], []

    def open_page(path="", width=DESK, scheme="light", before=None, **options):
        contexts.append(entered(browser, width, scheme, **options))
        page = watched(contexts[-1].new_page(), address, complaints)
        if before:
            page.add_init_script(before)
        page.goto(address + path, wait_until="load")
        return page

    yield open_page
    for context in contexts:
        context.close()
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
    """Ask again until it is so; to wait inside the page is what its policy refuses."""
    end = time.monotonic() + PATIENCE
    while (found := page.evaluate(expression)) != wanted:
        assert time.monotonic() < end, f"{expression} is {found}, not {wanted}"
        page.wait_for_timeout(50)


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
