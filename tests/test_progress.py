"""Whoever waits is told how far it has come, and nobody else."""

import progress


def test_a_long_work_says_how_far_it_is(monkeypatch):
    clock = iter([0, 1, 1.9, 2.1, 2.1, 3, 4.2, 4.2])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    told = []
    assert list(progress.told("abcde", "pages checked", told.append)) == list("abcde")
    assert told == ["2 of 5 pages checked …", "4 of 5 pages checked …"]


def test_a_short_work_says_nothing():
    told = []
    assert list(progress.told(range(3), "pages checked", told.append)) == [0, 1, 2]
    assert told == []
