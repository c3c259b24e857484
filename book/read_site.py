"""The built site: its edition, and its chapters, the article of every page in reading order, with its part.

Each page of the site names the next one, and its menu names the part of the guide that it is in; so the book
has the order of the navigation without a list of its own.
"""

from __future__ import annotations

import json
import posixpath
import re
from copy import deepcopy
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from lxml import html

# Pages that are made for a screen, say again what other pages say, or serve whoever writes pages: so their
# addresses begin.
LEFT_OUT = ("cards/", "print/", "contribute/", "conventions/", "rules/")


class NoSite(Exception):
    """What was to be read is no site that this guide's build wrote."""


@dataclass
class Chapter:
    """A page of the site: its address there (`questions/x/`), its part and title, and its article."""

    address: str
    part: str
    title: str
    article: html.HtmlElement

    @property
    def key(self) -> str:
        """The chapter's id in the book, and what the ids of its parts begin with."""
        return self.address.strip("/").replace("/", "-") or "home"


@dataclass(frozen=True)
class Edition:
    """What the site calls itself: "2026-11-21 0123abcd" for a commit, "draft 0123abcd" for other content."""

    said: str

    @property
    def day(self) -> str:
        """The commit's day; a draft has one that nobody takes for its own."""
        day = self.said.partition(" ")[0]
        return "2000-01-01" if day == "draft" else day

    @property
    def name(self) -> str:
        """As it stands in the names of files."""
        return self.said.replace(" ", "-")

    def __str__(self) -> str:
        day, digest = self.said.split()
        return f"Draft {digest}" if day == "draft" else f"Edition of {day}, commit {digest}"


def edition(site: Path) -> Edition:
    """The edition of a built site."""
    return Edition(json.loads(_existing(site / "parts/shared.json").read_text(encoding="utf-8"))["edition"])


def chapters(site: Path) -> list[Chapter]:
    """Every page that a reader reaches by "After", but those left out."""
    found, address, seen = [], "", set()
    while address not in seen:
        seen.add(address)
        page = _page(site / address / "index.html")
        if not address.startswith(LEFT_OUT):
            article = page.find(".//article")
            for part in article.findall("section[@class='guide-part']"):
                part.drop_tag()
            part = page.xpath('string(//nav[@aria-label="Guide"]/ul/li/a[@aria-current])')
            found.append(Chapter(address, part, _title(article), article))
        after = page.xpath('//a[@rel="next"]/@href')
        address = _resolved(address, after[0]) if after else address
    return found


def parts(chapters: list[Chapter]) -> list[tuple[str, list[Chapter]]]:
    """The chapters by part, in order; a part of one chapter has no name of its own."""
    grouped = [(name, list(group)) for name, group in groupby(chapters, lambda chapter: chapter.part)]
    return [(name if len(group) > 1 else "", group) for name, group in grouped]


def resolved(address: str, link: str) -> tuple[str, str]:
    """A link on the page at an address -> the page it leads to and the place there."""
    path, _, place = link.partition("#")
    return (_resolved(address, path) if path else address), place


def _resolved(address: str, path: str) -> str:
    target = posixpath.normpath(posixpath.join("/", address, path)).lstrip("/")
    target = target.removesuffix("index.html")
    return target if not target or "." in posixpath.basename(target) else target.rstrip("/") + "/"


def said(element: html.HtmlElement) -> str:
    """What is read of an element: no permalink, no date behind a fact."""
    copy = deepcopy(element)
    copy.tail = None
    for hidden in copy.xpath('.//*[@class="headerlink"]|.//time|.//*[@class="guide-broken"]'):
        hidden.drop_tree()
    return re.sub(r" (?=[,.;:])", "", " ".join(copy.text_content().split()))


def _title(article: html.HtmlElement) -> str:
    heading = article.find(".//h1")
    return "".join(part for part in heading.itertext() if part != "¶").strip()


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise NoSite(f"{path} is missing: build the site first (make build).")
    return path


def _page(path: Path) -> html.HtmlElement:
    return html.parse(str(_existing(path)), html.HTMLParser(encoding="utf-8", huge_tree=True)).getroot()


def style(site: Path) -> str:
    """The style that every page of the site carries."""
    return _page(site / "index.html").findtext(".//style")
