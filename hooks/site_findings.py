"""A preview's findings on the page itself: each before the block that it is about, the rest above the page.

A mark in the Markdown, a paragraph of its own, keeps the place while the page is rendered and checked.
"""

from __future__ import annotations

import re
from html import escape

from check_page import UNWRITTEN, summed
from finding import Finding, printable
from read_page import Page

FILE_FAULTS = ("file-unreadable", "file-symlink", "file-too-large")  # nothing of such a page can be shown
_MARK = "findingsatline"
_MARKED = re.compile(rf"<p>{_MARK}(\d+)</p>\n?")
_STRAY = re.compile(rf"{_MARK}\d+\n*")  # what stood where Markdown makes no paragraph of it
_CODE = re.compile(r"`([^`]*)`")


def of_page(found: list[Finding], source: str) -> list[Finding]:
    """The findings to be shown on the page at `source` below docs/; the register's stand on its page."""
    paths = {f"docs/{source}", "docs/sources.yml" if source == "sources.md" else ""}
    return [finding for finding in found if finding.path in paths]


def unshowable(found: list[Finding]) -> list[str]:
    """The pages below docs/ that cannot be rendered at all."""
    paths = [finding.path.removeprefix("docs/") for finding in found if finding.rule in FILE_FAULTS]
    return [path for path in paths if path.endswith(".md")]


def placed(markdown: str, page: Page, found: list[Finding]) -> str:
    """The Markdown with a mark before each block in which something was found, or below it, if a heading."""
    start = page.text.find(markdown)
    if start < 0 or not found:
        return markdown
    lines, first = markdown.split("\n"), 1 + page.text.count("\n", 0, start)
    places = _places(lines, first, page)
    wanted = {max((p for p in places if p <= finding.line), default=0) for finding in found}
    for line in sorted(wanted - {0}, reverse=True):
        at = line - first + lines[line - first].startswith("#")
        lines[at:at] = ["", f"{_MARK}{line}", ""]
    return "\n".join(lines)


def _places(lines: list[str], first: int, page: Page) -> list[int]:
    """The lines that begin a block at the margin, outside code and below an empty line."""
    fences = [block for block in page.blocks if block.kind == "fence" and block.info != "indented"]
    inside = {n for block in fences for n in range(block.line + 1, block.line + block.text.count("\n") + 2)}
    above = ["", *lines]
    return [
        number
        for number, (before, line) in enumerate(zip(above, lines, strict=False), first)
        if line[:1].strip() and not before.strip() and number not in inside
    ]


def shown(html: str, found: list[Finding], rules: str) -> str:
    """The page's HTML with its findings at their marks; `rules` is the address of the page of rules."""
    if not found:
        return _STRAY.sub("", _MARKED.sub("", html))
    marks = sorted(int(line) for line in _MARKED.findall(html))
    by_mark: dict[int, list[str]] = {}
    for finding in found:
        mark = max((line for line in marks if line <= finding.line), default=0)
        by_mark.setdefault(mark, []).append(_box(finding, rules))
    html = _MARKED.sub(lambda match: "".join(by_mark.get(int(match.group(1)), [])), html)
    head = f"<p><strong>{summed(found)}</strong> on this page; a build would be refused.</p>"
    above = "".join(by_mark.get(0, []))
    return f'<div class="{_kind(found)}">{head}{above}</div>{_STRAY.sub("", html)}'


def _kind(found: list[Finding]) -> str:
    return "guide-to-write" if all(finding.rule == UNWRITTEN for finding in found) else "guide-found"


def _box(finding: Finding, rules: str) -> str:
    rule = f'<a href="{rules}#{finding.rule}">{finding.rule}</a>'
    proof = "".join(f"<br><code>{escape(printable(line))}</code>" for line in finding.evidence)
    said = f"<p>Line {finding.line}, {rule}: {_marked(finding.message)}{proof}</p>"
    return f'<aside class="{_kind([finding])}">{said}<p>Fix: {_marked(finding.fix)}</p></aside>'


def _marked(text: str) -> str:
    return _CODE.sub(r"<code>\1</code>", escape(printable(text)))
