"""The figure of the cascade simulation: harm refused against how alike the two stages err."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chart import BEADS, DASHES, LINE, Axis, Chart

LOOKS = {"alone": LINE, "agree": BEADS, "blend": DASHES}
CHART = Chart(
    prefix="cascade-correlation-",
    title="Share of harm refused, by correlation of the two stages",
    below="harm refused, by correlation of errors",
    x=Axis(0, 0.9, {0: "0", 0.3: "0.3", 0.6: "0.6", 0.9: "0.9"}),
    y=Axis(75, 100, {80: "80 %", 90: "90 %", 100: "100 %"}),
    lines=(80, 90, 100),
)


def draw(correlations: Sequence[float], shares: Mapping[str, Sequence[float]]) -> str:
    """The figure as SVG text.

    `correlations` run from 0 to 0.9. `shares` has the share of harm refused
    in % at each of these for each set-up of LOOKS. Raises ValueError if
    lengths differ and KeyError if a set-up is missing.
    """
    return CHART.svg(
        description(correlations, shares),
        *(CHART.curve(correlations, shares[setup], look) for setup, look in LOOKS.items()),
        CHART.key(0.03, 85.0, DASHES, "both scores decide"),
        CHART.key(0.03, 82.2, BEADS, "judge decides"),
        CHART.key(0.03, 77.5, LINE, "judge on everything"),
    )


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
