"""Visits every address that the guide names, as a polite reader would, and says what no longer leads there.

    python upkeep/links.py > report.md

The report is empty when all is well. An address is *moved* when it now ends on another host, *retitled* when
the page there says nothing like the title in the register, *gone* when the host says so, and *silent* when
nothing could be learnt: no answer in time, a refusal, a fault of theirs, a way that goes in circles. One
request at a time goes to a host, with a pause after it. Exit 0 when all were visited, 1 where there was none.
"""

from __future__ import annotations

import re
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

import urllib3
from literal import code, table
from lxml import etree, html

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "hooks"))

from check_page import tree_paths
from guide import ROOT, Guide, read_text
from read_page import read

AGENT = "Mozilla/5.0 (compatible; guarded-path-links/1; a weekly check of cited sources)"
MOST_BYTES = 512_000  # of a page; its title stands at its beginning
MOST_HOPS = 6
TITLES = (
    "//title/text() | //h1//text() | //meta[@property='og:title' or @name='citation_title' or "
    "@name='twitter:title' or @name='dc.title']/@content"
)
SAID = {
    "moved": "Moved to another host: is it still theirs? If so, write the new address into the register",
    "retitled": "Another title: is it still the same text? If so, write its title into the register",
    "gone": "Gone: find the text elsewhere, or take the source out with what rests on it",
    "silent": "Nothing learnt this week: look at those that stand here for a month",
}
_CHARSET = re.compile(r"charset=[\"']?([\w-]+)", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")
_COMMON = set("a an and as at by for from in into is its of on or that the to using via with".split())


@dataclass(frozen=True)
class Patience:
    """Seconds: until an answer begins or goes on, for all of it, after each request, before a retry."""

    answer: float = 20
    whole: float = 60
    pause: float = 1
    retry: float = 10
    tries: int = 3


@dataclass(frozen=True)
class Named:
    """An address, the title it should lead to, or none, and where it is named."""

    address: str
    title: str
    place: str


@dataclass(frozen=True)
class Visit:
    """How a visit went: ok or a key of SAID, and the evidence: a host, a title, a status, a fault."""

    named: Named
    result: str
    evidence: str


class Visitor:
    """Visits addresses; never two at once on one host."""

    def __init__(self, patience: Patience):
        self.patience = patience
        self.http = urllib3.PoolManager(headers={"User-Agent": AGENT, "Accept": "text/html,*/*;q=0.5"})
        self.locks: dict[str, threading.Lock] = {}

    def visit(self, named: Named) -> Visit:
        """Visit an address, again if that may help. Never raises."""
        result, evidence = self._follow(named)
        for _ in range(self.patience.tries - 1):
            if result == "silent":
                time.sleep(self.patience.retry)
                result, evidence = self._follow(named)
        return Visit(named, result, evidence)

    def _follow(self, named: Named) -> tuple[str, str]:
        address, seen = urldefrag(named.address).url, set()
        while len(seen) < MOST_HOPS:
            if address in seen:
                return "silent", f"the way goes in circles at {address}"
            seen.add(address)
            try:
                status, onward, titles = self._ask(address)
                onward = onward and urldefrag(urljoin(address, onward)).url
            except (urllib3.exceptions.HTTPError, ValueError, OSError) as fault:
                return "silent", type(fault).__name__
            if not onward:
                return _judged(named, address, status, titles)
            address = onward
        return "silent", f"more than {MOST_HOPS} hops"

    def _ask(self, address: str) -> tuple[int, str, list[str]]:
        """One request: its status, where it leads on to, the titles of the page."""
        with self.locks.setdefault(host_of(address), threading.Lock()):
            options = {"timeout": self.patience.answer, "retries": False, "preload_content": False}
            answer = self.http.request("GET", address, redirect=False, **options)
            try:
                return answer.status, answer.get_redirect_location() or "", self._titles(answer)
            finally:
                answer.close()  # what is left of the body is not wanted
                time.sleep(self.patience.pause)

    def _titles(self, answer: urllib3.BaseHTTPResponse) -> list[str]:
        """What an HTML page calls itself; none for a file of another kind."""
        kind = answer.headers.get("content-type", "")
        if answer.status != 200 or "html" not in kind:
            return []
        until, page = time.monotonic() + self.patience.whole, bytearray()
        while len(page) < MOST_BYTES and (piece := answer.read1(16_384, decode_content=True)):
            page += piece
            if time.monotonic() > until:
                raise TimeoutError
        charset = _CHARSET.search(kind)
        return titles_in(bytes(page), charset and charset.group(1))


def titles_in(page: bytes, charset: str | None = None) -> list[str]:
    """The titles and first-level headings of an HTML page, or of its beginning."""
    try:
        root = html.document_fromstring(page, parser=html.HTMLParser(encoding=charset))
    except (etree.ParserError, etree.XMLSyntaxError, LookupError):
        return []
    return [text for each in root.xpath(TITLES) if (text := " ".join(each.split()))]


def _judged(named: Named, address: str, status: int, titles: list[str]) -> tuple[str, str]:
    if status in (404, 410):
        return "gone", f"status {status}"
    if not 200 <= status < 300:
        return "silent", f"status {status}"
    if host_of(address) != host_of(named.address):
        return "moved", f"ends at {address}"
    if urlsplit(address).scheme != urlsplit(named.address).scheme:
        return "moved", f"ends at {address}, without encryption"
    if named.title and titles and not any(alike(named.title, title) for title in titles):
        return "retitled", titles[0]
    return "ok", ""


def host_of(address: str) -> str:
    """The host of an address, without the `www.` that a site may or may not write."""
    parts = urlsplit(address)
    port = f":{parts.port}" if parts.port else ""
    return (parts.hostname or "").removeprefix("www.") + port


def alike(one: str, other: str) -> bool:
    """True where half of the words that count in the shorter title stand in the longer one."""
    first, second = ({w.casefold() for w in _WORD.findall(text)} - _COMMON for text in (one, other))
    return bool(first and second) and 2 * len(first & second) >= min(len(first), len(second))


def named_in(root: Path) -> list[Named]:
    """Every address that the register and the pages name, each once."""
    guide, found = Guide(root), {}
    for source in guide.register.sources.values():
        found[source.address] = Named(source.address, source.title, f"docs/sources.yml:{source.line}")
    for path in tree_paths(root):
        shown = path.relative_to(root).as_posix()
        for link in read(shown, read_text(path)[0]).links:
            if link.target.startswith(("https://", "http://")):
                found.setdefault(link.target, Named(link.target, "", f"{shown}:{link.line}"))
    return list(found.values())


def visit_all(named: Iterable[Named], patience: Patience) -> list[Visit]:
    """Visit all, several hosts side by side, and each host's addresses one after another."""
    by_host, visitor = defaultdict(list), Visitor(patience)
    for each in named:
        by_host[host_of(each.address)].append(each)
    with ThreadPoolExecutor(8) as pool:
        visits = pool.map(lambda several: [visitor.visit(each) for each in several], by_host.values())
        return [visit for several in visits for visit in several]


def report(visits: list[Visit]) -> str:
    """What a maintainer has to look at, as Markdown; nothing when there is nothing."""
    parts = []
    for result, said in SAID.items():
        rows = [
            (code(visit.named.place), code(visit.named.address, 300), code(visit.evidence, 300))
            for visit in sorted(visits, key=lambda visit: visit.named.place)
            if visit.result == result
        ]
        if rows:
            parts += [f"### {said}", "", *table("Named at | Address | What came", rows), ""]
    fine = sum(visit.result == "ok" for visit in visits)
    head = [f"{len(visits)} addresses were visited, {fine} lead where they should.", ""]
    return "\n".join([*head, *parts]) if parts else ""


def main(root: Path = ROOT) -> int:
    """The command line."""
    named = named_in(root)
    if not named:
        print("no address was found to visit", file=sys.stderr)
        return 1
    print(report(visit_all(named, Patience())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
