"""The page Print, and any page that a reader prints: what is offered is there, no furniture is on paper."""

import io
import re

import pypdf
import pytest
import read_site
import site_print
from reader import QUESTION


def test_a_site_without_files_says_how_to_make_them(built):
    assert "make book" in (built / "print/index.html").read_text(encoding="utf-8")
    assert not list((built / "print").glob("*.pdf"))


def test_a_draft_is_offered_as_one(tmp_path):
    file = tmp_path / "guarded-path-draft-abc12345-sheets-a4.pdf"
    file.write_bytes(b"x")
    assert site_print.printed(tmp_path) == [file]
    assert "\nDraft abc12345. " in site_print.text([file])


def _squeezed(text):
    return re.sub(r"[\s\u00ad-]+", "", text)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_printed_by_a_reader(visit, scheme):
    """White paper, no furniture, folds open, drawings whole."""
    page = visit(QUESTION, scheme=scheme)
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    for part in ("bar", "menu", "foot", "neighbours", "skip"):
        assert not page.locator(f".guide-{part}").first.is_visible(), part
    assert page.evaluate("[...document.querySelectorAll('details')].every(fold => fold.open)")
    heights = "[...document.querySelectorAll('.pele')].map(each => each.getBoundingClientRect().height)"
    tallest = max(page.evaluate(heights))
    assert 0 < tallest <= 205 * 96 / 25.4 + 1
    printed = pypdf.PdfReader(io.BytesIO(page.pdf(format="A4")))
    said = " ".join(sheet.extract_text() for sheet in printed.pages)
    assert "Weak:" in said
    addresses = page.locator("#sources + ul a").evaluate_all("links => links.map(link => link.title)")
    assert len(addresses) > 5
    assert [each for each in addresses if not each.startswith("https://")] == []
    assert [each for each in addresses if _squeezed(each) not in _squeezed(said)] == []
    assert "Search" not in printed.pages[0].extract_text()


def test_links_to_elsewhere_show_their_address(built):
    """So paper shows it, too: a page links elsewhere only through the register, which prints addresses."""
    links = [link for chapter in read_site.chapters(built) for link in chapter.article.xpath(".//a[@href]")]
    outer = [link for link in links if link.get("href").startswith("http")]
    assert len(outer) > 50
    assert [link.get("href") for link in outer if link.text_content() != link.get("href")] == []
