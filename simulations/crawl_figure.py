"""The figure of the crawl simulation: share fetched by day, for three fleets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chart import BEADS, DASHES, LINE, Axis, Chart

LOOKS = {"any": LINE, "week": BEADS, "month": DASHES}  # beads over the line where a fleet meets politeness
NAMES = {"any": "endless fleet", "week": "1,653 pages/s", "month": "386 pages/s"}
CHART = Chart(
    prefix="crawl-ceiling-",
    title="Share of a billion pages fetched, by day and fleet",
    below="share of pages fetched, by day",
    x=Axis(0, 40, {day: str(day) for day in (0, 7, 14, 21, 30, 40)}),
    y=Axis(0, 1, {0: "0 %", 0.5: "50 %", 1: "100 %"}),
    lines=(0.25, 0.5, 0.75, 1),
)


def draw(days: Sequence[float], shares: Mapping[str, Sequence[float]]) -> str:
    """The figure as SVG text.

    `days` run from 0 to 40; `shares` has the share fetched by each day for each
    fleet of LOOKS. Raises ValueError if lengths differ and KeyError if one is missing.
    """
    return CHART.svg(
        description(days, shares),
        *(CHART.curve(days, shares[fleet], look) for fleet, look in LOOKS.items()),
        CHART.key(21, 0.44, LINE, NAMES["any"]),
        CHART.key(21, 0.30, BEADS, NAMES["week"]),
        CHART.key(21, 0.16, DASHES, NAMES["month"]),
    )


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
