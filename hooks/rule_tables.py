"""Tables and lists: trade-offs with what was rejected, failures with a policy, answers in three levels."""

from __future__ import annotations

import re
from collections.abc import Iterator

from finding import Problem, shorten
from page_contract import ANSWER_WORDS, ANSWERS, ASK, FAILURES, HARMS, LEVELS, MIN_PUSHBACKS, TRADE_OFFS
from read_harms import NOT_A_NODE
from read_inline import distinct_words, plain, sentence_key, spoken, word_count

_LEAD = re.compile(r"\*\*(\w+)(?::\*\*|\*\*:)\s*(.*)", re.DOTALL)
LEAST_WORDS = {"Weak": 3, "Good": 4, "Staff": 8}
LEAST_LEVEL = 6


def _empty(cell: str) -> bool:
    words = re.findall(r"\w\w+", spoken(plain(cell)).lower())  # a dash and n/a hold none
    return words in ([], ["none"])


def check_table_cell_empty(page) -> Iterator[Problem]:
    """No cell of a contract table is empty.

    Why: "Rejected: –" is a choice between one thing.
    Bad: a trade-off without a rejected alternative or without *Switch when*; a failure that nobody notices.
    Good: every cell says something; what is no node is named by a dash and words: `– retry storm`.
    Not an error when: the table is the author's own and not one of the contract's.
    """
    for header in (ASK, HARMS, FAILURES, TRADE_OFFS):
        for table in page.tables(*header):
            for line, cells in table.rows:
                for name, cell in zip(header, cells, strict=False):
                    if _empty(cell):
                        message = f"the cell *{name}* is empty"
                        yield line, message, "say it, or cut the row"


def check_table_policy_missing(page) -> Iterator[Problem]:
    """A failure row's policy cell begins with a policy, and one that degrades names a node.

    The policies: fails closed, fails open, degrades to and a node; for what is no guard also
    retries N, sheds, voids.
    Why: "we handle it" is no policy.
    Bad: `we page someone`; `degrades to something simpler`.
    Good: `fails closed`, `degrades to` and a node id in code marks, `retries 1, then voids`.
    Not an error when: prose follows the policy.
    """
    fix = "begin the cell with fails closed, fails open, degrades to `node`, retries N, sheds or voids"
    for failure in page.safety.failures:
        if not failure.opening:
            message = f"the policy of {shorten(failure.component) or 'this row'} does not begin with a policy"
            yield failure.line, message, fix
        for policy, target in failure.policies:
            if policy == "degrades to" and not target:
                message = f"{shorten(failure.component)} degrades to no node"
                yield failure.line, message, "name the node's id in code marks"


def check_table_component_unknown(page) -> Iterator[Problem]:
    """A failure row's component, and the node it degrades to, is drawn; or the cell begins with a dash.

    Why: a policy for a node that is not in the picture is a policy for nothing.
    Bad: `checker` in code marks where the diagram draws `check`.
    Good: `check` in code marks, or `– retry storm`.
    Not an error when: a diagram could not be read; that is its own finding.
    """
    if any(chart.fault for chart in page.flowcharts):
        return
    drawn = {id for chart in page.flowcharts for id in chart.nodes}
    grouped = [(line, id) for line, ids in page.safety.groups for id in ids]
    for failure in page.safety.failures:
        if not failure.node and not failure.component.startswith((NOT_A_NODE, "-", "—")):
            named = shorten(failure.component)
            message = f"`{named}` is neither a node id in code marks nor begins with {NOT_A_NODE}"
            yield failure.line, message, "write the id in code marks"
        ids = [failure.node, *(target for _, target in failure.policies)]
        grouped += [(failure.line, id) for id in ids if id]
    for line, id in grouped:
        if id not in drawn:
            yield line, f"no diagram draws `{shorten(id)}`", "correct the id, or draw it"


def check_table_ask_short(page) -> Iterator[Problem]:
    """The Ask table holds two questions or more, and each answer forks the design.

    Why: a question whose answers lead to the same design is small talk.
    Bad: one row; the same text under *If yes* and *If no*.
    Good: `Do we own the step loop?` with two different designs.
    Not an error when: the table is missing; that is its own finding.
    """
    for table in page.tables(*ASK):
        if len(table.rows) < 2:
            yield table.line, "the Ask table holds fewer than two questions", "ask what forks the design"
        for line, cells in table.rows:
            if plain(cells[1]).casefold() == plain(cells[2]).casefold():
                yield line, "both answers lead to the same design", "ask something that forks it"


def _pushbacks(page) -> Iterator[tuple]:
    """Each objection's heading with its answers: (name, line, text), one for each bold lead below it."""
    blocks = page.section("Pushback")
    for heading in (b for b in blocks if b.kind == "heading" and b.level == 3):
        answers: list[list] = []
        for block in blocks:
            if block.under != heading.line or block.kind not in ("item", "paragraph"):
                continue
            match = _LEAD.match(block.text)
            if match and match.group(1) in ANSWERS:
                answers.append([match.group(1), block.line, match.group(2)])
            elif answers:
                answers[-1][2] += f" {block.text}"
        yield heading, answers


def _answer(answers: list, name: str) -> tuple[int, str]:
    """Line and text of the first answer of a name; (0, '') where there is none."""
    return next(((line, text) for said, line, text in answers if said == name), (0, ""))


def check_pushback_few(page) -> Iterator[Problem]:
    """There are five objections or more.

    Why: minutes 25 to 50 are pushback; four answers do not last.
    Bad: three headings of level three.
    Good: five or more, each an objection in the interviewer's words.
    Not an error when: the section is missing; that is its own finding.
    """
    count = sum(1 for _ in _pushbacks(page))
    if any(h.text == "Pushback" for h in page.headings) and count < MIN_PUSHBACKS:
        message = f"Pushback holds {count} objections"
        fix = f"write {MIN_PUSHBACKS} or more, each under a heading of level three"
        yield page.line_of("Pushback"), message, fix


def check_pushback_answer_missing(page) -> Iterator[Problem]:
    """Each objection has a weak, a good and a staff answer.

    Why: the reader learns from the difference.
    Bad: an objection with a good answer only.
    Good: `- **Weak:** ...`, `- **Good:** ...`, `- **Staff:** ...`.
    Not an error when: never.
    """
    for heading, answers in _pushbacks(page):
        for name in ANSWERS:
            named = [answer for answer in answers if answer[0] == name]
            if (words := distinct_words(_answer(answers, name)[1])) < LEAST_WORDS[name]:
                has = f"has {f'{words} different words of' if named else 'no'} {name.lower()} answer"
                fix = f"write `- **{name}:** ...` with {LEAST_WORDS[name]} different words at least"
                yield heading.line, f"{shorten(heading.text)} {has}", fix
            elif len(named) > 1:
                yield named[1][1], f"a second {name.lower()} answer", "keep one"


def check_pushback_answer_long(page) -> Iterator[Problem]:
    """A weak answer has at most 12 words, a staff answer at most 50, and staff adds to good.

    Why: they are said aloud, against the clock.
    Bad: a staff answer of 90 words, or one that repeats the good one.
    Good: a number, a condition or a refusal that the good answer lacks.
    Not an error when: never.
    """
    for _heading, answers in _pushbacks(page):
        for name, most in ANSWER_WORDS.items():
            line, text = _answer(answers, name)
            if word_count(text) > most:
                message = f"the {name.lower()} answer has {word_count(text)} words, at most {most}"
                yield line, message, "say it as you would aloud"
        (_, good), (line, staff) = _answer(answers, "Good"), _answer(answers, "Staff")
        if good and sentence_key(good) in sentence_key(staff):
            yield line, "the staff answer repeats the good one", "add what only staff says"


def check_pushback_id_missing(page) -> Iterator[Problem]:
    """Each objection has an id of its own: `### "Why no flush timer?" {#no-timer}`.

    Why: it is the card's id for ever; a learner's history hangs on it.
    Bad: a heading without `{#...}`.
    Good: `{#no-timer}`.
    Not an error when: never.
    """
    for heading, _ in _pushbacks(page):
        if heading.info != "explicit":
            message = f"{shorten(heading.text)} has no id"
            yield heading.line, message, "end the heading with {#short-name}"


def check_pushback_id_duplicate(pages) -> Iterator[Problem]:
    """No two objections of the guide have the same id.

    Why: two cards with one id share one history.
    Bad: `{#no-timer}` on two pages.
    Good: `{#batching-no-timer}` on one of them.
    Not an error when: the page is the template, which makes no cards.
    """
    seen: dict[str, tuple[str, int]] = {}
    for page in pages:
        for heading, _ in _pushbacks(page) if not page.is_template else ():
            other = seen.setdefault(heading.id, (page.path, heading.line))
            if other != (page.path, heading.line) and heading.info == "explicit":
                message = f"the card id `{shorten(heading.id)}` is taken at {other[0]}:{other[1]}"
                yield page, heading.line, message, "choose another; the older one keeps it"


def check_level_missing(page) -> Iterator[Problem]:
    """The level bar says what mid, senior and staff do, each in a sentence of its own.

    Why: the same design is passed or failed by the level it is held to.
    Bad: no staff line; "shows leadership".
    Good: `- **Staff:** asks who owns the step loop by minute five`.
    Not an error when: never.
    """
    if not any(h.text == "Level bar" for h in page.headings):
        return
    said = {
        m.group(1): m.group(2)
        for b in page.section("Level bar")
        if b.kind == "item" and (m := _LEAD.match(b.text))
    }
    for level in LEVELS:
        if (words := word_count(said.get(level, ""))) < LEAST_LEVEL:
            message = f"the level bar says {f'{words} words' if words else 'nothing'} of {level}"
            fix = f"write `- **{level}:** acts one could tick off`, in {LEAST_LEVEL} words at least"
            yield page.line_of("Level bar"), message, fix


def check_table_together_unknown(page) -> Iterator[Problem]:
    """A line *Fall together* names two guards or more of the harms table.

    Why: a group of one, or of what guards nothing, changes no count.
    Bad: `**Fall together:** check`.
    Good: `**Fall together:** ` and two guards in code marks, then what they share.
    Not an error when: there is no such line.
    """
    guards = page.safety.guards()
    for line, ids in page.safety.groups:
        others = [id for id in ids if id not in guards]
        if len(ids) < 2 or others:
            few = "fewer than two guards that can be read"
            message = f"Fall together names {f'`{others[0]}`, which is no guard' if others else few}"
            yield line, message, "write **Fall together:** and two guards or more, by node id in code marks"


RULES = (
    check_table_cell_empty,
    check_table_policy_missing,
    check_table_component_unknown,
    check_table_together_unknown,
)
QUESTION_RULES = (
    check_table_ask_short,
    check_pushback_few,
    check_pushback_answer_missing,
    check_pushback_answer_long,
    check_pushback_id_missing,
    check_level_missing,
)
TREE_RULES = (check_pushback_id_duplicate,)
