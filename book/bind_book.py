"""Chapters -> one HTML document: cover, contents, the pages of the site, an index.

Nothing is written for the book but its cover. Ids and links of each page are made those of one document; what
a screen folds stands open; a link to another page says on which, and a citation has its source's number.
"""

from __future__ import annotations

import re
from collections import defaultdict
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree, html
from lxml.html import builder as E
from read_site import Chapter, Edition, parts, resolved

TITLE = "The Guarded Path"
SUBTITLE = "A study guide for safety-first system design interviews"
UNOFFICIAL = (
    "Unofficial and free. Not affiliated with, endorsed by, or reviewed by Anthropic. "
    "Text, diagrams and figures CC BY 4.0; code MIT."
)
SOURCES = "sources/"
VOCABULARY = "vocabulary/"
LABEL = 0.66  # of a drawing's size on the screen: its labels are then as large as the tables' letters
LONG = 14  # rows; a table with more may go over the page, between rows, its head repeated
_DROPPED = ("headerlink", "guide-reduce", "guide-diagram--narrow")
_ID_LISTS = ("aria-labelledby", "aria-describedby", "for")
_LAW = re.compile(r"\s*([a-z_]+)\(")


@dataclass
class Book:
    """The book while it is bound: places of pages, numbers of sources, words of the index."""

    site: Path
    chapters: list[Chapter]
    edition: Edition
    keys: dict[str, str] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)
    numbers: dict[str, int] = field(default_factory=dict)
    terms: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    laws: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    emblem: list = field(default_factory=list)

    def __post_init__(self):
        self.keys = {chapter.address: chapter.key for chapter in self.chapters}
        for chapter in self.chapters:
            self.ids |= {f"{chapter.key}--{id}" for id in chapter.article.xpath(".//@id")}
            if chapter.address == SOURCES:
                self.numbers = _numbered(chapter.article)
            if chapter.address == VOCABULARY:
                self.terms = {
                    id: (_text(heading), [f"{chapter.key}--{id}"])
                    for heading in chapter.article.iterfind(".//h2")
                    if (id := heading.get("id"))
                }


def bind(site: Path, chapters: list[Chapter], edition: Edition) -> Book:
    """The chapters made ready for one document; each keeps its article."""
    book = Book(site, [deepcopy(chapter) for chapter in chapters], edition)
    book.emblem = book.chapters[0].article.xpath('.//*[@class="guide-emblem"]')
    for emblem in book.emblem:
        emblem.drop_tree()
    for name, group in parts(book.chapters):
        for chapter in group:
            _bind_chapter(book, chapter, deeper=bool(name))
    return book


def document(book: Book, style: str) -> str:
    """The whole book as HTML; places that wait for a page number are marked with `data-page-of`."""
    body = E.BODY(_cover(book), _contents(book))
    heads = []
    for name, group in parts(book.chapters):
        for place, chapter in enumerate(group):
            section = deepcopy(chapter.article)
            section.tag = "section"
            section.set("id", chapter.key)
            section.set("style", f"page: {chapter.key}")
            heads.append(_running_head(chapter.key, name or chapter.title, chapter.title))
            if name and not place:
                key = f"part-{chapter.key}"
                listed = E.UL(*(_entry(each.key, each.title) for each in group))
                body.append(E.SECTION(E.H1(name, {"class": "book-1"}), listed, id=key,
                                      **{"class": "book-part book-contents md-typeset"}))  # fmt: skip
            body.append(section)
    body.append(_index(book))
    heads.append(_running_head("index", TITLE, "Index"))
    head = E.HEAD(E.META(charset="utf-8"), E.TITLE(TITLE), E.STYLE(style + "".join(heads)))
    return "<!doctype html>\n" + html.tostring(
        E.HTML(head, body, lang="en-GB", dir="ltr"), encoding="unicode"
    )


# ── A chapter ────────────────────────────────────────────────────────────────────────────────────
def _bind_chapter(book: Book, chapter: Chapter, deeper: bool) -> None:
    article = chapter.article
    _drop_what_a_screen_needs(article)
    _draw(book, chapter)
    _number_sources(book, chapter)
    _take_ids(chapter)
    _note_laws(book, chapter.key, article)
    for link in list(article.iter("a")):
        _bind_link(book, chapter, link)
    for heading in article.xpath(".//h1|.//h2|.//h3|.//h4"):
        level = int(heading.tag[1]) + deeper
        heading.tag = f"h{level}"
        heading.classes.add(f"book-{level}")
        if heading.getparent() is article and level == 1 + deeper:
            heading.classes.add("book-title")


def _drop_what_a_screen_needs(article) -> None:
    for name in _DROPPED:
        for each in article.xpath(f'.//*[contains(concat(" ", @class, " "), " {name} ")]'):
            each.drop_tree()
    for summary in article.xpath(".//details/summary"):
        summary.drop_tree()
    for fold in article.xpath('.//details[@class="guide-more"]'):
        _whole_again(fold)
    for fold in list(article.iter("details")):
        fold.tag = "div"
    for table in article.iter("table"):
        if len(table.findall("tbody/tr")) > LONG:
            table.classes.add("book-long")
    for link in article.xpath('.//a[@class="guide-enlarge"]'):
        link.drop_tag()


def _whole_again(fold) -> None:
    """The rows that the site folds return to the table that they were taken from."""
    table = fold.xpath("(preceding::table)[last()]")[0]
    table.find("tbody").extend(fold.findall(".//tbody/tr"))
    fold.drop_tree()


def _draw(book: Book, chapter: Chapter) -> None:
    """Drawings get the size of the text around them; pictures become drawings, with the book's letters."""
    for svg in article_drawings(chapter.article):
        width, height = (float(svg.get(side)) * LABEL for side in ("width", "height"))
        svg.set("style", f"width: {width:.0f}px; aspect-ratio: {width / height:.4f}")
    for place, picture in enumerate(chapter.article.xpath('.//img[contains(@src, ".svg")]'), 1):
        address, _ = resolved(chapter.address, picture.get("src"))
        svg = etree.parse(str(book.site / address)).getroot()
        _prefix_ids(svg, f"picture-{place}-")
        figure = E.SPAN({"class": "book-picture"})
        figure.append(svg)
        figure.tail = picture.tail
        picture.getparent().replace(picture, figure)


def article_drawings(article) -> list:
    """The diagrams of an article."""
    return article.xpath('.//*[local-name()="svg"][contains(@class, "pele")]')


def _number_sources(book: Book, chapter: Chapter) -> None:
    if chapter.address == SOURCES:
        for heading in chapter.article.iterfind(".//h3"):
            number = E.SPAN(f"{book.numbers[heading.get('id')]}", {"class": "book-number"})
            number.tail, heading.text = f" {heading.text or ''}", None
            heading.insert(0, number)


def _numbered(article) -> dict[str, int]:
    """The number of each source, also under the ids of its facts."""
    numbers, number = {}, 0
    for element in article.iter():
        if element.tag == "h3":
            number += 1
        if number and element.get("id"):
            numbers[element.get("id")] = number
    return numbers


def _take_ids(chapter: Chapter) -> None:
    _prefix_ids(chapter.article, f"{chapter.key}--")


def _prefix_ids(root, prefix: str) -> None:
    for element in root.iter(etree.Element):
        if element.get("id"):
            element.set("id", prefix + element.get("id"))
        for name in _ID_LISTS:
            if element.get(name):
                element.set(name, " ".join(prefix + id for id in element.get(name).split()))
        for name, value in element.attrib.items():
            if "url(#" in value:
                element.set(name, value.replace("url(#", f"url(#{prefix}"))


def _note_laws(book: Book, key: str, article) -> None:
    """The first check of each law in a chapter is an entry of the index."""
    for code in article.xpath('.//table[contains(@class,"guide-checks")]//td[2]/code'):
        law = _LAW.match(code.text_content())
        id = f"{key}--law-{law.group(1)}" if law else ""
        if law and id not in book.laws[law.group(1)]:
            code.set("id", id)
            book.laws[law.group(1)].append(id)


def _bind_link(book: Book, chapter: Chapter, link) -> None:
    href = link.get("href", "")
    link.attrib.pop("title", None)
    if re.match(r"[a-z]+:", href):
        _print_address(link, href)
        return
    address, place = resolved(chapter.address, href)
    key = book.keys.get(address)
    target = f"{key}--{place}" if place else key
    if not key or (place and target not in book.ids):
        link.drop_tag()
        return
    link.set("href", f"#{target}")
    if "guide-term" in link.classes:
        link.attrib.pop("data-says", None)
        if place in book.terms:
            id, uses = f"{chapter.key}--term-{place}", book.terms[place][1]
            if id not in uses:  # once in a chapter: a page number for each mention would help nobody
                link.set("id", id)
                uses.append(id)
    elif address == SOURCES != chapter.address and place in book.numbers:
        link.append(E.SPAN(str(book.numbers[place]), {"class": "book-cited"}))
    elif address != chapter.address:
        link.append(_page_of(target, "book-ref", before=" (p. ", behind=")"))


def _print_address(link, href: str) -> None:
    if _text(link).rstrip("/") not in (href.rstrip("/"), href.removeprefix("mailto:")):
        link.append(E.SPAN(f" ({href})", {"class": "book-address"}))


def _page_of(target: str, name: str, before: str = "", behind: str = ""):
    span = E.SPAN({"class": name})
    span.set("data-page-of", target)
    span.set("data-before", before)
    span.set("data-behind", behind)
    span.text = f"{before}000{behind}"
    return span


# ── Before and behind the chapters ───────────────────────────────────────────────────────────────
def _cover(book: Book):
    cover = E.SECTION({"class": "book-cover md-typeset"}, *deepcopy(book.emblem))
    # No heading: it would come before the first chapter in the outline, which has the contents' entries.
    cover.append(E.P(TITLE, {"class": "book-cover__title"}))
    cover.append(E.P(SUBTITLE, {"class": "book-cover__subtitle"}))
    cover.append(E.P(str(book.edition), {"class": "book-cover__edition"}))
    cover.append(E.P(UNOFFICIAL, {"class": "book-cover__licence"}))
    return cover


def _contents(book: Book):
    entries = E.UL()
    for name, group in parts(book.chapters):
        if name:
            inner = E.UL(*(_entry(chapter.key, chapter.title) for chapter in group))
            entries.append(E.LI(_line(f"part-{group[0].key}", name), inner, {"class": "book-contents__part"}))
        else:
            entries.append(_entry(group[0].key, group[0].title, "book-contents__part"))
    entries.append(_entry("index", "Index", "book-contents__part"))
    return E.NAV(E.P("Contents", {"class": "book-contents__title"}), entries,
                 {"class": "book-contents book-front md-typeset", "aria-label": "Contents"})  # fmt: skip


def _entry(key: str, title: str, name: str = ""):
    return E.LI(_line(key, title), {"class": name})


def _line(key: str, title: str):
    return E.A(E.SPAN(title), _page_of(key, "book-contents__page"), href=f"#{key}")


def _index(book: Book):
    section = E.SECTION({"class": "book-index md-typeset", "id": "index", "style": "page: index"})
    section.append(E.H1("Index", {"class": "book-1 book-title"}))
    section.append(E.P("Terms, the page that defines each in bold; laws, in italics, where they are held."))
    entries = [(name, False, places) for name, places in book.terms.values()]
    entries += [(name.replace("_", " "), True, places) for name, places in book.laws.items()]
    items = E.UL()
    for name, law, places in sorted(entries, key=lambda entry: entry[0].casefold()):
        item = E.LI({"class": "book-index__entry"})
        item.append(E.EM(f"{name}, law") if law else E.SPAN(name))
        for place, target in enumerate(places):
            name = "book-index__page" if place or law else "book-index__page book-index__page--defined"
            item.append(E.A(_page_of(target, "", before=" "), href=f"#{target}", **{"class": name}))
        items.append(item)
    section.append(items)
    return section


def _running_head(key: str, left: str, right: str) -> str:
    left, right = (text.replace("\\", "\\\\").replace('"', '\\"') for text in (left, right))
    return (
        f'\n@page {key} {{ @top-left {{ content: "{left}" }} @top-right {{ content: "{right}" }} }}'
        if left != right
        else f'\n@page {key} {{ @top-left {{ content: "{TITLE}" }} @top-right {{ content: "{right}" }} }}'
    )


def _text(element) -> str:
    return " ".join("".join(t for t in element.itertext() if t != "¶").split())
