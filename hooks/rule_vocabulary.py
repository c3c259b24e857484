"""Vocabulary: each term once, in two sentences, in the order of the alphabet."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import read_vocabulary
from finding import Problem, shorten
from read_inline import word_count

MAX_SENTENCES = 2
MAX_WORDS = 60
MIN_WORDS = 5


def check_vocabulary_definition_wrong(page) -> Iterator[Problem]:
    """A term is defined in one or two sentences, together at most 60 words.

    The first says what it is, and is shown beside the term on other pages; the second why it matters here.
    Why: it is read in passing, in the middle of another sentence.
    Bad: a heading with nothing below it; a paragraph of a hundred words.
    Good: "Goodput is the throughput that still meets its deadline. It falls while throughput rises."
    Not an error when: the third line is `*Also:*` and the term's other names.
    """
    for term in read_vocabulary.read(page):
        words = sum(word_count(sentence) for _, sentence in term.said)
        if not MIN_WORDS <= words <= MAX_WORDS or len(term.said) > MAX_SENTENCES:
            message = f"`{shorten(term.names[0])}` is defined in {len(term.said)} sentences of {words} words"
            yield term.line, message, f"write one or two sentences of at most {MAX_WORDS} words together"


def check_vocabulary_id_missing(page) -> Iterator[Problem]:
    """A term has an id of its own.

    Why: pages, cards and bookmarks lead to it, also when its heading is spelt otherwise one day.
    Bad: `## KV cache`.
    Good: `## KV cache {#kv-cache}`.
    Not an error when: never.
    """
    for term in read_vocabulary.read(page):
        if not term.explicit:
            yield term.line, f"`{shorten(term.names[0])}` has no id", "end the heading with {#short-name}"


def check_vocabulary_out_of_order(page) -> Iterator[Problem]:
    """Terms stand in the order of the alphabet.

    Why: a printed page has no search.
    Bad: Goodput behind Headroom.
    Good: Goodput, Guard, Headroom; capitals and small letters alike.
    Not an error when: never.
    """
    terms = read_vocabulary.read(page)
    for before, after in pairwise(terms):
        if after.names[0].casefold() < before.names[0].casefold():
            message = f"`{shorten(after.names[0])}` stands behind `{shorten(before.names[0])}`"
            yield after.line, message, "move it to its place in the alphabet"


def check_vocabulary_name_taken(page) -> Iterator[Problem]:
    """A name, as a term or as *Also*, belongs to one term.

    Why: the link on another page would lead to whichever comes first.
    Bad: *Also:* cache under two terms.
    Good: "KV cache" and "prompt cache", and "cache" under neither.
    Not an error when: never.
    """
    taken: dict[str, read_vocabulary.Term] = {}
    for term in read_vocabulary.read(page):
        for name in term.names:
            other = taken.setdefault(name.casefold(), term)
            if other is not term or term.names.count(name) > 1:
                message = f"the name `{shorten(name)}` belongs to `{shorten(other.names[0])}` already"
                yield term.line, message, "keep it under one of them"


RULES = (
    check_vocabulary_definition_wrong,
    check_vocabulary_id_missing,
    check_vocabulary_out_of_order,
    check_vocabulary_name_taken,
)
