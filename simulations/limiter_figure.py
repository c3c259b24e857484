"""The figure of the limiter simulation: admitted in the first minute, for four limiters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chart import BEADS, DASHES, GREY, LINE, Axis, Chart

LOOKS = {
    "bucket_120": LINE,
    "sliding_counter": BEADS,
    "bucket_30": DASHES,
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
CHART = Chart(
    prefix="limiter-first-minute-",
    title="Calls admitted in the first minute of a greedy client",
    below="calls admitted, by seconds since the first",
    x=Axis(0, 60, {second: str(second) for second in range(0, 61, 15)}),
    y=Axis(0, 180, {calls: str(calls) for calls in (0, 60, 120, 180)}),
    lines=(60, 120, 180),
)


def curve(times: Sequence[float], look: str) -> str:
    """Calls admitted so far, at each second."""
    seconds = range(61)
    counts = [sum(time <= second + 1e-6 for time in times) if second else 0 for second in seconds]
    return CHART.curve(seconds, counts, look)


def draw(lines: Mapping[str, Sequence[float]]) -> str:
    """The figure as SVG text; `lines` has the times of admission for each limiter of LOOKS."""
    return CHART.svg(
        description(lines),
        *(curve(lines[name], look) for name, look in LOOKS.items()),
        *(CHART.key(*PLACES[name], look, NAMES[name]) for name, look in LOOKS.items()),
    )


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
