"""Mermaid fences of a rendered page -> inline SVG, drawn while the site is built.

A diagram that is wider than a phone gets a second, narrow drawing; the style shows one of the two.
Colours, fonts and sizes are left to the style sheet, so that palettes and print follow without a script.
"""

from __future__ import annotations

import html
import re

import diagram_engine

COLUMN = 900  # px; a wider drawing shrinks too far in the column of a desktop, too
_FENCE = re.compile(r'<pre class="mermaid"><code>(.*?)</code></pre>', re.DOTALL)
_STYLE = re.compile(r' style="[^"]*"')


def draw_all(page_html: str) -> str:
    """The page with every Mermaid fence drawn; unchanged where there is no engine."""
    if not diagram_engine.present():
        return page_html
    places = iter(range(1, 1 + len(_FENCE.findall(page_html))))
    return _FENCE.sub(lambda match: _figure(html.unescape(match.group(1)), next(places)), page_html)


def _figure(source: str, place: int) -> str:
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


def _bare(svg: str) -> str:
    """The drawing without style attributes, which a content security policy refuses."""
    return _STYLE.sub("", svg)
