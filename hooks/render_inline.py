"""Python-Markdown tries each of thirty inline patterns on every text of a page: that was half of its time.

Most texts hold none of the characters with which something could begin; such a text is left as it is.
"""

from __future__ import annotations

import re
from functools import partial

# The patterns of each tree processor by name, and a pattern that finds whatever one of them needs to begin.
_BEGIN = {
    "inline": (
        "backtick escape reference link image_link image_reference short_reference short_image_ref "
        "autolink automail linebreak html entity em_strong",
        re.compile(r"[`\\[<&*_]|  \n"),
    ),
    "smarty": (
        "smarty-ellipses " + " ".join(f"smarty-quotes-{number}" for number in range(15)),
        re.compile(r"['\"]|\.\.\."),
    ),
}


def hasten(md) -> None:
    """Let a converter pass over texts that hold nothing to read; not where it knows more than we do."""
    for name, (known, begin) in _BEGIN.items():
        if name in md.treeprocessors and _knows_only(md.treeprocessors[name].inlinePatterns, known.split()):
            processor = md.treeprocessors[name]
            read = processor._InlineProcessor__handleInline  # what it calls for every text
            processor._InlineProcessor__handleInline = partial(_read, read, begin)


def _knows_only(patterns, names: list[str]) -> bool:
    return len(patterns) == len(names) and all(name in patterns for name in names)


def _read(read, begin: re.Pattern, text: str, first: int = 0) -> str:
    return read(text, first) if begin.search(text) else text
