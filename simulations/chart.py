"""A line chart as SVG made by hand: what the figures of all simulations have in common.

Colours are presentation attributes, in mid-tones that can be read on white and on near-black; a page that
inlines a figure may restyle it through the classes `guide-series-1` to `guide-series-3`, `guide-axis`,
`guide-grid` and `guide-label`. No style attribute and no style element is used, because the site's content
security policy forbids both.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 74, 622, 22, 288  # of the axes
GREY = "#7b7b7b"

# Three looks that are told apart without colour, also where curves coincide: round beads let a line show.
LINE = 'class="guide-series-1" fill="none" stroke="#c2553f" stroke-width="4"'
DASHES = 'class="guide-series-2" fill="none" stroke="#2f83b5" stroke-width="4" stroke-dasharray="16 7"'
BEADS = (
    'class="guide-series-3" fill="none" stroke="#8a7a2a" stroke-width="10" '
    'stroke-linecap="round" stroke-dasharray="0 22"'
)


def text(x: float, y: float, words: str, anchor: str = "start") -> str:
    """One line of text, at a place in the figure."""
    return (
        f'<text class="guide-label" x="{x:.1f}" y="{y:.1f}" fill="{GREY}" '
        f'text-anchor="{anchor}">{words}</text>'
    )


@dataclass(frozen=True)
class Axis:
    """From `first` to `last`, which it does not show by itself; `ticks` are values and their words."""

    first: float
    last: float
    ticks: Mapping[float, str]
    logarithmic: bool = False

    def place(self, value: float, start: float, end: float) -> float:
        """Where a value lies between two places, `start` for `first` and `end` for `last`."""
        if self.logarithmic:
            return start + (end - start) * math.log(value / self.first) / math.log(self.last / self.first)
        return start + (end - start) * (value - self.first) / (self.last - self.first)


@dataclass(frozen=True)
class Chart:
    """Axes and grid. `prefix` keeps the ids of two figures on a page apart; `below` says what is drawn."""

    prefix: str
    title: str
    below: str
    x: Axis
    y: Axis
    lines: Iterable[float]  # across, at values of y

    def x_of(self, value: float) -> float:
        """Horizontal place of a value."""
        return self.x.place(value, LEFT, RIGHT)

    def y_of(self, value: float) -> float:
        """Vertical place of a value."""
        return self.y.place(value, BOTTOM, TOP)

    def curve(self, xs: Iterable[float], ys: Iterable[float], look: str) -> str:
        """A line through points. Raises ValueError if their lengths differ."""
        pairs = zip(xs, ys, strict=True)
        points = " ".join(f"{self.x_of(x):.1f},{self.y_of(y):.1f}" for x, y in pairs)
        return f'<polyline {look} points="{points}"/>'

    def key(self, x: float, y: float, look: str, words: str) -> str:
        """A sample of a look with its name, at a place in the plot."""
        left, middle = self.x_of(x), self.y_of(y)
        sample = f'<path {look} d="M{left:.1f} {middle:.1f}h44.1"/>'
        return sample + "\n" + text(left + 60, middle + 7, words)

    def svg(self, description: str, *drawn: str) -> str:
        """The figure as SVG text; `description` says in words what `drawn` shows."""
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
            f'aria-labelledby="{self.prefix}title {self.prefix}desc" font-family="sans-serif" '
            'font-size="20">',
            f'<title id="{self.prefix}title">{self.title}</title>',
            f'<desc id="{self.prefix}desc">{description}</desc>',
            *self._grid(),
            *drawn,
            "</svg>",
        ]
        return "\n".join(parts) + "\n"

    def _grid(self) -> list[str]:
        grid = [
            f'<path class="guide-grid" d="M{LEFT} {self.y_of(value):.1f}H{RIGHT}" fill="none" '
            f'stroke="{GREY}" stroke-width="1" stroke-opacity="0.5"/>'
            for value in self.lines
        ]
        axes = f'd="M{LEFT} {TOP}V{BOTTOM}H{RIGHT}" fill="none" stroke="{GREY}" stroke-width="2"/>'
        left = [text(LEFT - 8, self.y_of(value) + 7, words, "end") for value, words in self.y.ticks.items()]
        under = [
            text(self.x_of(value), BOTTOM + 26, words, "middle") for value, words in self.x.ticks.items()
        ]
        named = text((LEFT + RIGHT) / 2, HEIGHT - 14, self.below, "middle")
        return [*grid, f'<path class="guide-axis" {axes}', *left, *under, named]
