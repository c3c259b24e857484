"""Tests of the weight-distribution simulation and of the results it has published."""

from __future__ import annotations

import json
import math
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "simulations"))

import weights  # noqa: E402
import weights_figure  # noqa: E402
from weights import CHUNKS, RACK, SLOT_S, Model, Swarm  # noqa: E402

RESULTS = json.loads(weights.RESULTS_FILE.read_text(encoding="utf-8"))
HASHING = json.loads((weights.RESULTS / "hashing.json").read_text(encoding="utf-8"))
QUICK = ["rarest", "random", "mirrors_rough", "tree_dying"]
# A seed that the results do not use, so agreement is not a repetition.
FRESH_SEED = 1001
TINY = Model(120)
VARIANTS = [
    TINY,
    replace(TINY, pick="random"),
    replace(TINY, slow=0.05, dying=0.1),
    replace(TINY, mirrors=3),
    replace(TINY, racks="blind"),
    replace(TINY, racks="aware"),
]


def run(model: Model, seed: int = FRESH_SEED) -> weights.Run:
    return Swarm(model, np.random.default_rng(seed)).run()


# ---- the published results -------------------------------------------------


def test_every_entry_is_published_and_no_other():
    names = {name.split(".")[1] for name in RESULTS}
    assert names == {*weights.SWARMS, *weights.TREES}
    for entry in RESULTS.values():
        for value in (entry[kind] for kind in ("mean", "p50", "p99", "max") if kind in entry):
            assert value["low"] <= value["value"] <= value["high"]


@pytest.mark.parametrize("name", QUICK)
def test_a_quick_entry_is_made_again_to_the_last_byte(name):
    made = weights.run_entry(name)
    published = {key: RESULTS[key] for key in made}
    assert json.dumps(made, indent=2) == json.dumps(published, indent=2)


def test_a_fresh_seed_agrees_with_the_published_thousand():
    rng = np.random.default_rng(FRESH_SEED)
    again = weights.measures(Swarm(weights.SWARMS["rarest"], rng).run().done)
    for kind in ("mean", "p50", "p99", "max"):
        assert again[kind] == pytest.approx(RESULTS["weights.rarest"][kind]["value"], rel=0.03)


def test_the_measured_record_says_where_and_when():
    for entry in HASHING.values():
        assert "one core" in entry["model"] and "measured on 20" in entry["model"]
        assert entry["unit"] == "GB/s" and entry["mean"]["value"] > 0


# ---- closed forms and laws -------------------------------------------------


@pytest.mark.parametrize("model", VARIANTS)
def test_no_swarm_beats_the_lockstep_schedule(model):
    """k chunks to n machines take k + log2(n + 1) - 1 slots at least, equal links."""
    floor = CHUNKS if model.mirrors else CHUNKS + math.ceil(math.log2(model.machines + 1)) - 1
    assert run(model).done.max() >= floor * SLOT_S - 1e-9


def test_two_machines_take_a_slot_more_than_one_copy():
    done = run(Model(2, neighbours=1)).done
    assert done.max() >= (CHUNKS + 1) * SLOT_S - 1e-9
    assert done.max() <= 2 * CHUNKS * SLOT_S


def test_a_slow_machine_takes_its_own_time():
    """Ten copies' time, whatever the scheme: one chunk in each tenth slot."""
    done = run(replace(TINY, slow=0.05)).done
    slowest = np.sort(done)[-6:]
    assert slowest.min() >= (10 * (CHUNKS - 1)) * SLOT_S
    assert np.sort(done)[:-6].max() < 2 * CHUNKS * SLOT_S


def test_a_tree_of_three_by_hand():
    """The root has chunk c after c slots and sends it to both children, one slot each."""
    done = weights.tree(Model(3, neighbours=1), np.random.default_rng(1)).done / SLOT_S
    assert done.tolist() == [CHUNKS, 2 * CHUNKS, 2 * CHUNKS + 1]


def test_a_tree_of_two_takes_two_copies_whatever_its_depth():
    small, large = (weights.tree(Model(n), np.random.default_rng(1)).done.max() for n in (63, 4095))
    assert small == pytest.approx(2 * CHUNKS * SLOT_S, rel=0.05)
    assert large - small <= 2 * 6 * SLOT_S + 1e-9


def test_machines_below_a_dead_one_are_cut_off():
    """Whoever has an ancestor among the one in fifty that die, on average over trees."""
    depth = np.floor(np.log2(np.arange(1, weights.FLEET + 1)))
    expected = 100 * (1 - (0.98**depth).mean())
    cut = RESULTS["weights.tree_dying.cut"]
    # One tree deviates by some 16 points, forty by 2.5: a death near the root cuts off most.
    assert cut["mean"]["value"] == pytest.approx(expected, abs=6)
    assert cut["max"]["value"] == cut["mean"]["high"] > 2 * expected


def test_closed_forms_of_the_simple_schemes():
    copy = CHUNKS * SLOT_S
    assert weights.one_by_one(10_000)[-1] == pytest.approx(10_000 * copy)
    assert weights.one_by_one(10_000).mean() == pytest.approx(10_001 / 2 * copy)
    assert weights.doubling(10_000).max() == pytest.approx(14 * copy)
    assert (weights.doubling(7) == np.array([1, 2, 2, 3, 3, 3, 3]) * copy).all()


# ---- rules of a slot -------------------------------------------------------


@pytest.mark.parametrize("model", VARIANTS)
def test_rates_are_kept_and_chunks_come_from_those_who_have_them(model):
    swarm = Swarm(model, np.random.default_rng(FRESH_SEED))
    for slot in range(60):
        before, counts = swarm.has.copy(), swarm.counts.copy()
        swarm.step(slot)
        gained = swarm.bits(swarm.has).sum(axis=1) - swarm.bits(before).sum(axis=1)
        assert (gained <= swarm.rate).all() and (gained >= 0).all()
        # A chunk that nobody held can come from the source alone, once.
        fresh = swarm.counts[counts == 0]
        assert fresh.sum() <= 1
        # Whoever sends, sends at most its rate: no more chunks move than links allow.
        alive = slot < swarm.dies
        assert gained.sum() <= swarm.rate[alive].sum() + 1
        assert gained[~alive].sum() == 0
    assert (swarm.counts == swarm.bits(swarm.has).sum(axis=0)).all()
    assert (swarm.left == CHUNKS - swarm.bits(swarm.has).sum(axis=1)).all()


def test_uplinks_are_kept():
    """Crossing chunks never pass what the racks' uplinks carry together."""
    swarm = Swarm(replace(TINY, racks="blind"), np.random.default_rng(FRESH_SEED))
    for slot in range(60):
        before = swarm.crossed
        swarm.step(slot)
        assert swarm.crossed - before <= weights.UPLINK * (TINY.machines // RACK)


def test_an_aware_rack_takes_little_more_than_one_copy():
    aware, blind = (run(replace(TINY, racks=racks)).crossed for racks in ("aware", "blind"))
    assert 0.9 / RACK * 2 / 3 < aware < 2 / RACK < blind


def test_same_seed_same_numbers_other_seed_other_numbers():
    first, again, other = run(TINY, 7).done, run(TINY, 7).done, run(TINY, 8).done
    assert (first == again).all() and (first != other).any()


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (replace(TINY, pick="best"), "unknown pick"),
        (replace(TINY, racks="some"), "unknown racks"),
        (replace(TINY, neighbours=120), "neighbours < machines"),
        (Model(121, racks="blind"), "whole racks"),
        (replace(TINY, slow=0.5, dying=0.5), "shares"),
    ],
)
def test_a_meaningless_model_is_an_error(model, message):
    with pytest.raises(ValueError, match=message):
        Swarm(model, np.random.default_rng(1))


# ---- the figure ------------------------------------------------------------


def test_the_figure_is_made_again_to_the_last_byte():
    made = weights_figure.draw(weights.figure_times())
    assert made == weights.FIGURE_FILE.read_text(encoding="utf-8")


def test_figure_is_accessible_and_needs_no_inline_style():
    source = weights.FIGURE_FILE.read_text(encoding="utf-8")
    root = ElementTree.fromstring(source)
    assert root.get("role") == "img"
    assert "style" not in source
    ids = [node.get("id") for node in root.iter() if node.get("id")]
    assert ids and all(name.startswith("weights-completion-") for name in ids)
    assert root.get("aria-labelledby").split() == ids
    words = {node.text for node in root.iter() if node.tag.endswith("text")}
    assert {*weights_figure.NAMES.values()} <= words
