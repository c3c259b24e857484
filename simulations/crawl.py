"""Finish time of a polite crawl over hosts of very unequal size, simulated.

A billion pages lie on millions of hosts. A host gives at most one page in each
`delay_s`; the fleet fetches at most `fleet` pages/s in all. Sizes are drawn from
a Pareto distribution cut at ten million pages, as in a sampled crawl ("capped"),
as in Zipf's law ("zipf"), or heavier still ("heavy"). "capped" has about the index of the 500
largest domains of a Common Crawl archive, whose large domains are sampled. "capped" and "zipf" have
50 to 60 pages on a host, as IRLbot and Common Crawl found; "heavy" has 90. Only pages, hosts and time
are modelled, and pages flow: a host gives 1/`delay_s` pages/s, not one at a time.

Three orders are compared. "Ceiling" is the most that any order can fetch by a
time: fleet or politeness, whichever is less. "Turns" gives every unfinished host
the same share of the fleet, as a breadth-first frontier does. "One by one" takes host
after host, the largest first, each at its full pace until it is done; the tests show that
it reaches the ceiling, so the results do not list it.

Run it to rewrite ``results/crawl.json`` and the figure:

    python simulations/crawl.py

Each entry has the mean over seeds and the range over seeds. The same NumPy
release gives the same files byte for byte.

What the model leaves out, and so must not be quoted for:

* failures, retries, redirects, robots.txt that refuses or cannot be read;
* discovery: all pages of a host are known at the start;
* hosts that share an address or an owner, and so a limit;
* bandwidth, look-ups, judging, storage, and machines that die;
* pages that change, vanish or repeat; traps, whose size has no end;
* the real web's sizes: three shapes, not a measurement.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from common import FIGURES, RESULTS, spread, write_results, write_text

PAGES = 1e9
LARGEST = 10_000_000
DAY_S = 86_400
SEEDS = tuple(range(1, 41))
WEEK_FLEET, MONTH_FLEET = PAGES / (7 * DAY_S), PAGES / (30 * DAY_S)
FIGURE_DAYS = tuple(day / 4 for day in range(161))
BUNDLE = 1_000
# Most sizes above this have no host.
OFTEN = 100_000

RESULTS_FILE = RESULTS / "crawl.json"
FIGURE_FILE = FIGURES / "crawl-ceiling.svg"


@dataclass(frozen=True)
class Shape:
    """Sizes of hosts: Pareto with index `index` from `least` pages, cut at LARGEST."""

    index: float
    least: int

    def beyond(self, size):
        """Chance of `size` pages or more, were there no cut."""
        return (self.least / size) ** self.index


SHAPES = {"capped": Shape(1.5, 17), "zipf": Shape(1.0, 4), "heavy": Shape(0.8, 1)}


class Web:
    """Hosts by size. `active[j]` hosts have more than `levels[j]` pages; `pages[j]` is
    what all hosts hold when none may give more than that."""

    def __init__(self, sizes: np.ndarray, counts: np.ndarray):
        """Distinct sizes, ascending, and how many hosts have each."""
        self.sizes, self.counts = sizes, counts
        self.hosts, self.largest = int(counts.sum()), int(sizes[-1])
        self.levels = np.concatenate([[0], sizes])
        self.active = self.hosts - np.concatenate([[0], np.cumsum(counts)])
        self.pages = np.concatenate([[0], np.cumsum(np.diff(self.levels) * self.active[:-1])])
        self.total = int(self.pages[-1])

    def capped(self, most: float) -> float:
        """Share of all pages when no host gives more than `most`."""
        return float(np.interp(most, self.levels, self.pages)) / self.total

    def unfinished(self, most: float) -> int:
        """Hosts with more than `most` pages."""
        return int(self.active[np.searchsorted(self.levels, most, side="right") - 1])

    def ceiling(self, days: float, fleet: float = math.inf, delay_s: float = 1.0) -> float:
        """Share that the best order fetches in `days`."""
        polite = self.capped(days * DAY_S / delay_s)
        return polite if math.isinf(fleet) else min(fleet * days * DAY_S / self.total, polite)

    def turns(self, fleet: float, delay_s: float = 1.0) -> np.ndarray:
        """Seconds after which every unfinished host has given each of `levels`, in turns."""
        each = np.maximum(delay_s, self.active[:-1] / fleet)
        return np.concatenate([[0.0], np.cumsum(np.diff(self.levels) * each)])

    def turns_share(self, fleet: float, days: float) -> float:
        """Share fetched in turns within `days`."""
        return self.capped(np.interp(days * DAY_S, self.turns(fleet), self.levels))

    def turns_days(self, fleet: float, *shares: float) -> list[float]:
        """Days until each of `shares` is fetched in turns."""
        levels = np.interp(np.array(shares) * self.total, self.pages, self.levels)
        return (np.interp(levels, self.levels, self.turns(fleet)) / DAY_S).tolist()


def draw(shape: Shape, seed: int, largest: int = LARGEST) -> Web:
    """Hosts of a shape, so many that they hold PAGES on average.

    Sizes up to OFTEN are drawn size by size, each a Poisson number of hosts; of the
    larger, a Poisson number is drawn host by host, which has the same distribution.
    """
    rng = np.random.default_rng([seed, largest])
    scale, often = expected(shape, largest)
    counts = rng.poisson(often)
    sizes = np.flatnonzero(counts)
    most, least = shape.beyond(len(often)), shape.beyond(largest + 1)
    chances = rng.uniform(least, most, rng.poisson(scale * (most - least)))
    drawn = np.floor(shape.least * chances ** (-1 / shape.index)).astype(int)
    rare, times = np.unique(np.clip(drawn, len(often), largest), return_counts=True)
    return Web(np.concatenate([sizes, rare]), np.concatenate([counts[sizes], times]))


@lru_cache(maxsize=8)
def expected(shape: Shape, largest: int) -> tuple[float, np.ndarray]:
    """Expected hosts, were there no cut, and how many of each size up to OFTEN."""
    # The mean size, its sum taken by parts: each page beyond the least counts the hosts that have it.
    sizes = np.arange(shape.least + 1, largest + 1, dtype=float)
    pages = shape.least + shape.beyond(sizes).sum() - largest * shape.beyond(largest + 1)
    scale = PAGES / float(pages)
    edges = np.arange(shape.least, min(OFTEN, largest) + 2, dtype=float)
    often = np.concatenate([np.zeros(shape.least), -np.diff(shape.beyond(edges))])
    return scale, scale * often


def slow_share(web: Web, days: float) -> float:
    """Share within `days` when the delay is ten times a host's response time, at least 1 s.

    Response times are lognormal, median 0.3 s and sigma 0.8, and independent of size.
    """
    quantiles = (np.arange(200) + 0.5) / 200
    normal = np.array([math.sqrt(2) * _inverse_erf(2 * q - 1) for q in quantiles])
    delays = np.maximum(1.0, 10 * 0.3 * np.exp(0.8 * normal))
    return float(np.mean([web.ceiling(days, delay_s=delay) for delay in delays]))


def _inverse_erf(value: float) -> float:
    low, high = -6.0, 6.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if math.erf(middle) < value else (low, middle)
    return low


def robots_share(web: Web, fleet: float | None) -> float:
    """robots.txt fetches for each page: one a host and visited day, or one a host."""
    if fleet is None:
        return web.hosts / web.total
    days = np.ceil(web.turns(fleet)[1:] / DAY_S)
    return float((web.counts * np.minimum(web.sizes, days)).sum()) / web.total


def one_by_one(web: Web, fleet: float, days: float) -> tuple[float, float]:
    """Share within `days` and days to the end, host after host, the largest first, at 1 page/s each.

    Hosts smaller than BUNDLE pages are taken several at a time, one after the other.
    """
    jobs = bundles(np.repeat(web.sizes.astype(np.int32), web.counts)[::-1])
    free = [0.0] * round(fleet)
    until, fetched, end = days * DAY_S, 0.0, 0.0
    for size in jobs:
        start = free[0]
        fetched += min(size, max(0.0, until - start))
        end = max(end, start + size)
        heapq.heapreplace(free, start + size)
    return fetched / web.total, end / DAY_S


def bundles(sizes: np.ndarray) -> list[int]:
    """Sizes in order, small neighbours added up to about BUNDLE pages."""
    parts = np.minimum(sizes, BUNDLE)
    marks = np.flatnonzero(np.diff(np.cumsum(parts, dtype=np.int64) // BUNDLE, prepend=-1))
    return np.add.reduceat(sizes, marks, dtype=np.int64).tolist()


def measures(web: Web) -> dict[str, float]:
    """All that is quoted of the Zipf web."""
    found = {
        "pages": web.total,
        "hosts": web.hosts,
        "on_host": web.total / web.hosts,
        "largest": web.largest,
        "left_hosts": web.unfinished(7 * DAY_S),
        "left_share": 100 * (1 - web.ceiling(7)),
        "week_10s": 100 * web.ceiling(7, delay_s=10),
        "month_10s": 100 * web.ceiling(30, delay_s=10),
        "week_slow": 100 * slow_share(web, 7),
        "month_slow": 100 * slow_share(web, 30),
        "kept_100k": 100 * web.capped(100_000),
        "turns_week": 100 * web.turns_share(WEEK_FLEET, 7),
        "turns_month": 100 * web.turns_share(MONTH_FLEET, 30),
        "turns_double": 100 * web.turns_share(2 * MONTH_FLEET, 30),
        "robots_once": 100 * robots_share(web, None),
        "robots_turns": 100 * robots_share(web, MONTH_FLEET),
    }
    for name, fleet in FLEETS.items():
        found[f"days_90_{name}"], found[f"end_{name}"] = web.turns_days(fleet, 0.90, 1.0)
    return found


FLEETS = {"month": MONTH_FLEET, "week": WEEK_FLEET, "tenfold": 10 * WEEK_FLEET, "endless": math.inf}
UNITS = {
    "pages": ("page", "Pages drawn"),
    "hosts": ("host", "Hosts drawn"),
    "on_host": ("page/host", "Pages on a host"),
    "largest": ("page", "Pages of the largest host"),
    "left_hosts": ("host", "Hosts unfinished after 7 days, at 1 page/s each, endless fleet"),
    "left_share": ("%", "Share of pages on them, unfetched"),
    "week_10s": ("%", "Share within 7 days, endless fleet, a page in 10 s from each host"),
    "month_10s": ("%", "Share within 30 days, endless fleet, a page in 10 s from each host"),
    "week_slow": ("%", "Share within 7 days, endless fleet, delay ten response times, at least 1 s"),
    "month_slow": ("%", "Share within 30 days, endless fleet, delay ten response times, at least 1 s"),
    "kept_100k": ("%", "Share of pages when no host gives more than 100,000"),
    "turns_week": ("%", "Share within 7 days in turns, 1,653 pages/s"),
    "turns_month": ("%", "Share within 30 days in turns, 386 pages/s"),
    "turns_double": ("%", "Share within 30 days in turns, 772 pages/s"),
    "robots_once": ("%", "robots.txt fetches for each page, one for each host"),
    "robots_turns": ("%", "robots.txt fetches for each page, one a host and day, in turns, 386 pages/s"),
    **{f"days_90_{name}": ("day", f"Days to nine tenths, in turns, {fleet:,.0f} pages/s")
       for name, fleet in FLEETS.items()},
    **{f"end_{name}": ("day", f"Days to the last page, in turns, {fleet:,.0f} pages/s")
       for name, fleet in FLEETS.items()},
}  # fmt: skip


def entry(unit: str, model: str, values: list[float]) -> dict:
    """One entry of the results."""
    return {"model": model, "unit": unit, "seeds": list(SEEDS), "mean": spread(values)}


def run() -> tuple[dict, dict[str, list[float]]]:
    """The results, and the curves of the figure."""
    results: dict = {}
    for name, shape in SHAPES.items():
        webs = [draw(shape, seed) for seed in SEEDS]
        for days, word in ((7, "week"), (30, "month")):
            model = f"{name}: share within {days} days, endless fleet, 1 page/s from each host."
            shares = [100 * web.ceiling(days) for web in webs]
            results[f"crawl.{name}.{word}"] = entry("%", model, shares)
        if name == "zipf":
            found = [measures(web) for web in webs]
            for key, (unit, words) in UNITS.items():
                results[f"crawl.zipf.{key}"] = entry(unit, f"zipf: {words}.", [f[key] for f in found])
            curves = figure_curves(webs)
    return results, curves


def figure_curves(webs: list[Web]) -> dict[str, list[float]]:
    """Share fetched by each of FIGURE_DAYS: endless fleet, and two fleets."""
    curves: dict[str, list[float]] = {"any": [], "week": [], "month": []}
    for day in FIGURE_DAYS:
        curves["any"].append(float(np.mean([web.ceiling(day) for web in webs])))
        curves["week"].append(float(np.mean([web.ceiling(day, WEEK_FLEET) for web in webs])))
        curves["month"].append(float(np.mean([web.ceiling(day, MONTH_FLEET) for web in webs])))
    return curves


def main() -> None:
    """Write the results file and the figure."""
    import crawl_figure  # beside this file; only the script needs it

    results, curves = run()
    write_results(results, RESULTS_FILE)
    write_text(crawl_figure.draw(FIGURE_DAYS, curves), FIGURE_FILE)


if __name__ == "__main__":
    main()
