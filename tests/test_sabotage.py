"""Every published page, damaged in every way the rules know: silent before, caught after.

Some thirty thousand damages would take twenty minutes, so of each rule on each page a few are tried, on each
page at other places; the law of guarded paths is tried on every edge. `make sabotage` tries all.
"""

import sys
from functools import cache
from pathlib import Path

import pytest
import read_page
from check_page import page_findings
from finding import rule_id
from guide import Guide
from page_contract import kind_of
from rule_list import PAGE_RULES
from sabotage import SABOTAGES

ROOT = Path(__file__).parent.parent
GUIDE = Guide(ROOT)
# Pages by the path that says their kind; the page of prose is one made for this.
PAGES = {file.relative_to(ROOT).as_posix(): file for file in sorted(ROOT.glob("docs/**/*.md"))}
PAGES = {path: file for path, file in PAGES.items() if kind_of(path).sections}
PAGES |= {"docs/prose.md": ROOT / "tests/good/prose.md", "docs/vocabulary.md": ROOT / "docs/vocabulary.md"}
RULES = {path: {rule_id(rule): rule for rule in PAGE_RULES[kind_of(path)]} for path in PAGES}
ALL = sorted({rule for rules in RULES.values() for rule in rules})
BOTH = [(path, rule) for path in PAGES for rule in RULES[path]]
TRIED = 2  # damages of a rule on a page


@cache
def read(path):
    return read_page.read(path, PAGES[path].read_text(encoding="utf-8"), GUIDE)


def damages(page, rule):
    """Each distinct damaged text that a rule's sabotages make of a page."""
    texts = [text for sabotage in SABOTAGES[rule] for text in sabotage(page) if text is not None]
    return [text for text in dict.fromkeys(texts) if text != page.text]


def spread(texts, path, rule):
    """A few of a rule's damages, evenly over the page and on each page others; all where it walks paths."""
    if rule.startswith("path-"):
        return texts
    start = list(PAGES).index(path) / len(PAGES)
    places = {int((part + start) * len(texts) / TRIED) for part in range(TRIED)}
    return [texts[place] for place in sorted(places)] if texts else []


def missed(path, rule, texts):
    """The damaged texts that a rule says nothing of."""
    return [text for text in texts if not any(RULES[path][rule](read_page.read(path, text, GUIDE)))]


def test_every_rule_of_a_page_has_a_sabotage():
    assert sorted(SABOTAGES) == ALL


@pytest.mark.parametrize("path", PAGES)
def test_undamaged_page_is_silent(path):
    assert list(page_findings(read(path))) == []


@pytest.mark.parametrize("path, rule", BOTH)
def test_each_damage_is_caught(path, rule, record_property):
    texts = spread(damages(read(path), rule), path, rule)
    record_property("sabotages", len(texts))
    assert [difference(read(path).text, text) for text in missed(path, rule, texts)] == []


@pytest.mark.parametrize("rule", ALL)
def test_every_rule_is_tried_on_some_page(rule):
    assert any(damages(read(path), rule) for path, tried in BOTH if tried == rule)


def difference(before, after):
    """The lines that a sabotage changed, for a failure one can read."""
    old, new = before.split("\n"), after.split("\n")
    gone = [f"- {line}" for line in old if line not in new]
    come = [f"+ {line}" for line in new if line not in old]
    return "\n".join([*gone[:4], *come[:4]]) or "only the order of lines differs"


if __name__ == "__main__":
    count, passed = 0, []
    for path, rule in BOTH:
        texts = damages(read(path), rule)
        count += len(texts)
        for text in missed(path, rule, texts):
            passed.append(f"{path}: {rule}\n{difference(read(path).text, text)}")
        print(f"\r{count:,} damages tried, {len(passed)} not caught", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    sys.exit("\n".join(passed))
