"""Files: a page is a plain text file of reasonable size, inside the repository."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from finding import Problem, shorten
from guide import read_text
from rule_active import drawing_aliens

EXPECTED = (
    "*.md",
    "sources.yml",
    "assets/figures/*.svg",
    "assets/figures/*.png",
    "assets/vendor/mermaid.min.js",
    "assets/vendor/mermaid.LICENSE.txt",
)


def _fault(path: Path, rule: str) -> Iterator[Problem]:
    _, fault = read_text(path)
    if fault and fault[0] == rule:
        yield 1, *fault[1:]


def check_file_unreadable(path: Path) -> Iterator[Problem]:
    """A page can be opened and is UTF-8 text.

    Why: what cannot be read cannot be checked.
    Bad: a picture renamed to .md; a page saved as Latin-1.
    Good: UTF-8, with or without a byte-order mark, with any line ends.
    Not an error when: never.
    """
    yield from _fault(path, "file-unreadable")


def check_file_symlink(path: Path) -> Iterator[Problem]:
    """A page is a file, not a symbolic link.

    Why: a link can publish any file of the machine that builds.
    Bad: `docs/questions/x.md` that points at `/etc/passwd`.
    Good: the page itself.
    Not an error when: never.
    """
    yield from _fault(path, "file-symlink")


def check_file_too_large(path: Path) -> Iterator[Problem]:
    """A page has at most 200,000 bytes.

    Why: twelve sections are read in an hour; five megabytes hang a build.
    Bad: a log pasted into a page.
    Good: 30,000 bytes, as the guide's own pages have.
    Not an error when: never.
    """
    yield from _fault(path, "file-too-large")


def check_file_overloaded(page) -> Iterator[Problem]:
    """A page has at most 2,000 blocks and table rows, nested at most twenty deep.

    Why: a page that takes minutes to read stops every other page's check.
    Bad: 75,000 headings; ten thousand quotation marks in a row.
    Good: two or three hundred blocks, as the guide's own pages have.
    Not an error when: never; nothing else is said of such a page.
    """
    if page.overload:
        line, message = page.overload
        yield line, message, "cut the page, or flatten it"


def check_file_unexpected(root: Path) -> Iterator[tuple]:
    """Below docs/ lie pages (.md), the register, figures, and the vendored library; nothing else.

    Why: the site publishes every file it finds, and other endings are pages to it that no rule reads.
    Bad: `docs/evil.html`, `docs/questions/x.markdown`, `docs/assets/vendor/x.js`, a linked folder.
    Good: `docs/questions/x.md`, `docs/assets/figures/queue.svg`.
    Not an error when: never.
    """
    docs = root / "docs"
    for path in sorted(docs.rglob("*")):
        name = path.relative_to(docs).as_posix()
        shown = f"docs/{name}"
        if path.is_symlink() and path.suffix != ".md":
            yield (
                shown,
                1,
                "a symbolic link, which can publish any file of the machine that builds",
                "commit the file",
            )
        elif path.is_file() and not any(fnmatchcase(name, pattern) for pattern in EXPECTED):
            yield (
                shown,
                1,
                "this file has no place below docs/",
                "pages end in .md, figures lie in docs/assets/figures/",
            )


def check_file_picture_active(root: Path) -> Iterator[tuple]:
    """A figure is a drawing: shapes and words, no script, style, link or foreign part.

    Why: an SVG that is opened by itself runs what it holds.
    Bad: `<script>`, `<foreignObject>`, `onload=`, `href="https://..."` inside an SVG.
    Good: paths, lines, text, title and desc.
    Not an error when: never.
    """
    for path in sorted((root / "docs" / "assets" / "figures").rglob("*.svg")):
        text = path.read_text(encoding="utf-8", errors="replace")
        for alien in drawing_aliens(text):
            shown = path.relative_to(root).as_posix()
            yield shown, 1, f"the figure holds {shorten(alien, 60)}", "keep shapes and words only"


RULES = (check_file_unreadable, check_file_symlink, check_file_too_large)
PAGE_RULES = (check_file_overloaded,)
TREE_RULES = (check_file_unexpected, check_file_picture_active)
