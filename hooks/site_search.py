"""What the search finds: every section of every page as plain text, in one file that loads when asked for.

Drawings are left out, since their labels are in the text beside them; so are links to headings.
"""

from __future__ import annotations

import html
import json
import re

PLACE = "assets/search.json"
_UNSAID = re.compile(r'<svg\b.*?</svg>|<a class="headerlink".*?</a>', re.DOTALL)
_HEADING = re.compile(r'<h([123])(?:[^>]*? id="([^"]*)")?[^>]*>(.*?)</h\1>', re.DOTALL)
_BREAK = re.compile(r"</?(?:blockquote|br|d[dt]|div|h[1-6]|li|p|pre|summary|t[dhr])\b[^>]*>")
_TAG = re.compile(r"<[^>]*>")


def sections(url: str, title: str, page_html: str) -> list[tuple[str, str, str, str]]:
    """A page's sections: place, title of the page, heading, text."""
    above, *parts = _HEADING.split(_UNSAID.sub("", page_html))
    found = [("", "", _words(above))]
    for level, id, heading, text in zip(*(parts[place::4] for place in range(4)), strict=True):
        found.append((id if level != "1" else "", _words(heading), _words(text)))  # the first is the page
    return [
        (f"{url}#{id}" if id else url, title, heading if id else title, text)
        for id, heading, text in found
        if heading or text
    ]


def _words(part: str) -> str:
    """What a reader reads, with the words of neighbouring blocks apart."""
    return " ".join(html.unescape(_TAG.sub("", _BREAK.sub(" ", part))).split())


def as_json(entries: list[tuple[str, str, str, str]]) -> str:
    """The index, as search.js reads it."""
    return json.dumps(entries, ensure_ascii=False, separators=(",", ":"))
