"""Tests of the cascade simulation, of the rule measurement, and of the results they have published."""

from __future__ import annotations

import json
import math
import re
import sys
from itertools import pairwise
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "simulations"))

import cascade  # noqa: E402
import cascade_figure  # noqa: E402
import chart  # noqa: E402
import rules_cost  # noqa: E402
from cascade import ATTACKS, ESCALATED, FALSE_REFUSALS  # noqa: E402

RESULTS = json.loads(cascade.RESULTS_FILE.read_text(encoding="utf-8"))
NORMAL = NormalDist()
PLAIN = ATTACKS["plain"]
LIMIT = NORMAL.inv_cdf(1 - FALSE_REFUSALS)
GATE = NORMAL.inv_cdf(1 - ESCALATED)


def value(name: str) -> float:
    return RESULTS[f"cascade.{name}"]["mean"]["value"]


def exact(separation: float, limit: float) -> float:
    """Share of harm above a limit, in %, by the normal distribution."""
    return 100 * NORMAL.cdf(separation - limit)


# ---- the published results -------------------------------------------------


def test_results_have_today_s_entries_and_models():
    assert list(RESULTS) == list(cascade.ENTRIES)
    for name, setting in cascade.ENTRIES.items():
        assert RESULTS[name]["model"] == cascade.describe(*setting)
        assert RESULTS[name]["seeds"] == list(cascade.SEEDS)
        assert RESULTS[name]["unit"] == "%"


@pytest.mark.parametrize("name", RESULTS)
def test_results_are_ordered_and_their_spread_is_small(name):
    mean = RESULTS[name]["mean"]
    assert 0 <= mean["low"] <= mean["value"] <= mean["high"] <= 100
    assert mean["high"] - mean["low"] < (3.0 if "shared" in name else 1.6)


@pytest.mark.parametrize(
    "name", ["cascade.alone", "cascade.blend_30", "cascade.hidden_blend", "cascade.shared_blend"]
)
def test_regeneration_gives_the_same_numbers(name):
    """NumPy may differ in the last digit from one release to another."""
    entry = cascade.run_entry(name)
    for edge in ("value", "low", "high"):
        assert entry["mean"][edge] == pytest.approx(RESULTS[name]["mean"][edge], rel=5e-4)
    assert entry["model"] == RESULTS[name]["model"]


# ---- closed forms ----------------------------------------------------------


def test_one_classifier_agrees_with_the_normal_distribution():
    assert value("alone") == pytest.approx(exact(PLAIN.judge, LIMIT), abs=0.3)
    assert value("probe") == pytest.approx(exact(PLAIN.probe, LIMIT), abs=0.4)
    assert value("hidden_alone") == value("alone")


def test_one_of_several_classes_has_its_share_of_the_allowance():
    limit = NORMAL.inv_cdf(1 - FALSE_REFUSALS / cascade.CLASSES)
    assert value("shared_alone") == pytest.approx(exact(PLAIN.judge, limit), abs=0.6)
    assert value("shared_alone") < value("shared_blend") < value("blend_30")


def test_independent_stages_agree_with_the_product_of_their_shares():
    judged = NORMAL.inv_cdf(1 - FALSE_REFUSALS / ESCALATED)
    both = exact(PLAIN.probe, GATE) * exact(PLAIN.judge, judged) / 100
    assert value("agree_0") == pytest.approx(both, abs=0.2)


def test_the_mean_of_two_scores_on_everything_is_again_normal():
    width = math.sqrt((1 + 0.3) / 2)
    for attack in ("hidden", "coded"):
        middle = (ATTACKS[attack].probe + ATTACKS[attack].judge) / 2
        expected = exact(middle / width, LIMIT)
        assert value(f"{attack}_all_blend") == pytest.approx(expected, abs=0.6)


def test_what_the_probe_does_not_escalate_is_never_refused():
    assert value("hidden_blend") <= exact(ATTACKS["hidden"].probe, GATE)


def test_likeness_of_errors_costs_harm_that_passes():
    for setup in ("agree", "blend"):
        shares = [value(f"{setup}_{100 * rho:.0f}") for rho in cascade.CORRELATIONS]
        assert all(after <= before + 0.1 for before, after in pairwise(shares))


# ---- pieces ----------------------------------------------------------------


def test_threshold_is_exceeded_by_its_share():
    scores = np.arange(1000.0)
    assert np.mean(scores >= cascade.threshold(scores, 0.05)) == pytest.approx(0.05)


def test_pairs_have_unit_variance_and_their_correlation():
    probe, judge = cascade.pairs(0.6, np.random.default_rng(3).standard_normal((2, 200_000)))
    assert np.std(judge) == pytest.approx(1, abs=0.01)
    assert np.corrcoef(probe, judge)[0, 1] == pytest.approx(0.6, abs=0.01)


def test_a_meaningless_setting_is_an_error():
    with pytest.raises(ValueError, match="correlation < 1"):
        cascade.refused("alone", PLAIN, 1.0, 1)
    with pytest.raises(ValueError, match="unknown set-up"):
        cascade.refused("vote", PLAIN, 0.3, 1)


# ---- the figure ------------------------------------------------------------

SOURCE = cascade.FIGURE_FILE.read_text(encoding="utf-8")


def test_figure_is_today_s():
    assert cascade_figure.draw(cascade.CORRELATIONS, cascade.figure_series(RESULTS)) == SOURCE


def test_figure_stays_inside_its_axes():
    for points in re.findall(r'points="([^"]+)"', SOURCE):
        for pair in points.split():
            x, y = map(float, pair.split(","))
            assert chart.LEFT <= x <= chart.RIGHT
            assert chart.TOP <= y <= chart.BOTTOM


# ---- the measurement -------------------------------------------------------


def test_patterns_cost_far_more_than_a_lookup():
    published = json.loads(rules_cost.RESULTS_FILE.read_text(encoding="utf-8"))
    times = {
        name: rules_cost.median_us(search, 20)["value"] for name, search in rules_cost.searches().items()
    }
    assert list(published) == list(times)
    assert times["rules_cost.patterns"] > 10 * times["rules_cost.lookup"]
    assert (
        published["rules_cost.patterns"]["p50"]["value"] > 10 * published["rules_cost.lookup"]["p50"]["value"]
    )


def test_a_search_that_finds_something_is_an_error():
    with pytest.raises(ValueError, match="match nothing"):
        rules_cost.median_us(lambda: True)
