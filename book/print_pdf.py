"""HTML -> PDF by Chromium, in two passes for a book: first to learn its page numbers, then to print them.

Chromium's print knows running heads and page counters but no `target-counter`; so the pages that places stand
on are read from the first PDF, written into the document, and read again until nothing moves.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import make_sheets
import pikepdf
from read_site import Edition

PAPERS = {"a4": ("A4", 210, 297), "letter": ("letter", 215.9, 279.4)}  # name in CSS, mm
PASSES = 4
# What is printed is a file, and a file may show any other file of the machine: this one loads letters alone.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; font-src file:; img-src data:"
_ELEMENT = re.compile(r"node\d{8}")
# Chromium says the first line of some headings twice in the outline, and what stands beside their text; so
# the outline's titles are read from the document, in whose order the outline is.
_HEADINGS = """() => [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].map(heading => {
  const copy = heading.cloneNode(true);
  for (const beside of copy.querySelectorAll(".book-ref, .book-cited, .book-address")) beside.remove();
  return copy.textContent.trim().replace(/\\s+/g, " ");
})"""
_NUMBER = """pages => {
  for (const place of document.querySelectorAll("[data-page-of]"))
    place.textContent = place.dataset.before + pages[place.dataset.pageOf] + place.dataset.behind;
  for (const entry of document.querySelectorAll(".book-index__entry")) {
    const seen = new Set();
    for (const link of entry.querySelectorAll("a")) {
      link.hidden = seen.has(link.textContent);
      seen.add(link.textContent);
    }
  }
}"""


def print_book(browser, text: str, title: str, edition: Edition, say: Callable[[str], None]) -> bytes:
    """The book's PDF, with the number of the right page wherever one is printed."""
    page = _opened(browser, text)
    known: dict[str, int] = {}
    for turn in range(1, PASSES + 1):
        say(f"pass {turn}")
        printed = page.pdf(prefer_css_page_size=True, print_background=True, tagged=True, outline=True)
        pages = _places(printed)
        if pages == known:
            break
        known = pages
        page.evaluate(_NUMBER, pages)
    else:
        raise RuntimeError(f"The page numbers of the book still move after {PASSES} passes.")
    headings = page.evaluate(_HEADINGS)
    page.close()
    return finished(printed, title, edition, headings)


def print_sheets(browser, text: str, paper: str, edition: Edition) -> bytes:
    """The PDF of sheets, each of which fits its side."""
    page = _opened(browser, text)
    make_sheets.fit(page, paper)
    title = page.title()
    printed = page.pdf(prefer_css_page_size=True, print_background=True, tagged=True, outline=True)
    page.close()
    return finished(printed, title, edition)


def _opened(browser, text: str):
    """The document in a page; from a file, because only a file may fetch the letters that lie in files."""
    page = browser.new_page()
    page.emulate_media(media="print", color_scheme="light")
    with TemporaryDirectory() as folder:
        file = Path(folder) / "document.html"
        before, head, rest = text.partition("<head>")
        policy = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        file.write_text(f"{before}{head}{policy}{rest}", encoding="utf-8")
        page.goto(file.as_uri(), wait_until="load")
        page.evaluate("document.fonts.ready")
    return page


def _places(printed: bytes) -> dict[str, int]:
    """The page, counted from 1, of each place that something in the document links to."""
    with pikepdf.open(io.BytesIO(printed)) as pdf:
        numbers = {page.objgen: number for number, page in enumerate(pdf.pages, 1)}
        found = pdf.Root.get("/Dests", {})
        return {name[1:]: numbers[place[0].objgen] for name, place in found.items()}


def finished(printed: bytes, title: str, edition: Edition, headings: list[str] = ()) -> bytes:
    """The same PDF, smaller, named, and without what Chromium stamps on it: one commit, one file."""
    with pikepdf.open(io.BytesIO(printed)) as pdf:
        stamp = f"D:{edition.day.replace('-', '')}000000Z"
        pdf.docinfo = pdf.make_indirect(
            pikepdf.Dictionary(
                Title=title,
                Author="The Guarded Path",
                Subject=str(edition),
                CreationDate=stamp,
                ModDate=stamp,
            )
        )
        if headings:
            _name_outline(pdf, headings)
        _number_elements(pdf)
        pdf.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
        saved = io.BytesIO()
        pdf.save(saved, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate,
                 compress_streams=True, recompress_flate=True)  # fmt: skip
        return saved.getvalue()


def _name_outline(pdf: pikepdf.Pdf, headings: list[str]) -> None:
    """Give each entry its heading's text; below the chapters the outline opens when asked."""
    with pdf.open_outline() as outline:
        todo = [(item, 0) for item in reversed(outline.root)]
        names = iter(headings)
        while todo:
            item, depth = todo.pop()
            item.title, item.is_closed = next(names), depth > 0
            todo += [(child, depth + 1) for child in reversed(item.children)]
        if next(names, None) is not None:
            raise RuntimeError("The PDF's outline has fewer entries than the book has headings.")


def _number_elements(pdf: pikepdf.Pdf) -> None:
    """Count the names of tagged elements (node00000123) from one; Chromium counts from what it did before."""
    places = [place for thing in pdf.objects for place in _names(thing)]
    names = sorted({str(holder[key]) for holder, key in places})
    numbers = {name: f"node{number:08}" for number, name in enumerate(names, 1)}
    for holder, key in places:
        holder[key] = pikepdf.String(numbers[str(holder[key])])


def _names(thing) -> Iterator[tuple]:
    """Where in an object, its indirect parts left out, an element is named: the holder and the key."""
    if isinstance(thing, pikepdf.Dictionary):
        held = list(thing.keys())
    elif isinstance(thing, pikepdf.Array):
        held = list(range(len(thing)))
    else:
        return
    for key in held:
        value = thing[key]
        if isinstance(value, pikepdf.String):
            if _ELEMENT.fullmatch(str(value)):
                yield thing, key
        elif isinstance(value, pikepdf.Dictionary | pikepdf.Array) and not value.is_indirect:
            yield from _names(value)
