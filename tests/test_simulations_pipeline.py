"""The record of the guide's own pipeline: complete, and not overtaken by the tree it counted."""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "simulations"))

import guide_pipeline  # noqa: E402
from page_contract import QUESTION  # noqa: E402
from rule_list import PAGE_RULES  # noqa: E402

RESULTS = json.loads(guide_pipeline.RESULTS_FILE.read_text(encoding="utf-8"))
NAMES = ("rules", "tried", "damages", "formulas", "check", "alone", "page", "strict")


def value(name, kind):
    return RESULTS[f"guide_pipeline.{name}"][kind]["value"]


def test_the_record_holds_every_entry_with_its_day():
    assert list(RESULTS) == [f"guide_pipeline.{name}" for name in NAMES]
    for entry in RESULTS.values():
        assert "2026-" in entry["model"] and entry["unit"]
        for kind in ("mean", "p50", "max"):
            if kind in entry:
                assert entry[kind]["low"] <= entry[kind]["value"] <= entry[kind]["high"]


def test_the_tree_has_at_least_what_was_counted_and_not_twice_as_much():
    """A guide that has shrunk makes the page boast; one that has doubled makes it old."""
    counted = value("rules", "max"), value("tried", "mean")
    bad = guide_pipeline.bad_pages()
    found = len(PAGE_RULES[QUESTION]), sum(bad) / len(bad)
    for before, after in zip(counted, found, strict=True):
        assert 0.9 * before <= after <= 2 * before


def test_the_damages_of_a_question_are_counted():
    page = next(page for page in guide_pipeline.questions() if page.path == guide_pipeline.DAMAGED)
    count = sum(len(texts) for texts in guide_pipeline.damages(page).values())
    assert count >= 0.5 * value("damages", "mean")
