"""Sources: every citation leads to the register, and the register is complete, dated and used."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from finding import Problem, shorten
from read_envelope import SOURCE_LINK


def cited_ids(page) -> Iterator[tuple[int, str]]:
    """(line, id) of every citation on a page: links to the register, and `asked` in its front matter."""
    for link in page.links:
        match = SOURCE_LINK.fullmatch(link.target)
        if match:
            yield link.line, match.group(1)
    asked = page.front.get("asked") if page.front else None
    for entry in asked.entries() if asked else ():
        source = entry.get("source")
        if source:
            yield source.line, source.text()


def check_source_unknown(page) -> Iterator[Problem]:
    """A citation's id is in the register, as a source or as a fact.

    Why: a claim whose source cannot be found has none.
    Bad: `[Orca](../sources.md#orka)`.
    Good: `[Orca](../sources.md#orca)`.
    Not an error when: never.
    """
    for link in page.links:
        named = "sources" in link.target.split("#")[0]
        if named and "#" in link.target and not SOURCE_LINK.fullmatch(link.target):
            yield link.line, f"the link {shorten(link.target)} is no citation", "write ../sources.md#id"
    known = {**page.guide.register.sources, **page.guide.register.facts}
    for line, id in cited_ids(page):
        if id not in known:
            near = get_close_matches(id, known)
            fix = f"did you mean `{near[0]}`?" if near else "add the source to docs/sources.yml"
            yield line, f"the register has no `{shorten(id)}`", fix


def _register_faults(guide, rule: str) -> Iterator[Problem]:
    for line, broken, message, fix in guide.register.faults:
        if broken == rule:
            yield line, message, fix


def check_source_register_invalid(guide) -> Iterator[Problem]:
    """Every entry of the register has all its fields and no other, and its ids are unique.

    Why: the site prints the citation from it.
    Bad: a source without an address; `kind: blog`; one id twice.
    Good: title, publisher, address, published, read, kind; facts with value, as_of, review_by, where, about.
    Not an error when: a source has no facts, or no note.
    """
    yield from _register_faults(guide, "source-register-invalid")


def check_source_undated(guide) -> Iterator[Problem]:
    """Sources say when they were published and read; facts say as of when, and when to look again.

    Why: prices, limits and policies change; a reader must see how old a number is.
    Bad: a fact without `review_by`; `read: last spring`.
    Good: `as_of: 2026-08`, `review_by: 2027-02-01`.
    Not an error when: a review is overdue; that is a notice in the weekly list, not a finding.
    """
    yield from _register_faults(guide, "source-undated")


def check_source_secondary(guide) -> Iterator[Problem]:
    """A price, a limit, a policy or a paper's result rests on a primary source.

    Why: secondary pages copy each other's slips.
    Bad: a paper's speed-up from a blog about the paper.
    Good: the paper, opened, with the table or section it stands in.
    Not an error when: the fact is about hardware or practice and its `where` says as quoted by whom.
    """
    yield from _register_faults(guide, "source-secondary")


def check_source_unused(guide) -> Iterator[Problem]:
    """Every source and every fact of the register is cited by some page.

    Why: a register that only grows is a link list.
    Bad: a source that no page cites.
    Good: a source cited itself or through one of its facts.
    Not an error when: only some of the pages are checked.
    """
    cited = {id for page in guide.pages for _, id in cited_ids(page)}
    register = guide.register
    for source in register.sources.values():
        if source.id not in cited and not any(fact.id in cited for fact in source.facts):
            yield source.line, f"no page cites `{source.id}`", "cite it, or take it out"
    for fact in register.facts.values():
        if fact.id not in cited:
            yield fact.line, f"no page cites the fact `{fact.id}`", "cite it, or take it out"


RULES = (check_source_unknown,)
GUIDE_RULES = (
    check_source_register_invalid,
    check_source_undated,
    check_source_secondary,
    check_source_unused,
)
