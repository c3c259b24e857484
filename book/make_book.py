"""Makes everything that is printed: the book, the sheets, the EPUB; and the cards. `make book` runs it.

The site is built first, strictly, so that nothing reaches paper which the gate refuses; all text comes from
its pages. Status: 0 when all was made, 1 when something does not fit or is missing, 2 for misuse.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import bind_book
import make_cards
import make_epub
import make_sheets
import print_pdf
import read_site
from browser import NoBrowser, chromium
from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
TREE = HERE.parent
FONTS = [
    ("Guide Sans", 400, "normal", "sans-400-normal"),
    ("Guide Sans", 400, "italic", "sans-400-italic"),
    ("Guide Sans", 600, "normal", "sans-600-normal"),
    ("Guide Code", 400, "normal", "code-400-normal"),
]
SERIF = [(400, "normal"), (600, "normal"), (400, "italic")]


def main() -> int:
    """The command."""
    options = _options()
    try:
        executable = chromium()
        site = options.site or built_site(TREE)
        made = make(site, options.to, executable, options.paper)
    except (NoBrowser, read_site.NoSite, make_sheets.MissingPart, make_sheets.Overflow) as fault:
        print(fault, file=sys.stderr)
        return 1
    for path in made:
        print(f"{path}  {path.stat().st_size / 1e6:.2f} MB")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Print the guide: book, sheets, EPUB, cards.")
    parser.add_argument("--site", type=Path, help="a site that is built already; without it, it is built")
    parser.add_argument("--to", type=Path, default=TREE / "build", help="where the files go (build/)")
    parser.add_argument("--paper", choices=print_pdf.PAPERS, action="append", help="only this size")
    return parser.parse_args()


def built_site(tree: Path) -> Path:
    """The site, built strictly beside what is made from it."""
    site = tree / "build" / ".site"
    say("The site: building, strictly")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(site)]
    done = subprocess.run(command, cwd=tree, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"})
    if done.returncode:
        raise read_site.NoSite("The site was not built, so nothing is printed: mend what stands above.")
    return site


def make(site: Path, to: Path, executable: str, papers: list[str] | None = None) -> list[Path]:
    """Everything that is printed of a built site; returns the files."""
    this, chapters = read_site.edition(site), read_site.chapters(site)
    papers = papers or list(print_pdf.PAPERS)
    say(f"{this}: {len(chapters)} chapters")
    made = {"-cards.txt": make_cards.make(chapters)}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable)
        for paper in papers:  # first, because they are quick and may not fit
            dressed = style(site, "sheets.css", paper)
            for name, document in (("sheets", make_sheets.sheets), ("partner", make_sheets.partners)):
                say(f"The {name}, {paper}")
                text = document(chapters, this, dressed)
                made[f"-{name}-{paper}.pdf"] = print_pdf.print_sheets(browser, text, paper, this)
        book = bind_book.bind(site, chapters, this)
        for paper in papers:
            text, told = (
                bind_book.document(book, style(site, "book.css", paper)),
                partial(say, f"The book, {paper}:"),
            )
            made[f"-{paper}.pdf"] = print_pdf.print_book(browser, text, bind_book.TITLE, this, told)
        browser.close()
    say("The EPUB")
    made[".epub"] = make_epub.make(book, HERE / "epub.css")
    return _written(to, this.name, made)


def _written(to: Path, name: str, made: dict[str, bytes]) -> list[Path]:
    """All files, once all are made, in place of those of another edition."""
    to.mkdir(parents=True, exist_ok=True)
    for old in to.glob("guarded-path-*"):
        if old.suffix in (".pdf", ".epub", ".txt"):  # the zip beside them is not made here
            old.unlink()
    written = []
    for end, content in sorted(made.items()):
        written.append(to / f"guarded-path-{name}{end}")
        written[-1].write_bytes(content)
    return written


def style(site: Path, sheet: str, paper: str) -> str:
    """The site's own style, our letters, the paper, and what only paper needs."""
    own = read_site.style(site)
    faces = [_face(*font[:3], HERE / f"vendor/{font[3]}.woff2") for font in FONTS]
    faces += [
        _face("Guide Serif", weight, slope, site / f"assets/vendor/serif-{weight}-{slope}.woff2")
        for weight, slope in SERIF
    ]
    name, width, height = print_pdf.PAPERS[paper]
    size = f"@page {{ size: {name} }} :root {{ --width: {width}mm; --height: {height}mm }}"
    return "\n".join([own, *faces, size, (HERE / sheet).read_text(encoding="utf-8")])


def _face(family: str, weight: int, slope: str, file: Path) -> str:
    return (
        f'@font-face {{ font-family: "{family}"; font-weight: {weight}; font-style: {slope}; '
        f'src: url("{file.resolve().as_uri()}") }}'
    )


_started = time.monotonic()


def say(*what: str) -> None:
    """A line of progress, with the seconds since the start."""
    print(f"{time.monotonic() - _started:5.1f} s ", *what, flush=True)


if __name__ == "__main__":
    sys.exit(main())
