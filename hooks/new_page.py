"""Begin a page: `make new` asks for title and tags, and writes docs/questions/<slug>.md from the template.

The page is the template with its own title, tags, date and ids; `make check` lists what is still to be
written. No file is ever overwritten. Exit 0 when the page is there, 2 with one line when it is not.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import unicodedata
from datetime import date
from pathlib import Path

import read_page
from guide import ROOT, read_text

FOLDERS = {"question": "docs/questions", "skeleton": "docs/unseen"}
MAX_TITLE = 70
MAX_TAGS = 5
_MARKS = re.compile(r"[<>\[\]{}*_`|\\#]")
_TAG = re.compile(r"[a-z0-9]+(?:[ -][a-z0-9]+)*")
_PLAIN = re.compile(r"[A-Za-z][\w ,.'’()/+-]*")  # YAML takes such a text for itself, without quotation marks
_WORDS_OF_YAML = {"yes", "no", "on", "off", "true", "false", "null", "y", "n"}


class NotMade(Exception):
    """Why no page was made, and what to do instead: one line."""


def title_of(text: str) -> str:
    """A title on one line, without marks that Markdown or YAML would take for their own."""
    title = " ".join(text.split())
    if mark := _MARKS.search(title):
        raise NotMade(f"a title holds no `{mark.group()}`: write it in plain words")
    if not title or not title.isprintable():
        raise NotMade("a title is one line of plain words, such as Prompt caching")
    if len(title) > MAX_TITLE:
        raise NotMade(f"the title has {len(title)} characters, at most {MAX_TITLE} fit above a page")
    return title


def slug_of(title: str) -> str:
    """The name of a title's page, and of its ids: small Latin letters, digits and hyphens, a letter first."""
    latin = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    slug = "-".join(re.findall(r"[a-z0-9]+", latin.replace("'", "")))
    if not slug[:1].isalpha():
        raise NotMade(f"the page's address is made of its title: begin `{title}` with a Latin letter")
    if slug == "index":
        raise NotMade("`index` is the list of pages: give the page another title")
    return slug


def tags_of(text: str) -> list[str]:
    """Tags from a list with commas."""
    tags = [" ".join(tag.lower().split()) for tag in text.split(",") if tag.strip()]
    if wrong := [tag for tag in tags if not _TAG.fullmatch(tag)]:
        raise NotMade(f"the tag `{wrong[0]}` is not words of letters and digits")
    if not 1 <= len(set(tags)) <= MAX_TAGS:
        raise NotMade(f"there are {len(set(tags))} tags: give one to {MAX_TAGS}, with commas between them")
    return list(dict.fromkeys(tags))


def tags_in_use(root: Path) -> list[str]:
    """The tags of the guide's pages, in alphabetical order."""
    files = [path for folder in FOLDERS.values() for path in (root / folder).glob("[!_]*.md")]
    fronts = [read_page.read(str(path), read_text(path)[0]).front for path in files]
    fields = [front.get("tags") for front in fronts if front and front.get("tags")]
    return sorted({tag.text() for field in fields for tag in field.entries()})


def text_of(template: str, title: str, tags: list[str], slug: str, today: date) -> str:
    """A template's text as the page of this title."""
    plain = _PLAIN.fullmatch(title) and title.lower() not in _WORDS_OF_YAML
    fields = {
        "title": title if plain else json.dumps(title, ensure_ascii=False),
        "tags": f"[{', '.join(tags)}]",
        "reviewed": today.isoformat(),
    }
    _, front, body = template.split("---\n", 2)
    for name, value in fields.items():
        front = re.sub(rf"^{name}: .*$", lambda _, line=f"{name}: {value}": line, front, flags=re.MULTILINE)
    body = re.sub(r"^# .*$", lambda _: f"# {title}", body, count=1, flags=re.MULTILINE)
    return f"---\n{front}---\n{body.replace('{#template-', f'{{#{slug}-')}"


def make(root: Path, kind: str, title: str, tags: list[str]) -> Path:
    """Write the page; raises NotMade where there is such a page, or no place to write it."""
    folder, slug = root / FOLDERS[kind], slug_of(title)
    path = folder / f"{slug}.md"
    shown = path.relative_to(root)
    text = text_of((folder / "_template.md").read_text(encoding="utf-8"), title, tags, slug, date.today())
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise NotMade(f"{shown} is there already: go on with it, or give another title") from None
    except OSError as error:
        raise NotMade(f"{shown} cannot be written: {error.strerror}") from None
    return shown


def _asked(what: str, given: str, read):
    """What was given on the command line, or else what is typed, asked for until it can be read."""
    if given or not sys.stdin.isatty():
        return read(given)
    if read is tags_of:
        print(f"Tags of other pages: {', '.join(tags_in_use(ROOT))}.")
    while True:
        try:
            return read(input(f"{what}: "))
        except NotMade as fault:
            print(f"  {fault}.")


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="new_page.py", description="Begin a page from its template.")
    parser.add_argument("--kind", choices=FOLDERS, default="question", help="what kind of page")
    parser.add_argument("--title", default="", help="asked for if it is not given")
    parser.add_argument("--tags", default="", help="with commas between them; asked for if not given")
    options = parser.parse_args(arguments)
    try:
        title = _asked("Title", options.title, title_of)
        slug_of(title)
        tags = _asked("Tags, with commas between them", options.tags, tags_of)
        path = make(ROOT, options.kind, title, tags)
    except NotMade as fault:
        print(f"No page was made: {fault}.", file=sys.stderr)
        return 2
    except (EOFError, KeyboardInterrupt):
        print("\nNo page was made.", file=sys.stderr)
        return 2
    print(f"{path} is made. Write a part, delete its comment, and so on to the end:")
    print("  make serve   shows the page as you write it, and in its place what is to write or wrong")
    print("  make check   lists the same; docs/contribute/add-a-question.md walks through it")
    return 0


if __name__ == "__main__":
    sys.exit(main())
