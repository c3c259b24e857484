"""Chapters -> EPUB 3, packed by EbookLib: a file for each chapter, drawings inside, the same bytes twice."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime
from html import escape
from pathlib import Path

from bind_book import SUBTITLE, TITLE, UNOFFICIAL, Book
from ebooklib import epub
from lxml import etree
from read_site import Chapter, parts

# Readers know neither our custom properties nor which palette is worn: a drawing brings paper and ink along.
COLOURS = {"bg": "#ffffff", "fg": "#1d2226", "l": "#5a6066", "s": "#ffffff", "b": "#5a6066"}
_COLOUR = re.compile(r"var\(--_(\w+)\)")
_ALIGNED = {"right": "epub-right", "center": "epub-center"}
_SVG = "http://www.w3.org/2000/svg"
# As HTML was read -> as XML has it
_SVG_NAMES = {
    "viewbox": "viewBox",
    "preserveaspectratio": "preserveAspectRatio",
}
_PAGE = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"
  lang="en-GB" xml:lang="en-GB">
<head><title>{title}</title><link rel="stylesheet" type="text/css" href="epub.css"/></head>
<body{type}>{body}</body>
</html>
"""


def make(book: Book, style: Path) -> bytes:
    """The EPUB of a bound book."""
    files = {id: f"{chapter.key}.xhtml" for chapter in book.chapters for id in _ids(chapter)}
    packed = epub.EpubBook()
    packed.set_identifier(f"urn:guarded-path:{book.edition.name}")
    packed.set_title(TITLE)
    packed.set_language("en-GB")
    packed.add_author(TITLE)
    packed.add_metadata("DC", "date", book.edition.day)
    packed.add_metadata("DC", "rights", UNOFFICIAL)
    _accessible(packed)
    packed.add_item(_item("style", "epub.css", style.read_text(encoding="utf-8"), "text/css"))
    cover = _item("cover", "cover.xhtml", _cover(book))
    items = {chapter.key: _chapter(chapter, files) for chapter in book.chapters}
    for item in (cover, *items.values(), epub.EpubNcx(), epub.EpubNav(title="Contents")):
        packed.add_item(item)
    packed.spine = [cover, "nav", *items.values()]
    packed.toc = _contents(book)
    written = io.BytesIO()
    day = datetime.fromisoformat(book.edition.day)
    epub.write_epub(written, packed, {"mtime": day, "raise_exceptions": True})
    return _dated(written, day)


def _chapter(chapter: Chapter, files: dict[str, str]) -> epub.EpubItem:
    article = chapter.article
    for place in article.xpath(".//*[@data-page-of]"):
        place.drop_tree()
    for link in article.xpath('.//a[starts-with(@href, "#")]'):
        target = link.get("href")[1:]
        link.set("href", f"{files[target]}#{target}" if target != chapter.key else f"{chapter.key}.xhtml")
    for element in article.iter(etree.Element):
        aligned = element.attrib.pop("align", None)
        if aligned in _ALIGNED:
            element.set("class", f"{element.get('class', '')} {_ALIGNED[aligned]}".strip())
        for name in [name for name in element.attrib if name.startswith("data-")]:
            del element.attrib[name]
    drawings = article.xpath('.//*[local-name()="svg"]')
    for svg in drawings:
        _stand_alone(svg)
    article.set("id", chapter.key)
    text = etree.tostring(article, encoding="unicode", method="xml", with_tail=False)
    text = _COLOUR.sub(lambda match: COLOURS[match.group(1)], text)
    page = _PAGE.format(title=escape(chapter.title), type="", body=text)
    item = _item(chapter.key, f"{chapter.key}.xhtml", page)
    item.properties = ["svg"] if drawings else []
    return item


def _stand_alone(svg) -> None:
    """A drawing that needs no style sheet of ours: names as XML has them, white paper, its own size."""
    for element in svg.iter(etree.Element):
        for name in [name for name in element.attrib if name in _SVG_NAMES]:
            element.set(_SVG_NAMES[name], element.attrib.pop(name))
    svg.attrib.pop("style", None)
    if not svg.tag.startswith("{"):
        svg.set("xmlns", _SVG)
    paper = svg.makeelement(svg.tag.removesuffix("svg") + "rect")
    paper.attrib.update({"width": "100%", "height": "100%", "fill": "#ffffff", "class": "paper"})
    described = [child for child in svg if etree.QName(child).localname in ("title", "desc")]
    svg.insert(len(described), paper)


def _ids(chapter: Chapter) -> list[str]:
    return [chapter.key, *chapter.article.xpath(".//@id")]


def _contents(book: Book) -> list:
    entries = []
    for name, group in parts(book.chapters):
        links = [epub.Link(f"{each.key}.xhtml", each.title, f"to-{each.key}") for each in group]
        entries += [(epub.Section(name, links[0].href), links)] if name else links
    return entries


def _cover(book: Book) -> str:
    lines = [
        ("title", TITLE),
        ("subtitle", SUBTITLE),
        ("edition", str(book.edition)),
        ("licence", UNOFFICIAL),
    ]
    said = "".join(f'<p class="cover-{name}">{escape(text)}</p>' for name, text in lines)
    return _PAGE.format(title=TITLE, type=' epub:type="cover"', body=f"<section>{said}</section>")


def _item(id: str, name: str, text: str, kind: str = "application/xhtml+xml") -> epub.EpubItem:
    return epub.EpubItem(id, name, kind, text.encode("utf-8"))


def _accessible(packed: epub.EpubBook) -> None:
    said = {
        "accessMode": ["textual", "visual"],
        "accessModeSufficient": ["textual"],
        "accessibilityFeature": [
            "tableOfContents",
            "readingOrder",
            "alternativeText",
            "structuralNavigation",
        ],
        "accessibilityHazard": ["none"],
    }
    for name, values in said.items():
        for value in values:
            packed.add_metadata(None, "meta", value, {"property": f"schema:{name}"})


def _dated(written: io.BytesIO, day: datetime) -> bytes:
    """The archive again, every member with the edition's day."""
    again = io.BytesIO()
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(again, "w") as target:
        for member in source.infolist():
            member.date_time = (day.year, day.month, day.day, 0, 0, 0)
            target.writestr(member, source.read(member), member.compress_type, 9)
    return again.getvalue()
