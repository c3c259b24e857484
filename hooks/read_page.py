"""Markdown text -> Page: front matter, sections, and the blocks in them, each with its line.

Blocks are read by markdown-it (CommonMark and tables), which is how GitHub shows the page.
Rules look at blocks only, so what is hidden in a comment or a code block counts for nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import read_envelope
import read_flowchart
import read_harms
import read_yaml
from markdown_it import MarkdownIt
from read_inline import SENTENCE_END, Link, links_in, mask_code, slug, without_comments, word_count

_MARKDOWN = MarkdownIt("commonmark", {"maxNesting": 40}).enable("table").disable(["inline", "reference"])
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_PARAGRAPH = re.compile(r"(?:[^\n]+\n?)+")
_COMMENT = re.compile(r"<!--(?!-?>).*?-->", re.DOTALL)
_HEADING_ID = re.compile(r"\s*\{#([^\s{}]+)\}\s*$")
_CALLOUT = re.compile(r"\[!([A-Za-z-]+)\][+-]?[ \t]*(.*)")


@dataclass
class Block:
    """A piece of a page: heading, paragraph, item, table, fence, html or callout.

    `quote` is true inside an ordinary quotation, `callout` holds the kind inside a call-out.
    `line` counts from 1 in the file on disk.
    """

    kind: str
    line: int
    text: str = ""
    level: int = 0
    id: str = ""
    info: str = ""
    closed: bool = True
    quote: bool = False
    callout: str = ""
    header: list[str] = field(default_factory=list)
    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    section: str = ""
    heading: str = ""

    @cached_property
    def links(self) -> list[Link]:
        """The inline links of the block's own text, those inside code left out."""
        return links_in(self.text, self.line)

    @property
    def is_mermaid(self) -> bool:
        """True for a fence that holds a Mermaid diagram."""
        return self.kind == "fence" and self.info.split(" ")[0] == "mermaid"

    @cached_property
    def words(self) -> int:
        """The words of the block's own text."""
        return word_count(self.text)

    @cached_property
    def sentences(self) -> list[tuple[int, str]]:
        """The sentences of the block's own text, each with the line on which it begins."""
        found, start = [], 0
        for end in [m.end() for m in SENTENCE_END.finditer(mask_code(self.text))] + [len(self.text)]:
            text = self.text[start:end]
            if text.strip():
                lead = len(text) - len(text.lstrip())
                found.append((self.line + self.text.count("\n", 0, start + lead), text.strip()))
            start = end
        return found

    def lines_of_text(self) -> list[tuple[int, str]]:
        """(line, text) pairs of all prose in the block: its text, or a table's cells."""
        if self.kind == "table":
            return [(line, cell) for line, cells in self.rows for cell in cells]
        return [(self.line, self.text)] if self.text else []


@dataclass
class Page:
    """A page as the rules see it. `fault` names what kept it from being read, if anything did."""

    path: str
    text: str
    guide: object = None
    front: read_yaml.Node | None = None
    front_fault: read_yaml.YamlFault | None = None
    body_line: int = 1
    blocks: list[Block] = field(default_factory=list)

    @cached_property
    def lines(self) -> list[str]:
        """The lines of the file, the first at index 0."""
        return self.text.split("\n")

    @cached_property
    def live_lines(self) -> list[tuple[int, str]]:
        """(number, text) of all lines, with front matter, code and comments blanked."""
        hidden = set(range(1, self.body_line))
        for block in self.blocks:
            if block.kind == "fence" and block.closed and block.info != "indented":
                hidden |= set(range(block.line, block.line + block.text.count("\n") + 2))
        live = "\n".join("" if n in hidden else text for n, text in enumerate(self.lines, 1))
        # A code span cannot cross a blank line; a stray backtick must not hide what follows it.
        live = _PARAGRAPH.sub(lambda m: mask_code(m.group(0)), live)
        live = _COMMENT.sub(lambda m: re.sub(r"[^\n]", " ", m.group(0)), live)
        return list(enumerate(live.split("\n"), 1))

    @property
    def is_template(self) -> bool:
        """True for the template, whose guidance comments are allowed to stay."""
        return Path(self.path).name == "_template.md"

    @cached_property
    def headings(self) -> list[Block]:
        """The second-level headings, which open the sections."""
        return [b for b in self.blocks if b.kind == "heading" and b.level == 2]

    def section(self, title: str) -> list[Block]:
        """The blocks of the section with this title, without its own heading."""
        return [b for b in self.blocks if b.section == title and not (b.kind == "heading" and b.level == 2)]

    def line_of(self, title: str) -> int:
        """The line of a section's heading, or the page's first line where it is missing."""
        return next((h.line for h in self.headings if h.text == title), self.body_line)

    def tables(self, *header: str) -> list[Block]:
        """The tables whose header cells begin with these words."""
        return [b for b in self.blocks if b.kind == "table" and b.header[: len(header)] == list(header)]

    @cached_property
    def links(self) -> list[Link]:
        """The inline links of all prose and table cells, in order."""
        prose = [b for b in self.blocks if b.kind in ("paragraph", "item", "heading", "callout", "table")]
        return [link for b in prose for line, text in b.lines_of_text() for link in links_in(text, line)]

    @cached_property
    def flowcharts(self) -> list:
        """The page's Mermaid diagrams, read into graphs."""
        return [read_flowchart.read(b.text, b.line + 1) for b in self.blocks if b.is_mermaid]

    @cached_property
    def envelope(self):
        """The page's envelope, read and recomputed."""
        return read_envelope.read(self)

    @cached_property
    def safety(self):
        """The page's harms and failure policies."""
        return read_harms.read(self)


def read(path: str, text: str, guide: object = None) -> Page:
    """Read a page's text, line ends already made `\\n`. Never raises: faults become facts."""
    page = Page(path, text, guide)
    match = _FRONT_MATTER.match(text)
    body = text
    if match:
        page.body_line = 1 + text.count("\n", 0, match.end())
        body = text[match.end() :]
        try:
            page.front = read_yaml.read(match.group(1), 2)
        except read_yaml.YamlFault as fault:
            page.front_fault = fault
    page.blocks = _blocks(body, page.body_line)
    return page


def _blocks(body: str, first_line: int) -> list[Block]:
    reader = _Reader(body.split("\n"), first_line)
    for token in _MARKDOWN.parse(body):
        reader.take(token)
    return reader.blocks


class _Reader:
    """Turns markdown-it's flat token stream into blocks; keeps what is open around a token."""

    def __init__(self, lines: list[str], first_line: int):
        self.lines, self.first_line = lines, first_line
        self.blocks: list[Block] = []
        self.open: list[str] = []
        self.callouts: list[str] = []
        self.section = self.heading = ""
        self.level = 0
        self.cells: list[str] | None = None

    def take(self, token) -> None:
        """Take the next token, in the order of the page."""
        kind = token.type.removesuffix("_open").removesuffix("_close")
        if token.type == "blockquote_open":
            self._open_quote(token)
        elif token.type == "blockquote_close":
            self.callouts.pop()
        elif token.type == "heading_open":
            self.level = int(token.tag[1])
        elif token.type == "table_open":
            self._add(Block("table", self._line(token)))
        elif token.type == "tr_open":
            self.cells = []
            self.row_line = self._line(token)
        elif token.type == "tr_close":
            self._close_row()
        elif token.type == "inline":
            self._inline(token)
        elif token.type in ("fence", "code_block"):
            self._fence(token)
        elif token.type == "html_block":
            self._add(Block("html", self._line(token), token.content))
        if token.nesting == 1:
            self.open.append(kind)
        elif token.nesting == -1:
            self.open.pop()

    def _line(self, token) -> int:
        return self.first_line + (token.map[0] if token.map else 0)

    def _add(self, block: Block) -> None:
        block.section, block.heading = self.section, self.heading
        block.callout = next((c for c in reversed(self.callouts) if c), "")
        block.quote = bool(self.callouts) and not block.callout
        self.blocks.append(block)

    def _open_quote(self, token) -> None:
        first = self.lines[token.map[0]].lstrip(" >")
        match = _CALLOUT.match(first)
        self.callouts.append(match.group(1).lower() if match else "")
        if match:
            self._add(
                Block("callout", self._line(token), match.group(2).strip(), info=match.group(1).lower())
            )

    def _close_row(self) -> None:
        table = self.blocks[-1]
        if "thead" in self.open:
            table.header = self.cells
        else:
            table.rows.append((self.row_line, self.cells))
        self.cells = None

    def _inline(self, token) -> None:
        text = without_comments(token.content)
        line = self._line(token)
        if self.cells is not None:
            self.cells.append(text.strip())
        elif self.open[-1:] == ["heading"]:
            self._heading(line, text)
        else:
            self._paragraph(line, text)

    def _heading(self, line: int, text: str) -> None:
        match = _HEADING_ID.search(text)
        title = _HEADING_ID.sub("", text).strip()
        block = Block("heading", line, title, level=self.level, id=match.group(1) if match else slug(title))
        block.info = "explicit" if match else ""
        if self.level <= 2:
            self.section, self.heading = (title if self.level == 2 else ""), ""
        elif self.level == 3:
            self.heading = title
        self._add(block)

    def _paragraph(self, line: int, text: str) -> None:
        if self.callouts and self.callouts[-1] and _CALLOUT.match(text):
            _first, _, text = text.partition("\n")
            line += 1
        if not text.strip():
            return
        kind = "item" if "list_item" in self.open else "paragraph"
        self._add(Block(kind, line, text))

    def _fence(self, token) -> None:
        info = token.info.strip() if token.type == "fence" else ""
        block = Block("fence", self._line(token), token.content, info=info)
        if token.type == "fence":
            last = self.lines[token.map[1] - 1] if token.map[1] - 1 < len(self.lines) else ""
            one_line = token.map[1] - token.map[0] < 2
            block.closed = not one_line and last.strip(" >\t").startswith(token.markup)
        else:
            block.info = "indented"
        self._add(block)
