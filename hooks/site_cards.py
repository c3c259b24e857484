"""The 60-second card of a question, and the deck of all of them: put together from the pages themselves.

Nothing in a card is written for it. Its prompt is the quotation of the page, its numbers are rows of the
envelope, its picture is the page's first drawing, its sentence opens safety step 1, its dives are headings.
"""

from __future__ import annotations

import re
from functools import partial
from html import escape

from read_inline import plain, slug
from render_diagrams import narrow

DECK = "cards.md"
HEAD = """# Cards

Every question in 60 seconds: the prompt, three numbers, the picture, the safety sentence, two dives. Swipe,
or use the arrow keys.
"""
_VALUE = re.compile(r"((?:≈ ?)?[\d,.]+) ?(\S*).*")


def deck(questions: list) -> str:
    """All cards as HTML, each a stop of one row that is swiped through."""
    cards = []
    for place, page in enumerate(questions, 1):
        key = ("card", page.path, page.text, page.guide.data, place, len(questions))
        cards.append(page.guide.kept.get(key, partial(_stop, page, place, len(questions))))
    named = 'class="guide-deck" tabindex="0" role="region" aria-label="All cards"'
    return f"<div {named}>{''.join(cards)}</div>"


def _stop(page, place: int, of: int) -> str:
    stem = escape(page.path.rpartition("/")[2].removesuffix(".md"))
    to = f"../questions/{stem}/"
    head = f'<h2 id="{stem}"><a href="{to}">{_printed(field(page, "title"))}</a></h2>'
    card = _card(page, to, f"card-{place}", f"{place} of {of}", head)
    return f'<section class="guide-card" aria-labelledby="{stem}">{card}</section>'


def opened(html: str, page) -> str:
    """A worked page's HTML: summary below the title, a question's card, the minutes above each section."""
    opening = f'<p class="guide-summary">{_printed(field(page, "summary"))}</p>'
    if "headline" in page.kind.fields:
        card = _card(page, "", "card", "60 seconds")
        opening += f'<aside class="guide-card" aria-label="This question in 60 seconds">{card}</aside>'
    return _parted(html.replace("</h1>", f"</h1>{opening}", 1), page.kind.sections)


def _parted(html: str, sections) -> str:
    """Each section in an element of its own, below its minutes: a phone sets only those near its screen."""
    minutes = {slug(section.title): section.minutes for section in sections}
    first, *rest = re.split(rf'(?=<h2 id="({"|".join(map(re.escape, minutes))})">)', html)
    parts = [f"{_timed(minutes[id])}{part}" for id, part in zip(rest[::2], rest[1::2], strict=True)]
    return first + "".join(f'<section class="guide-part">{part}</section>' for part in parts)


def _timed(minutes: str) -> str:
    return f'<p class="guide-minutes">Minutes {minutes}</p>' if minutes else ""


def field(page, name: str) -> str:
    """A field of the page's front matter as text; empty where it is missing."""
    found = page.front.get(name) if page.front else None
    return found.text() if found else ""


def _card(page, to: str, name: str, place: str, head: str = "") -> str:
    """A card's inside. `to` is the way to the question, `name` keeps the picture's ids apart.

    A part that the page does not have yet is left out: a preview shows pages that are being written.
    """
    said = head + _prompt(page, to) + _numbers(page, to) + _safety(page, to) + _dives(page, to)
    fences = [block.text for block in page.blocks if block.is_mermaid]
    return (
        f'<div class="guide-card__said"><p class="guide-card__place">{place}</p>{said}</div>'
        f"{narrow(fences[0], name) if fences else ''}"
    )


def _prompt(page, to: str) -> str:
    said = " ".join(_printed(block.text) for block in page.section("Prompt") if block.quote)
    return f'<blockquote><a href="{to}#prompt">{said}</a></blockquote>'


def headline(page) -> list[tuple[str, str, str]]:
    """The three numbers for the board: symbol, value without its kind or what it counts, label."""
    fields = page.front.get("headline").items() if page.front and page.front.get("headline") else []
    rows = [(page.envelope.row(symbol), label.text()) for symbol, label in fields]
    return [
        (row.symbol, _value(row, page.envelope.nouns), label) for row, label in rows if row and row.printed
    ]


def _value(row, nouns: set[str]) -> str:
    number, unit = _VALUE.fullmatch(row.value).groups()
    return number if unit in nouns else f"{number} {unit}".rstrip()


def _numbers(page, to: str) -> str:
    return f'<dl class="guide-card__numbers">{"".join(_number(to, *each) for each in headline(page))}</dl>'


def _number(to: str, symbol: str, value: str, label: str) -> str:
    number, unit = _VALUE.fullmatch(value).groups()
    said = f"<span>{escape(number)}</span>" + (f" <small>{escape(unit)}</small>" if unit else "")
    return f'<div><dt>{escape(label)}</dt><dd><a href="{to}#{symbol}">{said}</a></dd></div>'


def _safety(page, to: str) -> str:
    callout = [
        b for b in page.blocks if b.callout == "safety-state" and b.kind == "paragraph" and b.sentences
    ]
    first = _printed(callout[0].sentences[0][1]) if callout else ""
    return f'<p class="guide-card__safety"><a href="{to}#requirements">{first}</a></p>'


def _dives(page, to: str) -> str:
    headings = [block for block in page.section("Deep dives") if block.kind == "heading" and block.level == 3]
    dives = "".join(f'<li><a href="{to}#{b.id}">{_printed(b.text)}</a></li>' for b in headings[:2])
    return f'<ul class="guide-card__dives">{dives}</ul>'


def _printed(markdown: str) -> str:
    """A text of the page as HTML: no links, no marks, and quotation marks as the page prints them."""
    text = re.sub(r'"([^"]*)"', r"“\1”", plain(markdown)).replace("'", "’")
    return escape(text, quote=False)
