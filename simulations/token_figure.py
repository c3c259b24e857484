"""The figure of the token simulation: p99 time to first token against load, on a logarithmic scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chart import BEADS, DASHES, LINE, Axis, Chart

LOOKS = {"reserve_max": LINE, "reserve_mean": BEADS, "free": DASHES}
NAMES = {
    "reserve_max": "reserve maximum",
    "reserve_mean": "reserve mean",
    "free": "reserve nothing",
}
CHART = Chart(
    prefix="token-admission-",
    title="Time to first token against load, by admission policy",
    below="p99 time to first token, by load",
    x=Axis(0.65, 1.05, {percent / 100: f"{percent} %" for percent in (70, 80, 90, 100)}),
    y=Axis(0.01, 1_000, {0.01: "10 ms", 0.1: "0.1 s", 1: "1 s", 10: "10 s", 100: "100 s"}, logarithmic=True),
    lines=(0.1, 1, 10, 100, 1_000),
)


def draw(loads: Sequence[float], p99s: Mapping[str, Sequence[float]]) -> str:
    """The figure as SVG text.

    `loads` are shares of capacity from 0.65 to 1.05. `p99s` has the p99 times
    to first token in s at these loads for each policy of LOOKS. Raises
    ValueError if lengths differ and KeyError if a policy is missing.
    """
    return CHART.svg(
        description(loads, p99s),
        *(CHART.curve(loads, p99s[policy], look) for policy, look in LOOKS.items()),
        CHART.key(0.67, 350, LINE, NAMES["reserve_max"]),
        CHART.key(0.756, 3.2, BEADS, NAMES["reserve_mean"]),
        CHART.key(0.85, 0.02, DASHES, NAMES["free"]),
    )


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
