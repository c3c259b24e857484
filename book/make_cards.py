"""Flash cards of the guide, as text that Anki and its like import: a line for each, fields parted by tabs.

A card's id is its place in the guide. Who imports a later edition keeps what they have learnt: cards that
stand there already are brought up to date, and only new ones are new.
"""

from __future__ import annotations

from collections.abc import Iterator

from bind_book import TITLE
from make_sheets import objections, questions
from read_site import Chapter, said

VOCABULARY = "vocabulary/"
_HEAD = f"""#separator:tab
#html:false
#notetype:Basic
#deck:{TITLE}
#guid column:1
#tags column:4
"""


def make(chapters: list[Chapter]) -> bytes:
    """All cards: each objection with its staff answer, each figure that people quote with the law that
    breaks it, each term."""
    cards = [card for chapter in questions(chapters) for card in (*_pushback(chapter), *_folk(chapter))]
    cards += [card for chapter in chapters if chapter.address == VOCABULARY for card in _terms(chapter)]
    return (_HEAD + "".join("\t".join(card) + "\n" for card in cards)).encode("utf-8")


def _pushback(chapter: Chapter) -> Iterator[tuple[str, str, str, str]]:
    for title, answers in objections(chapter.article):
        front = f"{chapter.title}. Pushback: {said(title)}"
        yield _id(chapter, title.get("id")), front, answers[-1], "pushback"


def _folk(chapter: Chapter) -> Iterator[tuple[str, str, str, str]]:
    """A figure's id is the figure: correct it, and it is another card."""
    for row in chapter.article.xpath('.//table[contains(@class, "guide-folk")]/tbody/tr'):
        figure, working, law, instead = (said(cell) for cell in row)
        broken = row.findtext('.//*[@class="guide-broken"]')
        front = f"{chapter.title}. They say {figure}, by {working}. What breaks it?"
        back = f"{law}: {broken}. Instead: {instead}."
        yield _id(chapter, figure.replace(" ", "-")), front, back, "folk-figure"


def _terms(chapter: Chapter) -> Iterator[tuple[str, str, str, str]]:
    for term in chapter.article.iterfind(".//h2"):
        yield _id(chapter, term.get("id")), said(term), said(term.getnext()), "vocabulary"


def _id(chapter: Chapter, place: str) -> str:
    return f"guarded-path/{chapter.address}#{place}"
