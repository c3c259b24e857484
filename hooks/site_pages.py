"""A page's HTML: from Markdown, with drawings, marks and cards; rendered anew only when something changed.

MkDocs asks a page to render itself; ours answer with what the same text gave in the same surroundings.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import render_diagrams
import site_cards
import site_questions
from check_page import rendered_findings
from finding import Finding
from guide import Guide
from markupsafe import Markup, escape
from mkdocs.utils import CountHandler, get_relative_url
from render_marks import marked

VOCABULARY = "vocabulary.md"


@dataclass(frozen=True)
class Rendered:
    """What rendering a page gives: its HTML, what MkDocs notes beside it, and what is wrong with it."""

    html: str
    found: list[Finding]
    toc: object
    title: str | None
    anchors: set[str]
    links: dict[str, dict[str, str]]  # by the file that is linked to


def surroundings(guide: Guide, config, files) -> str:
    """A digest of all that a page's HTML depends on beside its own text."""
    addresses = [(file.src_uri, file.url) for file in files]
    around = guide.data, guide.terms, addresses, Path(config.config_file_path).read_bytes()
    return hashlib.sha256(repr(around).encode()).hexdigest()


def metadata(read) -> dict[str, str]:
    """What the templates may know of a page's front matter; MkDocs' own reader would also take `template`."""
    fields = {name: site_cards.field(read, name) for name in ("title", "summary")}
    return {name: text for name, text in fields.items() if text}


def plain(text: str) -> Markup:
    """A title or a summary, be it HTML or text, as words alone: no tag, no mark that the build fills in."""
    return escape(Markup(text).striptags()).replace("@@", Markup("&#64;&#64;"))


def render(page, read, guide: Guide, config, files, around: str) -> list[Finding]:
    """Render a page of MkDocs, read as `read`; returns what is wrong with its HTML."""
    questions = site_questions.pages(guide, "questions") if page.file.src_uri == site_cards.DECK else []
    shown = "".join(page.path + page.text for page in questions)
    key = ("html", read.path, read.text, page.markdown, shown, around)
    with _warnings() as said:
        rendered = guide.kept.get(key, lambda: _rendered(page, read, questions, guide, config, files))
    if said():
        guide.kept.forget(key)  # so that the next build warns again
    page.content, page.toc = rendered.html, rendered.toc
    page._title_from_render, page.present_anchor_ids = rendered.title, rendered.anchors
    page.links_to_anchors = {files.get_file_from_path(name): to for name, to in rendered.links.items()}
    return rendered.found


def _rendered(page, read, questions: list, guide: Guide, config, files) -> Rendered:
    type(page).render(page, config, files)
    html = page.content
    drawn = render_diagrams.draw_all(html)
    vocabulary = files.get_file_from_path(VOCABULARY)
    terms = guide.terms if vocabulary and page.file is not vocabulary else []
    address = get_relative_url(vocabulary.url, page.url) if terms else ""
    drawn = marked(drawn, terms, address, guide.register.facts)
    found = rendered_findings(read, html, drawn)
    drawn = site_cards.opened(drawn, read) if read.kind.sections else drawn
    drawn += site_cards.deck(questions) if questions else ""
    return Rendered(
        render_diagrams.linked(drawn),
        found,
        page.toc,
        page._title_from_render,
        page.present_anchor_ids,
        {file.src_uri: links for file, links in (page.links_to_anchors or {}).items()},
    )


@contextmanager
def _warnings() -> Iterator:
    """Whether MkDocs has warned meanwhile."""
    counter = CountHandler()
    counter.setLevel(logging.WARNING)
    log = logging.getLogger("mkdocs")
    log.addHandler(counter)
    try:
        yield counter.get_counts
    finally:
        log.removeHandler(counter)
