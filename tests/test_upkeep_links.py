"""The weekly visit of links, against a host that does everything hosts do: two names, one server."""

import gzip
import http.server
import threading
import time
from collections import Counter
from dataclasses import replace

import links
import pytest
from links import Named, Patience

TITLE = "Continuous Batching of Requests"
PAGE = f"<!doctype html><title>{TITLE} | A Journal</title><h1>{TITLE}</h1>"
PATIENT = Patience(answer=60, whole=60, pause=0, retry=0, tries=2)  # nothing is late but what never ends
HASTY = {"slow": replace(PATIENT, answer=0.5), "drips": replace(PATIENT, whole=0.5)}


HTML = "text/html; charset=utf-8"
ANSWERS = {  # status, kind, body
    "fine": (200, HTML, PAGE),
    "retitled": (200, HTML, "<title>Domain for sale</title>"),
    "hostile": (200, HTML, "<title>`|@somebody <img src=x onerror=alert(1)> https://x.example</title>"),
    "untitled": (200, HTML, "<p>words"),
    "empty": (200, HTML, ""),
    "binary": (200, "text/html; charset=no-such", b"\x00\xff" * 500),
    "paper": (200, "application/pdf", b"%PDF-1.7 \x00\xff"),
    "not-found": (404, HTML, "<title>Not found</title>"),
    "removed": (410, HTML, PAGE),
    "forbidden": (403, HTML, PAGE),
    "broken": (503, HTML, PAGE),
}
WAYS = {  # `here` and `there` are the two names of the host
    "moves-within": "/fine?now=here",
    "moves-away": "{there}/fine",
    "away-and-back": "{there}/back",
    "back": "{here}/fine",
    "circle": "/circle-too",
    "circle-too": "/circle",
    "for-ever": "/for-ever?{now}",
    "to-a-file": "file:///etc/hostname",
    "nowhere": "http://[",
}


class Host(http.server.BaseHTTPRequestHandler):
    """Answers each path as its name says; counts requests, and how many wait for a host name's answer."""

    asked, open_now, most_at_once = Counter(), Counter(), Counter()

    def do_GET(self):
        name, path = self.headers["Host"], self.path.partition("?")[0].strip("/")
        Host.agent = self.headers["User-Agent"]
        Host.asked[path] += 1
        Host.open_now[name] += 1
        Host.most_at_once[name] = max(Host.most_at_once[name], Host.open_now[name])
        try:
            if path in ANSWERS:
                self.say(*ANSWERS[path])
            elif path in WAYS:
                port = self.server.server_port
                names = {"here": f"http://127.0.0.1:{port}", "there": f"http://localhost:{port}"}
                self.say(302, HTML, "", Location=WAYS[path].format(now=time.monotonic_ns(), **names))
            else:
                getattr(self, path.replace("-", "_"))()
        except (BrokenPipeError, ConnectionResetError):
            pass  # the visitor has read enough

    def say(self, status, kind, body, **headers):
        Host.open_now[self.headers["Host"]] -= 1  # before a visitor can know of it and ask again
        self.send_response(status)
        for name, value in {"Content-Type": kind, **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body if isinstance(body, bytes) else body.encode())

    def pause(self):
        time.sleep(0.03)
        self.say(*ANSWERS["fine"])

    def once_busy(self):
        self.say(200 if Host.asked["once-busy"] > 1 else 503, HTML, PAGE)

    def bomb(self):
        self.say(200, HTML, gzip.compress(b" " * 1_000_000) * 100, Content_Encoding="gzip")

    def huge(self):
        self.say(*ANSWERS["fine"])
        Host.sent = 0
        while Host.sent < 40_000_000:
            Host.sent += self.wfile.write(b" " * 10_000)

    def slow(self):
        time.sleep(20)

    def drips(self):
        self.say(200, HTML, "<title>")
        for _ in range(30):
            self.wfile.write(b"x")
            time.sleep(0.05)

    def hangs_up(self):
        self.close_connection = True

    def log_message(self, *_):
        """Say nothing: pytest shows what matters."""


@pytest.fixture(scope="module")
def host():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Host) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def visited(host, path, title=TITLE):
    patience = HASTY.get(path, PATIENT)
    (visit,) = links.visit_all([Named(f"{host}/{path}", title, "docs/sources.yml:7")], patience)
    return visit


@pytest.mark.parametrize(
    ("path", "result", "evidence"),
    [
        ("fine", "ok", ""),
        ("fine#a-place", "ok", ""),
        ("moves-within", "ok", ""),
        ("away-and-back", "ok", ""),
        ("paper", "ok", ""),
        ("untitled", "ok", ""),
        ("empty", "ok", ""),
        ("binary", "ok", ""),
        ("bomb", "ok", ""),
        ("huge", "ok", ""),
        ("once-busy", "ok", ""),
        ("moves-away", "moved", "ends at http://localhost:"),
        ("retitled", "retitled", "Domain for sale"),
        ("not-found", "gone", "status 404"),
        ("removed", "gone", "status 410"),
        ("forbidden", "silent", "status 403"),
        ("broken", "silent", "status 503"),
        ("circle", "silent", "the way goes in circles"),
        ("for-ever", "silent", "more than 6 hops"),
        ("to-a-file", "silent", "LocationValueError"),
        ("nowhere", "silent", ""),
        ("slow", "silent", "ReadTimeoutError"),
        ("drips", "silent", "TimeoutError"),
        ("hangs-up", "silent", "ProtocolError"),
    ],
)
def test_each_way_to_answer_has_a_result(host, path, result, evidence):
    visit = visited(host, path)
    assert (visit.result, visit.evidence[: len(evidence)]) == (result, evidence)


def test_of_a_huge_page_only_the_beginning_is_read(host):
    visited(host, "huge")
    time.sleep(0.1)
    assert Host.sent < 20_000_000  # what the kernel's buffers took besides


def test_a_host_that_does_not_listen_is_silent():
    assert visited("http://127.0.0.1:9", "").result == "silent"


def test_a_host_is_asked_one_thing_at_a_time_even_where_redirects_lead_to_it(host):
    Host.open_now.clear()
    Host.most_at_once.clear()
    paths = [f"pause?{number}" for number in range(5)] + [f"back?{number}" for number in range(5)]
    others = [Named(f"{host.replace('127.0.0.1', 'localhost')}/{path}", "", "") for path in paths]
    ours = [Named(f"{host}/{path}", "", "") for path in paths]
    visits = links.visit_all([*others, *ours], PATIENT)
    assert Counter(visit.result for visit in visits) == {"ok": 15, "moved": 5}
    assert set(Host.most_at_once.values()) == {1} and len(Host.most_at_once) == 2
    assert "guarded-path" in Host.agent


def test_only_a_fault_that_may_pass_is_tried_again(host):
    for path, times in (("broken", 2), ("not-found", 1), ("retitled", 1), ("fine", 1)):
        Host.asked.clear()
        visited(host, path)
        assert Host.asked == {path: times}


@pytest.mark.parametrize(
    ("registered", "found", "same"),
    [
        ("Orca: A Distributed Serving System", "Orca: A Distributed Serving System | USENIX", True),
        ("Triton Inference Server, Batchers", "Batchers — NVIDIA Triton Inference Server", True),
        ("The Llama 3 Herd of Models", "[2407.21783] The Llama 3 Herd of Models", True),
        ("Rate limits", "Rate limits - Claude API Docs", True),
        ("The Llama 3 Herd of Models", "Log in", False),
        ("The Llama 3 Herd of Models", "The page of the models that is not here: 404", False),
        ("Rate limits", "", False),
    ],
)
def test_a_title_is_alike_by_the_words_that_count(registered, found, same):
    assert links.alike(registered, found) is same


def test_the_report_names_place_and_cure_and_lets_no_page_write_in_it(host):
    report = links.report([visited(host, "hostile"), visited(host, "fine"), visited(host, "not-found")])
    assert report.startswith("3 addresses were visited, 1 lead where they should.\n")
    row = next(line for line in report.splitlines() if "@somebody" in line)
    inert = "`'¦@somebody <img src=x onerror=alert(1)> https://x.example`"
    assert row == f"| `docs/sources.yml:7` | `{host}/hostile` | {inert} |"
    assert report.index("Another title") < report.index("Gone")
    assert links.report([visited(host, "fine")]) == ""


def test_the_register_and_the_pages_name_what_is_visited(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/sources.yml").write_text("orca:\n  title: Orca\n  address: https://one.example/\n")
    page = "# A page\n\nSee [this](https://two.example/a), [that](https://one.example/) and [x](x.md).\n"
    (tmp_path / "docs/page.md").write_text(page)
    assert links.named_in(tmp_path) == [
        Named("https://one.example/", "Orca", "docs/sources.yml:1"),
        Named("https://two.example/a", "", "docs/page.md:3"),
    ]


def test_a_tree_without_an_address_is_no_success(tmp_path, capsys):
    (tmp_path / "docs").mkdir()
    assert links.main(tmp_path) == 1
    assert capsys.readouterr().err == "no address was found to visit\n"


def test_the_command_says_nothing_when_all_is_well(host, tmp_path, capsys):
    (tmp_path / "docs").mkdir()
    fine = f"orca:\n  title: {TITLE}\n  address: {host}/fine\n"
    (tmp_path / "docs/sources.yml").write_text(fine)
    assert (links.main(tmp_path), capsys.readouterr().out) == (0, "\n")
    (tmp_path / "docs/sources.yml").write_text(f"{fine}triton:\n  address: {host}/removed\n")
    assert links.main(tmp_path) == 0
    assert f"| `docs/sources.yml:4` | `{host}/removed` | `status 410` |" in capsys.readouterr().out
