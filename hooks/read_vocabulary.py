"""The page of terms -> each with its names, its sentences, and the line on which it stands."""

from __future__ import annotations

from dataclasses import dataclass, field

from read_inline import plain

_ALSO = "*Also:*"


@dataclass
class Term:
    """An entry: the term itself first among its names; `said` are its sentences with their lines."""

    id: str
    line: int
    explicit: bool
    names: list[str]
    said: list[tuple[int, str]] = field(default_factory=list)

    @property
    def definition(self) -> str:
        """What the term is, in words alone: the first sentence of its entry."""
        return plain(self.said[0][1]) if self.said else ""


def read(page) -> list[Term]:
    """The terms of the vocabulary (read_page.Page), in the order of the page."""
    terms: list[Term] = []
    for block in page.blocks:
        if block.kind == "heading" and block.level == 2:
            terms.append(Term(block.id, block.line, block.info == "explicit", [plain(block.text)]))
        elif terms and block.kind in ("paragraph", "item"):
            _, _, names = block.text.partition(_ALSO)
            terms[-1].names += [name for each in names.split(",") if (name := each.strip(" .\n"))]
            terms[-1].said += [said for said in block.sentences if not said[1].startswith(_ALSO)]
    return terms
