"""The figure of the caching simulation: what is found, by lifetime, beside a replayed trace.

It has the look of `figure.py`, of which it uses the colours and the text.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from figure import BOTTOM, GREY, HEIGHT, LEFT, RIGHT, TOP, WIDTH, text

FIRST_S, LAST_S, MOST = 60.0, 3_600.0, 60
PREFIX = "caching-lifetime-"
LOOKS = {
    "served": 'class="guide-series-1" fill="none" stroke="#c2553f" stroke-width="4"',
    "talk": (
        'class="guide-series-2" fill="none" stroke="#2f83b5" stroke-width="4" stroke-dasharray="16 7"'
    ),
    "trace": (
        'class="guide-series-3" fill="none" stroke="#8a7a2a" stroke-width="12" '
        'stroke-linecap="round" stroke-dasharray="0 22"'
    ),
}
NAMES = {
    "served": "with instructions in common",
    "talk": "conversations alone",
    "trace": "replayed trace",
}
PLACES = {"served": (260.0, 21), "talk": (260.0, 13), "trace": (260.0, 5)}
TICKS = {60: "1 min", 300: "5 min", 1_200: "20 min", 3_600: "1 h"}


def x_of(seconds: float) -> float:
    """Horizontal place of a lifetime, on a scale of ratios."""
    return LEFT + 16 + (RIGHT - LEFT - 34) * math.log(seconds / FIRST_S) / math.log(LAST_S / FIRST_S)


def y_of(percent: float) -> float:
    """Vertical place of a share in %."""
    return BOTTOM - (BOTTOM - TOP) * percent / MOST


def grid() -> list[str]:
    """Grid lines and axes with their numbers."""
    parts = []
    for percent in (20, 40, 60):
        parts.append(
            f'<path class="guide-grid" d="M{LEFT} {y_of(percent):.1f}H{RIGHT}" fill="none" '
            f'stroke="{GREY}" stroke-width="1" stroke-opacity="0.5"/>'
        )
    parts.append(
        f'<path class="guide-axis" d="M{LEFT} {TOP}V{BOTTOM}H{RIGHT}" fill="none" '
        f'stroke="{GREY}" stroke-width="2"/>'
    )
    for percent in (0, 20, 40, 60):
        parts.append(text(LEFT - 8, y_of(percent) + 7, f"{percent} %", "end"))
    for seconds, words in TICKS.items():
        parts.append(text(x_of(seconds), BOTTOM + 26, words, "middle"))
    middle = (LEFT + RIGHT) / 2
    parts.append(text(middle, HEIGHT - 14, "prompt tokens found, by lifetime without use", "middle"))
    return parts


def curve(lives: Sequence[float], shares: Sequence[float], look: str) -> str:
    """One line through all its points."""
    points = zip(lives, shares, strict=True)
    return f'<polyline {look} points="{" ".join(f"{x_of(s):.1f},{y_of(p):.1f}" for s, p in points)}"/>'


def dots(lives: Sequence[float], shares: Sequence[float], look: str) -> str:
    """Round dots without a line: a path of moves that go nowhere."""
    moves = "".join(f"M{x_of(s):.1f} {y_of(p):.1f}h0.1" for s, p in zip(lives, shares, strict=True))
    return f'<path {look} d="{moves}"/>'


def key(name: str) -> str:
    """A sample of a line's look with its name, at a place in the plot."""
    seconds, percent = PLACES[name]
    x, y = x_of(seconds), y_of(percent)
    return f'<path {LOOKS[name]} d="M{x:.1f} {y:.1f}h44.1"/>\n' + text(x + 60, y + 7, NAMES[name])


def draw(lives: Sequence[float], lines: Mapping[str, Sequence[float]]) -> str:
    """The figure as SVG text; `lines` has the shares found, in %, for each name of LOOKS."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-labelledby="{PREFIX}title {PREFIX}desc" font-family="sans-serif" font-size="20">',
        f'<title id="{PREFIX}title">Prompt tokens found in the cache, by lifetime</title>',
        f'<desc id="{PREFIX}desc">{description(lives, lines)}</desc>',
        *grid(),
        curve(lives, lines["served"], LOOKS["served"]),
        curve(lives, lines["talk"], LOOKS["talk"]),
        dots(lives, lines["trace"], LOOKS["trace"]),
        *(key(name) for name in LOOKS),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def description(lives: Sequence[float], lines: Mapping[str, Sequence[float]]) -> str:
    """What the figure shows, in words."""
    at = [lives.index(seconds) for seconds in (60, 300, 3_600)]
    told = "; ".join(
        f"{words}: " + ", ".join(f"{lines[name][k]:.0f} %" for k in at) for name, words in NAMES.items()
    )
    return (
        "Share of prompt tokens found, for lifetimes without use from one minute to an hour. After "
        f"one minute, five minutes and an hour: {told}. All three flatten after ten minutes."
    )
