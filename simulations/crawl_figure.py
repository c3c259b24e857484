"""The figure of the crawl simulation: share fetched by day, for three fleets.

It has the look of `figure.py`, of which it uses the colours and the text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from figure import BOTTOM, GREY, HEIGHT, LEFT, RIGHT, TOP, WIDTH, text

LAST_DAY = 40.0
PREFIX = "crawl-ceiling-"

# The beads lie over the line where a fleet meets what politeness allows.
LOOKS = {
    "any": 'class="guide-series-1" fill="none" stroke="#c2553f" stroke-width="4"',
    "week": (
        'class="guide-series-3" fill="none" stroke="#8a7a2a" stroke-width="10" '
        'stroke-linecap="round" stroke-dasharray="0 22"'
    ),
    "month": ('class="guide-series-2" fill="none" stroke="#2f83b5" stroke-width="4" stroke-dasharray="16 7"'),
}
NAMES = {"any": "endless fleet", "week": "1,653 pages/s", "month": "386 pages/s"}


def x_of(day: float) -> float:
    """Horizontal place of a day."""
    return LEFT + (RIGHT - LEFT) * day / LAST_DAY


def y_of(share: float) -> float:
    """Vertical place of a share from 0 to 1."""
    return BOTTOM - (BOTTOM - TOP) * share


def grid() -> list[str]:
    """Grid lines and axes with their numbers."""
    parts = []
    for share in (0.25, 0.5, 0.75, 1.0):
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
    for day in (0, 7, 14, 21, 30, 40):
        parts.append(text(x_of(day), BOTTOM + 26, str(day), "middle"))
    parts.append(text((LEFT + RIGHT) / 2, HEIGHT - 14, "share of pages fetched, by day", "middle"))
    return parts


def curve(days: Sequence[float], shares: Sequence[float], look: str) -> str:
    """One fleet's share against time."""
    pairs = zip(days, shares, strict=True)
    points = " ".join(f"{x_of(day):.1f},{y_of(share):.1f}" for day, share in pairs)
    return f'<polyline {look} points="{points}"/>'


def key(day: float, share: float, fleet: str) -> str:
    """A sample of a fleet's look with its name, at a place in the plot."""
    x, y = x_of(day), y_of(share)
    return f'<path {LOOKS[fleet]} d="M{x:.1f} {y:.1f}h44.1"/>\n' + text(x + 60, y + 7, NAMES[fleet])


def draw(days: Sequence[float], shares: Mapping[str, Sequence[float]]) -> str:
    """The figure as SVG text.

    `days` run from 0 to 40; `shares` has the share fetched by each day for each
    fleet of LOOKS. Raises ValueError if lengths differ and KeyError if one is missing.
    """
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-labelledby="{PREFIX}title {PREFIX}desc" font-family="sans-serif" font-size="20">',
        f'<title id="{PREFIX}title">Share of a billion pages fetched, by day and fleet</title>',
        f'<desc id="{PREFIX}desc">{description(days, shares)}</desc>',
        *grid(),
        *(curve(days, shares[fleet], LOOKS[fleet]) for fleet in ("any", "week", "month")),
        key(21, 0.44, "any"),
        key(21, 0.30, "week"),
        key(21, 0.16, "month"),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def description(days: Sequence[float], shares: Mapping[str, Sequence[float]]) -> str:
    """What the figure shows, in words."""
    lines = []
    for fleet, words in NAMES.items():
        told = ", ".join(f"{100 * shares[fleet][days.index(day)]:.0f} % after {day} days" for day in (7, 30))
        lines.append(f"{words}: {told}")
    return (
        "Share of a billion pages, spread over hosts by Zipf's law, that can be fetched within 0 to 40 "
        f"days at one page a second from each host. {'; '.join(lines).capitalize()}."
    )
