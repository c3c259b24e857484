"""The page contract as data: kinds of pages, their sections in order, and what each must hold."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

MAX_BYTES = 200_000
MAX_SUMMARY = 160
# What every page carries stands in these marks until all pages are written (site_offline.py).
FILLED_IN = re.compile(r"@@(policy|style|script|edition)@@")
INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u0080-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff"
    "\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\ufff0-\uffff"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


@dataclass(frozen=True)
class Section:
    """A required section: its heading, what the reader gets, and its required parts.

    `minutes` of a round of sixty in which it is said; `quoted` asks for a quotation, the interviewer's own
    words; `parts` are bold words that open a paragraph; `tables` are the headers of required tables.
    """

    title: str
    holds: str
    quoted: bool = False
    callout: str = ""
    parts: tuple[str, ...] = ()
    tables: tuple[tuple[str, ...], ...] = ()
    minutes: str = ""


@dataclass(frozen=True)
class Kind:
    """A kind of page: its front matter, its sections in order (none: the author's own), its length.

    The guide's own design has what a question has, but nobody has asked it.
    """

    name: str
    fields: tuple[str, ...]
    sections: tuple[Section, ...] = ()
    max_words: int = 0

    @property
    def titles(self) -> tuple[str, ...]:
        """The headings of its sections, in order."""
        return tuple(section.title for section in self.sections)


ASK = ("Ask", "If yes", "If no")
HARMS = ("Harm", "Starts at", "Lands at", "Stopped by")
ROWS = ("Symbol", "Quantity", "Value", "Working")
CHECKS = ("Law", "Check", "Reads")
FOLK = ("They say", "Working", "Breaks", "Instead")
FAILURES = ("Component", "What fails", "Policy", "What the user sees", "How it is noticed")
TRADE_OFFS = ("Decision", "Chosen", "Rejected", "Because", "Switch when")

OPERATION_PARTS = ("Abuse resistance", "Retention and access", "Audit trail", "Enforcement in depth")

_QUESTION = (
    Section("Prompt", "what the interviewer says, what you ask, what you say first", quoted=True,
            parts=("First 90 seconds",), tables=(ASK,), minutes="0 to 2"),
    Section("Requirements", "must, scale, out of scope, and the harms",
            callout="safety-state", parts=("Must", "Scale", "Out of scope"), tables=(HARMS,),
            minutes="2 to 5"),
    Section("Envelope", "the numbers, recomputed, and the laws they obey",
            tables=(ROWS, CHECKS), minutes="5 to 10"),
    Section("API and data", "the calls, the data model, who owns which state", minutes="10 to 15"),
    Section("High-level design", "the normal and the overload diagram, the path in words",
            callout="safety-embed", minutes="15 to 25"),
    Section("Deep dives", "two questions or more, each answered with numbers", minutes="25 to 40"),
    Section("Failure modes", "what fails, its policy, what the user sees",
            callout="safety-fail", tables=(FAILURES,), minutes="40 to 45"),
    Section("Trade-offs", "what was chosen, rejected, why, and when to switch",
            tables=(TRADE_OFFS,), minutes="45 to 48"),
    Section("Safety in operation", "abuse, retention, audit, enforcement in depth", minutes="48 to 50"),
    Section("Pushback", "five objections or more, each with a weak, a good and a staff answer"),
    Section("Level bar", "what mid, senior and staff do, as acts an observer could tick off"),
    Section("Wrap", "what was left out, what more time would buy, questions for them",
            parts=("Left out", "With more time", "Questions for them"), minutes="50 to 60"),
)  # fmt: skip
_SKELETON = (
    Section("Prompt", "what the interviewer says, and the one thing you ask first", quoted=True,
            parts=("Ask first",)),
    Section("Harms", "the harms as data, and the safety sentence you say before you draw",
            parts=("Said upfront",), tables=(HARMS,)),
    Section("Governing law", "the few numbers, and the law that decides", tables=(ROWS, CHECKS)),
    Section("Bottleneck", "one short paragraph: what runs out first, by the numbers"),
    Section("Design", "one drawing, and what each guard does when it fails", parts=("When it fails",)),
    Section("Two dives", "the two questions that you would go into"),
)  # fmt: skip

_FRONT = ("title", "summary")
QUESTION = Kind("question", (*_FRONT, "asked", "tags", "headline", "reviewed"), _QUESTION, max_words=2_400)
DESIGN = Kind("design", (*_FRONT, "tags", "headline", "reviewed"), _QUESTION, max_words=2_400)
SKELETON = Kind("skeleton", (*_FRONT, "asked", "tags", "reviewed"), _SKELETON, max_words=450)
VOCABULARY = Kind("vocabulary", _FRONT)
PROSE = Kind("prose", _FRONT)
PLACES = {  # below docs/
    "questions": QUESTION, "unseen": SKELETON, "stays-true.md": DESIGN, "vocabulary.md": VOCABULARY,
}  # fmt: skip


def kind_of(path: str) -> Kind:
    """The kind of the page at a path: a question, unless it is another page of docs/."""
    parts = Path(path).parts
    if "docs" not in parts:
        return QUESTION
    folder, *below = parts[len(parts) - parts[::-1].index("docs") :]
    return PROSE if below == ["index.md"] else PLACES.get(folder, PROSE)


CALLOUTS = {
    "safety-state": "Safety step 1: state it upfront",
    "safety-embed": "Safety step 2: embed in the architecture",
    "safety-fail": "Safety step 3: when the safety layer fails",
}
ROLES = ("hazard", "guard", "exposed")
LEVELS = ("Mid", "Senior", "Staff")
ANSWERS = ("Weak", "Good", "Staff")
ANSWER_WORDS = {"Weak": 12, "Staff": 50}
MIN_PUSHBACKS = 5
MIN_DIVES = 2

SURE = ("report", "first-hand", "official")
HEADLINES = 3
PLACEHOLDERS = (
    "todo", "tbd", "fixme", "xxx", "lorem ipsum", "to be written", "coming soon", "<required", "???",
)  # fmt: skip
SHOWN_ROWS = {False: 8, True: 10}  # rows of Given and of Worked that stand open
GUIDANCE = "<!-- Guidance:"
