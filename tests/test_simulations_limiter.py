"""Tests of the limiter simulation and of the results it has published."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "simulations"))

import limiter  # noqa: E402
import limiter_figure  # noqa: E402
from limiter import Bucket, Copies, Gcra, Owner  # noqa: E402

TEXT = limiter.RESULTS_FILE.read_text(encoding="utf-8")
RESULTS = json.loads(TEXT)
RECORD = json.loads((limiter.RESULTS / "limiter_redis.json").read_text(encoding="utf-8"))


def value(name: str) -> float:
    return RESULTS[f"limiter.{name}"]["mean"]["value"]


@pytest.fixture(scope="module")
def rebuilt() -> dict:
    return limiter.build()


def test_a_second_run_writes_the_same_bytes(rebuilt):
    assert json.dumps(rebuilt, indent=2) + "\n" == TEXT
    figure = limiter.FIGURE_FILE.read_text(encoding="utf-8")
    assert limiter_figure.draw(limiter.figure_lines()) == figure


def test_every_value_lies_within_its_spread():
    for entry in RESULTS.values():
        spread = entry.get("mean") or entry["p99"]
        assert spread["low"] <= spread["value"] <= spread["high"]
        assert entry["seeds"] == list(limiter.SEEDS)


# ---- known theory ----------------------------------------------------------


@pytest.mark.parametrize("size", [2, 5, 10, 15, 30, 60, 120])
def test_a_bucket_admits_its_burst_and_the_rate(size):
    """In any time T at most B + r T, and a greedy client gets just that."""
    assert value(f"bucket_{size}.first") == value(f"bucket_{size}.worst") == size + limiter.LIMIT


def test_gcra_decides_as_a_bucket_does():
    rng = np.random.default_rng(3)
    times = np.sort(rng.uniform(0, 3600, 8_000)).tolist()
    bucket, gcra = Bucket(30), Gcra(30)
    assert [bucket.allow(t) for t in times] == [gcra.allow(t) for t in times]


def test_windows_admit_twice_the_limit_and_the_exact_log_once():
    assert value("fixed_window.worst") == 2 * limiter.LIMIT
    assert value("sliding_counter.worst") >= 2 * limiter.LIMIT - 1
    # Both ends count, so that a client that comes back after 60 s is seen twice.
    assert value("sliding_log.worst") == limiter.LIMIT + 1


def test_copies_stay_within_their_bound_and_pay_back():
    bound = limiter.GATEWAYS * limiter.BURST
    assert limiter.BURST < value("copies.first") <= bound
    times = limiter.greedy(Copies(limiter.BURST, debt=True), every=0.001, seconds=1_800.0, seed=1)
    assert len(times) <= limiter.BURST + 1_800 * limiter.RATE + bound
    later = limiter.greedy(Copies(limiter.BURST, debt=False), every=0.001, seconds=1_800.0, seed=1)
    assert len(later) > 10 * len(times)


def test_an_owner_whose_gateways_remember_a_no_decides_as_a_bucket():
    alone = limiter.greedy(Bucket(30), seconds=120.0)
    owned = limiter.greedy(Owner(30), seconds=120.0)
    assert len(alone) == len(owned)
    assert value("owner.first") == value("bucket_30.first")
    assert value("owner.asked") < 1_000 / 20


def test_coming_back_together_is_quadratic_and_in_turn_is_linear():
    left = 60 - 30
    assert value("come_back_same") == 60 + left * (left + 1) / 2
    assert value("come_back_spaced") == 60 + left


def test_answers_have_the_stated_mean():
    drawn = limiter.answers(400_000, np.random.default_rng(3))
    assert drawn.mean() == pytest.approx(limiter.MEAN_ANSWER, rel=0.01)
    assert drawn.min() >= 1 and drawn.max() == limiter.MAX_TOKENS


@pytest.mark.parametrize("name", limiter.CHARGES)
def test_little_s_law_of_the_streams(name):
    """Open streams are tokens a second over tokens a second of a stream."""
    made = value(f"{name}.use") / 100 * limiter.TOKEN_RATE
    assert value(f"{name}.open") == pytest.approx(made / limiter.STREAM_RATE, rel=0.03)


def test_pieces_an_answer_are_what_its_length_says():
    lengths = limiter.answers(400_000, np.random.default_rng(5))
    charge, piece = limiter.CHARGES["reserve_pieces"]
    expected = np.ceil(np.maximum(lengths - charge, 0) / piece).mean()
    assert value("reserve_pieces.pieces") == pytest.approx(expected, rel=0.1)


def test_a_widest_turn_alone_never_waits_and_a_small_bucket_makes_it_wait_its_length():
    """Of a turn of n calls the last waits n - size tokens; turns that meet wait longer."""
    assert RESULTS["limiter.bucket_30.wait"]["p99"]["value"] < 1
    assert 15 <= RESULTS["limiter.bucket_2.wait"]["p99"]["value"] <= 30


def test_the_sliding_counter_is_a_bucket_of_the_limit():
    for seconds in (2.0, 60.0):
        counter = limiter.worst(limiter.greedy(limiter.SlidingCounter()), seconds)
        bucket = limiter.worst(limiter.greedy(Bucket(limiter.LIMIT)), seconds)
        assert abs(counter - bucket) <= 1
    assert limiter.worst(limiter.greedy(limiter.FixedWindow(), every=0.005), 2.0) == 2 * limiter.LIMIT


def test_what_the_results_teach():
    """The sentences that pages say about the results."""
    assert value("bucket_2.refused") > 60 > 1 > value("bucket_30.refused")
    assert value("as_made.over") > 250 > 130 > value("reserve_pieces.over")
    assert value("reserve_max.start") < 50 and value("reserve_max.use") > 97
    assert value("split.sticky") > 90
    # Size the burst by the widest turn, and a third of the limit in use: about one call in a hundred.
    assert value("bucket_15.narrow") < 1 and value("bucket_60.wide") < 1.5 and value("bucket_30.wide") > 5


def test_no_limiter_forgets_a_token():
    rng = np.random.default_rng(4)
    times = np.sort(rng.uniform(0, 36_000, 70_000)).tolist()
    admitted = sum(map(Bucket(30).allow, times))
    assert admitted == pytest.approx(36_000 * limiter.RATE + 30, abs=600)


# ---- the record and the figure ---------------------------------------------


def test_the_record_says_where_and_when_it_was_measured():
    for entry in RECORD.values():
        assert re.search(r"Redis \d+\.\d+\.\d+.*\d{4}-\d{2}-\d{2}", entry["model"])
