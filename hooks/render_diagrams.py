"""Mermaid fences of a rendered page -> inline SVG, drawn while the site is built.

A diagram that is wider than a phone gets a second, narrow drawing; the style shows one of the two.
Colours, fonts and sizes are left to the style sheet, so that palettes and print follow without a script.
Each drawing is a link to itself: with the script it opens in a viewer, without one it fills the screen.
"""

from __future__ import annotations

import html
import re

import diagram_engine

COLUMN = 900  # px; a wider drawing shrinks too far in the column of a desktop, too
_FENCE = re.compile(r'<pre class="mermaid"><code>(.*?)</code></pre>', re.DOTALL)
_STYLE = re.compile(r' style="[^"]*"')
_DRAWN = re.compile(r'<div class="(guide-diagram[^"]*)">(<svg.*?</svg>)</div>', re.DOTALL)
_ROLE = re.compile(r'class="[^"]*\b(?:hazard|guard|exposed)\b')
LEGEND = (
    '<p class="guide-legend"><span class="guide-legend--hazard">harm starts here</span> '
    '<span class="guide-legend--guard">a guard stops it</span> '
    '<span class="guide-legend--exposed">it lands here</span></p>'
)


def draw_all(page_html: str) -> str:
    """The page with every Mermaid fence drawn; unchanged where there is no engine."""
    if not diagram_engine.present():
        return page_html
    places = iter(range(1, 1 + len(_FENCE.findall(page_html))))
    return _FENCE.sub(lambda match: _figure(html.unescape(match.group(1)), next(places)), page_html)


def narrow(source: str, name: str) -> str:
    """A diagram as a phone shows it."""
    if "fault" in diagram_engine.read(source):
        return _fence(source)
    svg, _ = diagram_engine.draw(source, f"{name}-", narrow=True)
    return f'<div class="guide-diagram">{_bare(svg)}</div>'


def linked(page_html: str) -> str:
    """The page with every drawing a link to itself, and a legend behind the first that has roles."""
    places = iter(range(1, 1 + page_html.count('<div class="guide-diagram')))
    linked_html = _DRAWN.sub(lambda match: _link(*match.groups(), next(places)), page_html)
    first = _ROLE.search(linked_html)
    if not first:
        return linked_html
    # A wide drawing and its narrow twin are one figure: the legend stands behind both.
    end = linked_html.index("</div>", first.start()) + len("</div>")
    if linked_html.startswith('<div class="guide-diagram guide-diagram--narrow"', end):
        end = linked_html.index("</div>", end) + len("</div>")
    return f"{linked_html[:end]}{LEGEND}{linked_html[end:]}"


def _link(classes: str, svg: str, place: int) -> str:
    return (
        f'<div class="{classes}" id="__drawing-{place}">'
        f'<a class="guide-enlarge" href="#__drawing-{place}">{svg}</a>'
        f'<a class="guide-reduce" href="#__content">Close</a></div>'
    )


def _figure(source: str, place: int) -> str:
    if "fault" in diagram_engine.read(source):
        return _fence(source)
    wide, width = diagram_engine.draw(source, f"diagram-{place}-")
    if width <= diagram_engine.MAX_WIDTH:
        return f'<div class="guide-diagram">{_bare(wide)}</div>'
    narrow, _ = diagram_engine.draw(source, f"diagram-{place}-narrow-", narrow=True)
    if width > COLUMN:
        return f'<div class="guide-diagram">{_bare(narrow)}</div>'
    return (
        f'<div class="guide-diagram guide-diagram--wide">{_bare(wide)}</div>'
        f'<div class="guide-diagram guide-diagram--narrow">{_bare(narrow)}</div>'
    )


def _fence(source: str) -> str:
    """What cannot be drawn here: the browser may draw it. Only a preview comes so far with such a diagram."""
    return f'<pre class="mermaid"><code>{html.escape(source)}</code></pre>'


def _bare(svg: str) -> str:
    """The drawing without style attributes, which a content security policy refuses."""
    return _STYLE.sub("", svg)
