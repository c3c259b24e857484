"""What all cores work out ahead is what would have been worked out when asked for."""

import os
import sys

import pytest
from kept import Kept


@pytest.fixture
def kept(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 1}, raising=False)
    return Kept()


def ahead(kept, *works):
    kept.ahead(works, "works done", print)


def test_what_is_done_ahead_is_kept(kept):
    ahead(kept, *(lambda name=name: kept.get(name, os.getpid) for name in "abc"))
    assert all(kept.get(name, os.getpid) != os.getpid() for name in "abc")


def test_on_one_core_it_waits_until_it_is_asked_for(kept, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {3})
    ahead(kept, lambda: kept.get("a", os.getpid))
    assert kept.get("a", os.getpid) == os.getpid()


@pytest.mark.parametrize("end", [lambda: 1 / 0, lambda: os._exit(1)], ids=["fails", "dies"])
def test_what_cannot_be_done_ahead_is_done_when_it_is_asked_for(kept, end):
    ahead(kept, lambda: kept.get("a", lambda: 1) and end())
    assert kept.get("a", lambda: 2) == 2
