"""The figure of the weights simulation: share of machines complete, by scheme.

The time axis is logarithmic, because the schemes lie four powers of ten apart.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from chart import BEADS, BOTTOM, DASHES, GREY, LINE, TOP, Axis, Chart

LOOKS = {"one": LINE, "doubling": BEADS, "swarm": DASHES}
NAMES = {"swarm": "swarm, by chunks", "doubling": "doubling, whole files", "one": "one at a time"}
DOTS = f'class="guide-axis" fill="none" stroke="{GREY}" stroke-width="3" stroke-dasharray="4 5"'
CHART = Chart(
    prefix="weights-completion-",
    title="Machines complete against time, by scheme",
    below="share of 10,000 machines complete",
    x=Axis(10, 1_000_000, {60: "1 min", 600: "10 min", 3_600: "1 h", 86_400: "1 day"}, logarithmic=True),
    y=Axis(0, 1, {0: "0 %", 0.5: "50 %", 1: "100 %"}),
    lines=(0.5, 1),
)


def curve(times: np.ndarray, look: str) -> str:
    """A curve through the sorted times, at most some two hundred points and every step."""
    shares = np.arange(1, len(times) + 1) / len(times)
    steps = np.flatnonzero(np.diff(times) > 0.2 * times[:-1])
    kept = np.unique(np.r_[np.linspace(0, len(times) - 1, 120).astype(int), steps, steps + 1])
    return CHART.curve([times[0], *times[kept]], [0, *shares[kept]], look)


def draw(times: Mapping[str, np.ndarray]) -> str:
    """The figure as SVG text, from sorted completion times in s of each scheme of LOOKS."""
    return CHART.svg(
        description(times),
        f'<path {DOTS} d="M{CHART.x_of(times["one"][-1]):.1f} {TOP}V{BOTTOM}"/>',
        *(curve(times[scheme], look) for scheme, look in LOOKS.items()),
        CHART.key(900, 0.857, DASHES, NAMES["swarm"]),
        CHART.key(900, 0.722, BEADS, NAMES["doubling"]),
        CHART.key(900, 0.586, LINE, NAMES["one"]),
        CHART.key(900, 0.451, DOTS, "all at once"),
    )


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
