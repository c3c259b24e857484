"""The inline marks that rules look at: code spans, comments, links, words; every scan is linear."""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_TICKS = re.compile(r"`+")
_LINK = re.compile(
    r"(!?)\[((?:[^\[\]\\]|\\.|\[[^\[\]]*\])*)\]"
    r"\([ \t]*<?([^\s<>()]*(?:\([^\s()]*\)[^\s<>()]*)*)>?(?:[ \t]+(?:\"[^\"\n]*\"|'[^'\n]*'))?[ \t]*\)"
)
_EMPHASIS = re.compile(r"(?<!\\)(?:\*{1,3}|~~)|(?<![\w\\])_{1,3}|(?<!\\)_{1,3}(?!\w)")
_BREAK = re.compile(r"<br ?/?>", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:['’.,-][^\W_]+)*")
SENTENCE_END = re.compile(r"(?<=[.!?])[\"”')*]*\s+(?=[\"“(*\[`A-Z0-9])")


@dataclass
class Link:
    """An inline link or image: its text, its target, where it stands in the block's text."""

    text: str
    target: str
    line: int
    image: bool
    start: int
    end: int


@lru_cache(maxsize=8192)  # the same cell is looked at by a dozen rules
def _code_spans(text: str) -> list[tuple[int, int, int]]:
    """(start, end, ticks) of each code span: a run of backticks up to the next run of its length."""
    runs = [m.span() for m in _TICKS.finditer(text) if text[m.start() - 1 : m.start()] != "\\"]
    later: dict[int, list[int]] = {}
    for place in range(len(runs) - 1, -1, -1):
        later.setdefault(runs[place][1] - runs[place][0], []).append(place)
    spans, at = [], 0
    while at < len(runs):
        ticks = runs[at][1] - runs[at][0]
        places = later[ticks]
        while places and places[-1] <= at:
            places.pop()
        if places:
            spans.append((runs[at][0], runs[places[-1]][1], ticks))
            at = places[-1]
        at += 1
    return spans


@lru_cache(maxsize=8192)
def mask_code(text: str) -> str:
    """Text with code spans replaced by spaces of the same length, so that offsets stay."""
    if "`" not in text:
        return text
    pieces, at = [], 0
    for start, end, _ in _code_spans(text):
        pieces += [text[at:start], re.sub(r"[^\n]", " ", text[start:end])]
        at = end
    return "".join([*pieces, text[at:]])


def code_in(text: str) -> list[str]:
    """The contents of the code spans in a text, in order."""
    return [text[start + ticks : end - ticks].strip() for start, end, ticks in _code_spans(text)]


def comments_in(text: str) -> list[tuple[int, int]]:
    """Where HTML comments stand in a text whose code is masked; an unclosed one reaches to the end."""
    found, at = [], text.find("<!--")
    while at >= 0:
        end = text.find("-->", at + 4)
        found.append((at, end + 3 if end >= 0 else len(text)))
        at = text.find("<!--", found[-1][1])
    return found


def without_comments(text: str) -> str:
    """Text without HTML comments, line ends kept; comments inside code stay."""
    if "<!--" not in text:
        return text
    for start, end in reversed(comments_in(mask_code(text))):
        text = text[:start] + "\n" * text.count("\n", start, end) + text[end:]
    return text


def links_in(text: str, line: int = 0) -> list[Link]:
    """The inline links of a text that begins on `line`."""
    if "](" not in text:
        return []
    found = []
    for m in _link_matches(text):
        label = text[m.start(2) : m.end(2)]
        at = line + text.count("\n", 0, m.start())
        found.append(Link(label, m.group(3), at, m.group(1) == "!", m.start(), m.end()))
    return found


@lru_cache(maxsize=8192)
def _link_matches(text: str) -> list[re.Match]:
    return list(_LINK.finditer(mask_code(text)))


def may_hold(words: tuple[str, ...], text: str) -> bool:
    """Whether one of some lower-case words is part of a text: a quick look before a slow one."""
    lowered = text.lower()
    return any(word in lowered for word in words)


def plain(text: str) -> str:
    """Text as read aloud: links by their text, no emphasis marks, no code marks."""
    if "](" in text:
        text = _LINK.sub(lambda m: m.group(2), text)
    return re.sub(r"[*`]+", "", text)


def spoken(text: str) -> str:
    """Text as the reader sees it: entities, emphasis, breaks and special spaces resolved.

    What a rule seeks must not hide behind `&nbsp;`, `**7** s` or a narrow space. Offsets change,
    line ends stay.
    """
    if "&" in text:
        text = html.unescape(text)
    if "<" in text:
        text = _BREAK.sub(" ", text)
    if "*" in text or "_" in text or "~" in text:
        text = _EMPHASIS.sub("", text)
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def slug(text: str) -> str:
    """The id that the site gives a heading without one of its own (pymdownx's slugify, lower case)."""
    text = unicodedata.normalize("NFC", plain(text)).strip().lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def word_count(text: str) -> int:
    """Words of a text as a reader counts them; a number is a word, a mark is none."""
    return len(_WORD.findall(plain(html.unescape(text) if "&" in text else text)))


def distinct_words(text: str) -> int:
    """Different words of a text: repeating one twelve times says nothing twelve times."""
    return len({word.casefold() for word in _WORD.findall(plain(html.unescape(text)))})


def sentence_key(text: str) -> str:
    """A text as compared between pages: words only, case folded."""
    return " ".join(word.strip(".,:;!?()\"'“”*`").casefold() for word in text.split())
