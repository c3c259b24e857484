"""Markdown extension: contract tables and linked numbers get the classes that the style needs.

Rows get their symbol as id, so that `[286 GPUs](#gpus)` leads to its row; cells get their column's name, so
that a phone can stand a row upright without a script. Formulas can be read aloud, and a folk figure says by
how much it breaks its law. No other text is added, and none is changed.
"""

from __future__ import annotations

import html
import xml.etree.ElementTree as etree
from collections.abc import Callable

from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor
from page_contract import ANSWERS, CHECKS, FOLK, HARMS, ROWS, SHOWN_ROWS
from read_envelope import broken_by
from render_inline import hasten
from speak_formula import speak

_CLASSES = {ROWS: "guide-envelope", CHECKS: "guide-checks", FOLK: "guide-folk", HARMS: "guide-harms"}
_FORMULAS = {ROWS: (3,), CHECKS: (1,), FOLK: (1, 2)}  # the columns that hold formulas
_CELLS = ("guide-symbol", "guide-quantity", "guide-value", "guide-working")
_ORIGINS = ("given", "assumed", "chosen", "simulated", "measured")


class GuideExtension(Extension):
    """Registers the tree processor after links and attributes, before MkDocs collects anchors."""

    def __init__(self, envelope: Callable):
        """`envelope` gives the recomputed envelope of the page that is being rendered, or None."""
        super().__init__()
        self.envelope = envelope

    def extendMarkdown(self, md):
        md.treeprocessors.register(_Tables(md, self.envelope), "guide_tables", 6)
        hasten(md)


class _Tables(Treeprocessor):
    def __init__(self, md, envelope: Callable):
        super().__init__(md)
        self.envelope = envelope

    def run(self, root: etree.Element) -> None:
        parents = {child: parent for parent in root.iter() for child in parent}
        symbols = {}
        envelope = self.envelope()
        broken = [broken_by(folk.verdict, envelope.nouns) for folk in envelope.folks] if envelope else []
        for table in list(root.iter("table")):
            header = tuple(_text(th) for th in table.iter("th"))
            _label_cells(table, header)
            table.set("class", f"guide-upright {_CLASSES.get(header, '')}".strip())
            _speak(table, _FORMULAS.get(header, ()))
            if header == FOLK:
                broken = _break(table, broken)
            if header == ROWS:
                symbols |= _mark_rows(table)
                _fold(table, parents[table], SHOWN_ROWS[bool(symbols and _is_worked(table))])
        _fold_answers(root)
        for link in root.iter("a"):
            _mark_link(link, symbols)


def _text(element: etree.Element) -> str:
    return "".join(element.itertext()).strip()


def _speak(table: etree.Element, columns: tuple[int, ...]) -> None:
    """Give the formulas of a table the words in which they are read aloud."""
    for row in table.iterfind("tbody/tr"):
        cells = list(row.iterfind("td"))
        for cell in (cells[column] for column in columns):
            if _is_code(cell):
                cell[0].set("role", "math")
                cell[0].set("aria-label", speak(html.unescape(_text(cell))))


def _is_code(cell: etree.Element) -> bool:
    return [child.tag for child in cell] == ["code"] and not (cell.text or "").strip()


def _break(table: etree.Element, broken: list[str]) -> list[str]:
    """Say behind each folk figure's law what it comes to; returns what is left for a further table."""
    for row, said in zip(table.iterfind("tbody/tr"), broken, strict=False):
        etree.SubElement(row.findall("td")[2], "span", {"class": "guide-broken"}).text = said
    return broken[len(table.findall("tbody/tr")) :]


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
        _name_origin(cells[3])
        meanings[symbol] = f"{quantity}: {working}"
    return meanings


def _origin(cell: etree.Element, working: str) -> str:
    if _is_code(cell):
        return "worked"
    return next((origin for origin in _ORIGINS if working.startswith(origin)), "cited")


def _name_origin(cell: etree.Element) -> None:
    """Set the word that says where a value comes from apart from its reason."""
    word, _, reason = (cell.text or "").lstrip().partition(" ")
    if word.rstrip(":") in _ORIGINS:
        name = etree.Element("strong", {"class": "guide-origin"})
        name.text, name.tail, cell.text = word.rstrip(":"), f" {reason}", None
        cell.insert(0, name)


def _is_worked(table: etree.Element) -> bool:
    return any(row.get("class") == "guide-worked" for row in table.iterfind("tbody/tr"))


def _fold(table: etree.Element, parent: etree.Element, shown: int) -> None:
    """Move the rows beyond the first few into a second table inside a `details`."""
    body = table.find("tbody")
    rest = list(body)[shown:]
    if not rest:
        return
    details = etree.Element("details", {"class": "guide-more"})
    etree.SubElement(details, "summary").text = f"{len(rest)} more {'row' if len(rest) == 1 else 'rows'}"
    inner = etree.SubElement(details, "table", {"class": table.get("class", "")})
    inner.append(_copy_of(table.find("thead")))
    inner_body = etree.SubElement(inner, "tbody")
    for row in rest:
        body.remove(row)
        inner_body.append(row)
    parent.insert(list(parent).index(table) + 1, details)


def _fold_answers(root: etree.Element) -> None:
    """Fold the answers to a pushback, so that a reader says one first."""
    for place, items in enumerate(list(root)):
        leads = tuple(item[0].text for item in items if len(item)) if items.tag == "ul" else ()
        if leads == tuple(f"{answer}:" for answer in ANSWERS):
            details = etree.Element("details", {"class": "guide-answers"})
            etree.SubElement(details, "summary").text = "Say your answer aloud, then compare"
            details.append(items)
            root[place] = details


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
