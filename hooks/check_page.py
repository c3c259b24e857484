"""Check pages of the guide: `python hooks/check_page.py FILE...`, or `--all` for the whole tree.

Exit 0 and one line when all is well, 1 with findings, 2 for misuse. With `--all` facts whose review is
overdue are noticed, too, which fails nothing; `--overdue` lists these alone, for a weekly job. `--watch`
checks the tree again at each saved file, until it is interrupted.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from functools import partial
from pathlib import Path

import read_page
import read_sources
import rule_files
from finding import Finding, findings, rule_id
from guide import ROOT, Guide, read_text
from kept import Kept
from page_contract import QUESTION
from progress import told
from rule_list import (
    BETWEEN_PAGES,
    FILE_RULES,
    FILES_OF_DOCS,
    PAGE_RULES,
    RENDERED_PAGE,
    WAIT_FOR,
    WHOLE_GUIDE,
)
from rule_sections import check_section_unwritten

UNWRITTEN = rule_id(check_section_unwritten)
WAITING = {rule_id(rule): set(sections) for rule, sections in WAIT_FOR.items()}


def page_findings(page: read_page.Page) -> Iterator[Finding]:
    """Everything that is wrong with one page by itself. The page must know its guide."""
    rules = rule_files.PAGE_RULES if page.overload else PAGE_RULES[page.kind]
    found = [finding for rule in rules for finding in findings(rule, page.path, rule(page))]
    if any(block.kind == "fence" and not block.closed for block in page.blocks):  # it hides the rest
        said = [finding for finding in found if finding.rule.startswith("active-")]
    else:
        said = list(worth_saying(page, found))
    yield from said or found  # whatever waits, a page with findings never passes


def worth_saying(page: read_page.Page, found: Iterable[Finding]) -> Iterator[Finding]:
    """What helps whoever writes the page: of a part that is still the template's, only that it is.

    What holds one part against another waits for both; what is active never waits. Each such part is a
    finding of its own, so nothing passes by it.
    """
    unwritten = page.unwritten
    titles = {part.title for part in unwritten}

    def waits(finding: Finding) -> bool:
        if finding.rule.startswith("active-"):
            return False
        if any(part.first <= finding.line < part.end for part in unwritten):
            return True
        needed = WAITING.get(finding.rule)
        return needed is not None and (not needed or bool(needed & titles))

    return (f for f in found if not unwritten or f.rule == UNWRITTEN or not waits(f))


def findings_in(path: str, text: str, guide: Guide | None = None) -> list[Finding]:
    """Everything that is wrong with a page's text, sorted by line."""
    page = read_page.read(path, text, guide or Guide())
    return sorted(set(page_findings(page)))


def file_findings(paths: Iterable[Path], guide: Guide) -> Iterator[Finding]:
    """Everything that is wrong with these files, each and between them; adds them to the guide's pages."""
    for path in told(list(paths), "pages checked", guide.tell):
        page, found = _checked(path, guide)
        guide.pages += [page] if page else []
        yield from found
    for rule in BETWEEN_PAGES:
        for page, *problem in rule(guide.pages):
            yield from worth_saying(page, findings(rule, page.path, [problem]))


def _checked(path: Path, guide: Guide) -> tuple[read_page.Page | None, list[Finding]]:
    """A file as a page, and what is wrong with it by itself; no page if it cannot be read as one."""
    shown = shown_path(path, guide.root)
    faults = [finding for rule in FILE_RULES for finding in findings(rule, shown, rule(path))]
    if faults:
        return None, faults
    page = guide.read(shown, read_text(path)[0])
    key = ("findings", shown, page.text, guide.data)
    return page, guide.kept.get(key, lambda: list(page_findings(page)))


def tree_findings(guide: Guide) -> list[Finding]:
    """Everything that is wrong with the guide: all pages, and the register."""
    paths, register = tree_paths(guide.root), guide.register  # read once, for all processes
    with _uncollected():
        guide.kept.ahead([partial(_checked, path, guide) for path in paths], "pages checked", guide.tell)
        found = list(file_findings(paths, guide))
    for rule in FILES_OF_DOCS:
        for path, *problem in rule(guide.root):
            found += findings(rule, path, [problem])
    for rule in WHOLE_GUIDE:
        found += findings(rule, register.path, rule(guide))
    return sorted(set(found))


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without Python's cycle collector: pages are many small objects that stay, and going through
    them again and again took as long as reading them."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def rendered_findings(page: read_page.Page, html: str, drawn: str) -> list[Finding]:
    """Everything that is wrong with a page's HTML, as Markdown made it and with its diagrams drawn."""
    rules = [(rule, rule(page, html, drawn)) for rule in RENDERED_PAGE]
    return [finding for rule, problems in rules for finding in findings(rule, page.path, problems)]


def tree_paths(root: Path) -> list[Path]:
    """The Markdown files of the guide, in order."""
    return sorted(path for path in (root / "docs").rglob("*.md"))


def shown_path(path: Path, root: Path) -> str:
    """A path as messages show it: from the guide's root where it lies below it."""
    absolute = path.absolute()
    return absolute.relative_to(root).as_posix() if absolute.is_relative_to(root) else str(path)


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="check_page.py", description="Check pages of the guide.")
    parser.add_argument("files", metavar="FILE", nargs="*", type=Path, help="a page to check")
    parser.add_argument("--all", action="store_true", help="check every page under docs/, and the register")
    parser.add_argument("--overdue", action="store_true", help="list the facts whose review is overdue")
    parser.add_argument("--watch", action="store_true", help="check every page again at each saved file")
    parser.add_argument("--format", choices=FORMATS, default="text", help="how findings are printed")
    options = parser.parse_args(arguments)
    if options.all + options.overdue + options.watch + bool(options.files) != 1:
        parser.error("name one FILE or more, or say --all, --overdue or --watch")
    absent = [path for path in options.files if not path.is_symlink() and not path.is_file()]
    if absent:
        parser.error(f"no such file: {', '.join(str(path) for path in absent)}")
    if options.watch:
        return _watch(options)
    guide = Guide(ROOT)
    if sys.stderr.isatty():
        guide.tell = partial(print, file=sys.stderr, flush=True)
    if options.all or options.overdue:
        for notice in overdue_notices(guide, date.today()):
            print(notice.as_github("notice") if options.format == "github" else notice.as_text())
    return 0 if options.overdue else _report(guide, options)


def _watch(options: argparse.Namespace) -> int:
    from watch_files import changes  # here, because the check itself runs without it

    kept = Kept()
    with suppress(KeyboardInterrupt):
        for _ in changes([ROOT / "docs", ROOT / "simulations"]):
            print("Checking every page ...", flush=True)
            kept.begin()
            _report(Guide(ROOT, kept=kept), options)
    return 0


def overdue_notices(guide: Guide, today: date) -> list[Finding]:
    """The facts that somebody promised to look at again before today: a notice each, and no defect."""
    return [_overdue(guide.register.path, fact) for fact in read_sources.overdue(guide.register, today)]


def _overdue(path: str, fact: read_sources.Fact) -> Finding:
    message = f"`{fact.id}` ({fact.value}) was to be looked at again by {fact.review_by}"
    fix = "open the source, correct the value, and set as_of, review_by and the day it was read"
    return Finding(path, fact.line, "review-overdue", message, fix)


def _report(guide: Guide, options: argparse.Namespace) -> int:
    found = sorted(set(file_findings(options.files, guide))) if options.files else tree_findings(guide)
    for finding in found:
        print(FORMATS[options.format](finding))
    if not found and guide.pages:
        questions = sum(page.kind is QUESTION and not page.is_template for page in guide.pages)
        pages = f"{_count(len(guide.pages), 'page')} checked ({_count(questions, 'question')})"
        print(f"{pages}: no findings.", flush=True)
        return 0
    sys.stdout.flush()
    print(f"{summed(found)}." if found else "no page was found to check", file=sys.stderr, flush=True)
    return 1


def summed(found: list[Finding]) -> str:
    """How many findings there are, and how many parts to write."""
    to_write = sum(finding.rule == UNWRITTEN for finding in found)
    counts = [_count(len(found) - to_write, "finding")] if found[to_write:] else []
    return ", ".join(counts + ([f"{_count(to_write, 'part')} to write"] if to_write else []))


def _with_link(finding: Finding) -> str:
    """A finding, and where its rule is explained: on the site, or while `make serve` runs."""
    if finding.rule == UNWRITTEN:
        return finding.as_text()
    site = os.environ.get("SITE_URL") or "http://127.0.0.1:8000/"
    return f"{finding.as_text()}\n  Rule: {site}rules/#{finding.rule}"


FORMATS = {"text": _with_link, "line": Finding.as_line, "github": Finding.as_github}


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(main())
