"""What a stranger's page may try: refused at the gate; where the gate is silenced, stopped in the browser.

The other end of `make attack`, which runs thousands of texts that others publish.
"""

import re
from pathlib import Path

import attack
import pytest
import yaml
from guide import Guide
from reader import PATIENCE, ROOT, Server

TEXTS = yaml.safe_load((Path(__file__).parent / "vectors.yml").read_text(encoding="utf-8"))
REDIRECTS = [text for text in TEXTS if "http-equiv" in text.lower()]  # no policy knows of these
LEAVES = "meta http-equiv=refresh content='0;url=https://elsewhere.example/'"
# What begins a page stands in its frame, too, and some of it MkDocs takes for orders; the gate may pass it.
BEGINNINGS = {
    "heading": f"# A page &lt;/title&gt;&lt;{LEAVES}&gt;\n\n## A part &lt;{LEAVES}&gt;\n",
    "code": f"# A page `</title><{LEAVES}>`\n",
    "front": f"---\ntitle: A page &lt;/title&gt;&lt;{LEAVES}&gt;\nsummary: Text.\n---\n\n# A page\n",
    "mark": "# A page @@scr*i*pt@@ &#64;@style@@\n\n## A part &#64;@script@@\n",
    "escaped": '---\ntitle: A page\nsummary: "The @@scr\\u0069pt@@."\n---\n\n# A page\n',
    "orders": "template:redirect.html\nlocation:https://elsewhere.example/\n\n# A page\n",
    "between": "---\n---\ntemplate: redirect.html\nlocation: https://elsewhere.example/\n---\n\n# A page\n",
}
HARM = {"ran", "asked elsewhere", "left", "overlaid"}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A site of all these texts, built as if the gate had been silent."""
    texts = [text for text in TEXTS if attack.renders(text) and text not in REDIRECTS]
    redirects = {f"redirect{n}": f"{attack.HEAD}{text}\n" for n, text in enumerate(REDIRECTS)}
    pages = attack.pages_of(texts, 6) | redirects | BEGINNINGS
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
    kept = [name for name in names if not name.startswith("redirect")]
    deeds = attack.deeds_of(browser, site, kept, Server, PATIENCE)
    assert {name: found & HARM for name, found in deeds.items() if found & HARM} == {}
    stopped = {what for found in deeds.values() for what in found}
    for directive in ("script-src-elem", "script-src-attr", "style-src-elem", "style-src-attr", "img-src"):
        assert f"stopped by {directive}" in stopped


def test_what_does_harm_without_the_policy_is_refused_as_html(site, names, browser):
    """And it does harm there: else the test above could not fail."""
    deeds = attack.deeds_of(browser, site, names, attack.WithoutPolicy, PATIENCE)
    assert {what for found in deeds.values() for what in found} >= HARM - {"left"}
    harmful = {name for name, found in deeds.items() if found & (HARM | {"defaced"})}
    assert len(harmful) > 8 and harmful <= attack.refused_as_html(site)
    assert len({name for name in harmful if name.startswith("redirect")}) > 4
    assert not harmful & set(BEGINNINGS)


def test_what_a_page_calls_itself_is_words_in_its_frame(site):
    for name in BEGINNINGS:
        text = (site / f"attack/{name}/index.html").read_text(encoding="utf-8")
        assert text.count("<title>") == text.count("<script") == text.count("<style>") == 1, name
        assert re.search("<title>[^<]*A page[^<]*</title>", text), name
        assert "<meta http-equiv=refresh" not in text, name
