"""Every rule is listed, documented in five parts, and explained on the page of rules."""

import inspect
import re
import sys
from pathlib import Path

import pytest
import rule_list
from finding import rule_id
from rule_book import LABELS, parts_of, rules_page

HOOKS = Path(__file__).parent.parent / "hooks"
IDS = [rule_id(rule) for rule in rule_list.ALL]
FAMILIES = (
    "file", "active", "source", "number", "front-matter", "section", "safety", "envelope", "diagram", "path",
    "table", "pushback", "level", "skeleton", "vocabulary",
)  # fmt: skip


def test_every_check_function_is_listed_once():
    written = [
        name
        for module in HOOKS.glob("rule_*.py")
        for name in re.findall(r"^def (check_\w+)", module.read_text(), re.MULTILINE)
    ]
    assert sorted(rule.__name__ for rule in rule_list.ALL) == sorted(written)


@pytest.mark.parametrize("rule", rule_list.ALL, ids=IDS)
def test_rule_says_its_law_why_bad_good_and_exceptions(rule):
    parts = parts_of(rule)
    assert set(parts) == {"law", *LABELS}
    assert all(len(text.split()) >= 1 for text in parts.values())
    assert len(parts["law"].split()) >= 3


@pytest.mark.parametrize("rule", rule_list.ALL, ids=IDS)
def test_rule_is_named_for_its_family_and_short(rule):
    assert any(rule_id(rule).startswith(f"{family}-") for family in FAMILIES)
    assert len(inspect.getsource(rule).split('"""')[2].strip().splitlines()) <= 40


def test_one_id_alone_holds_unguarded():
    assert [id for id in IDS if "unguarded" in id] == ["path-unguarded"]


def test_page_of_rules_explains_each():
    page = rules_page()
    assert re.findall(r"^### .* \{#([\w-]+)\}$", page, re.MULTILINE) == IDS


def test_the_core_does_not_know_mkdocs():
    """Only what renders the site for MkDocs imports what the site is built with."""
    doors = {"mkdocs_events.py", "site_pages.py", "render_page.py"}
    for module in HOOKS.glob("*.py"):
        text = module.read_text()
        imports = re.findall(r"^\s*(?:from|import) (mkdocs|markdown|pymdownx)\b", text, re.MULTILINE)
        assert not imports or module.name in doors, module.name


def test_imports_go_one_way():
    """Readers know no rules, rules know no doors."""
    order = {"read_": 0, "rule_": 1, "check_page": 2, "mkdocs_events": 3}
    names = {module.stem for module in HOOKS.glob("*.py")}

    def rank(name):
        return next((place for prefix, place in order.items() if name.startswith(prefix)), None)

    for module in HOOKS.glob("*.py"):
        for name in re.findall(r"^(?:from|import) (\w+)", module.read_text(), re.MULTILINE):
            if name in names and None not in (rank(module.stem), rank(name)):
                assert rank(name) <= rank(module.stem), f"{module.name} imports {name}"


def test_no_module_hides_an_installed_one():
    assert not {module.stem for module in HOOKS.glob("*.py")} & set(sys.stdlib_module_names)
