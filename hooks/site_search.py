"""What the search finds: every section of every page as plain text, in one file that loads when asked for.

Drawings are left out, since their labels are in the text beside them; so are links to headings.
"""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

PLACE = "assets/search.json"
_HEADINGS = ("h1", "h2", "h3")
_DRAWING = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
_BREAKS = frozenset("blockquote br dd div dt h1 h2 h3 h4 h5 h6 li p pre summary td th tr".split())


def sections(url: str, title: str, html: str) -> list[tuple[str, str, str, str]]:
    """A page's sections: place, title of the page, heading, text."""
    reader = _Sections()
    reader.feed(_DRAWING.sub("", html))
    reader.close()
    found = []
    for id, heading, words in reader.sections:
        name, text = (" ".join("".join(part).split()) for part in (heading, words))
        if name or text:
            found.append((f"{url}#{id}" if id else url, title, name if id else title, text))
    return found


def as_json(entries: list[tuple[str, str, str, str]]) -> str:
    """The index, as search.js reads it."""
    return json.dumps(entries, ensure_ascii=False, separators=(",", ":"))


class _Sections(HTMLParser):
    """Parts a page's HTML at its headings; each section is id, heading and text, in pieces."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.sections: list[tuple[str, list[str], list[str]]] = [("", [], [])]
        self.into = 2
        self.permalink = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.permalink = tag == "a" and attributes.get("class") == "headerlink"
        if tag in _HEADINGS:  # the first of a page is the page: it has no place of its own
            self.sections.append((attributes.get("id") or "" if tag != "h1" else "", [], []))
            self.into = 1
        self._part(tag)

    def handle_endtag(self, tag: str) -> None:
        self.permalink = False
        if tag in _HEADINGS:
            self.into = 2
        self._part(tag)

    def handle_data(self, data: str) -> None:
        if not self.permalink:
            self.sections[-1][self.into].append(data)

    def _part(self, tag: str) -> None:
        """Keep words of neighbouring blocks apart."""
        if tag in _BREAKS:
            self.sections[-1][self.into].append(" ")
