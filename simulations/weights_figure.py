"""The figure of the weights simulation: share of machines complete, by scheme.

It has the look of `figure.py`, of which it uses the colours and the text; the
time axis is logarithmic, because the schemes lie four powers of ten apart.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from figure import BOTTOM, GREY, HEIGHT, LEFT, RIGHT, TOP, WIDTH, text, y_of

FIRST_S, LAST_S = 10.0, 1_000_000.0
PREFIX = "weights-completion-"

LOOKS = {
    "one": 'class="guide-series-1" fill="none" stroke="#c2553f" stroke-width="4"',
    "doubling": (
        'class="guide-series-3" fill="none" stroke="#8a7a2a" stroke-width="10" '
        'stroke-linecap="round" stroke-dasharray="0 22"'
    ),
    "swarm": ('class="guide-series-2" fill="none" stroke="#2f83b5" stroke-width="4" stroke-dasharray="16 7"'),
}
NAMES = {"swarm": "swarm, by chunks", "doubling": "doubling, whole files", "one": "one at a time"}


def x_of(seconds: float) -> float:
    """Horizontal place of a time, on a logarithmic scale."""
    return LEFT + (RIGHT - LEFT) * math.log(seconds / FIRST_S) / math.log(LAST_S / FIRST_S)


def grid() -> list[str]:
    """Grid lines and axes with their numbers."""
    parts = []
    for share in (0.5, 1.0):
        parts.append(
            f'<path class="guide-grid" d="M{LEFT} {y_of(share):.1f}H{RIGHT}" fill="none" '
            f'stroke="{GREY}" stroke-width="1" stroke-opacity="0.5"/>'
        )
    parts.append(
        f'<path class="guide-axis" d="M{LEFT} {TOP}V{BOTTOM}H{RIGHT}" fill="none" '
        f'stroke="{GREY}" stroke-width="2"/>'
    )
    for share in (0.0, 0.5, 1.0):
        parts.append(text(LEFT - 8, y_of(share) + 7, f"{share * 100:.0f} %", "end"))
    for seconds, words in ((60.0, "1 min"), (600.0, "10 min"), (3_600.0, "1 h"), (86_400.0, "1 day")):
        parts.append(text(x_of(seconds), BOTTOM + 26, words, "middle"))
    middle = (LEFT + RIGHT) / 2
    parts.append(text(middle, HEIGHT - 14, "share of 10,000 machines complete", "middle"))
    return parts


def points_of(times: np.ndarray) -> str:
    """A curve through the sorted times, at most some two hundred points and every step."""
    shares = np.arange(1, len(times) + 1) / len(times)
    steps = np.flatnonzero(np.diff(times) > 0.2 * times[:-1])
    kept = np.unique(np.r_[np.linspace(0, len(times) - 1, 120).astype(int), steps, steps + 1])
    pairs = [(times[0], 0.0), *zip(times[kept], shares[kept], strict=True)]
    return " ".join(f"{x_of(seconds):.1f},{y_of(share):.1f}" for seconds, share in pairs)


def curve(times: np.ndarray, look: str) -> str:
    """One scheme's share of complete machines against time."""
    return f'<polyline {look} points="{points_of(times)}"/>'


def key(x: float, y: float, scheme: str) -> str:
    """A sample of a scheme's look with its name, at a place in the figure."""
    return f'<path {LOOKS[scheme]} d="M{x:.1f} {y:.1f}h44.1"/>\n' + text(x + 62, y + 7, NAMES[scheme])


def draw(times: Mapping[str, np.ndarray]) -> str:
    """The figure as SVG text, from sorted completion times in s of each scheme of LOOKS."""
    last = times["one"][-1]
    fan = f"M{x_of(last):.1f} {TOP}V{BOTTOM}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-labelledby="{PREFIX}title {PREFIX}desc" font-family="sans-serif" font-size="20">',
        f'<title id="{PREFIX}title">Machines complete against time, by scheme</title>',
        f'<desc id="{PREFIX}desc">{description(times)}</desc>',
        *grid(),
        f'<path class="guide-axis" d="{fan}" fill="none" stroke="{GREY}" stroke-width="3" '
        'stroke-dasharray="4 5"/>',
        *(curve(times[scheme], LOOKS[scheme]) for scheme in LOOKS),
        key(x_of(900.0), 60.0, "swarm"),
        key(x_of(900.0), 96.0, "doubling"),
        key(x_of(900.0), 132.0, "one"),
        f'<path class="guide-axis" d="M{x_of(900.0):.1f} 168.0h44.1" fill="none" stroke="{GREY}" '
        'stroke-width="3" stroke-dasharray="4 5"/>',
        text(x_of(900.0) + 62, 175.0, "all at once"),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def time_words(seconds: float) -> str:
    """A time in words, to three digits."""
    if seconds < 1_000:
        return f"{float(f'{seconds:.3g}'):g} s"
    return f"{float(f'{seconds / 3600:.3g}'):g} h"


def description(times: Mapping[str, np.ndarray]) -> str:
    """What the figure shows, in words."""
    lines = [
        f"{NAMES[scheme]}: half after {time_words(float(np.median(times[scheme])))}, "
        f"the last after {time_words(float(times[scheme][-1]))}"
        for scheme in NAMES
    ]
    return (
        "Share of 10,000 machines that hold a complete copy of 50 GB, against time on a logarithmic "
        f"scale. {'; '.join(lines).capitalize()}. A dotted line marks all at once from one source, "
        f"where nobody is complete before {time_words(float(times['one'][-1]))}."
    )
