"""Chapters -> one HTML document: cover, contents, the pages of the site, an index.

Nothing is written for the book but its cover. Ids and links of each page are made those of one document; what
a screen folds stands open; a link to another page says on which, and a citation has its source's number. What
the book says elsewhere is not said twice: a question's sources are numbers here, and its card has no drawing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree, html
from lxml.html import builder as E
from read_site import LEFT_OUT, Chapter, Edition, parts, resolved

TITLE = "The Guarded Path"
SUBTITLE = "A study guide for safety-first system design interviews"
UNOFFICIAL = (
    "Unofficial and free. Not affiliated with, endorsed by, or reviewed by Anthropic. "
    "Text, diagrams and figures CC BY 4.0; code MIT."
)
SOURCES = "sources/"
VOCABULARY = "vocabulary/"
LABEL = 0.58  # of a drawing's size on the screen; book.css sets its labels at 18 px: on paper 7.8 pt
HIGHEST = 775  # CSS px, 205 mm: a drawing and its legend fit a page of either paper
BESIDE = 350  # CSS px; text flows beside a drawing that is no wider
PAIR = 616  # CSS px; two drawings of a section that are together no wider stand side by side
LONG = 10  # rows; a table with more may go over the page, between rows, its head repeated
_DROPPED = ("headerlink", "guide-reduce", "guide-diagram--narrow")
# A card's drawing stands large in its chapter, a device is not at hand, tags are for a search.
_NOT_ON_PAPER = (
    './/aside[@class="guide-card"]/*[contains(@class, "guide-diagram")]'
    '|./p[strong[1][.="On this device."]]'
    '|./p[starts-with(., "About: ")][preceding-sibling::*[2][self::h2 or self::h3]]'
)
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
                section.insert(0, E.H1(name, {"class": "book-part", "id": f"part-{chapter.key}"}))
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
    _list_sources(book, chapter)
    _take_ids(chapter)
    _note_laws(book, chapter.key, article)
    told = set()
    for link in list(article.iter("a")):
        _bind_link(book, chapter, link, told)
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
    for legend in article.xpath('.//aside[@class="guide-card"]/p[@class="guide-legend"]'):
        article.xpath('./div[contains(@class, "guide-diagram")]')[0].addnext(legend)
    for each in article.xpath(_NOT_ON_PAPER):
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
    sections: dict = {}
    for svg in article_drawings(chapter.article):
        width, height = (float(svg.get(side)) for side in ("width", "height"))
        scale = min(LABEL, HIGHEST / height)
        svg.set("style", f"width: {width * scale:.0f}px; aspect-ratio: {width / height:.4f}")
        figure = _figure(svg, beside=width * scale <= BESIDE)
        heading = figure.xpath("(preceding-sibling::h2|preceding-sibling::h3)[last()]")
        before = sections.setdefault(heading[0] if heading else None, [])
        before.append((figure, width * scale))
        if len(before) == 2 and sum(wide for _, wide in before) <= PAIR:
            _set_side_by_side(*(each for each, _ in before))
    for place, picture in enumerate(chapter.article.xpath('.//img[contains(@src, ".svg")]'), 1):
        address, _ = resolved(chapter.address, picture.get("src"))
        svg = etree.parse(str(book.site / address)).getroot()
        _prefix_ids(svg, f"picture-{place}-")
        figure = E.SPAN({"class": "book-picture"})
        figure.append(svg)
        figure.tail = picture.tail
        picture.getparent().replace(picture, figure)


def _figure(svg, beside: bool):
    """The block of a drawing and its legend; text may stand beside it."""
    drawn = svg.xpath('ancestor::div[contains(@class, "guide-diagram")]')[0]
    figure = E.DIV({"class": "book-figure book-figure--beside" if beside else "book-figure"})
    drawn.addprevious(figure)
    legend = drawn.getnext()
    figure.append(drawn)
    if legend is not None and legend.get("class") == "guide-legend":
        figure.append(legend)
    return figure


def _set_side_by_side(first, second) -> None:
    """Two drawings in one block, each with its title below, since the text between them now comes later."""
    pair = E.DIV({"class": "book-figure book-figure--pair"})
    first.addprevious(pair)
    legends = first.findall('p[@class="guide-legend"]')
    for figure in (first, second):
        title = figure.xpath('.//*[local-name()="svg"]/*[local-name()="title"]')[0].text
        pair.append(E.DIV(figure.find("div"), E.P(title, {"class": "book-caption"})))
    pair.extend(legends)
    first.drop_tree()
    second.drop_tree()


def article_drawings(article) -> list:
    """The diagrams of an article."""
    return article.xpath('.//*[local-name()="svg"][contains(@class, "pele")]')


def _number_sources(book: Book, chapter: Chapter) -> None:
    if chapter.address == SOURCES:
        for heading in chapter.article.iterfind(".//h3"):
            number = E.SPAN(f"{book.numbers[heading.get('id')]}", {"class": "book-number"})
            number.tail, heading.text = f" {heading.text or ''}", None
            heading.insert(0, number)


def _list_sources(book: Book, chapter: Chapter) -> None:
    """The list at a page's end becomes numbers: what else it says stands in the register of the same book."""
    for heading in chapter.article.xpath('./h2[@id="sources"][following-sibling::*[1][self::ul]]'):
        listed = heading.getnext()
        places = [resolved(chapter.address, link.get("href"))[1] for link in listed.xpath("./li/a[1]")]
        line = E.P({"class": "book-sources"}, E.STRONG("Sources:"), " ")
        for place in sorted(set(places), key=book.numbers.get):
            link = E.A(href=f"/{SOURCES}#{place}")
            link.tail = ", "
            line.append(link)
        line[-1].tail = "."
        heading.getparent().replace(listed, line)
        heading.drop_tree()


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


def _bind_link(book: Book, chapter: Chapter, link, told: set) -> None:
    """A link's end in the book; `told` are the blocks of text that say the page of a chapter already."""
    href = link.get("href", "")
    link.attrib.pop("title", None)
    if re.match(r"[a-z]+:", href):
        _print_address(link, href)
        return
    address, place = resolved(chapter.address, href)
    key = book.keys.get(address)
    target = f"{key}--{place}" if place else key
    if not key or (place and target not in book.ids):
        if address.startswith(LEFT_OUT):
            link.append(E.SPAN(" (on the site)", {"class": "book-ref"}))
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
        block = (*link.xpath("ancestor::*[self::p or self::li or self::tr][1]"), key)
        if block not in told:
            told.add(block)
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
    if left == right:
        left = "" if right == TITLE else TITLE
    # In a style nothing is escaped for us: neither the text's quotation mark nor a tag may end what it is in.
    left, right = (re.sub(r'[\\"<]', lambda mark: f"\\{ord(mark[0]):x} ", text) for text in (left, right))
    return f'\n@page {key} {{ @top-left {{ content: "{left}" }} @top-right {{ content: "{right}" }} }}'


def _text(element) -> str:
    return " ".join("".join(t for t in element.itertext() if t != "¶").split())
