"""Text that somebody else wrote, as Markdown in which it does nothing: no link, mention, HTML or further row.

GitHub turns `@name`, `#12`, addresses and HTML into something everywhere but in code marks. So what a
stranger wrote stands in code marks, on one line, without the two characters that could end a mark or a cell.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "hooks"))

from finding import printable, shorten
from render_sources import escape

MOST_ROWS = 200
_LIVE = re.compile(r"^(?=[-+>\d])|(?<=@)|(?<=#)(?=\d)|(?=://)|(?<=www)(?=\.)", re.IGNORECASE)


def code(text: str, limit: int = 100) -> str:
    """The text in code marks, at most `limit` characters of it; a dash for none."""
    shown = shorten(printable(" ".join(text.split())), limit)
    return f"`{shown.replace('`', chr(39)).replace('|', '¦')}`" if shown else "–"


def words(text: str, limit: int = 200) -> str:
    """The text as prose, for what was reviewed; an invisible joiner keeps names and addresses inert."""
    return _LIVE.sub("\u2060", escape(shorten(printable(" ".join(text.split())), limit)))


def table(header: str, rows: Iterable[Iterable[str]]) -> list[str]:
    """The lines of a table whose cells are Markdown already; what is too much to read is counted."""
    rows, width = list(rows), header.count("|") + 1
    lines = [f"| {header} |", "| --- " * width + "|"]
    lines += ["| " + " | ".join(row) + " |" for row in rows[:MOST_ROWS]]
    return lines + more(rows)


def more(rows: list) -> list[str]:
    """How many rows are not shown, as a paragraph; nothing where all are."""
    hidden = len(rows) - MOST_ROWS
    return ["", f"… and {hidden:,} more."] if hidden > 0 else []
