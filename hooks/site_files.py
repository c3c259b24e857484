"""What is published beside the pages, and what goes into the head of each.

Of the theme's files none is published. Style and script stand in the page itself: a reader's first page
then needs nothing but itself to be painted, and pays for it with less than a picture's weight on later ones.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import partial
from pathlib import Path

import diagram_engine
import site_offline
import site_search
import site_style
import site_zip
from kept import Kept
from markupsafe import Markup

SCRIPT = "assets/javascripts/guide.js"
DRAWING = (
    "assets/vendor/mermaid.min.js",
    "assets/vendor/mermaid.LICENSE.txt",
    "assets/javascripts/diagrams.js",
)
_THEME_STYLE = "assets/stylesheets/main.*.css"
_COMMENT = re.compile(r"^/\*.*?\*/\n", re.MULTILINE | re.DOTALL)  # half a kilobyte of every page


def set_up(config, serving: bool) -> None:
    """Settle what depends on whether this is a preview."""
    if diagram_engine.present():  # nothing is left to draw: the plugin would only look for it, page by page
        config.plugins.events["post_page"].remove(config.plugins["mermaid2"].on_post_page)
    if serving:
        config.extra["policy"] = ""  # it would stop the script with which MkDocs reloads a preview
        if not diagram_engine.present():
            config.extra_javascript.append(DRAWING[-1])


def select(files, config) -> None:
    """Drop the theme's own files, what stands in pages, worker or zip, and what drew if the build did not."""
    elsewhere = {site_offline.WORKER, *site_offline.LIBRARY, site_zip.SCRIPT}
    inlined = {SCRIPT, *(str(name) for name in config.extra_css)}
    drawn = set(DRAWING) if diagram_engine.present() else set()
    for file in list(files):
        theirs = file.src_uri.startswith("assets/") and not _is_ours(file.abs_src_path, config)
        if theirs or file.src_uri in inlined | elsewhere | drawn:
            files.remove(file)


def _is_ours(path: str | None, config) -> bool:
    ours = (Path(config.docs_dir), Path(config.theme.custom_dir))
    return path is None or any(Path(path).is_relative_to(folder) for folder in ours)


def dress(config, pages: list, kept: Kept) -> None:
    """Give the templates the style and the script, and let the policy know the two."""
    own = Path(config.theme.custom_dir)
    unused = {Path(name).name for name in DRAWING} if diagram_engine.present() else set()
    script = _COMMENT.sub("", _text(own / SCRIPT))
    scripts = [_text(path) for path in sorted((own / SCRIPT).parent.glob("*.js")) if path.name not in unused]
    frames = [_text(path) for path in sorted(own.rglob("*.html"))]
    theirs, ours = _sheets(config)
    marks = [_marks(page, kept) for page in pages]
    names = site_style.Names([*marks, *map(site_style.marks, frames)], scripts)
    names.variables.update(*(re.findall(r"--guide-[\w-]+", sheet) for sheet in ours))  # scripts ask for them
    sheets = (*theirs, *ours)
    style = kept.get(("style", sheets, names.as_key()), partial(site_style.used, sheets, names))
    config.extra |= {
        "style": style,
        "script": script,
        "policy": config.extra["policy"].format(style=_hash(style), script=_hash(script)),
    }


def index(pages: list, kept: Kept) -> str:
    """What the search finds in these pages."""
    return site_search.as_json([entry for page in pages for entry in _sections(page, kept)])


def look_at(page, kept: Kept) -> None:
    """Keep what `dress` and `index` will ask of a rendered page."""
    _marks(page, kept)
    _sections(page, kept)


def _marks(page, kept: Kept) -> site_style.Marks:
    return kept.get(("marks", page.content), partial(site_style.marks, page.content))


def _sections(page, kept: Kept) -> list:
    told = page.url, Markup(page.title).striptags(), page.content
    return kept.get(("sections", *told), partial(site_search.sections, *told))


def _sheets(config) -> tuple[list[str], list[str]]:
    """The theme's sheet, and ours in the order of mkdocs.yml."""
    own, *theme = (Path(folder) for folder in config.theme.dirs)
    theirs = [_text(path) for folder in theme for path in sorted(folder.glob(_THEME_STYLE))]
    return theirs, [_text(own / str(name)) for name in config.extra_css]


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """The name by which a policy allows this very text."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
