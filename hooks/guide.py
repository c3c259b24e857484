"""What a page is checked against besides itself: the register, the simulations, the template."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import read_page
import read_sources
import read_vocabulary
from kept import Kept
from page_contract import MAX_BYTES, VOCABULARY
from read_inline import sentence_key

ROOT = Path(__file__).parent.parent


@dataclass
class Guide:
    """The guide at `root`: paths of its data files, each read once and only when asked for.

    `kept` may come from an earlier look at the guide; then only what changed since is worked out.
    """

    root: Path = ROOT
    pages: list[read_page.Page] = field(default_factory=list)
    kept: Kept = field(default_factory=Kept)
    tell: Callable[[str], Any] = lambda said: None  # what is told to whoever waits

    def read(self, path: str, text: str) -> read_page.Page:
        """A page's text, read once; it may have been by an earlier guide, or in another process."""
        page = self.kept.get(("page", path, text, self.data), lambda: read_page.read(path, text, self))
        page.guide = self
        return page

    @cached_property
    def data(self) -> str:
        """A digest of all that a page is checked against besides itself and the other pages."""
        docs, simulations = self.root / "docs", self.root / "simulations"
        files = [docs / "sources.yml", *docs.glob("*/_template.md"), *simulations.rglob("*.json")]
        whole = hashlib.sha256()
        for file in sorted(file for file in files if file.is_file()):
            whole.update(f"{file}\n".encode() + hashlib.sha256(file.read_bytes()).digest())
        return whole.hexdigest()

    @cached_property
    def register(self) -> read_sources.Register:
        """The register of sources."""
        path = "docs/sources.yml"
        return self.kept.get((path, self.data), lambda: read_sources.read(self.root / path, path))

    @cached_property
    def results(self) -> dict:
        """Results of the simulations by name; empty where there are none yet."""
        files = sorted((self.root / "simulations").rglob("*.json"))
        return {name: entry for file in files for name, entry in json.loads(file.read_text("utf-8")).items()}

    @cached_property
    def terms(self) -> list[read_vocabulary.Term]:
        """The terms of the vocabulary; none where there is no such page."""
        return [t for page in self.pages if page.kind is VOCABULARY for t in read_vocabulary.read(page)]

    @cached_property
    def template_sentences(self) -> set[str]:
        """The templates' own sentences and rows, which a page must replace."""
        files = sorted((self.root / "docs").glob("*/_template.md"))
        templates = [read_page.read(str(file), read_text(file)[0]) for file in files]
        return {sentence_key(text) for template in templates for _, text in template_texts(template)}


def template_texts(page: read_page.Page) -> list[tuple[int, str]]:
    """What a page made from a template must have replaced, with lines: summary, long sentences, rows."""
    summary = page.front.get("summary") if page.front else None
    rows = [(line, " ".join(cells)) for block in page.blocks for line, cells in block.rows]
    told = [(summary.line, summary.text())] if summary else []
    long = [(line, text) for line, text, _ in page.long_sentences]
    return [*told, *long, *((line, row) for line, row in rows if len(row.split()) >= 8)]


def read_text(path: Path) -> tuple[str, tuple[str, str, str] | None]:
    """A page's text with `\\n` line ends, or the fault (rule, message, fix) that kept it from being read."""
    if path.is_symlink():
        return "", ("file-symlink", "the page is a symbolic link", "commit the page itself")
    try:
        data = path.read_bytes()
    except OSError as error:
        return "", ("file-unreadable", f"cannot be read: {error.strerror or error}", "check the path")
    if len(data) > MAX_BYTES:
        fix = f"keep a page under {MAX_BYTES:,} bytes"
        return "", ("file-too-large", f"the page has {len(data):,} bytes", fix)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return "", ("file-unreadable", f"line {line} is not UTF-8 text", "save the page as UTF-8")
    return text.replace("\r\n", "\n").replace("\r", "\n"), None
