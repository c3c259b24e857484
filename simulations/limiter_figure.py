"""The figure of the limiter simulation: admitted in the first minute, for four limiters.

It has the look of `figure.py`, of which it uses the colours and the text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from figure import BOTTOM, GREY, HEIGHT, LEFT, RIGHT, TOP, WIDTH, text

LAST_S, MOST = 60.0, 180
PREFIX = "limiter-first-minute-"
LOOKS = {
    "bucket_120": 'class="guide-series-1" fill="none" stroke="#c2553f" stroke-width="4"',
    "sliding_counter": (
        'class="guide-series-3" fill="none" stroke="#8a7a2a" stroke-width="10" '
        'stroke-linecap="round" stroke-dasharray="0 22"'
    ),
    "bucket_30": (
        'class="guide-series-2" fill="none" stroke="#2f83b5" stroke-width="4" stroke-dasharray="16 7"'
    ),
    "bucket_2": f'class="guide-axis" fill="none" stroke="{GREY}" stroke-width="2" stroke-dasharray="3 4"',
}
NAMES = {
    "bucket_120": "bucket of 120",
    "sliding_counter": "sliding counter",
    "bucket_30": "bucket of 30",
    "bucket_2": "bucket of 2",
}
PLACES = {
    "bucket_120": (14.0, 172),
    "sliding_counter": (2.5, 100),
    "bucket_30": (37.5, 24),
    "bucket_2": (37.5, 8),
}


def x_of(seconds: float) -> float:
    """Horizontal place of a time."""
    return LEFT + (RIGHT - LEFT) * seconds / LAST_S


def y_of(calls: float) -> float:
    """Vertical place of a number of calls."""
    return BOTTOM - (BOTTOM - TOP) * calls / MOST


def grid() -> list[str]:
    """Grid lines and axes with their numbers."""
    parts = []
    for calls in (60, 120, 180):
        parts.append(
            f'<path class="guide-grid" d="M{LEFT} {y_of(calls):.1f}H{RIGHT}" fill="none" '
            f'stroke="{GREY}" stroke-width="1" stroke-opacity="0.5"/>'
        )
    parts.append(
        f'<path class="guide-axis" d="M{LEFT} {TOP}V{BOTTOM}H{RIGHT}" fill="none" '
        f'stroke="{GREY}" stroke-width="2"/>'
    )
    for calls in (0, 60, 120, 180):
        parts.append(text(LEFT - 8, y_of(calls) + 7, str(calls), "end"))
    for second in range(0, 61, 15):
        parts.append(text(x_of(second), BOTTOM + 26, str(second), "middle"))
    middle = (LEFT + RIGHT) / 2
    parts.append(text(middle, HEIGHT - 14, "calls admitted, by seconds since the first", "middle"))
    return parts


def curve(times: Sequence[float], look: str) -> str:
    """Calls admitted so far, at each second."""
    points = []
    for second in range(61):
        count = sum(time <= second + 1e-6 for time in times) if second else 0
        points.append(f"{x_of(second):.1f},{y_of(count):.1f}")
    return f'<polyline {look} points="{" ".join(points)}"/>'


def key(name: str) -> str:
    """A sample of a limiter's look with its name, at a place in the plot."""
    seconds, calls = PLACES[name]
    x, y = x_of(seconds), y_of(calls)
    return f'<path {LOOKS[name]} d="M{x:.1f} {y:.1f}h44.1"/>\n' + text(x + 60, y + 7, NAMES[name])


def draw(lines: Mapping[str, Sequence[float]]) -> str:
    """The figure as SVG text; `lines` has the times of admission for each limiter of LOOKS."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-labelledby="{PREFIX}title {PREFIX}desc" font-family="sans-serif" font-size="20">',
        f'<title id="{PREFIX}title">Calls admitted in the first minute of a greedy client</title>',
        f'<desc id="{PREFIX}desc">{description(lines)}</desc>',
        *grid(),
        *(curve(lines[name], LOOKS[name]) for name in LOOKS),
        *(key(name) for name in LOOKS),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def description(lines: Mapping[str, Sequence[float]]) -> str:
    """What the figure shows, in words."""
    told = "; ".join(
        f"{words}: {sum(t <= 1 + 1e-6 for t in lines[name])} within a second, "
        f"{len(lines[name])} within the minute"
        for name, words in NAMES.items()
    )
    return (
        "Calls admitted against time, under a limit of 60 a minute, for a client that has idled and "
        f"then asks all the time from one second before the minute of the clock ends. {told.capitalize()}."
    )
