"""Markdown extension: contract tables and linked numbers get the classes that the style needs.

It changes no text. Rows get their symbol as id, so that `[286 GPUs](#gpus)` leads to its row;
cells get their column's name, so that a phone can stand a row upright without a script.
"""

from __future__ import annotations

import xml.etree.ElementTree as etree

from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor
from page_contract import CHECKS, FOLK, HARMS, ROWS, SHOWN_ROWS

_CLASSES = {ROWS: "guide-envelope", CHECKS: "guide-checks", FOLK: "guide-folk", HARMS: "guide-harms"}
_CELLS = ("guide-symbol", "guide-quantity", "guide-value", "guide-working")
_ORIGINS = ("given", "assumed", "chosen", "simulated", "measured")


class GuideExtension(Extension):
    """Registers the tree processor after links and attributes, before MkDocs collects anchors."""

    def extendMarkdown(self, md):
        md.treeprocessors.register(_Tables(md), "guide_tables", 6)


class _Tables(Treeprocessor):
    def run(self, root: etree.Element) -> None:
        parents = {child: parent for parent in root.iter() for child in parent}
        symbols = {}
        for _place, table in enumerate(list(root.iter("table"))):
            header = tuple(_text(th) for th in table.iter("th"))
            _label_cells(table, header)
            table.set("class", f"guide-upright {_CLASSES.get(header, '')}".strip())
            if header == ROWS:
                symbols |= _mark_rows(table)
                _fold(table, parents[table], SHOWN_ROWS[bool(symbols and _is_worked(table))])
        for link in root.iter("a"):
            _mark_link(link, symbols)


def _text(element: etree.Element) -> str:
    return "".join(element.itertext()).strip()


def _label_cells(table: etree.Element, header: tuple[str, ...]) -> None:
    for row in table.iterfind("tbody/tr"):
        for name, cell in zip(header, row.iterfind("td"), strict=False):
            cell.set("data-label", name)


def _mark_rows(table: etree.Element) -> dict[str, str]:
    """Ids and classes for the rows of an envelope; returns each symbol's meaning in words."""
    meanings = {}
    for row in table.iterfind("tbody/tr"):
        cells = list(row.iterfind("td"))
        symbol, quantity, _, working = (_text(cell) for cell in cells)
        row.set("id", symbol)
        row.set("class", f"guide-{_origin(cells[3], working)}")
        for name, cell in zip(_CELLS, cells, strict=True):
            cell.set("class", name)
        meanings[symbol] = f"{quantity}: {working}"
    return meanings


def _origin(cell: etree.Element, working: str) -> str:
    if [child.tag for child in cell] == ["code"] and not (cell.text or "").strip():
        return "worked"
    return next((origin for origin in _ORIGINS if working.startswith(origin)), "cited")


def _is_worked(table: etree.Element) -> bool:
    return any(row.get("class") == "guide-worked" for row in table.iterfind("tbody/tr"))


def _fold(table: etree.Element, parent: etree.Element, shown: int) -> None:
    """Move the rows beyond the first few into a second table inside a `details`."""
    body = table.find("tbody")
    rest = list(body)[shown:]
    if not rest:
        return
    details = etree.Element("details", {"class": "guide-more"})
    etree.SubElement(details, "summary").text = f"{len(rest)} more rows"
    inner = etree.SubElement(details, "table", {"class": table.get("class", "")})
    inner.append(_copy_of(table.find("thead")))
    inner_body = etree.SubElement(inner, "tbody")
    for row in rest:
        body.remove(row)
        inner_body.append(row)
    parent.insert(list(parent).index(table) + 1, details)


def _copy_of(element: etree.Element) -> etree.Element:
    copy = etree.Element(element.tag, dict(element.attrib))
    copy.text, copy.tail = element.text, element.tail
    copy.extend(_copy_of(child) for child in element)
    return copy


def _mark_link(link: etree.Element, symbols: dict[str, str]) -> None:
    target = link.get("href", "")
    if target.startswith("#") and target[1:] in symbols:
        link.set("class", "guide-number")
        link.set("title", symbols[target[1:]])
    elif "sources.md#" in target or "sources/#" in target:
        link.set("class", "guide-citation")
