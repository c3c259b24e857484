"""The page of all questions, and their place in the navigation, made from each page's own front matter.

A page's frame links to this page alone; so no page grows when a question is added.
"""

from __future__ import annotations

from guide import Guide, is_question
from render_sources import escape

PAGE = "questions/index.md"
_HEAD = """# Questions

Each takes an hour in the room, and half an hour to read. Every number in them recomputes, and every drawn
path from a harm to a person passes a guard.
"""


def page(guide: Guide) -> str:
    """The page as Markdown: a heading for each question, its summary and what it is about."""
    return "\n".join([_HEAD, *(_entry(each) for each in _questions(guide))])


def nav(entries: list, guide: Guide) -> list:
    """The navigation with every question behind the page that lists them."""
    files = [PAGE, *(each.path.removeprefix("docs/") for each in _questions(guide))]
    return [
        {name: files} if target == PAGE else {name: target}
        for entry in entries
        for name, target in entry.items()
    ]


def _questions(guide: Guide) -> list:
    """The guide's questions in the order of their titles; a file `_name` is none yet."""
    pages = [each for each in guide.pages if is_question(each.path) and "/_" not in each.path]
    return sorted(pages, key=lambda each: _field(each, "title").casefold())


def _field(page, name: str) -> str:
    field = page.front.get(name) if page.front else None
    return field.text() if field else ""


def _entry(page) -> str:
    file = page.path.rpartition("/")[2]
    tags = page.front.get("tags").entries() if page.front and page.front.get("tags") else []
    about = ", ".join(escape(tag.text()) for tag in tags)
    return f"## [{escape(_field(page, 'title')) or file}]({file})\n\n{escape(_field(page, 'summary'))}\n" + (
        f"\nAbout: {about}.\n" if about else ""
    )
