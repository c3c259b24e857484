"""The figure of the caching simulation: what is found, by lifetime, beside a replayed trace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chart import BEADS, DASHES, LINE, Axis, Chart

LOOKS = {"served": LINE, "talk": DASHES, "trace": BEADS}
NAMES = {
    "served": "with instructions in common",
    "talk": "conversations alone",
    "trace": "replayed trace",
}
PLACES = {"served": (260, 17), "talk": (260, 11), "trace": (260, 5)}
CHART = Chart(
    prefix="caching-lifetime-",
    title="Prompt tokens found in the cache, by lifetime",
    below="prompt tokens found, by lifetime without use",
    x=Axis(50, 3_900, {60: "1 min", 300: "5 min", 1_200: "20 min", 3_600: "1 h"}, logarithmic=True),
    y=Axis(0, 60, {percent: f"{percent} %" for percent in (0, 20, 40, 60)}),
    lines=(20, 40, 60),
)


def dots(lives: Sequence[float], shares: Sequence[float], look: str) -> str:
    """Round dots without a line between them: a path of moves that go nowhere."""
    places = zip(lives, shares, strict=True)
    moves = "".join(f"M{CHART.x_of(life):.1f} {CHART.y_of(share):.1f}h0.1" for life, share in places)
    return f'<path {look} d="{moves}"/>'


def draw(lives: Sequence[float], lines: Mapping[str, Sequence[float]]) -> str:
    """The figure as SVG text; `lines` has the shares found, in %, for each name of LOOKS."""
    return CHART.svg(
        description(lives, lines),
        CHART.curve(lives, lines["served"], LINE),
        CHART.curve(lives, lines["talk"], DASHES),
        dots(lives, lines["trace"], BEADS),
        *(CHART.key(*PLACES[name], look, NAMES[name]) for name, look in LOOKS.items()),
    )


def description(lives: Sequence[float], lines: Mapping[str, Sequence[float]]) -> str:
    """What the figure shows, in words."""
    at = [lives.index(seconds) for seconds in (60, 300, 3_600)]
    told = "; ".join(
        f"{words}: " + ", ".join(f"{lines[name][k]:.0f} %" for k in at) for name, words in NAMES.items()
    )
    return (
        "Share of prompt tokens found, for lifetimes without use from one minute to an hour. After "
        f"one minute, five minutes and an hour: {told}. All three flatten after ten minutes."
    )
