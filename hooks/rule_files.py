"""Files: a page is a plain text file of reasonable size, inside the repository."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from finding import Problem
from guide import read_text


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


RULES = (check_file_unreadable, check_file_symlink, check_file_too_large)
