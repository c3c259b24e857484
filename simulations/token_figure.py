"""The figure of the token simulation: p99 time to first token against load.

It has the look of `figure.py`, of which it uses the colours and the text; the
time axis is logarithmic.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from figure import BOTTOM, GREY, HEIGHT, LEFT, RIGHT, TOP, WIDTH, text

FIRST_LOAD, LAST_LOAD = 0.65, 1.05
LEAST_S, MOST_S = 0.01, 1_000.0
PREFIX = "token-admission-"

LOOKS = {
    "reserve_max": 'class="guide-series-1" fill="none" stroke="#c2553f" stroke-width="4"',
    "reserve_mean": (
        'class="guide-series-3" fill="none" stroke="#8a7a2a" stroke-width="10" '
        'stroke-linecap="round" stroke-dasharray="0 22"'
    ),
    "free": (
        'class="guide-series-2" fill="none" stroke="#2f83b5" stroke-width="4" stroke-dasharray="16 7"'
    ),
}
NAMES = {
    "reserve_max": "reserve maximum",
    "reserve_mean": "reserve mean",
    "free": "reserve nothing",
}


def x_of(load: float) -> float:
    """Horizontal place of a load."""
    return LEFT + (RIGHT - LEFT) * (load - FIRST_LOAD) / (LAST_LOAD - FIRST_LOAD)


def y_of(seconds: float) -> float:
    """Vertical place of a time, on a logarithmic scale."""
    return BOTTOM - (BOTTOM - TOP) * math.log(seconds / LEAST_S) / math.log(MOST_S / LEAST_S)


def grid() -> list[str]:
    """Grid lines and axes with their numbers."""
    parts = []
    for seconds in (0.1, 1.0, 10.0, 100.0, MOST_S):
        parts.append(
            f'<path class="guide-grid" d="M{LEFT} {y_of(seconds):.1f}H{RIGHT}" fill="none" '
            f'stroke="{GREY}" stroke-width="1" stroke-opacity="0.5"/>'
        )
    parts.append(
        f'<path class="guide-axis" d="M{LEFT} {TOP}V{BOTTOM}H{RIGHT}" fill="none" '
        f'stroke="{GREY}" stroke-width="2"/>'
    )
    for seconds, words in ((0.01, "10 ms"), (0.1, "0.1 s"), (1.0, "1 s"), (10.0, "10 s"), (100.0, "100 s")):
        parts.append(text(LEFT - 8, y_of(seconds) + 7, words, "end"))
    for percent in (70, 80, 90, 100):
        parts.append(text(x_of(percent / 100), BOTTOM + 26, f"{percent} %", "middle"))
    middle = (LEFT + RIGHT) / 2
    parts.append(text(middle, HEIGHT - 14, "p99 time to first token, by load", "middle"))
    return parts


def curve(loads: Sequence[float], p99s: Sequence[float], look: str) -> str:
    """One policy's times against load."""
    pairs = zip(loads, p99s, strict=True)
    points = " ".join(f"{x_of(load):.1f},{y_of(p99):.1f}" for load, p99 in pairs)
    return f'<polyline {look} points="{points}"/>'


def key(load: float, seconds: float, policy: str) -> str:
    """A sample of a policy's look with its name, at a place in the plot."""
    x, y = x_of(load), y_of(seconds)
    return f'<path {LOOKS[policy]} d="M{x:.1f} {y:.1f}h44.1"/>\n' + text(x + 60, y + 7, NAMES[policy])


def draw(loads: Sequence[float], p99s: Mapping[str, Sequence[float]]) -> str:
    """The figure as SVG text.

    `loads` are shares of capacity from 0.65 to 1.05. `p99s` has the p99 times
    to first token in s at these loads for each policy of LOOKS. Raises
    ValueError if lengths differ and KeyError if a policy is missing.
    """
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-labelledby="{PREFIX}title {PREFIX}desc" font-family="sans-serif" font-size="20">',
        f'<title id="{PREFIX}title">Time to first token against load, by admission policy</title>',
        f'<desc id="{PREFIX}desc">{description(loads, p99s)}</desc>',
        *grid(),
        *(curve(loads, p99s[policy], LOOKS[policy]) for policy in LOOKS),
        key(0.67, 350.0, "reserve_max"),
        key(0.756, 3.2, "reserve_mean"),
        key(0.85, 0.02, "free"),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def seconds_words(seconds: float) -> str:
    """A time in words, to two digits."""
    return f"{float(f'{seconds:.2g}'):g} s"


def description(loads: Sequence[float], p99s: Mapping[str, Sequence[float]]) -> str:
    """What the figure shows, in words."""
    shown = [loads.index(load) for load in (0.7, 0.9, 1.0)]
    lines = []
    for policy, words in NAMES.items():
        values = ", ".join(
            f"{seconds_words(p99s[policy][place])} at {100 * loads[place]:.0f} %" for place in shown
        )
        lines.append(f"{words}: {values}")
    return (
        "99th percentile of the time to first token over ten minutes, on a logarithmic scale, "
        f"against load from 65 % to 105 % of capacity. {'; '.join(lines).capitalize()}."
    )
