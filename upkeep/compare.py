"""Two trees of the guide -> what changed between them: numbers, harms, sources, pages, files, hosts."""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import chain

from read_envelope import Row
from read_inline import plain
from read_page import Page
from read_sources import Fact, Source
from read_trees import Tree
from rule_paths import depths


@dataclass(frozen=True)
class Change:
    """One change: the page or the file it is on, what it is about, and both states; None for none."""

    place: str
    what: str
    before: object
    after: object


@dataclass
class Changes:
    """All that changed. `places` are paths of pages; a register entry's place is its id."""

    numbers: list[Change]
    harms: list[Change]
    policies: list[Change]
    sources: list[Change]
    facts: list[Change]
    pages: list[Change]
    sections: dict[str, list[str]]
    assets: list[Change]
    code: list[Change]
    hosts: dict[str, str]


def compare(before: Tree, after: Tree) -> Changes:
    """What changed from one tree to the other."""
    others = _differing(_other_files(before), _other_files(after), "")
    pages = _differing(before.pages, after.pages, "", key=lambda page: page.text)
    both = [(change.place, change.before, change.after) for change in pages]
    return Changes(
        numbers=list(chain.from_iterable(_differing(_rows(b), _rows(a), p, _row) for p, b, a in both)),
        harms=list(chain.from_iterable(_differing(_harms(b), _harms(a), p) for p, b, a in both)),
        policies=list(chain.from_iterable(_differing(_policies(b), _policies(a), p) for p, b, a in both)),
        sources=_differing(before.guide.register.sources, after.guide.register.sources, "", _fields),
        facts=_differing(before.guide.register.facts, after.guide.register.facts, "", _fields),
        pages=pages,
        sections={path: _sections_changed(b, a) for path, b, a in both if b and a},
        assets=[change for change in others if change.place.startswith("docs/")],
        code=[change for change in others if not change.place.startswith("docs/")],
        hosts={host: place for host, place in after.hosts.items() if host not in before.hosts},
    )


def _differing(before: dict, after: dict, place: str, key=lambda state: state) -> list[Change]:
    """The entries that differ: those of `after` in its order, then those that are gone."""
    found = []
    for name in [*after, *(name for name in before if name not in after)]:
        one, other = before.get(name), after.get(name)
        if one is None or other is None or key(one) != key(other):
            found.append(Change(place or name, name, one, other))
    return found


def _other_files(tree: Tree) -> dict[str, str]:
    read = ("docs/sources.yml", *(page.path for page in tree.guide.pages if not page.is_template))
    return {path: digest for path, digest in tree.files.items() if path not in read}


def _rows(page: Page | None) -> dict[str, Row]:
    return {row.symbol: row for row in page.envelope.rows} if page else {}


def _row(row: Row) -> tuple:
    return plain(row.value), row.origin, row.working


def _harms(page: Page | None) -> dict[str, tuple]:
    """Depth, starts, landings and guards of each harm, by its text, of which a second one has a number."""
    found = {}
    for harm, depth in zip(page.safety.harms, depths(page), strict=True) if page else ():
        name = f"{harm.text} ({harm.number})" if harm.text in found else harm.text
        found[name] = (depth, tuple(harm.starts), tuple(harm.landings), tuple(harm.guards))
    return found


def _policies(page: Page | None) -> dict[str, str]:
    """What each guard of a page does when it fails."""
    return {guard: " ".join(page.safety.policy(guard)) for guard in page.safety.guards()} if page else {}


def _fields(entry: Source | Fact) -> tuple:
    """A register entry without its line and without the facts below it, which are compared by themselves."""
    return tuple(getattr(entry, f.name) for f in fields(entry) if f.name not in ("line", "facts"))


def _sections_changed(before: Page, after: Page) -> list[str]:
    one, other = _sections(before), _sections(after)
    return [name for name in dict.fromkeys([*other, *one]) if one.get(name) != other.get(name)]


def _sections(page: Page) -> dict[str, list]:
    """What stands in each section, lines and spacing left aside; the part before the first has no name."""
    found: dict[str, list] = {"": [page.front and _front(page.front)]}
    for block in page.blocks:
        cells = [cells for _, cells in block.raw_rows]
        said = (block.kind, block.level, block.id, block.info, block.raw, cells)
        found.setdefault(block.section, []).append(said)
    return found


def _front(node) -> object:
    """A front matter's values, without their lines."""
    if isinstance(node.value, dict):
        return {name: _front(value) for name, value in node.value.items()}
    return [_front(value) for value in node.value] if isinstance(node.value, list) else node.value
