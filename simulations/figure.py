"""The latency figure of the batching simulation, as SVG made by hand.

Colours are presentation attributes, in mid-tones that can be read on white
and on near-black; a page that inlines the figure may restyle it through the
classes `guide-series-1` to `guide-series-3`, `guide-axis`, `guide-grid` and
`guide-label`. No style attribute and no style element is used, because the
site's content security policy forbids both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 74, 622, 22, 288
LAST_S = 5.0
PREFIX = "batching-latency-"

# The own queue and the queue in step give nearly the same curve. Round beads
# over a solid line keep both visible where they coincide, without colour.
SERIES = {
    "own": 'class="guide-series-1" fill="none" stroke="#c2553f" stroke-width="4"',
    "shared": (
        'class="guide-series-2" fill="none" stroke="#2f83b5" stroke-width="4" stroke-dasharray="16 7"'
    ),
    "in step": (
        'class="guide-series-3" fill="none" stroke="#8a7a2a" stroke-width="10" '
        'stroke-linecap="round" stroke-dasharray="0 22"'
    ),
}
GREY = "#7b7b7b"


def x_of(seconds: float) -> float:
    """Horizontal place of a latency."""
    return LEFT + (RIGHT - LEFT) * seconds / LAST_S


def y_of(share: float) -> float:
    """Vertical place of a share from 0 to 1."""
    return BOTTOM - (BOTTOM - TOP) * share


def text(x: float, y: float, words: str, anchor: str = "start") -> str:
    """One line of text."""
    return (
        f'<text class="guide-label" x="{x:.1f}" y="{y:.1f}" fill="{GREY}" '
        f'text-anchor="{anchor}">{words}</text>'
    )


def grid() -> list[str]:
    """Grid lines and axes with their numbers."""
    parts = []
    for share in (0.5, 1.0):
        y = f"{y_of(share):.1f}"
        parts.append(
            f'<path class="guide-grid" d="M{LEFT} {y}H{RIGHT}" fill="none" '
            f'stroke="{GREY}" stroke-width="1" stroke-opacity="0.5"/>'
        )
    parts.append(
        f'<path class="guide-axis" d="M{LEFT} {TOP}V{BOTTOM}H{RIGHT}" fill="none" '
        f'stroke="{GREY}" stroke-width="2"/>'
    )
    for share in (0.0, 0.5, 1.0):
        parts.append(text(LEFT - 8, y_of(share) + 7, f"{share * 100:.0f} %", "end"))
    for second in range(6):
        parts.append(text(x_of(second), BOTTOM + 26, str(second), "middle"))
    middle = (LEFT + RIGHT) / 2
    parts.append(text(middle, HEIGHT - 14, "answered within this many seconds", "middle"))
    return parts


def curve(seconds: Sequence[float], shares: Sequence[float], look: str) -> str:
    """One cumulative curve, from its last 0 to where it looks like 1.

    The flat ends would only lie on top of each other.
    """
    pairs = list(zip(seconds, shares, strict=True))
    first = sum(share == 0 for share in shares) - 1
    last = sum(share < 0.999 for share in shares)
    points = " ".join(
        f"{x_of(second):.1f},{y_of(share):.1f}" for second, share in pairs[max(first, 0) : last + 1]
    )
    return f'<polyline {look} points="{points}"/>'


def label(seconds: float, share: float, look: str, words: str) -> str:
    """A sample of a line's look with its name, at a place in the plot."""
    x, y = x_of(seconds), y_of(share)
    sample = f'<path {look} d="M{x:.1f} {y:.1f}h44.1"/>'
    return sample + "\n" + text(x + 60, y + 7, words)


def draw(seconds: Sequence[float], series: Mapping[str, Mapping]) -> str:
    """The figure as SVG text.

    `seconds` are latencies from 0 to 5. `series` has "own", "shared" and
    "in step"; of each, `shares` is the share of requests (0 to 1) answered
    within each latency, and `p50` and `p99` are in s. Raises ValueError if
    lengths differ and KeyError if a series is missing.
    """
    # The beads come last of the two that coincide, or the line would hide them.
    order = ("own", "in step", "shared")
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-labelledby="{PREFIX}title {PREFIX}desc" font-family="sans-serif" font-size="20">',
        f'<title id="{PREFIX}title">Share of requests answered, by latency</title>',
        f'<desc id="{PREFIX}desc">{description(series)}</desc>',
        *grid(),
        *(curve(seconds, series[name]["shares"], SERIES[name]) for name in order),
        label(0.12, 0.78, SERIES["shared"], "shared queue"),
        label(3.32, 0.32, SERIES["own"], "own queue"),
        label(3.32, 0.16, SERIES["in step"], "in step"),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def description(series: Mapping[str, Mapping]) -> str:
    """What the figure shows, in words."""
    names = {
        "shared": "42 GPUs with a shared queue",
        "own": "a queue per GPU",
        "in step": "a shared queue with all GPUs in step",
    }
    ends = "; ".join(
        f"{words}: half within {series[name]['p50']:.2f} s, 99 % within {series[name]['p99']:.2f} s"
        for name, words in names.items()
    )
    return (
        "Cumulative share of requests by latency from 0 to 5 seconds, at 68 % load and a "
        f"fixed batch time of 2 s. {ends[0].upper()}{ends[1:]}. The last two curves almost "
        "coincide."
    )
