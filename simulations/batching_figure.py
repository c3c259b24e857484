"""The figure of the batching simulation: share of requests answered, by latency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chart import BEADS, DASHES, LINE, Axis, Chart

# The own queue and the queue in step give nearly the same curve: the beads come last, and both show.
LOOKS = {"own": LINE, "in step": BEADS, "shared": DASHES}
CHART = Chart(
    prefix="batching-latency-",
    title="Share of requests answered, by latency",
    below="answered within this many seconds",
    x=Axis(0, 5, {second: str(second) for second in range(6)}),
    y=Axis(0, 1, {0: "0 %", 0.5: "50 %", 1: "100 %"}),
    lines=(0.5, 1),
)


def curve(seconds: Sequence[float], shares: Sequence[float], look: str) -> str:
    """One cumulative curve, from its last 0 to where it looks like 1.

    The flat ends would only lie on top of each other.
    """
    first = max(sum(share == 0 for share in shares) - 1, 0)
    last = sum(share < 0.999 for share in shares) + 1
    return CHART.curve(seconds[first:last], shares[first:last], look)


def draw(seconds: Sequence[float], series: Mapping[str, Mapping]) -> str:
    """The figure as SVG text.

    `seconds` are latencies from 0 to 5. `series` has "own", "shared" and
    "in step"; of each, `shares` is the share of requests (0 to 1) answered
    within each latency, and `p50` and `p99` are in s. Raises ValueError if
    lengths differ and KeyError if a series is missing.
    """
    return CHART.svg(
        description(series),
        *(curve(seconds, series[name]["shares"], look) for name, look in LOOKS.items()),
        CHART.key(0.12, 0.78, DASHES, "shared queue"),
        CHART.key(3.32, 0.32, LINE, "own queue"),
        CHART.key(3.32, 0.16, BEADS, "in step"),
    )


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
