"""Numbers in running text: where they stand, their unit as a reader understands it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from quantities import KINDS, UNITS

WORDS = {
    "second": "s", "seconds": "s", "minute": "min", "minutes": "min", "hour": "h", "hours": "h",
    "days": "day", "years": "year", "percent": "%", "byte": "B", "bytes": "B", "bit": "b", "bits": "b",
    "request": "req", "requests": "req", "token": "tok", "tokens": "tok", "dollars": "USD", "µs": "us",
}  # fmt: skip

_FOUND = re.compile(
    r"(?<![\w.#&/-])(?P<about>≈ ?)?(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?![\d:])"
    r"(?:[  -]?(?P<unit>%|[A-Za-zµ]+(?:/[A-Za-z]+)*))?"
    rf"(?: (?P<kind>{'|'.join(KINDS)})\b)?"
)


@dataclass
class Found:
    """A number in a text: its digits, its unit in the envelope's spelling or '', its kind, its place."""

    number: str
    unit: str
    kind: str
    start: int
    end: int


def unit_of(text: str, nouns: set[str]) -> str:
    """A unit as written in prose in the envelope's spelling: GPUs -> GPU, seconds -> s; '' for none."""
    parts = [_part(part, nouns) for part in text.split("/")] if text else [""]
    return "/".join(parts) if all(parts) else ""


def _part(part: str, nouns: set[str]) -> str:
    if part in UNITS or part in nouns:
        return part
    word = WORDS.get(part.lower() if part.lower() in WORDS else part, "")
    if word and (word in UNITS or word in nouns):
        return word
    return part[:-1] if part.endswith("s") and part[:-1] in nouns else ""


def numbers_in(text: str, nouns: set[str]) -> list[Found]:
    """The numbers of a text, in order, each with its unit where it has one."""
    found = []
    for m in _FOUND.finditer(text):
        glued = m.group(0)[len(m.group("about") or "") + len(m.group("number")) :].startswith(
            m.group("unit") or " "
        )
        unit = (
            "" if glued and m.group("unit") == "B" else unit_of(m.group("unit") or "", nouns)
        )  # 8B names a model
        end = m.end() if unit else m.end("number")
        found.append(Found(m.group("number"), unit, (m.group("kind") or "") if unit else "", m.start(), end))
    return found
