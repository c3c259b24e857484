"""Every published page, damaged in every way the rules know: silent before, caught after."""

from pathlib import Path

import pytest
import read_page
from check_page import page_findings
from finding import rule_id
from guide import Guide
from rule_list import EVERY_PAGE, QUESTION_PAGE
from sabotage import SABOTAGES

ROOT = Path(__file__).parent.parent
GUIDE = Guide(ROOT)
PAGES = sorted((ROOT / "docs" / "questions").glob("*.md"))
RULES = {rule_id(rule): rule for rule in (*EVERY_PAGE, *QUESTION_PAGE)}


def read(path):
    return read_page.read(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"), GUIDE)


def damages(page, rule):
    """Each distinct damaged text that a rule's sabotages make of a page."""
    texts = [text for sabotage in SABOTAGES[rule] for text in sabotage(page) if text is not None]
    return [text for text in dict.fromkeys(texts) if text != page.text]


def test_every_rule_of_a_page_has_a_sabotage():
    assert sorted(SABOTAGES) == sorted(RULES)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_undamaged_page_is_silent(path):
    assert list(page_findings(read(path))) == []


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_each_damage_is_caught(path, rule, record_property):
    page = read(path)
    texts = damages(page, rule)
    missed = [text for text in texts if not any(RULES[rule](read_page.read(page.path, text, GUIDE)))]
    record_property("sabotages", len(texts))
    assert [difference(page.text, text) for text in missed] == []


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_is_tried_on_some_page(rule):
    assert any(damages(read(path), rule) for path in PAGES)


def difference(before, after):
    """The lines that a sabotage changed, for a failure one can read."""
    old, new = before.split("\n"), after.split("\n")
    gone = [f"- {line}" for line in old if line not in new]
    come = [f"+ {line}" for line in new if line not in old]
    return "\n".join([*gone[:4], *come[:4]]) or "only the order of lines differs"
