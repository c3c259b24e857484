"""Numbers in running text: where they stand, and their unit as a reader understands it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from quantities import UNITS

PER = {
    "second": "s",
    "minute": "min",
    "hour": "h",
    "day": "day",
    "week": "week",
    "month": "month",
    "year": "year",
}
_TIMES = {f"{word}{plural}": unit for word, unit in PER.items() for plural in ("", "s")}
_SIZES = {
    f"{prefix}{word}": f"{letter}{unit}"
    for prefix, letter in {"": "", "kilo": "k", "mega": "M", "giga": "G", "tera": "T", "peta": "P"}.items()
    for word, unit in {"byte": "B", "bytes": "B", "bit": "b", "bits": "b"}.items()
}
WORDS = {
    **_TIMES, **_SIZES, "sec": "s", "secs": "s", "mins": "min", "hrs": "h", "millisecond": "ms",
    "milliseconds": "ms", "microseconds": "us", "µs": "us", "percent": "%", "dollars": "USD", "euros": "USD",
    "qps": "req/s", "rps": "req/s",
}  # fmt: skip
NOUNS = {"request": "req", "requests": "req", "token": "tok", "tokens": "tok", "people": "person"}

_FOUND = re.compile(
    r"(?<![\w.#&/])(?P<money>[$€£] ?)?"
    r"(?<!\d,)(?P<number>(?>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+))(?!\d|:\d)"
    r"(?P<scale> ?(?:thousand|million|billion)\b| ?[KM]\b)?"
    r"(?:(?P<gap>\s{0,2}|-)(?P<unit>%|per cent\b|[A-Za-zµ]+(?:/[A-Za-z]+)*)"
    r"|(?P<slash>/(?:s|min|h|day|year)\b))?"
)
EACH = rf"(?:a|an|per|each) ({'|'.join(PER)})"
_RATE = re.compile(rf"\s{EACH}\b")


@dataclass
class Found:
    """A number in a text: its digits, its unit in the envelope's spelling or '', and where it begins."""

    number: str
    unit: str
    start: int


def unit_of(text: str, nouns: set[str]) -> str:
    """A unit as written in prose in the envelope's spelling: GPUs -> GPU, seconds -> s; '' for none."""
    parts = [_part(part, nouns) for part in text.split("/")]
    return "/".join(parts) if all(parts) else ""


def _part(part: str, nouns: set[str]) -> str:
    if part in UNITS or part in nouns:
        return part
    lower = part.lower()
    if NOUNS.get(lower) in nouns:
        return NOUNS[lower]
    if lower in WORDS:
        return WORDS[lower]
    return part[:-1] if part.endswith("s") and part[:-1] in nouns else ""


def numbers_in(text: str, nouns: set[str]) -> list[Found]:
    """The numbers of a text, in order, each with its unit where it has one."""
    return [_found(match, text, nouns) for match in _FOUND.finditer(text)]


def _found(match: re.Match, text: str, nouns: set[str]) -> Found:
    written = (match.group("unit") or "").replace("per cent", "percent")
    unit = unit_of(written, nouns)
    if match.group("gap") == "" and written in ("B", "b"):
        unit = ""  # 8B names a model
    rate = _RATE.match(text, match.end("scale") if match.group("scale") else match.end("number"))
    if match.group("slash") or rate:
        unit = f"/{PER[rate.group(1)]}" if rate else match.group("slash")
    if match.group("money"):
        unit = "USD"
    return Found(match.group("number"), unit, match.start())
