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
from page_contract import GUIDANCE, Kind, kind_of
from read_inline import (
    SENTENCE_END,
    Link,
    comments_in,
    links_in,
    mask_code,
    sentence_key,
    slug,
    without_comments,
    word_count,
)

_MARKDOWN = MarkdownIt("commonmark", {"maxNesting": 40}).enable("table").disable(["inline", "reference"])
# Both closing marks, because MkDocs takes both; what it would read as metadata, we read too.
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_HEADING_ID = re.compile(r"\{#([^\s{}]+)\}[ \t]*$")
_CALLOUT = re.compile(r"\[!([^\]\n]*)\][+-]?[ \t]*(.*)")
_DEEP = re.compile(r"^(?:[ \t]*(?:>|[-*+] |\d{1,9}[.)] )){21,}", re.MULTILINE)
MAX_PARTS = 2_000
MAX_LINES = 10_000
MAX_TEXT = 3_000  # characters of a line or a paragraph, for the site's Markdown takes their square in time
MAX_OPEN = 20  # square brackets that are open at once: it looks for the end of each through all that follows
_BRACKET = re.compile(r"[\[\]]")
_FENCE_MARK = re.compile(r"(?:[ \t>]|[-*+] |\d{1,9}[.)] )*(?:```|~~~)")


@dataclass
class Block:
    """A piece of a page: heading, paragraph, item, table, fence, html or callout.

    `quote` is true inside an ordinary quotation, `callout` holds the kind inside a call-out.
    `line` counts from 1 in the file on disk; `under` is the line of the third-level heading
    that the block stands under, or 0; `raw` still holds the comments.
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
    raw: str = ""
    raw_rows: list[tuple[int, list[str]]] = field(default_factory=list)
    section: str = ""
    under: int = 0

    @cached_property
    def links(self) -> list[Link]:
        """The inline links of the block's text or cells, those inside code left out."""
        return [link for line, text in self.lines_of_text() for link in links_in(text, line)]

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
class Unwritten:
    """A part of a page that is the template's until its guidance is deleted: from `first` to before `end`.

    `line` is the guidance's own; `title` is the heading of the part, or "front matter".
    """

    line: int
    title: str
    guidance: str
    first: int
    end: int


@dataclass
class Page:
    """A page as the rules see it. `overload`: the line and the reason why its blocks were not read."""

    path: str
    text: str
    guide: object = None
    front: read_yaml.Node | None = None
    front_fault: read_yaml.YamlFault | None = None
    body_line: int = 1
    overload: tuple[int, str] | None = None
    blocks: list[Block] = field(default_factory=list)

    def __getstate__(self) -> dict:
        """What is sent to another process: not the guide, nor the kind, for each process has its own."""
        return {name: fact for name, fact in self.__dict__.items() if name not in ("guide", "kind")}

    @cached_property
    def lines(self) -> list[str]:
        """The lines of the file, the first at index 0."""
        return self.text.split("\n")

    @cached_property
    def live(self) -> list[tuple[int, str]]:
        """(line, text) of all that a reader of Markdown may take for markup: no code, no comments."""
        found = []
        for block in self.blocks:
            if block.kind == "table":
                found += [(line, mask_code(cell)) for line, cells in block.raw_rows for cell in cells]
            elif block.kind != "fence" or block.info == "indented":
                found += enumerate(without_comments(mask_code(block.raw)).split("\n"), block.line)
        return found

    @cached_property
    def comments(self) -> list[tuple[int, str]]:
        """(line, text) of all HTML comments outside code."""
        texts = [(block.line, mask_code(block.raw)) for block in self.blocks if block.kind != "fence"]
        return [
            (at + t.count("\n", 0, a), t[a:b]) for at, t in texts if "<!--" in t for a, b in comments_in(t)
        ]

    @cached_property
    def stray_fences(self) -> list[int]:
        """Lines that begin like a code fence although no fence begins or ends there at the line's start."""
        known, inside = set(), set()
        for block in self.blocks:
            if block.kind == "fence" and block.info != "indented" and not block.level:
                last = block.line + block.text.count("\n") + 1
                known |= {block.line, last}
                inside |= set(range(block.line + 1, last))
        numbered = enumerate(self.lines, 1)
        return [n for n, t in numbered if n not in known and n not in inside and _FENCE_MARK.match(t)]

    @cached_property
    def unwritten(self) -> list[Unwritten]:
        """The parts over which guidance of the template still stands; none on a page that is made of none."""
        if self.is_template or self.overload or not self.kind.sections:
            return []
        starts = [(1, "front matter"), *((h.line, h.text) for h in self.headings)]
        ends = [line for line, _ in starts[1:]] + [len(self.lines) + 1]
        return [
            Unwritten(line, name, _guidance(self.lines[line - 1 :]), first, end)
            for (first, name), end in zip(starts, ends, strict=True)
            for line in range(first, end)
            if self.lines[line - 1].lstrip().startswith(GUIDANCE)
        ]

    @cached_property
    def kind(self) -> Kind:
        """What kind of page it is, by its place."""
        return kind_of(self.path)

    @property
    def is_template(self) -> bool:
        """True for the template, whose guidance comments are allowed to stay."""
        return Path(self.path).name == "_template.md"

    @property
    def title(self) -> str:
        """The title in the front matter, or else the first heading."""
        field = self.front.get("title") if self.front else None
        first = next((b.text for b in self.blocks if b.kind == "heading"), "")
        return field.text() if field else first

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
        kinds = ("paragraph", "item", "heading", "callout", "table")
        return [link for block in self.blocks if block.kind in kinds for link in block.links]

    @cached_property
    def long_sentences(self) -> list[tuple[int, str, str]]:
        """Sentences of twelve words or more outside quotes, tables and code: line, text, what is compared."""
        blocks = [b for b in self.blocks if b.kind in ("paragraph", "item", "callout") and not b.quote]
        said = [each for block in blocks for each in block.sentences]
        return [(line, text, sentence_key(text)) for line, text in said if len(text.split()) >= 12]

    @cached_property
    def flowcharts(self) -> list:
        """The page's Mermaid diagrams, read into graphs."""
        fences = [block for block in self.blocks if block.is_mermaid]
        return [read_flowchart.read(fence.text, fence.line + 1, fence.section) for fence in fences]

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
    deep = _DEEP.search(body)
    if deep:
        line = page.body_line + body.count("\n", 0, deep.start())
        page.overload = (line, "quotations or lists are nested more than twenty deep")
        return page
    if text.count("\n") > MAX_LINES:
        page.overload = (1, f"the page has {text.count(chr(10)):,} lines, at most {MAX_LINES:,} are read")
        return page
    long = next((number for number, line in enumerate(page.lines, 1) if len(line) > MAX_TEXT), 0)
    if long:
        page.overload = (long, f"the line has more than {MAX_TEXT:,} characters")
        return page
    blocks = _blocks(body, page.body_line)
    page.overload = _too_much(blocks)
    page.blocks = [] if page.overload else blocks
    return page


def _too_much(blocks: list[Block]) -> tuple[int, str] | None:
    """The line and the reason why these blocks take too long to be checked or shown; None if they do not."""
    parts = len(blocks) + sum(len(block.rows) for block in blocks)
    if parts > MAX_PARTS:
        return 1, f"the page has {parts:,} blocks and rows, at most {MAX_PARTS:,} are read"
    for block in blocks:
        if block.kind not in ("fence", "html") and len(block.raw) > MAX_TEXT:
            return block.line, f"the paragraph has more than {MAX_TEXT:,} characters"
        texts = [(block.line, block.raw), *((line, " ".join(cells)) for line, cells in block.raw_rows)]
        line = next((line for line, text in texts if block.kind != "fence" and _open(text) > MAX_OPEN), 0)
        if line:
            return line, f"more than {MAX_OPEN} square brackets are open at once"
    return None


def _open(text: str) -> int:
    """How many square brackets are open at once, at most."""
    depth = most = 0
    for mark in _BRACKET.findall(text) if text.count("[") > MAX_OPEN else ():
        depth = depth + 1 if mark == "[" else max(0, depth - 1)
        most = max(most, depth)
    return most


def _guidance(lines: list[str]) -> str:
    """What a comment of guidance says, on one line, from the lines that begin with it."""
    comment = next((i for i, line in enumerate(lines, 1) if "-->" in line or not line.strip()), len(lines))
    text = " ".join(line.strip() for line in lines[:comment])
    return text.partition("-->")[0].removeprefix(GUIDANCE).strip()


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
        self.section, self.under = "", 0
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
        block.section, block.under = self.section, self.under
        block.raw = block.raw or block.text
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
        cells = [without_comments(cell).strip() for cell in self.cells]
        table.raw_rows.append((self.row_line, self.cells))
        if "thead" in self.open:
            table.header = cells
        else:
            table.rows.append((self.row_line, cells))
        self.cells = None

    def _inline(self, token) -> None:
        line = self._line(token)
        if self.cells is not None:
            self.cells.append(token.content)
        elif self.open[-1:] == ["heading"]:
            self._heading(line, token.content)
        else:
            self._paragraph(line, token.content)

    def _heading(self, line: int, raw: str) -> None:
        match = _HEADING_ID.search(raw)
        raw = _HEADING_ID.sub("", raw).strip()
        title = without_comments(raw).strip()
        id = match.group(1) if match else slug(title)
        block = Block("heading", line, title, level=self.level, id=id, raw=raw)
        block.info = "explicit" if match else ""
        if self.level <= 2:
            self.section, self.under = (title if self.level == 2 else ""), 0
        elif self.level == 3:
            self.under = line
        self._add(block)

    def _paragraph(self, line: int, raw: str) -> None:
        if self.callouts and self.callouts[-1] and _CALLOUT.match(raw):
            _first, _, raw = raw.partition("\n")
            line += 1
        text = without_comments(raw)
        if not raw.strip():
            return
        kind = "item" if "list_item" in self.open else "paragraph"
        self._add(Block(kind, line, text, raw=raw))

    def _fence(self, token) -> None:
        info = token.info.strip() if token.type == "fence" else ""
        block = Block("fence", self._line(token), token.content, info=info)
        if token.type == "fence":
            first, last = self.lines[token.map[0]], self.lines[min(token.map[1], len(self.lines)) - 1]
            # The mark repeated exactly: the site's reader does not take a longer one for the end.
            block.closed = token.map[1] - token.map[0] > 1 and last.strip(" >\t") == token.markup
            block.level = len(first) - len(first.lstrip(" >\t-*+0123456789.)"))
        else:
            block.info = "indented"
        self._add(block)
