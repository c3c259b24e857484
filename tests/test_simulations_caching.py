"""Tests of the caching simulation, of the replayed trace, and of the results they have published."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "simulations"))

import caching  # noqa: E402
import caching_figure  # noqa: E402
import caching_trace  # noqa: E402

TEXT = caching.RESULTS_FILE.read_text(encoding="utf-8")
RESULTS = json.loads(TEXT)
RECORD = json.loads(caching.TRACE_FILE.read_text(encoding="utf-8"))
FRESH_SEED = 1001  # one that the results do not use


def value(name: str) -> float:
    return RESULTS[f"caching.{name}"]["mean"]["value"]


@pytest.fixture(scope="module")
def requests() -> list[caching.Request]:
    return caching.traffic(FRESH_SEED)


def test_a_second_run_writes_the_same_bytes():
    results = caching.build()
    assert json.dumps(results, indent=2) + "\n" == TEXT
    figure = caching.FIGURE_FILE.read_text(encoding="utf-8")
    assert caching_figure.draw(caching.LIVES_S, caching.figure_lines(results)) == figure


def test_every_value_lies_within_its_spread():
    for entry in [*RESULTS.values(), *RECORD.values()]:
        assert entry["mean"]["low"] <= entry["mean"]["value"] <= entry["mean"]["high"]


# ---- policies, against what must hold --------------------------------------


def by_hand(times: list[float], policy: str, size: float) -> dict[str, float]:
    """A run over one prompt of 100 tokens that comes at these times after the warm-up."""
    asked = [(caching.WARM_S + t, 0, [(0, 100)]) for t in times]
    return caching.run(asked, policy, size)


def test_a_use_renews_a_lease_and_not_a_fixed_lifetime():
    times = [0.0, 50.0, 100.0, 150.0]
    assert by_hand(times, "life", 60)["found"] == 3 / 4
    assert by_hand(times, "fixed", 60)["found"] == 2 / 4
    assert by_hand(times, "life", 40)["found"] == 0


def test_from_the_second_sight_costs_one_hit():
    assert by_hand([0.0, 10.0, 20.0, 30.0], "second", 60)["found"] == 2 / 4


def test_a_missing_segment_ends_the_beginning():
    first = (caching.WARM_S, 0, [(0, 100), (1, 100)])
    later = (caching.WARM_S + 1, 0, [(0, 100), (2, 100), (1, 100)])
    assert caching.run([first, later], "life", 60)["found"] == 100 / 500


def test_under_a_lifetime_tokens_are_found_or_written(requests):
    """Each token of a prompt is found or written, but for those behind a gap."""
    done = caching.run(requests, "life", 300)
    assert done["found"] + done["written"] == pytest.approx(1, abs=0.01)
    assert 0.4 < done["found"] < 0.5


def test_a_second_tier_finds_more_than_one_and_less_than_all_of_an_hour(requests):
    tiers = caching.spill(requests, 300, 3_600)
    short, long = (caching.run(requests, "life", life)["found"] for life in (300, 3_600))
    assert short + 0.01 < tiers["found"] < long - 0.01
    assert tiers["written"] < 1 - short


def test_only_what_was_read_reaches_the_second_tier():
    def found(*times: float) -> float:
        return caching.spill([(caching.WARM_S + t, 0, [(0, 100)]) for t in times], 60, 3_600)["found"]

    assert found(0, 100) == 0
    assert found(0, 10, 100) == pytest.approx(2 / 3)
    assert found(0, 10, 100, 4_000) == pytest.approx(2 / 4)


def test_little_s_law_of_the_pool(requests):
    """Tokens held are tokens written a second times the time that one stays; unread ones stay 300 s."""
    done = caching.run(requests, "life", 300)
    stay = done["held"] / done["written"]
    assert 300 < stay < 420


def test_more_room_never_finds_less(requests):
    rate = caching.run(requests, "life", 60)["rate"]
    found = [caching.run(requests, "shared", seconds * rate)["found"] for seconds in (20, 100, 400)]
    assert found == sorted(found) and found[-1] > found[0] + 0.1


def test_the_longest_lifetime_is_the_longest(requests):
    rate = caching.run(requests, "life", 60)["rate"]
    room = 100 * rate
    life = caching.longest_life(requests, room)
    assert caching.run(requests, "life", life)["most"] <= room
    assert caching.run(requests, "life", life + 10)["most"] > room


def test_conversations_have_the_stated_mean_and_go_on_as_often():
    drawn = caching.capped_lognormal(1_000.0, 200_000, np.random.default_rng(3))
    assert drawn.mean() == pytest.approx(caching.mean_of_cut(1_000.0, caching.LONGEST), rel=0.01)
    talk = caching.traffic(FRESH_SEED, 0, caching.TALK)
    later = sum(len(segments) > 1 for _, _, segments in talk) / len(talk)
    assert later == pytest.approx(caching.GOES_ON, abs=0.03)


# ---- watchers, against closed forms ----------------------------------------


def test_a_probe_without_jitter_is_named_as_the_waits_say():
    """Waits are nil or exponential, so the chance has a closed form."""
    tokens = 8_192
    chance = caching.probe(tokens, 1, shared=True, seed=FRESH_SEED, jitter=False)
    decay = math.exp(-caching.prefill(tokens) * (1 - caching.LOAD) / caching.PREFILL_S)
    assert chance == pytest.approx(1 - caching.LOAD * (1 - caching.LOAD / 2) * decay, abs=0.005)


def test_keys_leave_the_watcher_a_coin():
    for tokens in caching.GUESSES:
        for times in (1, 10):
            entry = RESULTS[f"caching.probe_{tokens}_{times}_keys"]["mean"]
            assert abs(entry["value"] - 50) < 1


def test_ages_are_room_over_what_is_written_and_spread_as_a_compound_poisson():
    quiet = caching.ages(0, FRESH_SEED)
    assert quiet.mean() == pytest.approx(caching.AGE_S, rel=0.01)
    busy = caching.ages(0.2, FRESH_SEED)
    assert busy.mean() == pytest.approx(caching.AGE_S / 1.2, rel=0.01)
    # Squared sizes over the squared mean, for so many requests.
    squares = (caching.mean_of_cut(caching.FRESH * math.e, caching.LONGEST) * math.e) / caching.FRESH
    bound = math.sqrt(squares / (caching.NODE_RATE * caching.AGE_S))
    assert 0.5 * bound < quiet.std() / quiet.mean() <= bound


def pool_ages(seed: int, extra: float) -> np.ndarray:
    """Age of the entry that goes next in the pool of the first model, full and shared, every 300 s.

    The pool has the size of a node's: its requests, 244 s of prompts.
    """
    requests, rng = caching.traffic(seed), np.random.default_rng([seed, 43])
    end = caching.WARM_S + caching.MEASURED_S
    count = rng.poisson(extra * caching.RATE * end)
    times = rng.uniform(0, end, count)
    sizes = caching.capped_lognormal(caching.FRESH, count, rng)
    room = 244 * sum(tokens for _, _, segments in requests for _, tokens in segments) / end
    requests += [
        (now, 0, [(10**9 + k, size)])
        for k, (now, size) in enumerate(zip(times.tolist(), sizes.tolist(), strict=True))
    ]
    pool, ages, due = caching.Pool(), [], 900.0
    for now, _, segments in sorted(requests, key=lambda request: request[0]):
        pool.serve(now, segments, True, None)
        pool.shrink(room)
        if now >= due:
            ages.append(now - next(iter(pool.entries.values()))[0])
            due += 300
    return np.array(ages)


def test_the_pool_that_is_read_betrays_a_neighbour_as_well(monkeypatch):
    """The watchers' model leaves out that reads renew; the pool of the first model has it."""
    monkeypatch.setattr(caching, "RATE", caching.NODE_RATE)
    quiet = np.concatenate([pool_ages(seed, 0) for seed in range(1, 6)])
    busy = np.concatenate([pool_ages(seed, 0.1) for seed in range(1, 6)])
    named = 100 * caching.told_apart(busy, quiet)
    assert named == pytest.approx(value("age_10"), abs=4)


def test_told_apart_is_half_for_alike_and_one_for_apart():
    low = np.arange(10.0)
    assert caching.told_apart(low, low) == 0.5
    assert caching.told_apart(low, low + 100) == 1
    assert caching.told_apart(low + 100, low) == 0


# ---- what pages say --------------------------------------------------------


def test_what_the_results_teach():
    assert value("age_10") > 90 and value("age_5") > 75
    assert value("equal_shared.found") - value("equal_life.found") < 2
    assert value("equal_shared.found") - value("equal_own.found") > 4
    assert value("life_3600.held") > 7 * value("life_300.held")
    assert value("life_3600.found") - value("life_300.found") < 7
    assert value("second_300.found") < value("life_300.found") - 10


def test_the_model_of_conversations_bends_as_the_trace_does():
    lines = caching.figure_lines(RESULTS)
    for simulated, replayed in zip(lines["talk"], lines["trace"], strict=True):
        assert abs(simulated - replayed) < 3


# ---- the replay and the figure ---------------------------------------------


def test_a_replay_finds_beginnings_only():
    asked = [
        {"timestamp": 0, "hash_ids": [1, 2, 3]},
        {"timestamp": 10_000, "hash_ids": [1, 2, 4]},
        {"timestamp": 20_000, "hash_ids": [9, 2]},
        {"timestamp": 90_000, "hash_ids": [1]},
    ]
    assert caching_trace.replay(asked, 60) == (2, 6)
    assert caching_trace.replay(asked, math.inf) == (3, 5)


def test_the_record_says_what_was_replayed_and_when():
    for entry in RECORD.values():
        assert "commit 3b5a594" in entry["model"] and "2026-11-22" in entry["model"]
