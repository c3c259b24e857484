"""The figure of the cascade simulation: harm refused against how alike the two stages err.

It has the look of `figure.py`, of which it uses the colours and the text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from figure import BOTTOM, GREY, HEIGHT, LEFT, RIGHT, TOP, WIDTH, text

LEAST, MOST = 75.0, 100.0
LAST = 0.9
PREFIX = "cascade-correlation-"

LOOKS = {
    "alone": 'class="guide-series-1" fill="none" stroke="#c2553f" stroke-width="4"',
    "agree": (
        'class="guide-series-3" fill="none" stroke="#8a7a2a" stroke-width="10" '
        'stroke-linecap="round" stroke-dasharray="0 22"'
    ),
    "blend": ('class="guide-series-2" fill="none" stroke="#2f83b5" stroke-width="4" stroke-dasharray="16 7"'),
}
NAMES = {"blend": "both scores decide", "agree": "judge decides", "alone": "judge on everything"}


def x_of(correlation: float) -> float:
    """Horizontal place of a correlation."""
    return LEFT + (RIGHT - LEFT) * correlation / LAST


def y_of(share: float) -> float:
    """Vertical place of a share in %."""
    return BOTTOM - (BOTTOM - TOP) * (share - LEAST) / (MOST - LEAST)


def grid() -> list[str]:
    """Grid lines and axes with their numbers."""
    parts = []
    for share in (80, 90, 100):
        parts.append(
            f'<path class="guide-grid" d="M{LEFT} {y_of(share):.1f}H{RIGHT}" fill="none" '
            f'stroke="{GREY}" stroke-width="1" stroke-opacity="0.5"/>'
        )
        parts.append(text(LEFT - 8, y_of(share) + 7, f"{share} %", "end"))
    parts.append(
        f'<path class="guide-axis" d="M{LEFT} {TOP}V{BOTTOM}H{RIGHT}" fill="none" '
        f'stroke="{GREY}" stroke-width="2"/>'
    )
    for correlation in (0.0, 0.3, 0.6, 0.9):
        parts.append(text(x_of(correlation), BOTTOM + 26, f"{correlation:g}", "middle"))
    middle = (LEFT + RIGHT) / 2
    parts.append(text(middle, HEIGHT - 14, "harm refused, by correlation of errors", "middle"))
    return parts


def curve(correlations: Sequence[float], shares: Sequence[float], look: str) -> str:
    """One set-up's shares against correlation."""
    pairs = zip(correlations, shares, strict=True)
    points = " ".join(f"{x_of(correlation):.1f},{y_of(share):.1f}" for correlation, share in pairs)
    return f'<polyline {look} points="{points}"/>'


def key(correlation: float, share: float, setup: str) -> str:
    """A sample of a set-up's look with its name, at a place in the plot."""
    x, y = x_of(correlation), y_of(share)
    return f'<path {LOOKS[setup]} d="M{x:.1f} {y:.1f}h44.1"/>\n' + text(x + 60, y + 7, NAMES[setup])


def draw(correlations: Sequence[float], shares: Mapping[str, Sequence[float]]) -> str:
    """The figure as SVG text.

    `correlations` run from 0 to 0.9. `shares` has the share of harm refused
    in % at each of these for each set-up of LOOKS. Raises ValueError if
    lengths differ and KeyError if a set-up is missing.
    """
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-labelledby="{PREFIX}title {PREFIX}desc" font-family="sans-serif" font-size="20">',
        f'<title id="{PREFIX}title">Share of harm refused, by correlation of the two stages</title>',
        f'<desc id="{PREFIX}desc">{description(correlations, shares)}</desc>',
        *grid(),
        *(curve(correlations, shares[setup], LOOKS[setup]) for setup in LOOKS),
        key(0.03, 85.0, "blend"),
        key(0.03, 82.2, "agree"),
        key(0.03, 77.5, "alone"),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def description(correlations: Sequence[float], shares: Mapping[str, Sequence[float]]) -> str:
    """What the figure shows, in words."""
    ends = [correlations.index(value) for value in (0.0, 0.9)]
    names = {
        "blend": "a cascade in which the mean of both scores decides",
        "agree": "a cascade in which the judge decides",
        "alone": "the judge on everything",
    }
    lines = [
        f"{words}: {shares[setup][ends[0]]:.1f} % with independent errors, "
        f"{shares[setup][ends[1]]:.1f} % at a correlation of 0.9"
        for setup, words in names.items()
    ]
    sentence = "; ".join(lines)
    return (
        "Share of harmful exchanges refused when every set-up refuses 0.05 % of harmless ones, "
        f"against the correlation of errors. {sentence[0].upper()}{sentence[1:]}."
    )
