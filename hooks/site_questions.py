"""Lists of questions and of skeletons, and their place in the navigation, from each page's own front matter.

In `nav`, an entry `unseen/*` stands for every page of that folder; in a page, a comment
`<!-- list: unseen -->` on a line of its own stands for the list of them. A page's frame links to the
first page of a navigation entry alone; so no page grows when a question is added.
"""

from __future__ import annotations

import posixpath
import re

from guide import Guide
from page_contract import PLACES
from render_sources import escape

PAGE = "questions/index.md"
TEXT = """# Questions

Each takes an hour in the room, and half an hour to read. Every number in them recomputes, and every drawn
path from a harm to a person passes a guard.

<!-- list: questions -->
"""
_HEADING = re.compile(r"^#+(?= )", re.MULTILINE)
_MARK = re.compile(r"^<!-- list: (\S+) -->$", re.MULTILINE)


def nav(entries: list, guide: Guide) -> list:
    """The navigation with the pages of a folder for each `folder/*`, however deep it stands."""
    found = []
    for entry in entries:
        if isinstance(entry, dict):
            found.append({n: nav(to, guide) if isinstance(to, list) else to for n, to in entry.items()})
        elif entry.endswith("/*"):
            found += [page.path.removeprefix("docs/") for page in _pages(guide, entry[:-2])]
        else:
            found.append(entry)
    return found


def with_lists(markdown: str, path: str, guide: Guide) -> str:
    """The Markdown of the page at `path` with a list for each mark, one level below the heading above it."""
    here = posixpath.dirname(path)

    def listed(match: re.Match) -> str:
        level = (_HEADING.findall(markdown[: match.start()]) or [""])[-1] + "#"
        return "\n".join(_entry(page, here, level) for page in _pages(guide, match.group(1)))

    return _MARK.sub(listed, markdown)


def _pages(guide: Guide, folder: str) -> list:
    """The pages of a folder in the order of their titles; a file `_name` is none yet."""
    pages = [page for page in guide.pages if page.kind is PLACES.get(folder) and "/_" not in page.path]
    return sorted(pages, key=lambda page: _field(page, "title").casefold())


def _field(page, name: str) -> str:
    field = page.front.get(name) if page.front else None
    return field.text() if field else ""


def _entry(page, here: str, level: str) -> str:
    place = posixpath.relpath(page.path, here)
    tags = page.front.get("tags").entries() if page.front and page.front.get("tags") else []
    about = ", ".join(escape(tag.text()) for tag in tags)
    head = f"{level} [{escape(_field(page, 'title')) or place}]({place})"
    return f"{head}\n\n{escape(_field(page, 'summary'))}\n" + (f"\nAbout: {about}.\n" if about else "")
