"""The figure of the search simulation: p99 of a whole query against load, by hedging.

It has the look of `figure.py`, of which it uses the colours and the text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from figure import BOTTOM, GREY, HEIGHT, LEFT, RIGHT, TOP, WIDTH, text

FIRST_LOAD, LAST_LOAD = 0.48, 0.97
MOST_MS = 165.0
PREFIX = "search-hedging-"

LOOKS = {
    "plain": 'class="guide-series-1" fill="none" stroke="#c2553f" stroke-width="4"',
    "hedged": (
        'class="guide-series-3" fill="none" stroke="#8a7a2a" stroke-width="10" '
        'stroke-linecap="round" stroke-dasharray="0 22"'
    ),
    "budget": (
        'class="guide-series-2" fill="none" stroke="#2f83b5" stroke-width="4" stroke-dasharray="16 7"'
    ),
}
NAMES = {
    "plain": "never sent again",
    "hedged": "again after 15 ms",
    "budget": "the same, at most a tenth",
}


def x_of(load: float) -> float:
    """Horizontal place of a load."""
    return LEFT + (RIGHT - LEFT) * (load - FIRST_LOAD) / (LAST_LOAD - FIRST_LOAD)


def y_of(ms: float) -> float:
    """Vertical place of a time."""
    return BOTTOM - (BOTTOM - TOP) * ms / MOST_MS


def grid() -> list[str]:
    """Grid lines and axes with their numbers."""
    parts = []
    for ms in (50, 100, 150):
        parts.append(
            f'<path class="guide-grid" d="M{LEFT} {y_of(ms):.1f}H{RIGHT}" fill="none" '
            f'stroke="{GREY}" stroke-width="1" stroke-opacity="0.5"/>'
        )
    parts.append(
        f'<path class="guide-axis" d="M{LEFT} {TOP}V{BOTTOM}H{RIGHT}" fill="none" '
        f'stroke="{GREY}" stroke-width="2"/>'
    )
    for ms in (0, 50, 100, 150):
        parts.append(text(LEFT - 8, y_of(ms) + 7, f"{ms}", "end"))
    for percent in (50, 60, 70, 80, 90):
        parts.append(text(x_of(percent / 100), BOTTOM + 26, f"{percent} %", "middle"))
    middle = (LEFT + RIGHT) / 2
    parts.append(text(middle, HEIGHT - 14, "p99 of a whole query in ms, by load", "middle"))
    return parts


def curve(loads: Sequence[float], p99s: Sequence[float], look: str) -> str:
    """One policy's times against load."""
    pairs = zip(loads, p99s, strict=True)
    points = " ".join(f"{x_of(load):.1f},{y_of(p99):.1f}" for load, p99 in pairs)
    return f'<polyline {look} points="{points}"/>'


def key(load: float, ms: float, policy: str) -> str:
    """A sample of a policy's look with its name, at a place in the plot."""
    x, y = x_of(load), y_of(ms)
    return f'<path {LOOKS[policy]} d="M{x:.1f} {y:.1f}h44.1"/>\n' + text(x + 60, y + 7, NAMES[policy])


def draw(loads: Sequence[float], p99s: Mapping[str, Sequence[float]]) -> str:
    """The figure as SVG text.

    `loads` are shares of capacity from 0.5 to 0.95. `p99s` has the p99 of whole
    queries in ms at these loads for each policy of LOOKS. Raises ValueError if
    lengths differ and KeyError if a policy is missing.
    """
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-labelledby="{PREFIX}title {PREFIX}desc" font-family="sans-serif" font-size="20">',
        f'<title id="{PREFIX}title">Time of a whole query against load, by hedging policy</title>',
        f'<desc id="{PREFIX}desc">{description(loads, p99s)}</desc>',
        *grid(),
        *(curve(loads, p99s[policy], LOOKS[policy]) for policy in LOOKS),
        key(0.5, 154.0, "plain"),
        key(0.5, 132.0, "hedged"),
        key(0.5, 110.0, "budget"),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def ms_words(ms: float) -> str:
    """A time in words, to two digits, or three above a hundred."""
    return f"{ms:.0f} ms"


def description(loads: Sequence[float], p99s: Mapping[str, Sequence[float]]) -> str:
    """What the figure shows, in words."""
    shown = [loads.index(load) for load in (0.6, 0.8, 0.9, 0.95)]
    lines = []
    for policy, words in NAMES.items():
        values = ", ".join(
            f"{ms_words(p99s[policy][place])} at {100 * loads[place]:.0f} %" for place in shown
        )
        lines.append(f"{words}: {values}")
    return (
        "99th percentile of the time of a query over twelve shards, against load from 50 % to 95 % of "
        f"capacity. Sub-queries {'; '.join(lines)}."
    )
