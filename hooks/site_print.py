"""The page that offers what is printed: book, sheets, EPUB and flash cards, with size and edition.

The files are made of the built site (`make book`) and laid beside it when it is built again with `PRINTED`,
the folder that holds them; a build without them says how to make them.
"""

from __future__ import annotations

import re
from pathlib import Path

PAGE = "print.md"
_HEAD = """---
title: Print
summary: The guide as a book, a side of paper for each question and for a friend who asks it, and flash cards.
---

# Print

"""
_ABSENT = """This copy of the site holds no files. `make book` makes them and puts them into `build/`:
the book and the sheets on A4 and US Letter, an EPUB, and flash cards. Any page of this site also prints well
by itself.
"""
_TABLE = """{edition}. Sheets are set to fill one side each; print them at their own size. Cards go into
Anki by *File*, *Import*.

| What | On | Size |
| --- | --- | ---: |
"""
_NAME = re.compile(
    r"guarded-path-(\d{4}-\d\d-\d\d|draft)-(\w+?)(?:-(sheets|partner|cards))?(?:-(a4|letter)\.pdf|\.(epub|txt))"
)
_WHAT = {
    None: "The book",
    "sheets": "Cheat sheets: the round, then a side for each question",
    "partner": "Partner’s sheets: a side for each question, for a friend who plays the interviewer",
    "cards": "Flash cards: every pushback, folk figure and term; a later edition keeps what you have learnt",
}
_ON = {"a4": "A4", "letter": "US Letter", "epub": "EPUB, for a reader", "txt": "Text, for Anki"}


def printed(folder: str) -> list[Path]:
    """The files in a folder that the guide's own printing made, the book first."""
    found = [path for path in sorted(Path(folder).glob("guarded-path-*")) if _NAME.fullmatch(path.name)]
    kinds, media = list(_WHAT), list(_ON)
    return sorted(found, key=lambda path: (kinds.index(_part(path, 3)), media.index(_medium(path))))


def text(files: list[Path]) -> str:
    """The page as Markdown."""
    if not files:
        return _HEAD + _ABSENT
    day, digest = _part(files[0], 1), _part(files[0], 2)
    edition = f"Draft {digest}" if day == "draft" else f"Edition of {day}, commit {digest}"
    rows = [
        f"| [{_WHAT[_part(path, 3)]}]({place(path)}) | {_ON[_medium(path)]} | "
        f"{path.stat().st_size / 1e6:.1f} MB |"
        for path in files
    ]
    return _HEAD + _TABLE.format(edition=edition) + "\n".join(rows) + "\n"


def place(path: Path) -> str:
    """Where a file stands in the site."""
    return f"print/{path.name}"


def _part(path: Path, number: int) -> str | None:
    return _NAME.fullmatch(path.name).group(number)


def _medium(path: Path) -> str:
    return _part(path, 4) or _part(path, 5)
