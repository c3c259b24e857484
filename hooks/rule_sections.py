"""Sections: all of them, in the order of the round, with substance and without leftovers."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from difflib import get_close_matches

from finding import Problem, shorten
from guide import template_texts
from page_contract import (
    ASK,
    CHECKS,
    FAILURES,
    FOLK,
    HARMS,
    MIN_DIVES,
    PLACEHOLDERS,
    PLACES,
    ROWS,
    TRADE_OFFS,
)
from read_inline import distinct_words, mask_code, may_hold, plain, sentence_key, spoken

MIN_WORDS = 12
CONTRACT_TABLES = (ASK, HARMS, ROWS, CHECKS, FOLK, FAILURES, TRADE_OFFS)
_BAR = re.compile(r"(?<!\\)\|")
_LIST = re.compile(r"<!--\W*list\b", re.IGNORECASE)
# A bold lead, which ends in a full stop or colon, inside the bold or behind.
_LEAD = re.compile(r"\*\*([^*\n]+?)(?:[.:]\*\*|\*\*[.:])")
_PLACEHOLDER = re.compile("|".join(rf"(?<!\w){re.escape(p)}(?!\w)" for p in PLACEHOLDERS), re.IGNORECASE)


def check_section_missing(page) -> Iterator[Problem]:
    """Every section of the contract is there, under its own heading: twelve on a question, six on a skeleton.

    Why: a reader who opens the page at the printer's the night before finds the same places.
    Bad: a page without `## Failure modes`, or with it only in a comment.
    Good: the headings of the contract at level two.
    Not an error when: the heading is there but misspelt; that is its own finding.
    """
    present = {near for heading in page.headings for near in _near(heading.text, page)}
    for section in page.kind.sections:
        if section.title not in present:
            message = f"the section `## {section.title}` is missing"
            yield page.body_line, message, f"add it; it holds {section.holds}"


def _near(title: str, page) -> list[str]:
    return get_close_matches(title.capitalize(), page.kind.titles, n=1)


def check_section_misspelt(page) -> Iterator[Problem]:
    """A second-level heading is one of the contract's.

    Why: the site and the checks find a section by its name.
    Bad: `## Failure mode`.
    Good: `## Failure modes`.
    Not an error when: the heading is of level three; those are the author's.
    """
    for heading in page.headings:
        if heading.text not in page.kind.titles:
            near = _near(heading.text, page)
            fix = (
                f"did you mean `## {near[0]}`?"
                if near
                else "use a heading of level three inside one of the sections"
            )
            message = f"`## {shorten(heading.text)}` is not a section of the contract"
            yield heading.line, message, fix


def check_section_repeated(page) -> Iterator[Problem]:
    """A section stands once.

    Why: two sections of one name hide each other.
    Bad: `## Trade-offs` twice.
    Good: one `## Trade-offs` with both tables.
    Not an error when: never.
    """
    seen: dict[str, int] = {}
    for heading in page.headings:
        if heading.text in seen:
            message = f"`## {shorten(heading.text)}` stands on line {seen[heading.text]} already"
            yield heading.line, message, "join the two"
        seen.setdefault(heading.text, heading.line)


def check_section_out_of_order(page) -> Iterator[Problem]:
    """Sections follow the order of the round.

    Why: the page is read beside the clock.
    Bad: Trade-offs before Failure modes.
    Good: the order of the contract.
    Not an error when: a section is missing; the others keep their order.
    """
    titles = page.kind.titles
    known = [h for h in page.headings if h.text in titles]
    for before, after in itertools.pairwise(known):
        if titles.index(after.text) < titles.index(before.text):
            message = f"`## {after.text}` stands after `## {before.text}`"
            yield after.line, message, f"the order is {', '.join(titles)}"


def check_section_empty(page) -> Iterator[Problem]:
    """A section has substance: a dozen different words, in prose, in a table's cells or in a drawing.

    Why: a heading alone passes every check that looks for headings.
    Bad: `## Wrap` followed by the next heading, or by a comment only.
    Good: what the contract says the section holds.
    Not an error when: never.
    """
    for section in page.kind.sections:
        heading = next((h for h in page.headings if h.text == section.title), None)
        if heading is None:
            continue
        blocks = page.section(section.title)
        words = distinct_words(" ".join(b.text for b in blocks if b.kind in ("paragraph", "item")))
        shown = [cell for b in blocks for _, row in b.rows for cell in row]
        shown += [b.text for b in blocks if b.is_mermaid]
        if words < MIN_WORDS and distinct_words(" ".join(shown)) < MIN_WORDS:
            message = f"`## {section.title}` is empty or nearly so"
            yield heading.line, message, f"it holds {section.holds}"


def check_section_quotation_missing(page) -> Iterator[Problem]:
    """The Prompt quotes the interviewer.

    Why: what was asked, and what you made of it, are two things; a given value is held against the first.
    Bad: a Prompt that only tells what the question is about.
    Good: `> "You have a GPU that runs up to 100 inputs in a batch. Design it."`
    Not an error when: the section is missing; that is its own finding.
    """
    for section in page.kind.sections:
        present = any(h.text == section.title for h in page.headings)
        if section.quoted and present and not any(b.quote for b in page.section(section.title)):
            message = f"`## {section.title}` quotes nobody"
            yield page.line_of(section.title), message, 'begin it with > "..."'


def check_section_part_missing(page) -> Iterator[Problem]:
    """The parts that a section must name are there, each with a sentence behind its bold name.

    Why: out of scope, first words and open questions are what candidates forget to say.
    Bad: Requirements without a paragraph that begins `**Out of scope:**`.
    Good: `**Out of scope:** training, billing, other regions.`
    Not an error when: the part belongs to Safety in operation; that family has its own rule.
    """
    for section in page.kind.sections:
        if not any(h.text == section.title for h in page.headings):
            continue
        for part in section.parts:
            if words_of_part(page, section.title, part) < 2:
                message = f"`## {section.title}` has no paragraph **{part}**, or nothing behind it"
                fix = f"begin a paragraph with **{part}:** and say it"
                yield page.line_of(section.title), message, fix


def words_of_part(page, title: str, part: str) -> int:
    """Different words behind a bold lead in a section, with the paragraphs that follow it; 0 without it."""
    said, inside = [], False
    for block in page.section(title):
        if block.kind not in ("paragraph", "item") or block.callout:
            continue
        before, *parts = _LEAD.split(block.text)
        said += [before] if inside else []
        for lead, rest in zip(parts[::2], parts[1::2], strict=True):
            inside = lead.casefold() == part.casefold()
            said += [rest] if inside else []
    return distinct_words(" ".join(said))


def check_section_table_missing(page) -> Iterator[Problem]:
    """The tables that a section must hold are there, with their header and a row.

    Why: harms, checks, failures and trade-offs are data; prose about them cannot be checked.
    Bad: a Trade-offs section in prose, or a table whose header says Choice for Chosen.
    Good: `| Decision | Chosen | Rejected | Because | Switch when |` and rows.
    Not an error when: never.
    """
    for section in page.kind.sections:
        if not any(h.text == section.title for h in page.headings):
            continue
        for header in section.tables:
            if not any(b.rows for b in page.section(section.title) if tuple(b.header) == header):
                message = f"`## {section.title}` has no table {' | '.join(header)} with a row"
                fix = "add it with exactly these header cells"
                yield page.line_of(section.title), message, fix


def check_section_table_misspelt(page) -> Iterator[Problem]:
    """A table whose header is nearly one of the contract's is exactly that.

    Why: a table that the checks do not recognise is not checked, however much it looks like one that is.
    Bad: `| **Harm** | Starts at | Lands at | Stopped by |`, a Working column named Formula, a fifth column.
    Good: the header cells as the contract writes them, and no others.
    Not an error when: the table has at most one cell in common with each of the contract's.
    """
    for table in page.blocks:
        header = {_folded(cell) for cell in table.header}
        for contract in CONTRACT_TABLES:
            shared = header & {_folded(cell) for cell in contract}
            if tuple(table.header) not in CONTRACT_TABLES and len(shared) > 1:
                fix = f"write | {' | '.join(contract)} |, or other names for a table of your own"
                message = f"the header | {' | '.join(table.header)} | is nearly that of a contract table"
                yield table.line, message, fix


def _folded(cell: str) -> str:
    return spoken(plain(cell)).casefold()


def check_section_table_uneven(page) -> Iterator[Problem]:
    """A table's rows have as many cells as its header.

    Why: readers drop a cell too many in silence, and what it said with it.
    Bad: four header cells, and a row with a stray bar that makes five.
    Good: as many cells as names; a bar inside a cell is written with a backslash before it.
    Not an error when: never.
    """
    for table in page.blocks:
        for line, _ in table.rows:
            cells = _cells(page.lines[line - 1].strip(" \t>"))
            if cells != len(table.header):
                yield line, f"the row has {cells} cells, the header {len(table.header)}", "add or join cells"


def _cells(row: str) -> int:
    return len(_BAR.findall(row.removeprefix("|").removesuffix("|"))) + 1


def check_section_dives_missing(page) -> Iterator[Problem]:
    """Deep dives are two questions or more, each under its own heading and argued with numbers.

    Why: minutes 25 to 50 are two dives; a dive without a number is an opinion.
    Bad: one long section without third-level headings.
    Good: `### One queue, or one for each GPU?` with linked numbers below it.
    Not an error when: never.
    """
    blocks = page.section("Deep dives")
    dives = [b for b in blocks if b.kind == "heading" and b.level == 3]
    if any(h.text == "Deep dives" for h in page.headings) and len(dives) < MIN_DIVES:
        message = f"Deep dives holds {len(dives)} headings of level three"
        fix = f"write {MIN_DIVES} dives or more, each a question"
        yield page.line_of("Deep dives"), message, fix
    for dive in dives:
        inside = [b for b in blocks if b.under == dive.line]
        numbers = [link for b in inside for link in b.links if page.envelope.row(link.target.lstrip("#"))]
        if not dive.text.endswith("?"):
            fix = "end it with a question mark: the question that the dive answers"
            yield dive.line, f"the dive `{shorten(dive.text)}` is no question", fix
        elif not numbers:
            fix = "argue with a value of the envelope, linked as [286 GPUs](#gpus)"
            yield dive.line, f"the dive `{shorten(dive.text)}` uses no number", fix


def check_section_placeholder(page) -> Iterator[Problem]:
    """No placeholder is left: TODO, TBD, <REQUIRED ...>, lorem ipsum.

    Why: it reads as finished from the outside.
    Bad: `**Scale:** TBD`.
    Good: the scale, or the row out of the page.
    Not an error when: the word stands in code.
    """
    for block in page.blocks:
        for line, text in [*block.lines_of_text()] if block.kind not in ("fence", "html") else []:
            match = _PLACEHOLDER.search(mask_code(text)) if may_hold(PLACEHOLDERS, text) else None
            if match:
                at = line + text.count("\n", 0, match.start())
                yield at, f"`{match.group(0)}` is a placeholder", "write it, or cut it"


def check_section_template_left(page) -> Iterator[Problem]:
    """Nothing of the template's own example is left: no sentence, row or summary.

    Why: a row that nobody chose is a claim that nobody made.
    Bad: a sentence of the template, or a row of its envelope with value and reason.
    Good: the page's own words and numbers.
    Not an error when: the page is the template itself, or the text has fewer words than chance could repeat.
    """
    for line, text in () if page.is_template else template_texts(page):
        if sentence_key(text) in page.guide.template_sentences:
            message = f"this is the template's: “{shorten(text)}”"
            yield line, message, "write what is true of this page"


def check_section_unwritten(page) -> Iterator[Problem]:
    """No guidance of the template stands: each part of the page is written.

    Why: half of all pages made from a template elsewhere still carry its instructions.
    Bad: a comment that begins `<!-- Guidance:`; until it is deleted, nothing else is said of its part.
    Good: the part written, the comment deleted.
    Not an error when: the page is the template itself.
    """
    for part in page.unwritten:
        yield part.line, f"to write: {part.title}", f"{part.guidance} Then delete this comment."


def check_section_too_long(page) -> Iterator[Problem]:
    """A question has at most 2,400 words outside tables, code and front matter; a skeleton 450.

    Why: it is read on a phone the night before.
    Bad: one decision argued in six places.
    Good: argued once, and linked to elsewhere.
    Not an error when: the words stand in tables or code.
    """
    words = sum(b.words for b in page.blocks if b.kind not in ("fence", "html"))
    if words > page.kind.max_words:
        message = f"the page has {words:,} words outside tables, at most {page.kind.max_words:,} are read"
        yield page.body_line, message, "argue each decision once and link to it"


def check_section_title_differs(page) -> Iterator[Problem]:
    """A first-level heading, where there is one, is the front matter's title, and there is only one.

    Why: the site, the card and the printed page would show two names.
    Bad: title `Inference batching API`, heading `# Batch inference`.
    Good: the same words, or no first-level heading.
    Not an error when: there is no first-level heading, or no title; the site makes one of the other.
    """
    title = page.front.get("title").text() if page.front and page.front.get("title") else ""
    for number, heading in enumerate(b for b in page.blocks if b.kind == "heading" and b.level == 1):
        if number or (title and heading.text != title):
            message = f"the heading `# {shorten(heading.text)}` is not the title `{shorten(title)}`"
            yield heading.line, message, "make them one, and keep one"


def check_section_id_taken(page) -> Iterator[Problem]:
    """Ids on a page are unique: headings' own, headings' derived ones, and the envelope's symbols.

    Why: a link to the second of two equal ids goes to the first.
    Bad: a heading `### Target` beside a symbol `target`.
    Good: `### Which target? {#which-target}`.
    Not an error when: never.
    """
    taken = {row.symbol: row.line for row in page.envelope.rows}
    for heading in (b for b in page.blocks if b.kind == "heading"):
        id = heading.id
        if heading.text in page.kind.titles and page.envelope.row(id):
            message = f"the symbol `{id}` is the id of the heading on line {heading.line}, too"
            yield taken[id], message, "give the symbol another name: every page has that heading"
        elif id in taken:
            message = f"the id `{shorten(id)}` of this heading is taken on line {taken[id]}"
            yield heading.line, message, "give the heading an id of its own: {#name}"
        taken.setdefault(id, heading.line)


def check_section_list_unknown(page) -> Iterator[Problem]:
    """A mark for a list names a folder of pages with a contract, and stands alone on its line.

    Why: any other is a comment, and where the list should be the reader finds nothing.
    Bad: `<!-- list: unsene -->`; a list of `interview`, whose pages have no contract; one behind a sentence.
    Good: `<!-- list: unseen -->` on a line of its own.
    Not an error when: it stands in code.
    """
    marks = [f"<!-- list: {place} -->" for place in PLACES if "." not in place]
    fix = f"write {' or '.join(marks)} alone on a line"
    for line, comment in page.comments:
        if _LIST.match(comment) and page.lines[line - 1] not in marks:
            yield line, f"{shorten(comment)} stands for no list", fix


def check_section_paragraph_repeated(pages) -> Iterator[Problem]:
    """No sentence of twelve words or more stands on two pages, questions or skeletons.

    Why: a sentence that fits two questions says nothing of either; and copies drift apart.
    Bad: the same paragraph on abuse resistance on every page.
    Good: what differs on this page, and a link to where the common part is argued.
    Not an error when: it stands in a quotation, a table or code.
    """
    seen: dict[str, tuple[str, int]] = {}
    for page in pages:
        for line, sentence, key in page.long_sentences if page.kind.sections and not page.is_template else ():
            other = seen.setdefault(key, (page.path, line))
            if other != (page.path, line):
                where = f"{other[0]}:{other[1]}"
                message = f"“{shorten(sentence)}” stands at {where} too"
                fix = "say what is particular here, and link to the other page for the rest"
                yield page, line, message, fix


RULES = (
    check_section_table_misspelt,
    check_section_table_uneven,
    check_section_placeholder,
    check_section_title_differs,
    check_section_id_taken,
    check_section_list_unknown,
)
CONTRACT_RULES = (
    check_section_missing,
    check_section_misspelt,
    check_section_repeated,
    check_section_out_of_order,
    check_section_empty,
    check_section_quotation_missing,
    check_section_part_missing,
    check_section_table_missing,
    check_section_unwritten,
    check_section_template_left,
    check_section_too_long,
)
QUESTION_RULES = (check_section_dives_missing,)
TREE_RULES = (check_section_paragraph_repeated,)
