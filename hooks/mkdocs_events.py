"""The MkDocs door: checks the tree before anything is written, adds what is generated.

With site_pages.py the only file that knows MkDocs. A build with findings ends before a page is read or
written; `mkdocs serve` warns instead and goes on, so that a writer keeps the preview.
"""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path

import render_sources
import site_cards
import site_files
import site_findings
import site_offline
import site_pages
import site_pictures
import site_print
import site_questions
import site_search
from check_page import tree_findings
from finding import Finding
from guide import Guide
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File
from mkdocs.utils import get_relative_url
from progress import told
from render_page import GuideExtension
from rule_book import rules_page
from watchdog.observers.polling import PollingObserver

log = logging.getLogger("mkdocs.hooks.guide")
_state = {
    "serving": False,
    "guide": Guide(),
    "told": [],
    "found": [],
    "envelope": None,
    "around": "",
    "pages": iter(()),
    "day": "",
}


def on_startup(*, command, dirty):
    """Remember whether this is a preview. Anything but `serve` is held to the gate."""
    _state["serving"] = command == "serve"


def on_serve(server, config, builder):
    """Look for saved files five times a second; MkDocs looks twice, and that is most of a writer's wait."""
    places = [config.docs_dir, config.config_file_path]
    for place in places:
        server.unwatch(place)
    server.observer = PollingObserver(timeout=0.2)
    for place in places:
        server.watch(place)
    return server


def on_config(config):
    """Render tables and links as the guide's own; forget what an earlier build found."""
    kept = _state["guide"].kept
    kept.begin()
    _state["guide"] = Guide(Path(config.docs_dir).parent, kept=kept, tell=log.info)
    _state["found"] = []
    _refuse_linked_folders(Path(config.docs_dir))
    _state["day"] = site_offline.day(_state["guide"].root)
    site_files.set_up(config, _state["serving"])
    config.markdown_extensions.append(GuideExtension(lambda: _state["envelope"]))
    return config


def _refuse_linked_folders(docs: Path):
    """The one finding that cannot wait until MkDocs has listed all files."""
    for path in sorted(docs.rglob("*")):
        if path.is_symlink() and path.is_dir():
            shown = f"docs/{path.relative_to(docs).as_posix()}"
            message = "this links to a folder, and MkDocs would follow it, in a circle for ever"
            raise PluginError(Finding(shown, 1, "file-unexpected", message, "commit its files").as_text())


def on_files(files, config):
    """Check the whole tree, then add the pages that are made from it, and drop files that no page needs."""
    found = _state["told"] = tree_findings(_state["guide"])
    _report(found)
    for path in filter(files.get_file_from_path, site_findings.unshowable(found)):
        files.remove(files.get_file_from_path(path))
        files.append(File.generated(config, path, content=f"# {Path(path).stem}\n"))
    files.append(File.generated(config, "rules.md", content=rules_page()))
    files.append(File.generated(config, site_questions.PAGE, content=site_questions.text(_state["guide"])))
    files.append(File.generated(config, site_cards.DECK, content=site_cards.HEAD))
    papers = site_print.printed(config.extra["printed"]) if config.extra["printed"] else []
    files.append(File.generated(config, site_print.PAGE, content=site_print.text(papers)))
    for path in papers:
        files.append(File.generated(config, site_print.place(path), abs_src_path=str(path.resolve())))
    config.nav = site_questions.nav(config.nav, _state["guide"])
    site_files.select(files, config)
    _state["around"] = site_pages.surroundings(_state["guide"], config, files)
    return files


def on_nav(nav, config, files):
    """Render all pages, on all cores, before MkDocs asks for one after the other."""
    site_questions.set_listed(nav)
    pages = [file.page for file in files.documentation_pages()]
    works = [partial(_ahead, page, config, files) for page in pages]
    _state["guide"].kept.ahead(works, "pages rendered", log.info)
    _state["pages"] = told(pages, "pages rendered", log.info)  # which is quick where it was done ahead
    return nav


def _ahead(page, config, files):
    """What MkDocs will do with a page, in a process of its own."""
    theirs = logging.getLogger("mkdocs")  # what is to be said, the build itself says
    theirs.handlers.clear()
    theirs.propagate = False
    page.read_source(config)
    page.markdown = on_page_markdown(page.markdown, page, config, files)
    page.render(config, files)
    page.content = on_page_content(page.content, page, config, files)
    site_files.look_at(page, _state["guide"].kept)


def on_page_markdown(markdown, page, config, files):
    """Add the register to its page, to each question and skeleton what it cites and what was checked."""
    guide, read = _state["guide"], _read(page)
    next(_state["pages"], None)
    page.render = lambda config, files: _render(page, read, config, files)  # which MkDocs asks for next
    page.meta = site_pages.metadata(read)
    page.update_date = _state["day"]  # for the site map, which would say when the build ran
    if page.file.src_uri == "sources.md":
        return markdown + render_sources.register_page(guide)
    if _state["serving"]:
        markdown = site_findings.placed(markdown, read, _told(page))
    markdown = site_questions.with_lists(markdown, read.path, guide)
    return markdown + (render_sources.page_footer(read) if read.kind.sections else "")


def _read(page):
    return _state["guide"].read(f"docs/{page.file.src_uri}", page.file.content_string)


def _render(page, read, config, files):
    """Markdown to HTML, drawn and marked; what is wrong with it is reported when all are rendered."""
    _state["envelope"] = read.envelope
    _state["found"] += site_pages.render(page, read, _state["guide"], config, files, _state["around"])


def on_page_content(html, page, config, files):
    """Give pictures their size; in a preview, show what is wrong where it is wrong."""
    if _state["serving"]:
        here = [finding for finding in _state["found"] if finding.path == f"docs/{page.file.src_uri}"]
        html = site_findings.shown(html, _told(page) + here, get_relative_url("rules/", page.url))
    return site_pictures.with_sizes(html, page.url, Path(config.docs_dir))


def _told(page) -> list[Finding]:
    return site_findings.of_page(_state["told"], page.file.src_uri)


def on_env(env, config, files):
    """All pages are rendered now and none is written: the last place to refuse them.

    The first, too, where all are known: from them come the style of each and what the search finds.
    """
    _report(_state["found"])
    env.filters["plain"] = site_pages.plain
    pages = [file.page for file in files.documentation_pages() if file.page.content]
    kept = _state["guide"].kept
    site_files.dress(config, pages, kept)
    # The list of questions only repeats titles, which would come before the pages themselves.
    sought = [page for page in pages if page.file.src_uri != site_questions.PAGE]
    files.append(File.generated(config, site_search.PLACE, content=site_files.index(sought, kept)))


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
