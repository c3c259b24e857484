"""The MkDocs door: checks the tree before anything is written, adds what is generated.

The only file that knows MkDocs. A build with findings ends before a page is read or written;
`mkdocs serve` warns instead and goes on, so that a writer keeps the preview.
"""

from __future__ import annotations

import logging
from pathlib import Path

import read_page
import render_diagrams
import render_sources
import site_cards
import site_files
import site_offline
import site_pictures
import site_print
import site_questions
import site_search
from check_page import rendered_findings, tree_findings
from finding import Finding
from guide import Guide
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File
from mkdocs.utils import get_relative_url
from render_marks import marked
from render_page import GuideExtension
from rule_book import rules_page

log = logging.getLogger("mkdocs.hooks.guide")
_state = {"serving": False, "guide": Guide(), "found": [], "envelope": None}


def on_startup(*, command, dirty):
    """Remember whether this is a preview. Anything but `serve` is held to the gate."""
    _state["serving"] = command == "serve"


def on_config(config):
    """Render tables and links as the guide's own; forget what an earlier build found."""
    _state["guide"] = Guide(Path(config.docs_dir).parent)
    _state["found"] = []
    site_files.set_up(config, _state["serving"])
    config.markdown_extensions.append(GuideExtension(lambda: _state["envelope"]))
    return config


def on_files(files, config):
    """Check the whole tree, then add the pages that are made from it, and drop files that no page needs."""
    _report(tree_findings(_state["guide"]))
    files.append(File.generated(config, "rules.md", content=rules_page()))
    files.append(File.generated(config, site_questions.PAGE, content=site_questions.text(_state["guide"])))
    files.append(File.generated(config, site_cards.DECK, content=site_cards.HEAD))
    papers = site_print.printed(config.extra["printed"]) if config.extra["printed"] else []
    files.append(File.generated(config, site_print.PAGE, content=site_print.text(papers)))
    for path in papers:
        files.append(File.generated(config, site_print.place(path), abs_src_path=str(path.resolve())))
    config.nav = site_questions.nav(config.nav, _state["guide"])
    site_files.select(files, config)
    return files


def on_page_markdown(markdown, page, config, files):
    """Add the register to its page, to each question and skeleton what it cites and what was checked."""
    path = f"docs/{page.file.src_uri}"
    _state["envelope"] = None
    if page.file.src_uri == "sources.md":
        return markdown + render_sources.register_page(_state["guide"])
    markdown = site_questions.with_lists(markdown, path, _state["guide"])
    checked = _read(path, page.file.content_string)
    _state["envelope"] = checked.envelope
    return markdown + (render_sources.page_footer(checked) if checked.kind.sections else "")


def on_page_content(html, page, config, files):
    """Draw the diagrams, mark terms and dates, look at the HTML however it was written, add the cards."""
    path, source, guide = f"docs/{page.file.src_uri}", page.file.content_string, _state["guide"]
    drawn = render_diagrams.draw_all(html)
    vocabulary = files.get_file_from_path("vocabulary.md")
    terms = guide.terms if vocabulary and page.file is not vocabulary else []
    address = get_relative_url(vocabulary.url, page.url) if terms else ""
    drawn = marked(drawn, terms, address, guide.register.facts)
    read = _read(path, source)
    _state["found"] += rendered_findings(read, html, drawn)
    if page.file.src_uri == site_cards.DECK:
        drawn += site_cards.deck(site_questions.pages(guide, "questions"))
    elif read.kind.sections:
        drawn = site_cards.opened(drawn, read)
    return site_pictures.with_sizes(render_diagrams.linked(drawn), page.url, Path(config.docs_dir))


def _read(path: str, text: str) -> read_page.Page:
    """A page as the check has read it, recomputed and all; read now if it is generated."""
    known = (page for page in _state["guide"].pages if page.path == path and page.text == text)
    return next(known, None) or read_page.read(path, text, _state["guide"])


def on_env(env, config, files):
    """All pages are rendered now and none is written: the last place to refuse them.

    The first, too, where all are known: from them come the style of each and what the search finds.
    """
    _report(_state["found"])
    pages = [file.page for file in files.documentation_pages() if file.page.content]
    site_files.dress(config, pages)
    # The list of questions only repeats titles, which would come before the pages themselves.
    sought = [page for page in pages if page.file.src_uri != site_questions.PAGE]
    files.append(File.generated(config, site_search.PLACE, content=site_files.index(sought)))


def on_post_build(config):
    """Fill in what every page carries, and let a published guide be kept on a device."""
    shared = {name: config.extra[name] for name in ("policy", "style", "script")}
    site = Path(config.site_dir)
    if _state["serving"]:
        site_offline.fill_preview(site, shared)
    else:
        site_offline.finish(site, shared, _state["guide"].root)


def _report(found: list[Finding]) -> None:
    if not found:
        return
    if _state["serving"]:
        for finding in found:
            log.warning(finding.as_text())
        return
    texts = [finding.as_text() for finding in found]
    count = f"{len(found)} {'finding' if len(found) == 1 else 'findings'}; nothing was written."
    raise PluginError("\n".join(["The guide's own checks:", *texts, count]))
