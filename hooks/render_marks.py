"""Marks in a page's HTML that no author writes: links to the vocabulary, and the dates of dated facts.

A term is linked where it first stands in the prose of a section; a fact cited gets its date where it is
first cited there. Headings, tables, code and drawings hold no terms. All the links to terms of a page,
with the definitions they show, weigh at most `BUDGET` bytes: those further down go without.
"""

from __future__ import annotations

import html
import re
import zlib
from collections.abc import Iterable

from read_sources import Fact
from read_vocabulary import Term

BUDGET = 1_900  # bytes as compressed in the page
_TAGS = re.compile(r"(<svg\b.*?</svg>|<[^>]*>)", re.DOTALL)  # a drawing is passed over whole
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)")
_NO_TERMS = frozenset("a code h1 h2 h3 h4 h5 h6 kbd pre summary table time".split())
_NO_DATES = frozenset("code h1 h2 h3 h4 h5 h6 pre time".split())
_CITED = re.compile(r'href="[^"]*\bsources(?:/|\.html)#([\w-]+)"')
_DATE = re.compile(r"\bas of (\d{4}(?:-\d\d){0,2})\b", re.IGNORECASE)


def marked(page_html: str, terms: Iterable[Term], address: str, facts: dict[str, Fact]) -> str:
    """The HTML with its marks; `address` is the vocabulary's, as seen from the page."""
    marker = _Marker(terms, address, facts)
    return "".join(marker.take(piece) for piece in _TAGS.split(page_html))


class _Marker:
    """Goes through a page piece by piece, tags and texts in turn, and knows what is open around it."""

    def __init__(self, terms: Iterable[Term], address: str, facts: dict[str, Fact]):
        self.terms = {_key(name): term for term in terms for name in term.names}
        ordered = sorted(self.terms, key=len, reverse=True)
        names = "|".join(f"(?i:{re.escape(name[0])}){re.escape(name[1:])}" for name in ordered)
        self.names = re.compile(rf"(?<![\w-])(?:{names})(?![\w-])") if names else None
        self.address, self.facts = address, facts
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.cited = ""
        self.packer, self.weight = zlib.compressobj(), 0

    def take(self, piece: str) -> str:
        """The next tag or text, with what belongs into it or behind it."""
        if piece.startswith("<"):
            return piece if piece.startswith("<svg") else piece + self._tag(piece)
        if not _NO_DATES.intersection(self.open):
            piece = _DATE.sub(lambda match: _dated(match.group(1), match.group(0)), piece)
        if self.names and not _NO_TERMS.intersection(self.open):
            piece = "".join(part if part[:1] == "<" else self._linked(part) for part in _TAGS.split(piece))
        return piece

    def _tag(self, tag: str) -> str:
        """Notes what a tag opens or closes; what follows a citation is its date."""
        match = _TAG.match(tag)
        name = match.group(2) if match else ""
        if name == "h2":
            self.seen.clear()
        if name not in _NO_TERMS:
            return ""
        if not match.group(1):
            self.open.append(name)
            self.cited = (_CITED.findall(tag) or [""])[0] if name == "a" else self.cited
        elif name in self.open:
            del self.open[len(self.open) - 1 - self.open[::-1].index(name) :]
            if name == "a" and self.cited in self.facts and self._first(self.cited):
                date = self.facts[self.cited].as_of
                return f" {_dated(date, f'as of {date}')}"
        return ""

    def _linked(self, text: str) -> str:
        return self.names.sub(self._link, text)

    def _link(self, match: re.Match) -> str:
        text, term = match.group(0), self.terms[_key(match.group(0), escaped=True)]
        says, target = html.escape(term.definition), f"{self.address}#{term.id}"
        link = f'<a class="guide-term" href="{target}" data-says="{says}">{text}</a>'
        if f"#{term.id}" in self.seen or not self._affordable(link):
            return text
        self.seen.add(f"#{term.id}")
        return link

    def _affordable(self, link: str) -> bool:
        trial = self.packer.copy()
        weight = self.weight + len(trial.compress(link.encode()) + trial.flush(zlib.Z_SYNC_FLUSH))
        if weight > BUDGET:
            return False
        self.packer, self.weight = trial, weight
        return True

    def _first(self, id: str) -> bool:
        first = id not in self.seen
        self.seen.add(id)
        return first


def _key(name: str, escaped: bool = False) -> str:
    """A name as it is found in a page's HTML, at a sentence's beginning or within: ANN is no Ann."""
    text = name if escaped else html.escape(name, quote=False)
    return text[:1].lower() + text[1:]


def _dated(date: str, words: str) -> str:
    return f'<time class="guide-asof" datetime="{date}">{words}</time>'
