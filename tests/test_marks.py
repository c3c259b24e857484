"""What the build marks in a text: terms of the vocabulary, dates of facts, and how old these are."""

import re
import zlib
from datetime import date

import pytest
import read_page
import yaml
from check_page import main, overdue_notices, tree_findings
from guide import Guide
from read_sources import Fact
from read_vocabulary import read
from reader import DESK, PHONE, QUESTION, ROOT
from render_marks import BUDGET, marked
from site_questions import nav, with_lists

TERMS = read(read_page.read("docs/vocabulary.md", (ROOT / "tests/good/vocabulary.md").read_text("utf-8")))
FACTS = {"gain": Fact("gain", 1, "paper", "23 %", "2024-05", "2027-01-01", "Table 1", "result")}


def linked(html, terms=TERMS):
    """The terms that are linked in a page's HTML, as (name, id)."""
    link = r'<a class="guide-term" href="v/#([\w-]+)" data-says="[^"]+">(.*?)</a>'
    return [(name, id) for id, name in re.findall(link, marks(html, terms))]


def marks(html, terms=TERMS):
    return marked(html, terms, "v/", FACTS)


def test_a_term_is_linked_once_in_each_section_by_each_of_its_names():
    html = "<p>Goodput and goodput.</p><h2>a</h2><p>Key-value cache, KV caches.</p><ul><li>goodput</li></ul>"
    assert linked(html) == [("Goodput", "goodput"), ("Key-value cache", "kv-cache"), ("goodput", "goodput")]


@pytest.mark.parametrize("html", [
    "<h2>Goodput</h2>", "<p><a href='x'>the goodput</a></p>", "<p><code>goodput</code></p>",
    "<table><tr><td>goodput</td></tr></table>", "<pre><code>goodput</code></pre>",
    "<svg><text>goodput</text></svg>",
    "<p>goodputs, non-goodput, GOODPUT</p>", '<p><img alt="goodput"></p>',
])  # fmt: skip
def test_no_term_is_linked_in(html):
    assert marks(html) == html


def test_a_definition_is_its_first_sentence_and_cannot_leave_its_attribute():
    page = read_page.read("docs/vocabulary.md", '## A {#a}\n\nIt is "so" & <so>. More.\n')
    assert 'data-says="It is &quot;so&quot; &amp; &lt;so&gt;."' in marks("<p>A</p>", read(page))


def test_links_to_terms_stay_light():
    entry = "## T{0} {{#t{0}}}\n\n{1:x} is {2:x} of {3:x}. Two.\n\n"
    terms = "".join(entry.format(n, n * 7919, n * 104729, n**3) for n in range(200))
    many = read(read_page.read("docs/vocabulary.md", terms))
    html = "".join(f"<p>T{n} here.</p>" for n in range(200))
    added = len(zlib.compress(marks(html, many).encode())) - len(zlib.compress(html.encode()))
    assert 20 < len(linked(html, many)) < 200 and added <= 2_000


def test_built_pages_pay_at_most_two_thousand_bytes_for_terms(built):
    for path in built.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        bare = re.sub(r'<a class="guide-term"[^>]*>(.*?)</a>', r"\1", text)
        assert len(zlib.compress(text.encode())) - len(zlib.compress(bare.encode())) <= BUDGET + 100


def test_a_cited_fact_bears_its_date_once_in_each_section():
    link = '<a class="guide-citation" href="../../sources/#gain">23 %</a>'
    other = '<a class="guide-citation" href="../../sources/#paper">paper</a>'
    dated = ' <time class="guide-asof" datetime="2024-05">as of 2024-05</time>'
    html = f"<p>{link} {link} {other}</p><h2>b</h2><p>{link}</p>"
    assert marks(html) == f"<p>{link}{dated} {link} {other}</p><h2>b</h2><p>{link}{dated}</p>"


def test_a_date_in_words_is_a_date():
    assert marks("<li>5 % as of 2026-01-09; and so</li>") == (
        '<li>5 % <time class="guide-asof" datetime="2026-01-09">as of 2026-01-09</time>; and so</li>'
    )
    assert marks("<p><code>as of 2026</code></p>") == "<p><code>as of 2026</code></p>"


@pytest.mark.parametrize("today, said", [
    ("2026-11-21", {"2026-11-22": "", "2026-11-02": "", "2026-10-22": "", "2026-10-21": "1 month ago",
                    "2026-01": "10 months ago", "2024-11": "2 years ago", "2025-12-31": "10 months ago",
                    "2026": "", "2025": "1 year ago", "2024": "2 years ago"}),
    ("2027-01-01", {"2026": "1 year ago", "2026-12": "1 month ago", "2026-12-31": ""}),
])  # fmt: skip
def test_age_is_said_as_finely_as_the_date(visit, today, said):
    page = visit(QUESTION)
    ages = "([today, dates]) => dates.map(each => age(each, new Date(`${today}T12:00`)))"
    assert page.evaluate(ages, [today, list(said)]) == list(said.values())


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_date_stands_without_a_script_and_is_alone_in_print(visit, script):
    page = visit("questions/token-generation/", java_script_enabled=script)
    mark = page.locator("li .guide-asof[datetime='2024-07']").first
    assert mark.inner_text() == "as of 2024-07"
    shown = "element => getComputedStyle(element, '::after').content"
    assert ("ago" in mark.evaluate(shown)) == script
    page.emulate_media(media="print")
    assert mark.evaluate(shown) in ("none", "normal")


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_a_definition_shows_on_focus_and_stays_within_the_page(visit, width):
    page = visit("questions/token-generation/", width, java_script_enabled=False)
    shown = "element => getComputedStyle(element, '::after').display"
    page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
    page.keyboard.press("Tab")  # from now on focus is a keyboard's
    terms = page.locator("a.guide-term").all()
    assert terms
    for term in terms:
        assert term.evaluate(shown) == "none"
        term.focus()
        assert term.evaluate(shown) == "block"
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    terms[0].click()
    page.wait_for_url("**/vocabulary/#*")


def test_the_sources_page_tells_each_fact_whole(visit):
    page = visit("sources/")
    register = Guide(ROOT).register
    for fact in register.facts.values():
        entry = page.locator(f"li:has([id='{fact.id}'])").inner_text()
        for part in (fact.value, f"as of {fact.as_of}", fact.review_by, "Cited by"):
            assert part in entry
        assert "no page" not in entry
    assert page.locator("main h2").count() == len({source.kind for source in register.sources.values()})


# ---- overdue reviews -------------------------------------------------------


def test_an_overdue_review_is_a_notice_and_no_finding(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/index.md").write_text("# a\n\n[23 %](sources.md#gain)\n")
    entry = {"title": "A", "publisher": "B", "address": "https://example.org/a", "published": "2024"}
    fact = {"value": "23 %", "as_of": "2024-05", "review_by": "2026-11-20", "where": "T", "about": "result"}
    register = {"paper": entry | {"kind": "primary", "read": "2026-11-21", "facts": {"gain": fact}}}
    (tmp_path / "docs/sources.yml").write_text(yaml.safe_dump(register, sort_keys=False))
    guide = Guide(tmp_path)
    assert tree_findings(guide) == []
    assert overdue_notices(guide, date(2026, 11, 20)) == []
    (notice,) = overdue_notices(guide, date(2026, 11, 21))
    said = "docs/sources.yml:9: review-overdue: `gain` (23 %) was to be looked at again by 2026-11-20\n"
    assert notice.as_text().startswith(said)
    assert notice.as_github("notice").startswith("::notice file=docs/sources.yml,line=9,")


def test_overdue_ends_well_whatever_it_lists(capsys):
    assert main(["--overdue"]) == 0
    assert "findings" not in capsys.readouterr().out


# ---- lists of pages --------------------------------------------------------


def test_navigation_and_lists_take_every_page_of_a_folder():
    guide = Guide(ROOT)
    tree_findings(guide)
    practice = {"Practice": [{"Q": ["questions/*"]}]}
    entries = nav(["index.md", {"Unseen": ["method.md", "unseen/*"]}, practice], guide)
    written = {f"unseen/{page.name}" for page in (ROOT / "docs/unseen").glob("[!_]*.md")}
    method, *found = entries[1]["Unseen"]
    assert method == "method.md" and set(found) == written and len(found) == len(written)
    assert "questions/token-generation.md" in entries[2]["Practice"][0]["Q"]
    listed = with_lists("# a\n\n## b\n\n<!-- list: unseen -->\n", "docs/interview/unseen.md", guide)
    assert "\n### [Prompt playground](../unseen/prompt-playground.md)\n\nLet people write" in listed
    assert "_template" not in listed and "token-generation" not in listed
