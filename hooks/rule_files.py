"""Files: a page is a plain text file of reasonable size, inside the repository."""

from __future__ import annotations

import posixpath
import re
import struct
from collections.abc import Iterator
from pathlib import Path

from finding import Problem, shorten
from guide import read_text
from rule_active import drawing_aliens

EXPECTED = re.compile(
    r"(?!assets/|parts/)(?:[a-z0-9-]+/)*_?[a-z0-9-]+\.md|sources\.yml|assets/figures/[a-z0-9-]+\.(?:svg|png)"
    r"|assets/vendor/mermaid\.(?:min\.js|LICENSE\.txt)"
)
GENERATED = ("cards.md", "print.md", "questions/index.md", "rules.md")  # pages that the build writes itself
# A page may link to these; of sources.md a citation's own rule knows whether the entry is there.
_WRITTEN = {f"docs/{name}" for name in (*GENERATED, "sources.md")}
_PNG = re.compile(rb"\x89PNG\r\n\x1a\n....IHDR(.{8})", re.DOTALL)
MOST_PIXELS, MOST_BYTES = 4_000, 1_000_000  # of a photograph: each side of it, and its file


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
    """A page has at most 2,000 blocks and table rows, nested at most twenty deep, each of 3,000 characters.

    Why: a page that takes minutes to read or to render stops every other page.
    Bad: 75,000 headings; ten thousand quotation marks in a row; a hundred `[` that no `]` closes.
    Good: two or three hundred blocks of a few hundred characters, as the guide's own pages have.
    Not an error when: never; nothing else is said of such a page.
    """
    if page.overload:
        line, message = page.overload
        yield line, message, "cut the page, or flatten it"


def check_file_unexpected(root: Path) -> Iterator[tuple]:
    """Below docs/ lie pages (.md), the register, figures, and the vendored library; nothing else.

    Their names are small letters, digits and hyphens; a page that is not published begins with `_`.
    Why: the site publishes every file it finds, and other endings are pages to it that no rule reads;
    a name stands in addresses and ids, where other marks end the attribute.
    Bad: `docs/evil.html`, `docs/questions/x.markdown`, `docs/questions/x"onclick=y.md`, a linked folder; a
    page in `docs/parts/` or `docs/assets/`, where the build puts what is its own.
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
        elif path.is_file() and not EXPECTED.fullmatch(name):
            fix = "pages end in .md, figures lie in docs/assets/figures/; name them with a-z, 0-9 and -"
            yield shown, 1, "this file has no place below docs/, or its name is not plain", fix


def check_file_place_taken(root: Path) -> Iterator[tuple]:
    """No two pages are published at one address, and none where the build writes one.

    Why: one of the two replaces the other without a word.
    Bad: `docs/framework/index.md` beside `docs/framework.md`; `docs/rules.md`.
    Good: `docs/interview/framework.md`.
    Not an error when: never.
    """
    docs, taken = root / "docs", {_place(name): f"the generated {name}" for name in GENERATED}
    for path in sorted(docs.rglob("*.md"), key=lambda path: (path.name == "index.md", path)):
        name = path.relative_to(docs).as_posix()
        other = taken.setdefault(_place(name), f"docs/{name}")
        if other != f"docs/{name}":
            yield f"docs/{name}", 1, f"the page has the address of {other}", "give it another name"


def _place(name: str) -> str:
    """The address at which a page below docs/ is published."""
    return name.removesuffix(".md").removesuffix("index").rstrip("/")


def check_file_picture_active(root: Path) -> Iterator[tuple]:
    """A figure is a drawing: shapes and words, no script, style, link or foreign part; or it is a PNG.

    A PNG has at most 4,000 pixels a side and 1,000,000 bytes; a drawing is nested at most fifty deep.
    Why: an SVG that is opened by itself runs what it holds; a small file may unfold to all of a memory.
    Bad: `<script>`, `<foreignObject>`, `onload=`, `fill="url(https://...)"`, `<?xml-stylesheet ...?>`,
    another encoding than UTF-8; a page that is called .png.
    Good: paths, lines, text, title and desc.
    Not an error when: never.
    """
    for path in sorted((root / "docs" / "assets" / "figures").rglob("*.*")):
        if path.is_symlink() or path.suffix not in (".svg", ".png"):
            continue
        data, shown = path.read_bytes(), path.relative_to(root).as_posix()
        for alien in drawing_aliens(data) if path.suffix == ".svg" else ():
            yield shown, 1, f"the figure holds {shorten(alien, 60)}", "keep shapes and words only"
        head = _PNG.match(data) if path.suffix == ".png" else None
        if path.suffix == ".png" and not head:
            yield shown, 1, "the figure is no PNG", "save it as one"
        elif head and (len(data) > MOST_BYTES or max(struct.unpack(">II", head[1])) > MOST_PIXELS):
            wide, high = struct.unpack(">II", head[1])
            message = f"the figure has {wide:,} x {high:,} pixels and {len(data):,} bytes"
            yield shown, 1, message, f"save it with at most {MOST_PIXELS:,} a side, {MOST_BYTES:,} bytes"


def check_file_link_broken(pages) -> Iterator[tuple]:
    """A link or a picture inside the guide leads to a file that is there.

    Why: a build says so, too, but minutes later and not on the page.
    Bad: `![Queue](../assets/figures/queu.svg)`, `[batching](batching.md)` from another folder.
    Good: `![Queue](../assets/figures/queue.svg)`.
    Not an error when: the page is made by the build, such as `rules.md`; citations have a rule of their own.
    """
    read = {page.path for page in pages}
    for page in pages:
        for link in page.links if page.path.startswith("docs/") else ():
            target = link.target.partition("#")[0]
            if not _is_ours(target):
                continue
            path = posixpath.normpath(posixpath.join(posixpath.dirname(page.path), target))
            known = path in _WRITTEN or path in read
            there = known or (path.startswith("docs/") and (page.guide.root / path).is_file())
            if not there:
                fix = "correct the path: it is read from the page's own folder"
                yield page, link.line, f"there is no `{shorten(path)}`", fix


def _is_ours(target: str) -> bool:
    return bool(target) and ":" not in target and not target.startswith("/")


RULES = (check_file_unreadable, check_file_symlink, check_file_too_large)
PAGE_RULES = (check_file_overloaded,)
TREE_RULES = (check_file_unexpected, check_file_place_taken, check_file_picture_active)
BETWEEN_RULES = (check_file_link_broken,)
