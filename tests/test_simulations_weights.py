"""Tests of the weight-distribution simulation and of the results it has published."""

from __future__ import annotations

import json
import math
import sys
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
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
# Each scheme at a small size, one seed, to the last byte: made by `python tests/test_simulations_weights.py`.
RECORD_FILE = ROOT / "tests" / "weights_small.json"
RECORD = json.loads(RECORD_FILE.read_text(encoding="utf-8")) if RECORD_FILE.exists() else {}
# A seed that the results do not use, so agreement is not a repetition.
FRESH_SEED = 1001
TINY = Model(120)
# Chunks of a small run: the last of two words is not full, as with 200 in four.
FEW = 72
VARIANTS = [
    TINY,
    replace(TINY, pick="random"),
    replace(TINY, slow=0.05, dying=0.1),
    replace(TINY, mirrors=3),
    replace(TINY, racks="blind"),
    replace(TINY, racks="aware"),
]


@contextmanager
def few_chunks():
    """A file of few chunks, so that a run takes few slots."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(weights, "CHUNKS", FEW)
        yield


@cache
def run(model: Model, seed: int = FRESH_SEED) -> weights.Run:
    """A run with few chunks."""
    with few_chunks():
        return Swarm(model, np.random.default_rng(seed)).run()


CURVE = RESULTS[f"weights.{weights.DRAWN}"]["curve"]


def small(name: str) -> dict:
    """The scheme `name`, few chunks, two racks: the slot in which each machine is done, and what crossed."""
    model = (weights.SWARMS | weights.TREES)[name]
    # So few machines that a share of one in two hundred would be nobody.
    model = replace(model, machines=2 * RACK, slow=5 * model.slow, dying=5 * model.dying)
    rng = np.random.default_rng(FRESH_SEED)
    with few_chunks():
        if name in weights.TREES:
            made = (weights.repaired if model.repaired else weights.tree)(model, rng)
        else:
            made = Swarm(model, rng).run()
    slots = [round(float(end), 3) if math.isfinite(end) else None for end in made.done / SLOT_S]
    return {"model": weights.words(name, model), "done": slots, "crossed": made.crossed}


# ---- the published results -------------------------------------------------


def test_every_entry_is_published_and_no_other():
    names = {name.split(".")[1] for name in RESULTS}
    assert names == {*weights.SWARMS, *weights.TREES}
    for entry in RESULTS.values():
        for value in (entry[kind] for kind in ("mean", "p50", "p99", "max") if kind in entry):
            assert value["low"] <= value["value"] <= value["high"]


@pytest.mark.parametrize("name", [*weights.SWARMS, *weights.TREES])
def test_each_scheme_is_made_again_at_a_small_size_to_the_last_byte(name):
    assert json.dumps(small(name)) == json.dumps(RECORD[name])


@pytest.mark.parametrize("name", [*weights.SWARMS, *weights.TREES])
def test_every_entry_has_today_s_model_and_seeds(name):
    model = (weights.SWARMS | weights.TREES)[name]
    entry = RESULTS[f"weights.{name}"]
    assert entry["model"] == weights.words(name, model)
    assert entry["seeds"] == list(weights.TREE_SEEDS if name in weights.TREES else weights.SEEDS)


def test_a_swarm_is_made_again_at_full_size_to_the_last_byte():
    """The rest take too long for a test; the small record holds their code."""
    made = weights.run_entry("mirrors")
    assert json.dumps(made["weights.mirrors"]) == json.dumps(RESULTS["weights.mirrors"])


def test_the_curve_of_the_figure_lies_in_the_published_spread():
    """It is one of the three seeds, so each of its measures is within their range."""
    assert sum(CURVE.values()) == weights.FLEET
    done = weights.figure_times(CURVE)["swarm"]
    assert (np.diff(done) >= 0).all()
    for kind, value in weights.measures(done).items():
        published = RESULTS[f"weights.{weights.DRAWN}"][kind]
        assert published["low"] <= float(f"{value:.4g}") <= published["high"]


def test_a_curve_counts_each_machine_in_its_slot():
    assert weights.curve(weights.Run(np.array([46.4, 46.2, 46.4]))) == {"46.2": 1, "46.4": 2}


def test_the_tree_is_made_again_at_full_size_to_the_last_byte():
    """Without slow or dying machines nothing in it is random, so one seed is all forty."""
    made = weights.measures(weights.simulate("tree", FRESH_SEED).done)
    for kind, value in made.items():
        assert RESULTS["weights.tree"][kind] == weights.spread([value] * len(weights.TREE_SEEDS))


def test_the_cut_is_made_again_at_full_size_from_the_dead_alone():
    """Whoever lives is cut off if an ancestor dies: all do so before the last chunk has come by."""
    n, cuts = weights.FLEET, []
    for seed in weights.TREE_SEEDS:
        order = np.random.default_rng([seed, 17]).permutation(n)
        dead = np.zeros(n, dtype=bool)
        dead[order[: round(0.02 * n)]] = True
        cut = np.zeros(n, dtype=bool)
        for depth in range(1, n.bit_length()):
            level = np.arange(2**depth - 1, min(2 ** (depth + 1) - 1, n))
            cut[level] = (cut | dead)[(level - 1) // 2]
        cuts.append(100 * float(cut[~dead].mean()))
    published = RESULTS["weights.tree_dying.cut"]
    assert published["mean"] == weights.spread(cuts)
    assert published["max"] == weights.spread([max(cuts)])


def test_a_fresh_seed_agrees_with_the_published_thousand():
    again = weights.measures(Swarm(weights.SMALL, np.random.default_rng(FRESH_SEED)).run().done)
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
    floor = FEW if model.mirrors else FEW + math.ceil(math.log2(model.machines + 1)) - 1
    assert run(model).done.max() >= floor * SLOT_S - 1e-9


def test_two_machines_take_a_slot_more_than_one_copy():
    done = Swarm(Model(2, neighbours=1), np.random.default_rng(FRESH_SEED)).run().done
    assert done.max() >= (CHUNKS + 1) * SLOT_S - 1e-9
    assert done.max() <= 2 * CHUNKS * SLOT_S


def test_a_slow_machine_takes_its_own_time():
    """Ten copies' time, whatever the scheme: one chunk in each tenth slot."""
    done = run(VARIANTS[2]).done
    slowest = np.sort(done)[-6:]
    assert slowest.min() >= (10 * (FEW - 1)) * SLOT_S
    assert np.sort(done)[:-6].max() < 2 * FEW * SLOT_S


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


def test_a_repaired_tree_pauses_once_for_each_bad_place_above():
    """Seven machines; the one that dies is named, and what is below its place waits five seconds."""
    model = Model(7, neighbours=1, dying=1 / 7, repaired=True)
    whole = weights.tree(Model(7, neighbours=1), np.random.default_rng(1)).done
    below = {0: {1, 2, 3, 4, 5, 6}, 1: {3, 4}, 2: {5, 6}}
    for seed in range(1, 9):
        dead = int(np.random.default_rng(seed).permutation(7)[0])
        expected = [whole[v] + weights.REPAIR_S * (v in below.get(dead, ())) for v in range(7) if v != dead]
        assert weights.repaired(model, np.random.default_rng(seed)).done.tolist() == expected


def test_closed_forms_of_the_simple_schemes():
    copy = CHUNKS * SLOT_S
    assert weights.one_by_one(10_000)[-1] == pytest.approx(10_000 * copy)
    assert weights.one_by_one(10_000).mean() == pytest.approx(10_001 / 2 * copy)
    assert weights.doubling(10_000).max() == pytest.approx(14 * copy)
    assert (weights.doubling(7) == np.array([1, 2, 2, 3, 3, 3, 3]) * copy).all()


# ---- rules of a slot -------------------------------------------------------


@pytest.mark.parametrize("model", VARIANTS)
def test_rates_are_kept_and_chunks_come_from_those_who_have_them(model):
    with few_chunks():
        swarm = Swarm(model, np.random.default_rng(FRESH_SEED))
        for slot in range(40):
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
        assert (swarm.left == FEW - swarm.bits(swarm.has).sum(axis=1)).all()


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
    first, again, other = (run.__wrapped__(TINY, seed).done for seed in (7, 7, 8))
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
    made = weights_figure.draw(weights.figure_times(CURVE))
    assert made == weights.FIGURE_FILE.read_text(encoding="utf-8")


def test_figure_names_its_lines():
    root = ElementTree.fromstring(weights.FIGURE_FILE.read_text(encoding="utf-8"))
    words = {node.text for node in root.iter() if node.tag.endswith("text")}
    assert {*weights_figure.NAMES.values()} <= words


if __name__ == "__main__":
    record = {name: small(name) for name in [*weights.SWARMS, *weights.TREES]}
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(entry)}" for name, entry in record.items())
    RECORD_FILE.write_text("{\n" + lines + "\n}\n", encoding="utf-8")
