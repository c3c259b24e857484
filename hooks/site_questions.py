"""Lists of questions and of skeletons, and their place in the navigation, from each page's own front matter.

In `nav`, an entry `unseen/*` stands for every page of that folder; in a page, a comment
`<!-- list: unseen -->` on a line of its own stands for the list of them. A page's frame links to the
first page of a navigation entry alone; so no page grows when a question is added.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterable
from functools import partial

from guide import Guide
from page_contract import PLACES
from render_sources import escape
from rule_paths import depths
from site_cards import field, headline

PAGE = "questions/index.md"
_FOLDERS = [place for place in PLACES if "." not in place]
_HEAD = """# Questions

Each takes an hour in the room, and half an hour to read. Every number in them recomputes, and every drawn
path from a harm to a person passes a guard.

<!-- list: questions -->
"""
_BESIDE = """
## Side by side

What each design is afraid of, and what stands in the way. *Depth* is the fewest guards on any drawn path of a
harm, in the order of the harms.

| Question | Harms | Guards when they fail | Depth | On the board |
| --- | --- | --- | --- | --- |
"""
_POLICIES = {"fails closed": "closed", "fails open": "open", "degrades to": "degrade"}
_HEADING = re.compile(r"^#+(?= )", re.MULTILINE)
_MARK = re.compile(r"^```.*?^```$|^<!-- list: (\S+) -->$", re.MULTILINE | re.DOTALL)  # not in a fence


def text(guide: Guide) -> str:
    """The page of all questions as Markdown: a mark for their list, and all of them side by side."""
    questions = [(page, ("row", page.path, page.text, guide.data)) for page in pages(guide, "questions")]
    rows = [guide.kept.get(key, partial(_row, page)) for page, key in questions]
    return _HEAD + _BESIDE + "\n".join(rows) + "\n"


def nav(entries: list, guide: Guide) -> list:
    """The navigation with the pages of a folder for each `folder/*`, however deep it stands."""
    found = []
    for entry in entries:
        if isinstance(entry, dict):
            found.append({n: nav(to, guide) if isinstance(to, list) else to for n, to in entry.items()})
        elif entry.endswith("/*"):
            found += [page.path.removeprefix("docs/") for page in pages(guide, entry[:-2])]
        else:
            found.append(entry)
    return found


def set_listed(items: Iterable) -> None:
    """Give the navigation's entries, once for all pages, what a menu lists below them: their `listed`.

    But not the pages of a folder of which there may be a thousand: a page of theirs lists them.
    """
    for item in items:
        below = item.children or ()
        item.listed = [child for child in below if child.file.src_uri.partition("/")[0] not in _FOLDERS]


def with_lists(markdown: str, path: str, guide: Guide) -> str:
    """The Markdown of the page at `path` with a list for each mark, one level below the heading above it."""
    here = posixpath.dirname(path)

    def listed(match: re.Match) -> str:
        if not match.group(1):
            return match.group(0)
        level = (_HEADING.findall(markdown[: match.start()]) or [""])[-1] + "#"
        return "\n".join(_entry(page, here, level) for page in pages(guide, match.group(1)))

    return _MARK.sub(listed, markdown)


def pages(guide: Guide, folder: str) -> list:
    """The pages of a folder in the order of their titles; a file `_name` is none yet."""
    found = [page for page in guide.pages if page.kind is PLACES.get(folder) and "/_" not in page.path]
    return sorted(found, key=lambda page: field(page, "title").casefold())


def _entry(page, here: str, level: str) -> str:
    place = posixpath.relpath(page.path, here)
    tags = page.front.get("tags").entries() if page.front and page.front.get("tags") else []
    about = ", ".join(escape(tag.text()) for tag in tags)
    head = f"{level} [{escape(field(page, 'title')) or place}]({place})"
    return f"{head}\n\n{escape(field(page, 'summary'))}\n" + (f"\nAbout: {about}.\n" if about else "")


def _row(page) -> str:
    """A question's line of the table that sets all side by side, every cell read from the page itself."""
    file = page.path.rpartition("/")[2]
    policies = Counter(_POLICIES[page.safety.policy(guard)[0]] for guard in page.safety.guards())
    cells = [
        f"[{escape(field(page, 'title'))}]({file})",
        "<br>".join(escape(harm.text) for harm in page.safety.harms),
        ", ".join(f"{count} {name}" for name, count in policies.items()),
        ", ".join(str(depth) for depth in depths(page)),
        "<br>".join(f"[{value}]({file}#{symbol}) {escape(label)}" for symbol, value, label in headline(page)),
    ]
    return f"| {' | '.join(cells)} |"
