"""Safety: the three call-outs say something, and every harm has a start, a landing and a guard."""

from __future__ import annotations

from collections.abc import Iterator

from finding import Problem, shorten
from page_contract import CALLOUTS, OPERATION_PARTS
from read_inline import code_in, distinct_words, mask_code, word_count
from rule_sections import words_of_part

MIN_WORDS = 12


def _callouts(page) -> Iterator[tuple[str, str, list]]:
    for section in page.kind.sections:
        if section.callout and any(h.text == section.title for h in page.headings):
            blocks = [b for b in page.section(section.title) if b.callout == section.callout]
            yield section.title, section.callout, blocks


def check_safety_callout_missing(page) -> Iterator[Problem]:
    """Each of the three safety call-outs stands in its section, under its own title.

    Why: safety said at minute fifty is an afterthought; the call-outs fix the three places.
    Bad: step 2 in the Wrap, or all three at the end.
    Good: `> [!safety-embed] Safety step 2: embed in the architecture` in High-level design.
    Not an error when: never.
    """
    for title, kind, blocks in _callouts(page):
        opened = [b for b in blocks if b.kind == "callout"]
        if not opened:
            message = f"`## {title}` has no call-out `{kind}`"
            fix = f"add `> [!{kind}] {CALLOUTS[kind]}` and say it below"
            yield page.line_of(title), message, fix
        for block in opened:
            if block.text != CALLOUTS[kind]:
                message = f"the call-out is titled `{shorten(block.text)}`"
                fix = f"title it `{CALLOUTS[kind]}`"
                yield block.line, message, fix


def check_safety_callout_unknown(page) -> Iterator[Problem]:
    """A call-out is one of the three kinds, and stands in the section it belongs to.

    Why: a fourth kind would have no meaning, and a misplaced one hides from the card.
    Bad: `> [!danger] Careful`, or `safety-fail` in Requirements.
    Good: the three kinds, each in its section.
    Not an error when: it is an ordinary quotation without `[!...]`.
    """
    homes = {s.callout: s.title for s in page.kind.sections}
    for block in page.blocks:
        known = block.section in page.kind.titles  # a section that is misspelt has been named already
        if block.kind == "callout" and known and homes.get(block.info) != block.section:
            message = f"the call-out `{shorten(block.info)}` does not belong in `## {shorten(block.section)}`"
            home = homes.get(block.info)
            fix = (
                f"move it to `## {home}`"
                if home
                else f"use an ordinary quotation; the kinds are {', '.join(CALLOUTS)}"
            )
            yield block.line, message, fix


def check_safety_callout_hollow(page) -> Iterator[Problem]:
    """Each call-out has substance: a dozen words, and the nodes it is about, by id.

    Step 1 names every harm's start, step 2 every guard, step 3 every guard and what it does.
    Why: a box that says "safety matters" satisfies a checklist and nobody else.
    Bad: step 2 that does not mention `check`, a guard of the harms table.
    Good: "only `check` holds the key that resolves a reply".
    Not an error when: the harms table itself is missing; that is its own finding.
    """
    starts = dict.fromkeys(id for harm in page.safety.harms for id in harm.starts)
    guards = page.safety.guards()
    wanted = {
        "safety-state": ("start", starts),
        "safety-embed": ("guard", guards),
        "safety-fail": ("guard", guards),
    }
    for _, kind, blocks in _callouts(page):
        if not blocks:
            continue
        line = blocks[0].line
        text = "\n".join(b.text for b in blocks if b.kind in ("paragraph", "item"))
        what, ids = wanted[kind]
        absent = [id for id in ids if id not in code_in(text)]
        if (words := distinct_words(mask_code(text))) < MIN_WORDS:
            message = f"the call-out `{kind}` has {words} different words beside its ids"
            yield line, message, f"say it in {MIN_WORDS} or more; what stands in code marks does not count"
        elif absent:
            message = (
                f"the call-out `{kind}` does not name the {what} {', '.join(f'`{id}`' for id in absent)}"
            )
            yield line, message, "name it by its node id in code marks"


def check_safety_harm_incomplete(page) -> Iterator[Problem]:
    """Every harm says what happens, where it starts, where it lands and what stops it, by node id.

    Why: what is not in the table is not checked against the drawing.
    Bad: `| Harmful text | gpu | | check |` (no landing, and ids without code marks).
    Good: a row with ids in code marks: `gpu`, `reply`, `check`.
    Not an error when: never; a page without a harm is not a design page.
    """
    for harm in page.safety.harms:
        for name, ids in (("start", harm.starts), ("landing", harm.landings), ("guard", harm.guards)):
            if not ids:
                message = f"harm {harm.number} ({shorten(harm.text, 40)}) has no {name}"
                fix = f"name the {name}'s node id in code marks"
                yield harm.line, message, fix
        if word_count(harm.text) < 3:
            message = f"harm {harm.number} does not say what happens to whom"
            yield harm.line, message, "write it as a sentence"


def check_safety_operation_missing(page) -> Iterator[Problem]:
    """Safety in operation has its four paragraphs: abuse, retention and access, audit, depth.

    Why: "what happened, and who triggered it" is asked, and a diagram does not answer it.
    Bad: a section without a paragraph that begins `**Audit trail.**`.
    Good: four short paragraphs, each beginning with its bold name.
    Not an error when: never.
    """
    if not any(h.text == "Safety in operation" for h in page.headings):
        return
    for part in OPERATION_PARTS:
        if words_of_part(page, "Safety in operation", part) < MIN_WORDS:
            message = f"the paragraph **{part}** is missing or says next to nothing"
            line = page.line_of("Safety in operation")
            yield line, message, f"begin a paragraph with **{part}.**"


RULES = (check_safety_harm_incomplete,)
CONTRACT_RULES = (check_safety_callout_missing, check_safety_callout_unknown, check_safety_callout_hollow)
QUESTION_RULES = (check_safety_operation_missing,)
