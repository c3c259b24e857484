"""The facts whose review is overdue, as Markdown: `python upkeep/reviews.py`; nothing when none is."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

from literal import code, table

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "hooks"))

from guide import ROOT, Guide
from read_sources import Register, overdue

HEAD = """Somebody promised to look at these again by the day given. Open the source, correct the value, and
set `as_of`, `review_by` and the day it was read; the build then names every page that must follow.
"""


def report(register: Register, today: date) -> str:
    """The list, the longest overdue first."""
    rows = []
    for fact in sorted(overdue(register, today), key=lambda fact: fact.review_by):
        address = register.sources[fact.source].address
        rows.append((code(fact.review_by), code(fact.id), code(fact.value), code(address, 300)))
    return "\n".join([HEAD, *table("By | Fact | Value | Source", rows)]) if rows else ""


if __name__ == "__main__":
    print(report(Guide(ROOT).register, date.today()))
