"""Tests of the batching simulation and of the results it has published."""

from __future__ import annotations

import dataclasses
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

import batching  # noqa: E402
import batching_figure  # noqa: E402
from batching import FIXED, SIZED, Model, Plan  # noqa: E402

RESULTS = json.loads(batching.RESULTS_FILE.read_text(encoding="utf-8"))
MEASURES = ("mean", "p50", "p99", "batch", "busy")
# A seed that the results do not use, so agreement is not a repetition.
FRESH_SEED = 1001
VARIANTS = [
    Model(42, 1428.6),
    Model(42, 1428.6, "own"),
    Model(42, 1428.6, "in_step"),
    Model(42, 1428.6, timer_s=0.1),
    Model(42, 1428.6, service=SIZED),
    Model(42, 1428.6, service=SIZED, timer_s=math.inf),
    Model(42, 42.0, timer_s=0.1),
    Model(1, 49.0),
    Model(3, 20.0, start_together=True),
]


def simulate(model: Model, seconds: float, seed: int = 5) -> batching.Run:
    return batching.simulate(model, seconds, np.random.default_rng(seed))


def shorter(plan: Plan) -> Plan:
    """Half the plan: half the draws, or one draw half as long.

    With much less, the luck of a few phase layouts would call for tolerances
    too loose to notice a fault.
    """
    if plan.draws > 1:
        return dataclasses.replace(plan, draws=plan.draws // 2)
    return dataclasses.replace(plan, seconds=plan.seconds / 2)


# ---- the published results -------------------------------------------------


def test_results_have_today_s_entries_and_models():
    assert list(RESULTS) == list(batching.ENTRIES)
    for name, (model, plan) in batching.ENTRIES.items():
        assert RESULTS[name]["model"] == batching.describe(model, plan)
        assert RESULTS[name]["seeds"] == list(batching.SEEDS)
        assert RESULTS[name]["unit"] == "s"


@pytest.mark.parametrize("name", RESULTS)
def test_results_are_ordered_and_their_spread_is_small(name):
    entry = RESULTS[name]
    for measure in MEASURES:
        assert entry[measure]["low"] <= entry[measure]["value"] <= entry[measure]["high"]
    assert entry["busy"]["high"] <= 1
    assert entry["batch"]["high"] <= 100
    p99 = entry["p99"]
    assert p99["high"] - p99["low"] <= max(0.02, 0.0125 * p99["value"])
    assert entry["p50"]["value"] < p99["value"]


def tolerances(name: str) -> dict[str, float]:
    """Relative tolerance of half a plan with one seed, three standard errors or more."""
    tolerance = {"mean": 0.004, "p50": 0.005, "p99": 0.008, "batch": 0.012, "busy": 0.0075}
    if batching.ENTRIES[name][1] is batching.PHASES:
        tolerance["p99"] = 0.015
    if batching.ENTRIES[name][0].service == SIZED and RESULTS[name]["batch"]["value"] < 100:
        # Batch sizes feed back into service times, so runs differ by more.
        tolerance |= {"mean": 0.01, "p50": 0.015, "p99": 0.0125}
    return tolerance


@pytest.mark.parametrize("name", RESULTS)
def test_a_short_run_agrees_with_the_results(name):
    model, plan = batching.ENTRIES[name]
    short = batching.measure(model, shorter(plan), FRESH_SEED).summary()
    for measure, tolerance in tolerances(name).items():
        published = RESULTS[name][measure]["value"]
        assert short[measure] == pytest.approx(published, rel=tolerance), measure


@pytest.mark.parametrize("name", ["batching.own_queue", "batching.night_timer"])
def test_full_regeneration_of_two_quick_entries(name):
    """The rest take too long for a test; NumPy may differ in the last digit."""
    entry, _ = batching.run_entry(name)
    for measure in MEASURES:
        assert entry[measure] == pytest.approx(RESULTS[name][measure], rel=5e-4)


# ---- determinism -----------------------------------------------------------


@pytest.mark.parametrize("model", VARIANTS)
def test_same_seed_same_numbers_other_seed_other_numbers(model):
    first, again, other = (simulate(model, 30, seed) for seed in (7, 7, 8))
    assert np.array_equal(first.latencies, again.latencies)
    assert not np.array_equal(first.arrivals, other.arrivals)


# ---- rules of the queue ----------------------------------------------------


@pytest.mark.parametrize("model", VARIANTS)
def test_each_request_is_served_once_in_order_and_within_the_limit(model):
    run = simulate(model, 120)
    assert run.sizes.min() >= 1
    assert run.sizes.max() <= 100
    # Batches take consecutive requests, so the sum counts each exactly once.
    unserved = len(run.arrivals) - run.served
    assert unserved == 0 or (model.timer_s == math.inf and unserved < 100)
    assert np.all(np.diff(run.starts) >= 0)
    waits = np.repeat(run.starts, run.sizes) - run.arrivals[: run.served]
    assert waits.min() >= 0


@pytest.mark.parametrize("model", VARIANTS)
def test_no_more_batches_at_once_than_gpus(model):
    run = simulate(model, 120)
    ends = np.sort(run.starts + run.service_times)
    begun = np.arange(1, len(run.starts) + 1)
    ended = np.searchsorted(ends, run.starts + 1e-9, side="right")
    assert (begun - ended).max() <= model.pool[0]


def test_greedy_gpu_never_idles_while_a_request_waits():
    """Each batch starts at an arrival to an idle GPU or when a GPU gets free."""
    run = simulate(Model(3, 20.0, start_together=True), 200)
    firsts = run.arrivals[np.cumsum(run.sizes) - run.sizes]
    ends = set((run.starts + run.service_times).tolist())
    for start, first in zip(run.starts.tolist(), firsts.tolist(), strict=True):
        assert start == first or start in ends


def test_timer_bounds_the_wait_when_a_gpu_is_free():
    run = simulate(Model(42, 42.0, timer_s=0.1), 200)
    quiet = run.latencies[run.latencies.size // 10 :]
    assert quiet.max() == pytest.approx(2.1, abs=1e-6)


def test_waiting_until_full_gives_only_full_batches():
    run = simulate(Model(42, 1428.6, service=SIZED, timer_s=math.inf), 60)
    assert set(run.sizes.tolist()) == {100}


def test_in_step_batches_start_at_common_instants():
    run = simulate(Model(42, 1428.6, "in_step"), 60)
    steps = (run.starts - run.starts[0]) / 2.0
    assert np.allclose(steps, np.round(steps))


# ---- known theory ----------------------------------------------------------


@pytest.mark.parametrize(("service", "expected"), [(FIXED, 2.0), (SIZED, 0.515)])
def test_near_zero_load_the_latency_is_the_service_time(service, expected):
    run = simulate(Model(42, 0.05, service=service), 20_000)
    assert len(run.latencies) > 500
    late = run.latencies[run.arrivals > 10]
    assert np.median(late) == pytest.approx(expected, abs=1e-9)
    assert late.mean() == pytest.approx(expected, rel=1e-3)


def test_poisson_arrivals_have_the_mean_and_variance_of_poisson():
    times = batching.poisson_arrivals(50.0, 4000.0, np.random.default_rng(3))
    counts = np.bincount(times.astype(int), minlength=4000)
    assert counts.mean() == pytest.approx(50, rel=0.01)
    assert counts.var() == pytest.approx(50, rel=0.07)


@pytest.mark.parametrize("rate", [20.0, 34.0])
def test_own_queue_below_saturation_takes_one_and_a_half_services(rate):
    """The GPU is hardly ever idle, so the wait is uniform over one service."""
    sample = batching.measure(Model(1, rate), Plan(1, 4000.0), 2)
    assert sample.latencies.mean() == pytest.approx(3.0, rel=0.01)
    assert np.percentile(sample.latencies, 99) == pytest.approx(3.98, abs=0.01)


def test_waiting_until_full_waits_for_the_rest_of_the_batch():
    """A request waits for 49.5 others on average, and a GPU is then free."""
    sample = batching.measure(Model(42, 1000.0, timer_s=math.inf), Plan(4, 60.0), 2)
    assert sample.latencies.mean() == pytest.approx(2.0 + 49.5 / 1000.0, abs=0.001)


def test_few_gpus_at_random_phases():
    """With k random phases the wait is 2 s / (k + 1) on average.

    The load is low enough that a batch is never full, so that this holds.
    """
    sample = batching.measure(Model(4, 60.0), Plan(600, 6.0), 2)
    assert sample.latencies.mean() == pytest.approx(2.0 + 2.0 / 5, rel=0.015)


def test_gpus_deployed_together_nearly_stay_in_step():
    """Greedy GPUs, all free at once, keep close to a wait of half a service."""
    model = Model(36, 36 * 35.0, start_together=True)
    sample = batching.measure(model, Plan(2, 200.0), 2)
    assert sample.latencies.mean() == pytest.approx(2.96, abs=0.01)


@pytest.mark.parametrize("model", [model for model in VARIANTS if model.timer_s < math.inf])
def test_little_s_law(model):
    """Requests in the system, counted at instants, are rate x mean latency."""
    seconds = 2000.0 if model.pool[1] < 100 else 300.0
    run = simulate(model, seconds)
    ends = np.sort(np.repeat(run.starts + run.service_times, run.sizes))
    # Instants at random, or they could keep time with the batches.
    instants = np.random.default_rng(9).uniform(20, seconds - 20, 20_000)
    inside = np.searchsorted(run.arrivals, instants) - np.searchsorted(ends, instants)
    measured = (run.arrivals > 20) & (run.arrivals < seconds - 20)
    rate = measured.sum() / (seconds - 40)
    assert rate == pytest.approx(model.pool[1], rel=0.03)
    assert inside.mean() == pytest.approx(rate * run.latencies[measured].mean(), rel=0.015)


# ---- errors ----------------------------------------------------------------


@pytest.mark.parametrize("queue", ["own", "shared", "in_step"])
@pytest.mark.parametrize("rate", [2100.0, 2500.0])
def test_overload_is_an_error(queue, rate):
    with pytest.raises(ValueError, match=r"overload: load is 1\.\d+"):
        simulate(Model(42, rate, queue), 10)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (Model(42, 100.0, "pooled"), "unknown queue"),
        (Model(0, 100.0), "gpus >= 1"),
        (Model(42, 0.0), "rate > 0"),
        (Model(42, 100.0, timer_s=-1.0), "timer_s >= 0"),
        (Model(42, 100.0, "in_step", SIZED), "fixed service"),
        (Model(42, 100.0, "in_step", timer_s=0.1), "no timer"),
    ],
)
def test_a_meaningless_model_is_an_error(model, message):
    with pytest.raises(ValueError, match=message):
        simulate(model, 10)


def test_a_measured_request_left_waiting_is_an_error():
    with pytest.raises(ValueError, match="still waiting"):
        batching.measure(Model(42, 1.0, timer_s=math.inf), Plan(1, 50.0), 1)


# ---- the figure ------------------------------------------------------------


def test_figure_names_its_lines():
    root = ElementTree.fromstring(batching.FIGURE_FILE.read_text(encoding="utf-8"))
    words = {node.text for node in root.iter() if node.tag.endswith("text")}
    assert {"own queue", "shared queue", "in step"} <= words


def test_figure_tells_the_published_numbers():
    source = batching.FIGURE_FILE.read_text(encoding="utf-8")
    series = batching.figure_series(RESULTS, dict.fromkeys(RESULTS))
    assert f">{batching_figure.description(series)}</desc>" in source


def test_figure_curve_crosses_one_half_at_the_published_median():
    source = batching.FIGURE_FILE.read_text(encoding="utf-8")
    curves = re.findall(r'<polyline class="guide-series-(\d)".*points="([^"]+)"', source)
    names = {"1": "own_queue", "2": "shared_queue", "3": "in_step"}
    assert {number for number, _ in curves} == set(names)
    for number, points in curves:
        x, y = np.array([pair.split(",") for pair in points.split()], dtype=float).T
        crossing = np.interp(-batching_figure.CHART.y_of(0.5), -y, x)
        median = RESULTS[f"batching.{names[number]}"]["p50"]["value"]
        assert crossing == pytest.approx(batching_figure.CHART.x_of(median), abs=1.5)
