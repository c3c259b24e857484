"""Tests of the crawl simulation and of the results it has published."""

from __future__ import annotations

import json
import math
import re
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "simulations"))

import crawl  # noqa: E402
import crawl_figure  # noqa: E402
from crawl import DAY_S, SHAPES, Shape, Web  # noqa: E402

RESULTS = json.loads(crawl.RESULTS_FILE.read_text(encoding="utf-8"))
SOURCE = crawl.FIGURE_FILE.read_text(encoding="utf-8")
# A seed that the results do not use, so agreement is not a repetition.
FRESH_SEED = 1001


def by_hand(*sizes: int) -> Web:
    """Hosts of these sizes."""
    return Web(np.array(sizes), np.ones(len(sizes), dtype=int))


@pytest.fixture(scope="module")
def zipf() -> Web:
    return crawl.draw(SHAPES["zipf"], FRESH_SEED)


@pytest.fixture(scope="module")
def fresh() -> list[Web]:
    return [crawl.draw(SHAPES["zipf"], FRESH_SEED + number) for number in range(40)]


# ---- the published results -------------------------------------------------


def test_a_rerun_gives_the_published_files_byte_for_byte():
    results, curves = crawl.run()
    assert json.dumps(results, indent=2) + "\n" == crawl.RESULTS_FILE.read_text(encoding="utf-8")
    assert crawl_figure.draw(crawl.FIGURE_DAYS, curves) == SOURCE


def test_results_are_ordered_and_possible():
    for name, entry in RESULTS.items():
        mean = entry["mean"]
        assert 0 <= mean["low"] <= mean["value"] <= mean["high"], name
        assert entry["unit"] != "%" or mean["high"] <= 100, name
        assert entry["seeds"] == list(crawl.SEEDS)


def test_what_the_results_teach():
    """The sentences that the page says about the results."""
    value = {name.removeprefix("crawl."): entry["mean"]["value"] for name, entry in RESULTS.items()}
    assert value["capped.week"] > 99 > value["zipf.week"] > value["heavy.week"]
    assert value["zipf.turns_week"] < value["zipf.week"]
    # Twice the fleet wins back most of what turns cost.
    lost = value["zipf.month"] - value["zipf.turns_month"]
    assert value["zipf.month"] - value["zipf.turns_double"] < 0.4 * lost
    # Ten fleets hardly move the end.
    assert value["zipf.end_tenfold"] > 0.95 * value["zipf.end_week"]
    assert value["zipf.days_90_tenfold"] > 0.7 * value["zipf.days_90_week"]
    assert value["zipf.left_hosts"] < 1e-5 * value["zipf.hosts"]
    assert value["zipf.robots_turns"] > 4 * value["zipf.robots_once"]


# ---- known theory ----------------------------------------------------------


def test_fresh_seeds_agree_with_the_closed_form(fresh):
    """Zipf on [a, b]: under a cap c the share kept is (ln(c/a) + 1 - c/b) / ln(b/a)."""
    least, most = 4, crawl.LARGEST
    for cap in (10_000, 100_000, 7 * DAY_S, 30 * DAY_S):
        share = (math.log(cap / least) + 1 - cap / most) / math.log(most / least)
        assert np.mean([web.capped(cap) for web in fresh]) == pytest.approx(share, abs=0.015)
    assert np.mean([web.total for web in fresh]) == pytest.approx(crawl.PAGES, rel=0.02)
    hosts = crawl.PAGES / (least * math.log(most / least))
    assert np.mean([web.hosts for web in fresh]) == pytest.approx(hosts, rel=0.05)


def test_fresh_seeds_agree_with_the_results(fresh):
    """Forty webs against forty: four standard errors of the difference are less than two points."""
    week = np.mean([100 * web.ceiling(7) for web in fresh])
    assert week == pytest.approx(RESULTS["crawl.zipf.week"]["mean"]["value"], abs=2)
    turns = np.mean([100 * web.turns_share(crawl.WEEK_FLEET, 7) for web in fresh])
    assert turns == pytest.approx(RESULTS["crawl.zipf.turns_week"]["mean"]["value"], abs=2)


def test_a_fleet_without_end_ends_with_its_largest_host(zipf):
    assert zipf.turns_days(math.inf, 1.0) == pytest.approx([zipf.largest / DAY_S])


@pytest.mark.parametrize("shape", SHAPES.values())
def test_sizes_are_pareto(shape):
    web = crawl.draw(shape, FRESH_SEED)
    assert web.sizes[0] == shape.least
    assert web.largest <= crawl.LARGEST
    for size in (2 * shape.least, 100 * shape.least, 100_000):
        hosts = web.unfinished(size - 1)
        share = (shape.least / size) ** shape.index - (shape.least / crawl.LARGEST) ** shape.index
        mean = crawl.expected(shape, crawl.LARGEST)[0] * share
        assert hosts == pytest.approx(mean, abs=4 * math.sqrt(mean) + 1)


def test_expected_hosts_hold_the_pages():
    """Summed size by size, up to a largest size that is small enough for it."""
    shape, largest = SHAPES["zipf"], 5_000
    scale, often = crawl.expected(shape, largest)
    assert often @ np.arange(largest + 1) == pytest.approx(crawl.PAGES)
    assert often.sum() == pytest.approx(scale * (1 - shape.beyond(largest + 1)))


def test_the_largest_first_reaches_the_ceiling(zipf):
    """No order fetches more than the ceiling; this one fetches as much, and ends with the largest."""
    few = zipf.sizes > 50  # without the millions of smallest hosts, to be quick
    web = Web(zipf.sizes[few], zipf.counts[few])
    fleet = web.total / (7 * DAY_S)
    share, end = crawl.one_by_one(web, fleet, 7)
    assert share == pytest.approx(web.ceiling(7, fleet), rel=1e-3)
    assert end == pytest.approx(web.largest / DAY_S, rel=1e-3)


# ---- by hand ---------------------------------------------------------------


def test_levels_of_three_hosts():
    web = by_hand(2, 3, 10)
    assert (web.hosts, web.total, web.largest) == (3, 15, 10)
    assert [web.unfinished(most) for most in (0, 2, 3, 9, 10)] == [3, 2, 1, 1, 0]
    assert [web.capped(most) * 15 for most in (1, 2, 3, 10, 99)] == pytest.approx([3, 6, 8, 15, 15])


def test_turns_of_three_hosts():
    """A fleet of one page/s: two rounds of three, one of two, then seven alone."""
    web = by_hand(2, 3, 10)
    assert web.turns(1.0).tolist() == [0, 6, 8, 15]
    assert web.turns(100.0).tolist() == [0, 2, 3, 10]
    assert web.turns_share(1.0, 7 / DAY_S) == pytest.approx(7 / 15)
    assert web.turns_days(1.0, 0.4, 1.0) == pytest.approx([6 / DAY_S, 15 / DAY_S])
    assert web.turns(1.0, delay_s=4.0)[-1] == 40


def test_robots_of_three_hosts():
    web = by_hand(2, 3, 10)
    assert crawl.robots_share(web, None) == pytest.approx(3 / 15)
    assert crawl.robots_share(web, 1.0) == pytest.approx(3 / 15)
    assert crawl.robots_share(web, 1 / DAY_S) == pytest.approx((2 + 3 + 10) / 15)


def test_host_after_host_with_two_slots():
    """The largest first: 10,000 alone, 3,000 then 2,000 beside it; by second 4,000 that is 8,000."""
    web = by_hand(2_000, 3_000, 10_000)
    share, end = crawl.one_by_one(web, 2, 4_000 / DAY_S)
    assert share == pytest.approx(8 / 15)
    assert end * DAY_S == pytest.approx(10_000)


def test_bundles_lose_no_page():
    sizes = np.array([5, 2_000, 400, 700, 300, 1_000, 3])
    assert sum(crawl.bundles(sizes)) == sizes.sum()


def test_inverse_erf():
    assert [crawl._inverse_erf(math.erf(x)) for x in (-1.5, 0.0, 0.7)] == pytest.approx([-1.5, 0.0, 0.7])


def test_rare_sizes_drawn_host_by_host_are_as_many_as_expected():
    """Over a hundred seeds, hosts above OFTEN and their pages; each within four standard errors."""
    above, largest = crawl.OFTEN, crawl.LARGEST
    webs = [crawl.draw(SHAPES["zipf"], seed) for seed in range(2_000, 2_100)]
    found = [web.unfinished(above) for web in webs]
    pages = [float((web.sizes * web.counts)[web.sizes > above].sum()) for web in webs]
    # Zipf's law in closed form: density scale / size^2, so many hosts, pages and squares of pages.
    scale = crawl.PAGES / math.log(largest / 4)
    mean = scale * (1 / above - 1 / largest)
    assert np.mean(found) == pytest.approx(mean, rel=0.02, abs=4 * math.sqrt(mean / 100))
    assert np.var(found) == pytest.approx(mean, rel=0.6)
    weight, square = scale * math.log(largest / above), scale * (largest - above)
    assert np.mean(pages) == pytest.approx(weight, rel=0.02, abs=4 * math.sqrt(square / 100))
    assert min(web.sizes[web.sizes > above].min() for web in webs) == pytest.approx(above, rel=0.01)
    assert all(np.all(np.diff(web.sizes) > 0) for web in webs)


def test_same_seed_same_hosts_other_seed_other_hosts():
    shape = Shape(1.0, 4)
    first, again, other = (crawl.draw(shape, seed, 10_000) for seed in (7, 7, 8))
    assert np.array_equal(first.pages, again.pages)
    assert not np.array_equal(first.pages, other.pages)


# ---- the figure ------------------------------------------------------------


def test_figure_names_its_lines():
    root = ElementTree.fromstring(SOURCE)
    words = {node.text for node in root.iter() if node.tag.endswith("text")}
    assert set(crawl_figure.NAMES.values()) <= words


def test_figure_tells_and_draws_the_published_numbers():
    told = re.search(r"<desc[^>]*>(.*)</desc>", SOURCE)[1]
    week, month = (RESULTS[f"crawl.zipf.{word}"]["mean"]["value"] for word in ("week", "month"))
    assert f"ndless fleet: {week:.0f} % after 7 days, {month:.0f} % after 30 days" in told
    curves = dict(re.findall(r'<polyline class="guide-series-(\d)".*points="([^"]+)"', SOURCE))
    assert set(curves) == {"1", "2", "3"}
    points = dict(pair.split(",") for pair in curves["1"].split())
    assert float(points[f"{crawl_figure.CHART.x_of(7):.1f}"]) == pytest.approx(
        crawl_figure.CHART.y_of(week / 100), abs=0.2
    )
