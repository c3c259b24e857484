"""The inline marks that rules look at: code spans, comments, links, headings' ids, words."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_CODE = re.compile(r"(?<![`\\])(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_LINK = re.compile(
    r"(!?)\[((?:[^\[\]\\]|\\.|\[[^\]]*\])*)\]\(\s*<?([^\s<>()]*(?:\([^\s()]*\)[^\s<>()]*)*)>?(?:\s+[^()]*)?\)"
)
SENTENCE_END = re.compile(r"(?<=[.!?])[\"”')*]*\s+(?=[\"“(*\[`A-Z0-9])")
_WORD = re.compile(r"[^\W_]+(?:['’.,-][^\W_]+)*")


@dataclass
class Link:
    """An inline link or image: its text, its target, where it stands in the block's text."""

    text: str
    target: str
    line: int
    image: bool
    start: int
    end: int


def mask_code(text: str) -> str:
    """Text with code spans replaced by spaces of the same length, so that offsets stay."""
    if "`" not in text:
        return text
    return _CODE.sub(lambda m: re.sub(r"[^\n]", " ", m.group(0)), text)


def may_hold(words: tuple[str, ...], text: str) -> bool:
    """Whether one of some lower-case words is part of a text: a quick look before a slow one."""
    lowered = text.lower()
    return any(word in lowered for word in words)


def code_in(text: str) -> list[str]:
    """The contents of the code spans in a text, in order."""
    return [m.group(2).strip() for m in _CODE.finditer(text)]


def without_comments(text: str) -> str:
    """Text without HTML comments; comments inside code stay."""
    if "<!--" not in text:
        return text
    masked = mask_code(text)
    for match in reversed(list(_COMMENT.finditer(masked))):
        kept = "\n" * match.group(0).count("\n")
        text = text[: match.start()] + kept + text[match.end() :]
    return text


def links_in(text: str, line: int) -> list[Link]:
    """The inline links of a text that begins on `line`."""
    if "](" not in text:
        return []
    masked = mask_code(text)
    found = []
    for m in _LINK.finditer(masked):
        label = text[m.start(2) : m.end(2)]
        at = line + text.count("\n", 0, m.start())
        found.append(Link(label, m.group(3), at, m.group(1) == "!", m.start(), m.end()))
    return found


def plain(text: str) -> str:
    """Text as read aloud: links by their text, no emphasis marks, no code marks."""
    text = _LINK.sub(lambda m: m.group(2), text)
    return re.sub(r"[*`]+", "", text)


def slug(text: str) -> str:
    """The id that the site gives a heading without one of its own (Python-Markdown's rule)."""
    text = unicodedata.normalize("NFKD", plain(text)).encode("ascii", "ignore").decode()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", text).strip().lower())


def word_count(text: str) -> int:
    """Words of a text as a reader counts them; a number is a word, a mark is none."""
    return len(_WORD.findall(plain(text)))
