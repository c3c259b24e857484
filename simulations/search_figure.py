"""The figure of the search simulation: p99 of a whole query against load, by hedging."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chart import BEADS, DASHES, LINE, Axis, Chart

LOOKS = {"plain": LINE, "hedged": BEADS, "budget": DASHES}
NAMES = {
    "plain": "never sent again",
    "hedged": "again after 15 ms",
    "budget": "the same, at most a tenth",
}
CHART = Chart(
    prefix="search-hedging-",
    title="Time of a whole query against load, by hedging policy",
    below="p99 of a whole query in ms, by load",
    x=Axis(0.48, 0.97, {percent / 100: f"{percent} %" for percent in (50, 60, 70, 80, 90)}),
    y=Axis(0, 165, {ms: str(ms) for ms in (0, 50, 100, 150)}),
    lines=(50, 100, 150),
)


def draw(loads: Sequence[float], p99s: Mapping[str, Sequence[float]]) -> str:
    """The figure as SVG text.

    `loads` are shares of capacity from 0.5 to 0.95. `p99s` has the p99 of whole
    queries in ms at these loads for each policy of LOOKS. Raises ValueError if
    lengths differ and KeyError if a policy is missing.
    """
    return CHART.svg(
        description(loads, p99s),
        *(CHART.curve(loads, p99s[policy], look) for policy, look in LOOKS.items()),
        CHART.key(0.5, 154.0, LINE, NAMES["plain"]),
        CHART.key(0.5, 132.0, BEADS, NAMES["hedged"]),
        CHART.key(0.5, 110.0, DASHES, NAMES["budget"]),
    )


def description(loads: Sequence[float], p99s: Mapping[str, Sequence[float]]) -> str:
    """What the figure shows, in words."""
    shown = [loads.index(load) for load in (0.6, 0.8, 0.9, 0.95)]
    lines = []
    for policy, words in NAMES.items():
        values = ", ".join(f"{p99s[policy][place]:.0f} ms at {100 * loads[place]:.0f} %" for place in shown)
        lines.append(f"{words}: {values}")
    return (
        "99th percentile of the time of a query over twelve shards, against load from 50 % to 95 % of "
        f"capacity. Sub-queries {'; '.join(lines)}."
    )
