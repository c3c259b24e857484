"""Numbers in the text: each is a link to its row or to its dated fact, and says what that says."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from difflib import get_close_matches

import quantities
from finding import Problem, shorten
from page_contract import CHECKS, FOLK, ROWS
from quantities import QuantityFault
from read_envelope import SOURCE_LINK
from read_inline import links_in, mask_code, may_hold, plain, spoken
from read_numbers import EACH, PER, numbers_in, unit_of
from read_page import Block

_PARTS = re.compile(rf"(?:≈ ?)?([\d,.]+)(?: ?([^\d\s][^\d]*?))?(?: ({'|'.join(quantities.KINDS)}))?")
_UNDATED_WORDS = ("currently", "now", "today", "latest", "recently", "nowadays", "these days", "at present")
# "Least recently used" is the name of a policy.
_POLICY = r"(?!(?:(?<=\bleast )|(?<=\bmost ))recently used\b)"
_UNDATED = re.compile(rf"\b{_POLICY}({'|'.join(_UNDATED_WORDS)})\b", re.IGNORECASE)
_PROSE = ("paragraph", "item", "heading", "callout")
_WEAK = re.compile(r"\*\*Weak(?::\*\*|\*\*:)")
_DIGIT = re.compile(r"\d")
_CONTRACT_PHRASE = re.compile(r"\*\*First 90 seconds[.:]*\*\*")


def check_number_link_differs(page) -> Iterator[Problem]:
    """A link to a symbol carries the symbol's value: the same number, unit and kind.

    Why: the value stands once, in its row; every other place repeats it by link.
    Bad: `[268 GPUs](#gpus)`, or `[the fleet](#gpus)`.
    Good: `[286 GPUs](#gpus)`, `[286](#gpus)`.
    Not an error when: the unit is spelt as a plural, or converted exactly (0.5 s for 500 ms).
    """
    for link in page.links:
        row = _row(link, page)
        if row and row.printed and not _same(plain(link.text), row, page.envelope.nouns):
            message = f"the link says {shorten(plain(link.text))}, `{row.symbol}` is {plain(row.value)}"
            fix = f"write [{plain(row.value)}](#{row.symbol}), or link to another symbol"
            yield link.line, message, fix


def _row(link, page):
    """The row that a link goes to; None where it leaves the page or names no symbol."""
    file, _, symbol = link.target.partition("#")
    return None if file else page.envelope.row(symbol)


def check_number_elsewhere_differs(pages) -> Iterator[Problem]:
    """A link to a symbol of another page carries that symbol's value, too.

    Why: a number told on two pages drifts first on the one where it is not worked out.
    Bad: `[268 GPUs](../questions/inference-batching.md#gpus)` where the row says 336.
    Good: `[336 GPUs](../questions/inference-batching.md#gpus)`.
    Not an error when: the other page is not among those that are checked, or the link goes to a heading.
    """
    known = {posixpath.normpath(page.path): page for page in pages}
    for page in pages:
        for link in page.links:
            file, _, symbol = link.target.partition("#")
            path = posixpath.normpath(posixpath.join(posixpath.dirname(page.path), file))
            other = known.get(path)
            row = other.envelope.row(symbol) if other else None
            if row and row.printed and not _same(plain(link.text), row, other.envelope.nouns):
                said, value, where = shorten(plain(link.text)), plain(row.value), f"{other.path}:{row.line}"
                fix = f"write [{value}]({link.target}), or link to another symbol"
                yield page, link.line, f"the link says {said}, `{symbol}` at {where} is {value}", fix


def _same(text: str, row, nouns: set[str]) -> bool:
    match = _PARTS.fullmatch(spoken(text).strip())
    if not match:
        return False
    number, words, kind = match.groups("")
    printed = row.printed
    if kind and kind != printed.quantity.kind:
        return False
    unit = unit_of(words, nouns)  # 40 tokens may stand for 40 tok/req, 50 req/s for 50 req/s/GPU
    if not words or (unit and f"{printed.unit}/".startswith(f"{unit}/")):
        return number == printed.number
    if not unit:
        return number == printed.number and _spoken_rate(words, printed.unit, nouns)
    try:
        stated = quantities.parse_printed(f"{number} {unit}", nouns).quantity
    except QuantityFault:
        return False
    same = quantities.snap(stated.value) == quantities.snap(printed.quantity.value)
    return stated.dims == printed.quantity.dims and same


def _spoken_rate(words: str, unit: str, nouns: set[str]) -> bool:
    """Whether words say a rate: `a second` and `requests per second` stand for req/s."""
    match = re.fullmatch(rf"(?:(\w+) )?{EACH}", words)
    if not match:
        return False
    noun, time = match.groups()
    return unit == f"{unit_of(noun, nouns) if noun else unit.split('/')[0]}/{PER[time]}"


def check_number_symbol_unknown(page) -> Iterator[Problem]:
    """A link inside the page goes to a symbol or a heading that is there.

    Why: a number linked to nothing is checked by nothing.
    Bad: `[286 GPUs](#gpu)` where the row is `gpus`.
    Good: `[286 GPUs](#gpus)`.
    Not an error when: the target is a heading's id, or the generated `#sources`.
    """
    known = {row.symbol for row in page.envelope.rows}
    known |= {b.id for b in page.blocks if b.kind == "heading"} | {"sources"}
    for link in page.links:
        target = link.target.removeprefix("#")
        if link.target.startswith("#") and target not in known:
            near = get_close_matches(target, sorted(known), n=1)
            fix = (
                f"did you mean `#{near[0]}`?"
                if near
                else "define the symbol in the envelope, or correct the link"
            )
            message = f"nothing on this page is named `{shorten(target)}`"
            yield link.line, message, fix


def check_number_bare(page) -> Iterator[Problem]:
    """A number with a unit is a link to its row or fact, or stands in a sentence with a citation.

    On pages without a contract this holds in the envelope's own tables only.

    Why: an unlinked number is a second copy, which drifts; and nobody can see where it is from.
    Bad: "the pool is 286 GPUs", also as a diagram's label.
    Good: "the pool is [286 GPUs](#gpus)".
    Not an error when: it stands in code, in a Weak answer, an objection, a folk figure, an
    envelope row, or a quotation of the interviewer.
    """
    for line, found, where in _bare(page):
        value = f"{found.number} {found.unit}"
        fix = f"write [{value}](#symbol), give the row a symbol, or cite a source in the same sentence"
        yield line, f"{value} stands unlinked{where}", fix


def _bare(page) -> Iterator[tuple[int, object, str]]:
    for block in page.blocks:
        held = page.kind.sections or tuple(block.header) == ROWS
        for line, text in _checked_texts(block) if held else ():
            for below, found in _unlinked(text, page):
                yield line + below, found, ""
    for chart in page.flowcharts if page.kind.sections else ():
        for line, label in [*chart.labels, (chart.line, chart.title), (chart.line, chart.description)]:
            for found in numbers_in(spoken(label), page.envelope.nouns):
                if found.unit:
                    yield line, found, " in a diagram's text"


def _checked_texts(block: Block) -> list[tuple[int, str]]:
    if block.kind == "table":
        header = tuple(block.header)
        if header == FOLK:
            return []
        columns = {ROWS: (1,), CHECKS: ()}.get(header, range(len(header)))
        return [(line, cells[c]) for line, cells in block.rows for c in columns]
    spared = block.quote
    if block.section == "Pushback":  # the objection, and what a weak answer says to it
        spared = spared or block.kind == "heading" or _WEAK.match(block.text)
    return [] if spared or block.kind not in _PROSE else block.sentences


def _unlinked(text: str, page) -> Iterator[tuple]:
    """Numbers with a unit in a sentence, and how many lines down; not those linked to a row, or cited."""
    if not _DIGIT.search(text) or any(_cites(link) for link in links_in(text)):
        return
    masked = mask_code(_CONTRACT_PHRASE.sub(lambda m: " " * len(m.group(0)), text))
    for link in reversed(links_in(text)):
        row = _row(link, page)
        kept = " " if row else link.text
        if row and row.printed and (unit := _false_unit(link, text, row, page.envelope.nouns)):
            kept = f" {row.printed.number} {unit}"
        masked = masked[: link.start] + kept + masked[link.end :]
    said = spoken(masked)  # in which only the line ends stand where they stood
    for found in numbers_in(said, page.envelope.nouns):
        if found.unit:
            yield said[: found.start].count("\n"), found


def _cites(link) -> bool:
    return bool(SOURCE_LINK.fullmatch(link.target) and plain(link.text).strip())


def _false_unit(link, text: str, row, nouns: set[str]) -> str:
    """The unit that follows a linked bare number, where it is not the row's: [6](#limit) GB for 6 s."""
    following = re.match(r"\s(%|[A-Za-zµ/]+)", spoken(text[link.end :]))
    unit = unit_of(following.group(1), nouns) if following and plain(link.text)[-1:].isdigit() else ""
    return "" if f"{row.printed.unit}/".startswith(f"{unit}/") else unit


def check_number_fact_differs(page) -> Iterator[Problem]:
    """A link to a fact carries the fact's value as the register has it.

    Why: a dated number is written once, in the register, with its date.
    Bad: `[24 %](../sources.md#cc1-overhead)` where the register says 23.7 %.
    Good: `[23.7 %](../sources.md#cc1-overhead)`.
    Not an error when: the link goes to a source; its text is free.
    """
    for link in page.links:
        match = SOURCE_LINK.fullmatch(link.target)
        fact = page.guide.register.facts.get(match.group(1)) if match else None
        if fact and plain(link.text) != fact.value:
            message = f"the link says {shorten(plain(link.text))}, the register says {fact.value}"
            fix = f"write [{fact.value}]({link.target}), or correct the register if the source says so"
            yield link.line, message, fix


def check_number_undated(page) -> Iterator[Problem]:
    """*Currently, now, today, latest, recently* stand only in a sentence with a dated source.

    Why: a sentence that was true on the day it was written reads as true for ever.
    Bad: "The API currently returns 529 under overload."
    Good: the same sentence with a link to the dated fact.
    Not an error when: it stands in a quotation, an objection or code.
    """
    for block in page.blocks:
        if block.kind == "heading" and block.section == "Pushback":
            continue
        whole = spoken(mask_code(" ".join(text for _, text in block.lines_of_text())))
        for line, text in _sentences_and_cells(block) if may_hold(_UNDATED_WORDS, whole) else ():
            masked = spoken(mask_code(text))
            match = _UNDATED.search(masked) if may_hold(_UNDATED_WORDS, masked) else None
            if match and not any(_cites(link) for link in links_in(text)):
                at = line + masked[: match.start()].count("\n")
                fix = "cite a dated source in the sentence, or say when"
                yield at, f"“{match.group(0)}” without a dated source", fix


def _sentences_and_cells(block: Block) -> list[tuple[int, str]]:
    if block.kind == "table":
        return block.lines_of_text()
    return [] if block.quote or block.kind not in _PROSE else block.sentences


RULES = (
    check_number_link_differs,
    check_number_symbol_unknown,
    check_number_bare,
    check_number_fact_differs,
    check_number_undated,
)
TREE_RULES = (check_number_elsewhere_differs,)
