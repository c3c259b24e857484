"""Active content: nothing a stranger writes may run, load, overlay or rename anything on the site."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import unquote

from finding import Problem, shorten
from read_inline import links_in

PLAIN_TAGS = ("br", "sub", "sup", "kbd")
_TAG = re.compile(r"<(?=[A-Za-z/!?])[^>]*>?")
_ALLOWED_TAG = re.compile(rf"</?(?:{'|'.join(PLAIN_TAGS)}) ?/?>|<https?://[^\s<>]+>", re.IGNORECASE)
RENDERED_TAGS = frozenset(
    [
        "a",
        "blockquote",
        "br",
        "code",
        "dd",
        "del",
        "details",
        "div",
        "dl",
        "dt",
        "em",
        "figure",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "img",
        "kbd",
        "li",
        "ol",
        "p",
        "pre",
        "span",
        "strong",
        "sub",
        "summary",
        "sup",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
RENDERED_ATTRIBUTES = frozenset(
    ["align", "alt", "class", "data-label", "href", "id", "src", "start", "title"]
)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:")
_SCRIPT_URL = re.compile(r"(?:javascript|vbscript|livescript|data|blob|file):", re.IGNORECASE)
_MAY_HOLD_URL = re.compile(r"[\[<(]")
_REFERENCE = re.compile(r"^ {0,3}\[[^\]]+\]:\s*(\S+)")
_BRACES = re.compile(r"\{[^}\n]*\}?")
_HEADING_ID = re.compile(r"^#{1,6} .*\{#[^\s{}]+\}\s*$")
_GOOD_ID = re.compile(r"[a-z][a-z0-9-]*")
_FENCE_INFO = re.compile(r"[a-z0-9+-]*|indented")
_SNIPPET = re.compile(r"^\s*-{1,}8<-{1,}")
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u0080-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
)
_DIRECTIVE = re.compile(r"%%\{|^\s*(?:click|callback|href)\b|^\s*---\s*$", re.MULTILINE)
_LABEL_TAG = re.compile(r"<(?!br\s*/?>)(?=[A-Za-z/!?])[^>\n]*>?", re.IGNORECASE)


def check_active_html(page) -> Iterator[Problem]:
    """Raw HTML is limited to br, sub, sup and kbd, without attributes, and to comments.

    Why: any other tag or attribute can run, frame, overlay or restyle the page.
    Bad: `<script>`, `<img onerror=...>`, `<iframe>`, `<div style=...>`, an unclosed `<a`.
    Good: `H<sub>2</sub>O`, `<br>`, and `<` in code marks.
    Not an error when: it stands in code, or is an address in angle brackets.
    """
    for line, text in page.live_lines:
        for match in _TAG.finditer(text):
            if not _ALLOWED_TAG.fullmatch(match.group(0)):
                message = f"raw HTML: {shorten(match.group(0), 50)}"
                fix = f"use Markdown; tags are {', '.join(PLAIN_TAGS)}, bare; put < in code marks"
                yield line, message, fix


def check_active_url(page) -> Iterator[Problem]:
    """A link goes to https, to mail, or to a place in the guide, in any spelling of the address.

    Why: `javascript:` runs when tapped, however it is spelt.
    Bad: `[x](JaVa&#83;cript:...)`, `[x]: data:text/html,...`, `//elsewhere.example`.
    Good: `[RFC 6585](https://www.rfc-editor.org/rfc/rfc6585)`.
    Not an error when: the word stands in code.
    """
    for line, text in page.live_lines:
        if not _MAY_HOLD_URL.search(text):
            continue
        targets = [link.target for link in links_in(text, line)]
        targets += [m.group(1) for m in [_REFERENCE.match(text)] if m]
        for target in targets:
            folded = fold(target)
            scheme = _SCHEME.match(folded)
            if folded.startswith("//") or (scheme and scheme.group(0) not in ("https:", "http:", "mailto:")):
                message = f"the address {shorten(target, 50)} is not one a reader can follow safely"
                yield line, message, "link to https, or to a page of the guide"
        if not targets and _SCRIPT_URL.search(fold(text)):
            message = f"a script address: {shorten(text, 50)}"
            yield line, message, "take it out, or put it in code marks"


def fold(text: str) -> str:
    """An address as a browser reads it: entities and percent signs decoded, white space dropped."""
    for _ in range(3):
        text = unquote(html.unescape(text))
    return re.sub(r"[\s\x00-\x20\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\u00ad\\]", "", text).lower()


def check_active_image_remote(page) -> Iterator[Problem]:
    """Images lie in the guide.

    Why: an image from another host tells that host who reads, and can change after review.
    Bad: `![queue](https://elsewhere.example/q.png)`.
    Good: `![Latency by queue](../assets/figures/batching-latency.svg)`.
    Not an error when: never.
    """
    for line, text in page.live_lines:
        for link in links_in(text, line):
            if link.image and (_SCHEME.match(fold(link.target)) or fold(link.target).startswith("//")):
                message = f"the image {shorten(link.target, 50)} is loaded from another host"
                yield line, message, "put it under docs/assets/figures/"


def check_active_attribute_list(page) -> Iterator[Problem]:
    """Braces stand in code, or at a heading's end as `{#id}`; nothing else.

    Why: attribute lists can set any attribute, event handlers and styles included.
    Bad: `[x](y){onclick=...}`, `{: style="..."}`, `{.class}`.
    Good: `### "Why no flush timer?" {#no-timer}`.
    Not an error when: it stands in code or in a diagram.
    """
    for line, text in page.live_lines:
        rest = re.sub(r"\{#[^\s{}]+\}\s*$", "", text) if _HEADING_ID.match(text) else text
        match = _BRACES.search(rest)
        if match:
            message = f"an attribute list: {shorten(match.group(0), 50)}"
            yield line, message, "put braces in code marks; only a heading takes {#id}"


def check_active_id_reserved(page) -> Iterator[Problem]:
    """A heading's id is small letters, digits and hyphens, and none that the theme uses.

    Why: the theme finds its own parts by id; a heading `__config` stops its script.
    Bad: `### __config`, `{#__search}`, `{#Timer}`.
    Good: `{#no-timer}`.
    Not an error when: never.
    """
    for block in page.blocks:
        if block.kind == "heading" and block.id and not _GOOD_ID.fullmatch(block.id):
            explicit = block.info == "explicit"
            if explicit or block.id.startswith("_"):
                message = f"the id `{shorten(block.id)}` may belong to the theme"
                yield block.line, message, "use small letters, digits and hyphens"


def check_active_fence_attributes(page) -> Iterator[Problem]:
    """A code fence is closed and names a language in one word, nothing more.

    Why: options of a fence become attributes; an unclosed fence is read differently by each reader.
    Bad: three backticks and `python onclick="..."`; a fence that never ends.
    Good: three backticks and `text`, three backticks.
    Not an error when: never.
    """
    for block in page.blocks:
        if block.kind != "fence":
            continue
        if not block.closed:
            yield block.line, "the fence is not closed", "close it"
        elif not _FENCE_INFO.fullmatch(block.info):
            message = f"the fence names more than a language: {shorten(block.info, 50)}"
            yield block.line, message, "write one word behind the backticks"


def check_active_diagram_directive(page) -> Iterator[Problem]:
    """A diagram holds no click, no directive, no configuration and no HTML but br.

    Why: they run, link and restyle from inside a picture.
    Bad: `click gpu "javascript:..."`, `%%{init: ...}%%`, a label with `<img>`.
    Good: nodes, edges and labels.
    Not an error when: never.
    """
    for block in page.blocks:
        if not block.is_mermaid:
            continue
        for pattern in (_DIRECTIVE, _LABEL_TAG, _SCRIPT_URL):
            text = html.unescape(block.text) if pattern is _SCRIPT_URL else block.text
            match = pattern.search(text)
            if match:
                line = (
                    block.line
                    + 1
                    + text.count("\n", 0, match.start() + len(match.group(0)) - len(match.group(0).lstrip()))
                )
                message = f"the diagram holds {shorten(match.group(0), 40)}"
                yield line, message, "take it out; a diagram only draws"


def check_active_snippet(page) -> Iterator[Problem]:
    """A page includes no other file.

    Why: an include reads whatever lies on the build machine.
    Bad: `--8<-- "/etc/passwd"`.
    Good: the text itself.
    Not an error when: it stands in code.
    """
    for line, text in page.live_lines:
        if _SNIPPET.match(text):
            yield line, "an include of another file", "write the text itself"


def check_active_invisible(page) -> Iterator[Problem]:
    """A page holds no control, zero-width or direction-changing characters.

    Why: they make a reviewer read something else than the machine does.
    Bad: a right-to-left override in a formula; a NUL byte; a zero-width space in an id.
    Good: printable text, tabs and line ends.
    Not an error when: it is a byte-order mark at the very beginning.
    """
    for number, text in enumerate(page.lines, 1):
        match = _INVISIBLE.search(text)
        if match:
            message = f"an invisible character U+{ord(match.group(0)):04X} in column {match.start() + 1}"
            yield number, message, "delete it"


class _Tags(HTMLParser):
    """Collects what rendered HTML holds beyond the tags, attributes and addresses Markdown makes."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.alien: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in RENDERED_TAGS:
            self.alien.append(f"<{tag}>")
        for name, value in attrs:
            if name not in RENDERED_ATTRIBUTES:
                self.alien.append(f"<{tag} {name}>")
            elif name in ("href", "src") and not _safe_address(value or "", name == "src"):
                self.alien.append(f'<{tag} {name}="{value}">')


def _safe_address(value: str, part: bool) -> bool:
    folded = fold(value)
    scheme = _SCHEME.match(folded)
    if folded.startswith("//") or (part and scheme):
        return False
    return not scheme or scheme.group(0) in ("https:", "http:", "mailto:")


def check_active_rendered(html_text: str) -> Iterator[Problem]:
    """What Markdown made of a page holds only tags, attributes and addresses that Markdown makes.

    Why: two readers of Markdown can disagree; this looks at what is published, however it was written.
    Bad: any page whose HTML holds a script, a style, a form or an event handler.
    Good: headings, paragraphs, lists, tables, links, code, pictures of the guide.
    Not an error when: never.
    """
    tags = _Tags()
    tags.feed(html_text)
    tags.close()
    fix = "find it in the page, and write it as plain Markdown or in code marks"
    for alien in dict.fromkeys(tags.alien):
        yield 1, f"the built page holds {shorten(alien, 60)}", fix


RULES = (
    check_active_html,
    check_active_url,
    check_active_image_remote,
    check_active_attribute_list,
    check_active_id_reserved,
    check_active_fence_attributes,
    check_active_diagram_directive,
    check_active_snippet,
    check_active_invisible,
)
RENDERED_RULES = (check_active_rendered,)
