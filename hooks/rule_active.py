"""Active content: nothing a stranger writes may run, load, overlay or rename anything on the site."""

from __future__ import annotations

import html
import re
import xml.etree.ElementTree as etree
from collections.abc import Iterator
from urllib.parse import unquote

from finding import Problem, shorten
from page_contract import FILLED_IN, INVISIBLE, MAX_BYTES
from read_inline import links_in, may_hold

PLAIN_TAGS = ("br", "sub", "sup", "kbd")
LANGUAGES = ("", "text", "http", "json", "mermaid", "python", "sh", "sql", "yaml")
_TAG = re.compile(r"<(?=[A-Za-z/!?])[^>]*>?")
_ALLOWED_TAG = re.compile(
    rf"</?(?:{'|'.join(PLAIN_TAGS)}) ?/?>|<https://[^\s<>]+>|<[\w.+-]+@[\w.-]+>", re.IGNORECASE
)
RENDERED_TAGS = frozenset(
    "a blockquote br code dd del details div dl dt em figure h1 h2 h3 h4 h5 h6 hr img kbd li ol p pre span "
    "strong sub summary sup table tbody td th thead time tr ul".split()
)
RENDERED_ATTRIBUTES = frozenset(
    "align alt aria-label class data-label data-says datetime href id role src start title".split()
)
RENDERED_CLASS = re.compile(
    r"guide-[a-z-]+|safety-[a-z]+|admonition(?:-title)?|headerlink|highlight|mermaid|language-[a-z]+|"
    r"[a-z]{1,3}\d?(?:-[A-Z][a-z]+)*"  # of highlighted code: s2, p-Indicator
)
_REFERS = re.compile(r"url\s*\(|\\", re.IGNORECASE)  # what a drawing would load; CSS may spell it with \
MAX_NESTED = 50  # what prints the book gives up at 256
_SVG, _XML = "{http://www.w3.org/2000/svg", "{http://www.w3.org/XML/1998/namespace}"
RENDERED_DIAGRAM = re.compile(r'<pre class="mermaid"><code>(.*?)</code></pre>', re.DOTALL)
RENDERED_ID = re.compile(r"[^\W_][\w-]*")
DRAWN_TAGS = frozenset("circle desc ellipse g line path polygon polyline rect svg text title tspan".split())
DRAWN_ATTRIBUTES = frozenset(
    "aria-describedby aria-labelledby aria-roledescription class cx cy d data-id dominant-baseline dx dy "
    "fill font-family font-size font-style font-weight height id points r role rx ry stroke "
    "stroke-dasharray stroke-linecap stroke-linejoin stroke-opacity stroke-width text-anchor transform "
    "viewbox width x x1 x2 xml:space xmlns y y1 y2".split()
)
_COMMENT = re.compile(r"<!--(?!-?>)(?:(?!--).)*-->", re.DOTALL)
# HTML as our renderers write it, in which no two parsers differ; and any other sign that could begin a tag.
_MARKUP = re.compile(
    r"(?P<comment><!--(?!-?>)(?:(?!--!?>|<!--).)*-->)|"
    r'<(?P<end>/?)(?P<tag>[a-z][a-z0-9]*)(?P<attributes>(?: [\w:-]+="[^"<>]*")*) ?/?>|<',
    re.ASCII | re.DOTALL | re.IGNORECASE,
)
_ATTRIBUTE = re.compile(r' ([\w:-]+)="([^"]*)"')
_AUTOLINK = re.compile(r"<(https://[^\s<>]+)>", re.IGNORECASE)
_HOST = re.compile(r"https://([^/?#]*)")
_PLAIN_HOST = re.compile(r"(?!.*\bxn--)[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_SAID_HOST = re.compile(r"\s*(?:https?://|www\.)[^/?#\s]*", re.IGNORECASE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:")
_SCRIPT_URL = re.compile(r"(?:java|vb|live)script:|[(\[<](?:data|blob|file):", re.IGNORECASE)
_SCRIPT_HINTS = ("script", "data:", "blob:", "file:", "&", "%", "\\")
_REFERENCE = re.compile(r"[ \t>]*\[[^\]\n]+\]:")
_BRACES = re.compile(r"\{[^}\n]*\}?")
_HEADING_ID = re.compile(r"^#{1,6} .*\{#[^\s{}]+\}\s*$")
RESERVED_IDS = ("sources", "location", "config", "content", "search")
_GOOD_ID = re.compile(r"[a-z][a-z0-9-]*")
_SNIPPET = re.compile(r"^\s*-{1,}8<-{1,}")
_DIRECTIVE = re.compile(r"%%\{|^[ \t]*(?:click|callback|href)\b|^[ \t]*---[ \t]*$", re.MULTILINE)
_LABEL_TAG = re.compile(r"<(?!br\s*/?>)(?=[A-Za-z/!?])[^>\n]*>?", re.IGNORECASE)


def check_active_html(page) -> Iterator[Problem]:
    """Raw HTML is limited to br, sub, sup and kbd, without attributes, and to comments.

    Why: any other tag or attribute can run, frame, overlay or restyle the page.
    Bad: `<script>`, `<img onerror=...>`, `<iframe>`, `<div style=...>`, an unclosed `<a`.
    Good: `H<sub>2</sub>O`, `<br>`, and `<` in code marks.
    Not an error when: it stands in code, or is a web or mail address in angle brackets.
    """
    for line, text in page.live:
        for match in _TAG.finditer(text):
            if not _ALLOWED_TAG.fullmatch(match.group(0)):
                message = f"raw HTML: {shorten(match.group(0), 50)}"
                fix = f"use Markdown; tags are {', '.join(PLAIN_TAGS)}, bare; put < in code marks"
                yield line, message, fix
    for line, comment in page.comments:
        if not _COMMENT.fullmatch(comment):
            fix = "end it with -->, and write no other -- in it"
            yield line, "a comment that readers end in different places", fix


def check_active_url(page) -> Iterator[Problem]:
    """A link is written inline, and goes to https, to mail, or to a place in the guide; its host is plain.

    Why: `javascript:` runs when tapped, however it is spelt, a definition elsewhere hides it, and a host
    behind an @, in look-alike letters or under another's name is not the one that a reader sees.
    Bad: `[x](JaVa&#83;cript:...)`, `[x]: data:text/html,...`, `//elsewhere.example`, `https://bank.com@elsewhere`.
    Good: `[RFC 6585](https://www.rfc-editor.org/rfc/rfc6585)`.
    Not an error when: the word stands in code.
    """
    for line, text in page.live:
        for link in links_in(text, line):
            if not _safe_address(link.target, part=False):
                message = f"the address {shorten(link.target, 50)} is not one a reader can follow safely"
                yield link.line, message, "link to https, or to a page of the guide"
            elif not _honest(link.text, link.target):
                yield _disguised(link.line, link.target)
        for match in _AUTOLINK.finditer(text):
            if not _honest("", match.group(1)):
                yield _disguised(line, match.group(1))
        if _REFERENCE.match(text):
            yield line, "a definition of a link", "write the address inline: [text](address)"
        elif may_hold(_SCRIPT_HINTS, text) and _SCRIPT_URL.search(fold(text)):
            yield line, f"a script address: {shorten(text, 50)}", "take it out, or put it in code marks"


def _disguised(line: int, target: str) -> Problem:
    message = f"the host of {shorten(target, 50)} can be taken for another"
    return line, message, "write the host in plain letters; a text that names a host names this one"


def _honest(text: str, target: str) -> bool:
    """Whether the host of an address is spelt plainly, and is the one that the link's text names, if any."""
    host = _HOST.match(fold(target))
    if not host:
        return True
    said = _SAID_HOST.match(text)
    named = fold(said.group(0)).rpartition("/")[2].removeprefix("www.") if said else ""
    own = host.group(1).removeprefix("www.")
    return bool(_PLAIN_HOST.fullmatch(host.group(1))) and named in ("", own)


def fold(text: str) -> str:
    """An address as a browser reads it: entities and percent signs decoded, white space dropped."""
    for _ in range(3):
        text = unquote(html.unescape(text))
    return (
        re.sub(r"[\s\x00-\x20\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\u00ad]", "", text)
        .replace("\\", "/")
        .lower()
    )


def check_active_image_remote(page) -> Iterator[Problem]:
    """Images lie in the guide.

    Why: an image from another host tells that host who reads, and can change after review.
    Bad: `![queue](https://elsewhere.example/q.png)`.
    Good: `![Latency by queue](../assets/figures/batching-latency.svg)`.
    Not an error when: never.
    """
    for line, text in page.live:
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
    for line, text in page.live:
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
        if block.kind == "heading" and (
            (block.id in RESERVED_IDS and block.level > 1) or not _GOOD_ID.fullmatch(block.id)
        ):
            explicit = block.info == "explicit"
            if explicit or (block.id in RESERVED_IDS) or not block.id or block.id.startswith("_"):
                message = f"the id `{shorten(block.id)}` is malformed, or may belong to the site"
                yield block.line, message, "use small letters, digits and hyphens"


def check_active_fence_attributes(page) -> Iterator[Problem]:
    """A code fence begins its line, names a known language and nothing more, and is closed as it began.

    Why: readers of Markdown differ in indented, unequal and unclosed fences, and options become attributes.
    Bad: three backticks and `python onclick="..."`; a fence inside a list; four backticks that close three.
    Good: three backticks and `text`, the code, three backticks.
    Not an error when: never; code by indentation is refused too.
    """
    for block in page.blocks:
        if block.kind != "fence":
            continue
        if block.info == "indented":
            yield block.line, "code by indentation is read differently by each reader", "put it in a fence"
        elif not block.closed:
            yield block.line, "the fence is not closed as it began", "end it with the same mark on a line"
        elif block.info.lower() not in LANGUAGES:
            message = f"the fence names {shorten(block.info, 50)}"
            yield (
                block.line,
                message,
                f"write one of {', '.join(filter(None, LANGUAGES))} behind the backticks",
            )
    for line in page.stray_fences:
        yield (
            line,
            "a fence that does not begin its line",
            "move it to the line's start, out of lists and quotes",
        )


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
    for line, text in page.live:
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
        match = INVISIBLE.search(text)
        if match:
            message = f"an invisible character U+{ord(match.group(0)):04X} in column {match.start() + 1}"
            yield number, message, "delete it"


def check_active_mark_of_build(page) -> Iterator[Problem]:
    """A page holds none of the marks that the build fills in: a word between two pairs of at signs.

    Why: script and style of the site would be written into its text, or, from a title, into every page.
    Bad: `script`, `style`, `policy` or `edition` between them.
    Good: any other word there.
    Not an error when: never; code is filled in, too.
    """
    for number, text in enumerate(page.lines, 1):
        for match in FILLED_IN.finditer(text):
            yield number, f"the build would fill in {match.group(0)}", "take it out, or write it with a blank"


def _aliens(text: str) -> Iterator[str]:
    """What rendered HTML holds beyond what Markdown and this guide's own rendering make."""
    ids: set[str] = set()
    drawing = False
    for mark in _MARKUP.finditer(text):
        tag = (mark["tag"] or "").lower()
        drawing = drawing or tag == "svg"
        tags, names = (DRAWN_TAGS, DRAWN_ATTRIBUTES) if drawing else (RENDERED_TAGS, RENDERED_ATTRIBUTES)
        if tag not in tags and not mark["comment"]:
            yield f"<{mark['end']}{tag}>" if tag else text[mark.start() : mark.start() + 60]
        for name, value in _ATTRIBUTE.findall(mark["attributes"] or ""):
            if name.lower() not in names or not _allowed(name.lower(), html.unescape(value), drawing, ids):
                yield f'<{tag} {name}="{value}">'
        drawing = drawing and not (tag == "svg" and mark["end"])
    yield from (match.group(0) for match in FILLED_IN.finditer(text))


def _allowed(name: str, value: str, drawing: bool, ids: set[str]) -> bool:
    if name in ("href", "src"):
        return _safe_address(value, name == "src")
    if name == "class" and not drawing:
        return all(RENDERED_CLASS.fullmatch(each) for each in value.split())
    if name == "id":
        fresh = value not in ids and bool(RENDERED_ID.fullmatch(value))
        ids.add(value)
        return fresh
    return not (drawing and _REFERS.search(value))


def drawing_aliens(data: bytes) -> list[str]:
    """What an SVG file holds beyond shapes and words, read as a browser reads it: as XML."""
    if len(data) > MAX_BYTES:
        return [f"{len(data):,} bytes"]
    try:
        text = data.decode("utf-8")
        strange = [mark for mark in ("<!", "<?") if mark in text]  # before a parser follows an entity
        root = None if strange else etree.fromstring(text)
    except (UnicodeDecodeError, etree.ParseError) as error:
        return [f"what is no XML in UTF-8 ({shorten(str(error), 40)})"]
    if _depth(root) > MAX_NESTED:
        strange.append(f"shapes nested more than {MAX_NESTED} deep")
    for element in root.iter() if root is not None else ():
        space, _, tag = element.tag.rpartition("}")
        if space != _SVG or tag.lower() not in DRAWN_TAGS or (element is root) != (tag == "svg"):
            strange.append(f"<{tag}>")
        for name, value in element.items():
            plain = name.replace(_XML, "xml:").lower()
            if plain not in DRAWN_ATTRIBUTES or _REFERS.search(value):
                strange.append(f'<{tag} {plain}="{value}">')
    return list(dict.fromkeys(strange))


def _depth(root: etree.Element | None) -> int:
    depth, level = 0, [] if root is None else [root]
    while level:
        depth, level = depth + 1, [child for element in level for child in element]
    return depth


def _safe_address(value: str, part: bool) -> bool:
    folded = fold(value)
    scheme = _SCHEME.match(folded)
    if folded.startswith("//") or (part and scheme):
        return False
    return not scheme or scheme.group(0) in ("https:", "mailto:")


def check_active_rendered(page, html_text: str, drawn: str) -> Iterator[Problem]:
    """A built page holds only the tags, classes, ids and addresses that Markdown and the drawings make.

    Why: two readers of Markdown can disagree; this looks at what is published, however it was written.
    Bad: a page whose HTML holds a script, a style, a form, an event handler or a class of the theme; a tag or
    a comment that is written as our renderers never do, and that readers of HTML may take differently.
    Good: headings, paragraphs, lists, tables, links, code, pictures and diagrams of the guide.
    Not an error when: never.
    """
    fix = "find it in the page, and write it as plain Markdown or in code marks"
    for alien in dict.fromkeys(_aliens(drawn)):
        yield 1, f"the built page holds {shorten(alien, 60)}", fix


def check_active_diagram_unread(page, html_text: str, drawn: str) -> Iterator[Problem]:
    """The diagrams that the site draws are the diagrams that were checked, one for one.

    Why: a diagram that only one of two readers of Markdown sees is drawn unchecked.
    Bad: a mermaid fence that the site finds in a list and the checks do not.
    Good: each mermaid fence at its line's start, between blank lines.
    Not an error when: never.
    """
    sources = [html.unescape(source).strip() for source in RENDERED_DIAGRAM.findall(html_text)]
    if sources != [chart.source.strip() for chart in page.flowcharts]:
        message = (
            f"the site draws {len(sources)} diagrams, {len(page.flowcharts)} were checked, or they differ"
        )
        yield 1, message, "write each diagram in a mermaid fence of its own, at the line's start"


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
    check_active_mark_of_build,
)
RENDERED_RULES = (check_active_rendered, check_active_diagram_unread)
