"""What a stranger's page may try: refused at the gate; where the gate is silenced, stopped in the browser.

The other end of `make attack`, which runs thousands of texts that others publish.
"""

from pathlib import Path

import attack
import pytest
import yaml
from guide import Guide
from reader import ROOT

TEXTS = yaml.safe_load((Path(__file__).parent / "vectors.yml").read_text(encoding="utf-8"))
REDIRECT = next(text for text in TEXTS if "http-equiv=refresh" in text)  # no policy knows of these
HARM = {"ran", "asked elsewhere", "left", "overlaid"}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A site of all these texts, built as if the gate had been silent."""
    texts = [text for text in TEXTS if attack.renders(text) and text != REDIRECT]
    pages = attack.pages_of(texts, 6) | {"redirect": f"{attack.HEAD}{REDIRECT}\n"}
    return attack.silenced_build(tmp_path_factory.mktemp("tree"), pages)


@pytest.fixture(scope="module")
def names(site):
    return sorted(path.parent.name for path in (site / "attack").glob("*/index.html"))


def test_the_gate_refuses_every_kind():
    guide = Guide(ROOT)
    assert len(TEXTS) > 60
    for text in TEXTS:
        rules = attack.refused_by(text, guide)
        assert any(rule.startswith(("active-", "diagram-")) for rule in rules), f"{text!r}: {rules}"


def test_the_policy_stops_every_kind_but_a_redirect(site, names, browser):
    deeds = attack.deeds_of(browser, site, [name for name in names if name != "redirect"])
    assert {name: found & HARM for name, found in deeds.items() if found & HARM} == {}
    stopped = {what for found in deeds.values() for what in found}
    for directive in ("script-src-elem", "script-src-attr", "style-src-elem", "style-src-attr", "img-src"):
        assert f"stopped by {directive}" in stopped


def test_what_does_harm_without_the_policy_is_refused_as_html(site, names, browser):
    """And it does harm there: else the test above could not fail."""
    deeds = attack.deeds_of(browser, site, names, attack.WithoutPolicy)
    assert {what for found in deeds.values() for what in found} >= HARM - {"left"}
    harmful = {name for name, found in deeds.items() if found & (HARM | {"defaced"})}
    assert len(harmful) > 8 and harmful <= attack.refused_as_html(site)
