"""Tests of the search simulation and of the results it has published."""

from __future__ import annotations

import json
import math
import re
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "simulations"))

import search  # noqa: E402
import search_figure  # noqa: E402
from search import Model, Shard  # noqa: E402

RESULTS = json.loads(search.RESULTS_FILE.read_text(encoding="utf-8"))
SOURCE = search.FIGURE_FILE.read_text(encoding="utf-8")
# A seed that the results do not use, so agreement is not a repetition.
FRESH_SEED = 1001
BRIEF = Model(shards=3, queries=3_000)
VARIANTS = [
    BRIEF,
    replace(BRIEF, hedge_ms=15.0),
    replace(BRIEF, hedge_ms=15.0, budget=0.02, load=0.9),
    replace(BRIEF, hedge_ms=15.0, kept=True, stops="together"),
    replace(BRIEF, stops="none", replicas=1),
]


def by_hand(model: Model, stops: list[tuple[float, int]], arrivals: list[float], hard: list[float]) -> list:
    """Times of the answers of one shard."""
    ends, _ = Shard(model, stops, [1]).run(arrivals, hard)
    return [end - at for end, at in zip(ends, arrivals, strict=True)]


@pytest.fixture
def same_tries(monkeypatch):
    """Every try takes exactly the query's difficulty."""
    monkeypatch.setattr(search, "TRY_SIGMA", 0.0)


# ---- the published results -------------------------------------------------


def test_results_have_today_s_entries_and_models():
    expected = []
    for name, (_, _, quoted) in search.ENTRIES.items():
        expected += [name, *(f"{name}.{measure}" for measure in quoted)]
    assert list(RESULTS) == [*expected, *search.CACHES]
    for name in expected:
        model, shards, _ = search.ENTRIES[".".join(name.split(".")[:2])]
        assert RESULTS[name]["model"] == search.describe(model, shards)
        assert RESULTS[name]["seeds"] == list(search.SEEDS)


@pytest.mark.parametrize("name", RESULTS)
def test_results_are_ordered_and_possible(name):
    entry = RESULTS[name]
    for measure in entry.keys() - {"model", "unit", "seeds"}:
        assert 0 <= entry[measure]["low"] <= entry[measure]["value"] <= entry[measure]["high"]
    if "p99" in entry:
        assert entry["p50"]["value"] < entry["p99"]["value"]
    if entry["unit"] == "%":
        assert entry["mean"]["high"] <= 100


@pytest.mark.parametrize("name", ["search.plain_60", "search.budget_60", "search.together_hedged_60"])
def test_full_regeneration_of_an_entry(name):
    """The rest take too long for a test; NumPy may differ in the last digit."""
    for found, entry in search.run_entry(name).items():
        for measure in entry.keys() - {"model", "unit", "seeds"}:
            assert entry[measure] == pytest.approx(RESULTS[found][measure], rel=5e-4)


def test_full_regeneration_of_the_caches():
    for name, entry in search.cache_entries().items():
        assert entry["mean"] == pytest.approx(RESULTS[name]["mean"], rel=5e-4)
        assert entry["model"] == RESULTS[name]["model"]


@pytest.mark.parametrize(("name", "tolerance"), [("search.plain_60", 0.15), ("search.budget_60", 0.1),
                                                 ("search.calm_60", 0.06)])  # fmt: skip
def test_one_fresh_seed_agrees_with_the_results(name, tolerance):
    model, shards, _ = search.ENTRIES[name]
    found = search.measures(search.simulate(model, FRESH_SEED), shards)
    for measure in ("mean", "p50", "p99"):
        assert found[measure] == pytest.approx(RESULTS[name][measure]["value"], rel=tolerance), measure


def test_the_model_takes_the_page_s_own_inputs():
    """What the page works out or chooses is what was simulated."""
    page = (ROOT / "docs/questions/hybrid-search.md").read_text(encoding="utf-8")
    given = dict(re.findall(r"^\| `(\w+)` \|[^|]*\| ([\d.]+)", page, re.MULTILINE))
    simulated = {
        "sub_time": search.MEAN_MS,
        "delay": search.HEDGE_MS,
        "cut": search.CUT_MS,
        "stop": search.STOP_MS,
        "stop_every": search.STOP_EVERY_MS / 1_000,
        "spread": search.QUERY_SIGMA,
        "harder_spread": search.ENTRIES["search.harder_60"][0].sigma,
        "again": 100 * search.BUDGET,
        "shards": Model().shards,
        "kept_for": search.LIVES_S,
    }
    assert {symbol: float(given[symbol]) for symbol in simulated} == pytest.approx(simulated)


def test_what_the_results_teach():
    """The sentences that the page says about the results."""

    def p99(name: str) -> float:
        return RESULTS[f"search.{name}"]["p99"]["value"]

    def mean(name: str) -> float:
        return RESULTS[f"search.{name}"]["mean"]["value"]

    assert p99("budget_60") < 0.55 * p99("plain_60")
    assert mean("budget_60.extra") < 5.5
    # Nothing is gained where the query is slow, or where all replicas are.
    assert abs(p99("calm_hedged_60") / p99("calm_60") - 1) < 0.02
    assert p99("together_hedged_60") > 0.97 * p99("together_60")
    # Load turns it: the median first, then the tail; a budget of a tenth never loses.
    for load, worse in ((85, 1.25), (90, 1.8)):
        hedged, plain = (RESULTS[f"search.{policy}_{load}"]["p50"]["value"] for policy in ("hedged", "plain"))
        assert hedged > worse * plain, load
    assert p99("hedged_85") < p99("plain_85")
    assert RESULTS["search.hedged_90"]["p50"]["low"] > RESULTS["search.plain_90"]["p50"]["high"]
    assert p99("hedged_95") > 1.2 * p99("plain_95")
    for load in search.FIGURE_LOADS:
        assert p99(f"budget_{100 * load:.0f}") < p99(f"plain_{100 * load:.0f}")
    assert p99("tight_60") > 1.2 * p99("budget_60")
    assert p99("kept_80") > 5 * p99("plain_80")
    assert p99("wide_hedged_60") > p99("budget_60")
    # The cut stands above the hedged p99 of every seed, and a harder mix breaks it; longer stops do not.
    assert RESULTS["search.budget_60"]["p99"]["high"] < search.CUT_MS < p99("harder_60")
    assert p99("long_60") < search.CUT_MS
    # Above capacity there is no steady state.
    assert RESULTS["search.runaway_90"]["p50"]["low"] > 1.5 * RESULTS["search.hedged_90"]["p50"]["high"]


# ---- determinism -----------------------------------------------------------


@pytest.mark.parametrize("model", VARIANTS)
def test_same_seed_same_numbers_other_seed_other_numbers(model):
    first, again, other = (search.simulate(model, seed) for seed in (7, 7, 8))
    assert np.array_equal(first.times, again.times) and first.extra == again.extra
    assert not np.array_equal(first.times, other.times)


def test_hedging_changes_nothing_before_the_delay():
    plain, hedged = (search.simulate(replace(BRIEF, load=0.05, stops="none", hedge_ms=ms), 7).times
                     for ms in (0.0, 15.0))  # fmt: skip
    quick = plain <= 15.0
    assert np.array_equal(plain[quick], hedged[quick])
    assert (hedged <= plain + 1e-9).all()


# ---- rules of a shard ------------------------------------------------------


@pytest.mark.parametrize("model", VARIANTS)
def test_every_query_is_answered_and_no_sooner_than_its_work(model):
    times = search.simulate(model, 5).times
    assert times.shape == (2_700, 3)
    assert (times > 0).all() and np.isfinite(times).all()


def test_a_query_alone_takes_its_work(same_tries):
    assert by_hand(Model(), [], [1.0, 100.0], [6.0, 9.0]) == pytest.approx([6.0, 9.0])


def test_a_full_replica_makes_the_next_wait(same_tries):
    """Seventeen at once for sixteen slots."""
    times = by_hand(Model(replicas=1), [], [0.0] * 17, [6.0] * 17)
    assert sorted(times) == pytest.approx([6.0] * 16 + [12.0])


def test_a_stop_holds_up_what_runs_and_what_arrives(same_tries):
    times = by_hand(Model(replicas=1), [(10.0, 0)], [1.0, 8.0, 30.0, 70.0], [6.0] * 4)
    assert times == pytest.approx([6.0, 56.0, 36.0, 6.0])


def test_a_hedge_goes_round_a_stopped_replica(same_tries):
    model = Model(replicas=2, hedge_ms=15.0)
    for stopped in (0, 1):
        (time,) = by_hand(model, [(10.0, stopped)], [20.0], [6.0])
        assert time in (pytest.approx(6.0), pytest.approx(21.0))
    both = by_hand(model, [(10.0, 0), (10.0, 1)], [20.0], [6.0])
    assert both == pytest.approx([46.0])


@pytest.mark.parametrize("budget", [0.02, 0.1])
def test_a_budget_is_kept(budget):
    model = replace(BRIEF, hedge_ms=15.0, budget=budget, load=0.95, queries=10_000)
    extra = search.simulate(model, 5).extra
    assert extra <= budget * (1 + search.WINDOW / model.queries) + 1e-9


# ---- known theory ----------------------------------------------------------


def test_fan_out_follows_the_power_of_the_share():
    """Without waiting and shared difficulty, the share of quick queries is that of a shard, to the power."""
    generator = np.random.default_rng(3)
    quick = generator.random((200_000, 12)) < 0.99
    assert quick.all(axis=1).mean() == pytest.approx(0.99**12, abs=0.003)


def test_the_tail_without_stops_is_the_lognormal_s(monkeypatch):
    """Nearly idle, one shard: difficulty and try together are one lognormal variable."""
    run = search.simulate(Model(load=0.02, shards=1, stops="none", queries=60_000), 5)
    sigma = math.hypot(search.QUERY_SIGMA, search.TRY_SIGMA)
    p99 = search.MEAN_MS * math.exp(2.3263 * sigma - sigma**2 / 2)
    assert np.percentile(run.times, 99) == pytest.approx(p99, rel=0.03)
    assert run.times.mean() == pytest.approx(search.MEAN_MS, rel=0.01)


def test_a_group_s_cache_hits_what_a_drawn_stream_hits():
    distinct, rate, groups = 10_000, 50.0, 2
    weights = 1 / np.arange(1, distinct + 1)
    generator = np.random.default_rng(3)
    asked = generator.choice(distinct, 400_000, p=weights / weights.sum())
    group = generator.integers(0, groups, len(asked))
    times = np.cumsum(generator.exponential(1 / rate, len(asked)))
    until, hits = {}, 0
    for key, now in zip(zip(asked.tolist(), group.tolist(), strict=True), times.tolist(), strict=True):
        if now < until.get(key, 0.0):
            hits += 1
        else:
            until[key] = now + search.LIVES_S
    exact = search.cache_hits(groups, 1.0, distinct, rate)
    assert hits / len(asked) == pytest.approx(exact, abs=0.01)


# ---- errors ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (Model(load=0.0), "load > 0"),
        (Model(shards=0), "load > 0"),
        (Model(replicas=1, hedge_ms=15.0), "second replica"),
        (Model(stops="often"), "unknown stops"),
    ],
)
def test_a_meaningless_model_is_an_error(model, message):
    with pytest.raises(ValueError, match=message):
        search.simulate(model, 1)


# ---- the figure ------------------------------------------------------------


def test_figure_is_the_one_drawn_from_the_results():
    assert search.figure_text(RESULTS) == SOURCE


def test_figure_names_its_lines():
    root = ElementTree.fromstring(SOURCE)
    words = {node.text for node in root.iter() if node.tag.endswith("text")}
    assert set(search_figure.NAMES.values()) <= words


def test_figure_draws_the_published_numbers():
    curves = dict(re.findall(r'<polyline class="guide-series-(\d)".*points="([^"]+)"', SOURCE))
    assert len(curves) == 3
    for policy, look in search_figure.LOOKS.items():
        points = [pair.split(",") for pair in curves[re.search(r"series-(\d)", look)[1]].split()]
        for load, (x, y) in zip(search.FIGURE_LOADS, points, strict=True):
            p99 = RESULTS[f"search.{policy}_{100 * load:.0f}"]["p99"]["value"]
            assert float(x) == pytest.approx(search_figure.CHART.x_of(load), abs=0.1)
            assert float(y) == pytest.approx(search_figure.CHART.y_of(p99), abs=0.1)
