"""Sheets, one side of paper each: the round, every question, and a friend who plays the interviewer.

All text is taken from the built pages: cards, tables, drawings and answers as they stand there, cut to what
one side holds. A side is set as large as fits, never below `SMALLEST`; what does not fit ends the build.
"""

from __future__ import annotations

import re
from copy import deepcopy

from lxml import html
from lxml.html import builder as E
from read_site import Chapter, Edition, said

LARGEST, SMALLEST = 11.0, 8.0  # pt
QUESTIONS = "questions/"
LABEL = 0.6  # the scale of a drawing, whose labels sheets.css sets at 18 px: on paper 8.1 pt
NARROW = 230  # CSS px; a drawing that is wider gets one of two columns, and not of three
MM = 96 / 25.4  # CSS px
PUSHBACKS = 3  # on a partner's sheet
_SENTENCE = re.compile(r".+?[.!?][”’)]*(?=\s+[“‘(\w]|$)", re.DOTALL)
# Each side is set in steps from the largest size down; what is over at the smallest is said in px.
_FIT = """([largest, smallest]) => [...document.querySelectorAll(".sheet")].map(sheet => {
  const over = () => Math.max(
    sheet.lastElementChild.getBoundingClientRect().bottom - sheet.getBoundingClientRect().bottom,
    ...[...sheet.querySelectorAll("table")].map(
      each => each.scrollWidth - each.parentElement.clientWidth - 1));
  for (let size = largest; size >= smallest - .01; size -= .1) {
    sheet.style.fontSize = `${size}pt`;
    if (over() < .5) return {title: sheet.getAttribute("aria-label"), over: 0, size};
  }
  return {title: sheet.getAttribute("aria-label"), over: over(), size: smallest};
})"""


class Overflow(Exception):
    """A side of paper does not hold what stands on it."""


class MissingPart(Exception):
    """A page of the site lacks what a sheet takes from it."""


def sheets(chapters: list[Chapter], edition: Edition, style: str) -> str:
    """The document of all cheat sheets: the round first, then a side for each question."""
    sides = [_round(_Pages(chapters))]
    sides += [_question(chapter) for chapter in questions(chapters)]
    return _document("Cheat sheets", sides, edition, style)


def partners(chapters: list[Chapter], edition: Edition, style: str) -> str:
    """The document of the partner's sheets: a side for each question."""
    pages = _Pages(chapters)
    sides = [_partner(chapter, pages) for chapter in questions(chapters)]
    return _document("Partner’s sheets", sides, edition, style)


def questions(chapters: list[Chapter]) -> list[Chapter]:
    """The chapters that are a question."""
    return [each for each in chapters if each.address.startswith(QUESTIONS) and each.address != QUESTIONS]


def fit(page, paper: str) -> None:
    """Set each side of an opened document as large as it can be, or say how much too long it is."""
    sides = page.evaluate(_FIT, [LARGEST, SMALLEST])
    long = [
        f"The sheet “{side['title']}” is {side['over'] / MM:.0f} mm too long for {paper} at {SMALLEST:g} pt: "
        "shorten what it takes from the page (shown rows, trade-offs, policies, first sentences of answers)."
        for side in sides
        if side["over"]
    ]
    if long:
        raise Overflow("\n".join(long))


# ── The three kinds of sides ─────────────────────────────────────────────────────────────────────
def _round(pages: _Pages):
    columns = [
        _block("The clock", _plain(pages.table("interview/round/", "clock"))),
        _block("On the board, by minute", _lines(pages.table("interview/round/", "board"), 0, 1)),
        _block(
            "Safety, three steps", _lines(pages.table("framework/", "three-steps-at-three-moments"), 0, 2)
        ),
        _block("A guard, when it fails", _first(pages.section("framework/", "when-guards-fail"))),
        _block("A trade-off", _lines(pages.table("craft/trade-offs/", "pattern"), 0, 1)),
        _block("The level", _by_level(pages.table("interview/judged/", "what-differs"))),
        _block("Pitfalls: say instead", _pitfalls(pages.chapter("interview/pitfalls/"))),
    ]
    return _side("The round on one side", "", columns)


def _question(chapter: Chapter):
    article = chapter.article
    card = _one(article, './/aside[contains(@class, "guide-card")]', chapter)
    drawing = deepcopy(_one(card, './/*[local-name()="svg"]', chapter))
    width = float(drawing.get("width")) * LABEL
    drawing.set("style", f"width: {width:.0f}px")
    columns = [
        _block("Headline", deepcopy(_one(card, ".//dl", chapter))),
        _block("Safety, upfront", E.P(said(_one(card, './/*[@class="guide-card__safety"]', chapter)))),
        _block("The design", drawing),
        _block("Envelope", _envelope(article)),
        _block("Trade-offs", _trade_offs(chapter)),
        _block("When it fails", _policies(chapter)),
        _block("Pushback", _pushback(article)),
        _block("Two dives", deepcopy(_one(card, ".//ul", chapter))),
    ]
    prompt = said(_one(card, ".//blockquote", chapter))
    return _side(chapter.title, prompt, columns, 2 if width > NARROW else 3)


def _partner(chapter: Chapter, pages: _Pages):
    article = chapter.article
    prompt = said(_one(article, './/h2[@id="prompt"]/following-sibling::blockquote[1]', chapter))
    ask, yes, no = (
        said(cell) for cell in article.xpath('.//h2[@id="prompt"]/following::table[1]/tbody/tr[1]/td')
    )
    twist = E.DIV(
        E.P(E.STRONG(ask)), E.P(f"Until then the answer is yes: {yes}."), E.P(f"Then it is no: {no}.")
    )
    columns = [
        _block("When you do what", _lines(pages.table("interview/round/", "partner"), 0, 1)),
        _block("One twist, at half time", twist),
        _block("Three objections", _three_objections(article)),
        _block("What an answer earns", _lines(pages.table("interview/round/", "partner-scores"), 0, 1)),
        _block("What you write down", _rubric(pages.chapter("interview/judged/"))),
        _block("The level you saw", _level_bar(chapter)),
    ]
    return _side(f"Play the interviewer: {chapter.title}", prompt, columns)


# ── What a side is made of ───────────────────────────────────────────────────────────────────────
def _envelope(article):
    rows = article.xpath('.//table[contains(@class, "guide-envelope")][not(ancestor::details)]/tbody/tr')
    cells = [(said(row[1]), said(row[2]), row.get("class") == "guide-worked") for row in rows]
    return E.TABLE(
        {"class": "sheet__envelope"},
        *(
            E.TR(E.TD(name), E.TD(value), {"class": "worked" if worked else ""})
            for name, value, worked in cells
        ),
    )


def _trade_offs(chapter: Chapter):
    rows = chapter.article.xpath('.//h2[@id="trade-offs"]/following::table[1]/tbody/tr')
    return _list((said(row[0]), f"{said(row[1])}; not: {said(row[2])}") for row in rows)


def _policies(chapter: Chapter):
    """What does the same when it fails shares a line."""
    same: dict[str, list[str]] = {}
    for row in chapter.article.xpath('.//h2[@id="failure-modes"]/following::table[1]/tbody/tr'):
        same.setdefault(re.split(r"[:;,]", said(row[2]))[0], []).append(said(row[0]).removeprefix("– "))
    return _list((", ".join(names), policy) for policy, names in same.items())


def _pushback(article):
    return _list(
        (said(title).strip("“”"), first_sentence(answers[-1])) for title, answers in objections(article)
    )


def _three_objections(article):
    blocks = E.DIV()
    for title, answers in objections(article)[:PUSHBACKS]:
        blocks.append(E.P(E.STRONG(said(title))))
        blocks.append(_list((str(score), answer) for score, answer in enumerate(answers, 1)))
    return blocks


def objections(article) -> list[tuple]:
    """Each objection's heading with its three answers, without the word that names each."""
    found = []
    for title in article.xpath('.//h2[@id="pushback"]/following-sibling::h3'):
        items = title.xpath("following::ul[1]/li")
        if title.xpath('following-sibling::details[1][@class="guide-answers"]'):
            found.append((title, [said(item).partition(": ")[2] for item in items]))
    return found


def _level_bar(chapter: Chapter):
    items = chapter.article.xpath('.//h2[@id="level-bar"]/following-sibling::ul[1]/li')
    return _list(said(item).partition(": ")[::2] for item in items)


def _pitfalls(chapter: Chapter):
    found = []
    for title in chapter.article.iterfind(".//h3"):
        wins = title.xpath('following::li[strong[1][.="Wins:"]][1]')
        found.append((said(title), first_sentence(said(wins[0]).partition(": ")[2]).strip("“”")))
    return _list(found)


def _rubric(chapter: Chapter):
    lines = chapter.article.xpath('.//p[strong[1][.="Writes down:"]]')
    return _list((said(line.xpath("preceding::h2[1]")[0]), said(line).partition(": ")[2]) for line in lines)


class _Pages:
    """The chapters by address, and what stands under an anchor of one."""

    def __init__(self, chapters: list[Chapter]):
        self.chapters = {chapter.address: chapter for chapter in chapters}

    def chapter(self, address: str) -> Chapter:
        if address not in self.chapters:
            raise MissingPart(f"A sheet takes text from the page {address}, which the site does not have.")
        return self.chapters[address]

    def section(self, address: str, anchor: str):
        chapter = self.chapter(address)
        return _one(chapter.article, f'.//*[@id="{anchor}"]', chapter)

    def table(self, address: str, anchor: str):
        return _one(self.section(address, anchor), "following::table[1]", self.chapter(address))


def _one(root, path: str, chapter: Chapter):
    found = root.xpath(path)
    if not found:
        raise MissingPart(f"A sheet takes {path} from the page {chapter.address}, which does not have it.")
    return found[0]


def _plain(table):
    """A table with its words only."""
    rows = [[said(cell) for cell in row] for row in table.iter("tr")]
    head, *body = rows
    return E.TABLE(
        E.TR(*(E.TH(cell) for cell in head)), *(E.TR(*(E.TD(cell) for cell in row)) for row in body)
    )


def _by_level(table):
    """A table with a column for each level, as a line for each of its rows."""
    levels = [said(cell).lower() for cell in table.findall("thead/tr/th")[1:]]
    rows = [[said(cell) for cell in row] for row in table.iterfind("tbody/tr")]
    return _list(
        (name, "; ".join(f"{level} {cell}" for level, cell in zip(levels, cells, strict=True)))
        for name, *cells in rows
    )


def _lines(table, name: int, says: int):
    return _list((said(row[name]), said(row[says])) for row in table.iterfind("tbody/tr"))


def _first(heading):
    return E.P(said(heading.xpath("following-sibling::p[1]")[0]))


def _list(pairs):
    """Names and what is said of each, set apart by a colon where the name has no mark of its own."""
    return E.UL(
        *(E.LI(E.STRONG(name + ("" if name[-1] in ".?!" else ":")), f" {says}") for name, says in pairs)
    )


def _block(title: str, *content):
    return E.DIV(E.H2(title), *content, {"class": "sheet__block"})


def _side(title: str, prompt: str, blocks: list, count: int = 3):
    head = E.HEADER(E.H1(title), E.P(prompt, {"class": "sheet__prompt"}) if prompt else "")
    columns = E.DIV(*blocks, {"class": "sheet__columns", "style": f"columns: {count}"})
    return E.SECTION(head, columns, {"class": "sheet", "aria-label": title})


def _document(title: str, sides: list, edition: Edition, style: str) -> str:
    for place, side in enumerate(sides):
        for element in side.iter():
            for name in ("id", "aria-labelledby", "aria-describedby"):
                if element.get(name):
                    element.set(name, f"side-{place}-{element.get(name)}")
        for link in list(side.iter("a")):
            link.drop_tag()
        side.find("header").append(E.P(f"The Guarded Path, {edition.said}", {"class": "sheet__edition"}))
    head = E.HEAD(E.META(charset="utf-8"), E.TITLE(title), E.STYLE(style))
    body = E.BODY(*sides)
    return "<!doctype html>\n" + html.tostring(E.HTML(head, body, lang="en-GB"), encoding="unicode")


def first_sentence(text: str) -> str:
    """The first sentence of a text; all of it, if it is one."""
    match = _SENTENCE.match(text)
    return match.group(0) if match else text
