"""A phone sets only the sections near its screen; nothing else about a page is different for that."""

import pytest
from first_visit import WATCH
from reader import PHONE, QUESTION, QUESTIONS, launched, once_so, resize, until

LAST = "#wrap"
# Whether a section is set now: what is far from the screen is not.
SET = "place => document.querySelector(place).checkVisibility({contentVisibilityAuto: true})"
SHOW = """() => {
  for (const part of document.querySelectorAll(".guide-part")) part.style.contentVisibility = "visible";
  document.body.getBoundingClientRect();   // now it is known which letters are needed
  return document.fonts.ready.then(() => true);
}"""
PLACES = """[...document.querySelectorAll("article :not(section)")].map(each => {
  const {x, y, width, height} = each.getBoundingClientRect();
  return `${each.localName} ${[x + scrollX, y + scrollY, width, height].map(Math.round)}`;
})"""
PLAIN = """() => {
  const drop = from => [...from.cssRules].forEach((rule, at) => {
    if (rule.conditionText?.includes("overflow-anchor")) from.deleteRule(at);
    else if (rule.cssRules) drop(rule);
  });
  drop(document.styleSheets[0]);
}"""
WIDTH = "document.documentElement.scrollWidth"
TOP = "place => document.querySelector(place).getBoundingClientRect().top"


@pytest.mark.parametrize("question", QUESTIONS)
def test_sections_stand_where_they_would_stand_without(visit, question):
    """To the pixel; and what such a section would cut off at its side does not reach so far."""
    page = visit(question, PHONE)
    assert page.evaluate(SHOW)
    before = page.evaluate(PLACES)
    page.evaluate(PLAIN)
    assert page.evaluate(PLACES) == before
    for width in (PHONE, PHONE // 2):
        resize(page, width, 844)
        assert page.evaluate(WIDTH) <= width


def test_what_is_far_from_the_screen_waits_and_is_found_and_printed(visit):
    page = visit(QUESTION, PHONE)
    until(page, f"({SET})('{LAST}')", False)
    words = page.evaluate(f"document.querySelector('{LAST}').nextElementSibling.textContent.slice(0, 30)")
    assert page.evaluate("words => find(words)", words)
    until(page, f"({SET})('{LAST}')")  # the browser shows where
    page.emulate_media(media="print")
    until(page, f"({SET})('#prompt')")


def test_a_screen_reader_hears_every_section(browser, address):
    """As a screen reader switches it on; for a mere look into the page Chromium leaves out what waits."""
    with launched(browser.browser_type, "--force-renderer-accessibility") as hearing:
        page = hearing.new_page(viewport={"width": PHONE, "height": 844})
        page.goto(address + QUESTION)
        wire = page.context.new_cdp_session(page)

        def headings():
            heard = wire.send("Accessibility.getFullAXTree")["nodes"]
            return [each["name"]["value"] for each in heard if each.get("role", {}).get("value") == "heading"]

        once_so(page, headings, lambda found: found[-1:] and found[-1].startswith("Sources"))


def test_nothing_moves_for_who_scrolls_or_follows_an_address(visit):
    page = visit(QUESTION, PHONE, before=WATCH)
    height = page.evaluate("document.documentElement.scrollHeight")
    for _ in range(2 * height // 600):
        page.mouse.wheel(0, 600)
        page.wait_for_timeout(20)
    until(page, f"({SET})('{LAST}')")
    until(page, "Math.ceil(scrollY + innerHeight) >= document.documentElement.scrollHeight")  # it has arrived
    bottom = page.evaluate("scrollY")
    page.mouse.wheel(0, -3000)
    until(page, f"scrollY < {bottom}")
    assert page.evaluate("seen.shift") == 0


@pytest.mark.parametrize("place", ["#level-bar", "#failure-modes", "#per_gpu"])
def test_an_address_into_a_section_leads_there(visit, place):
    page = visit(f"{QUESTION}{place}", PHONE)
    until(page, f"0 < ({TOP})('{place}') && ({TOP})('{place}') < 200")
    page.goto(page.url.replace(place, "#prompt"))
    page.go_back()
    until(page, f"0 < ({TOP})('{place}') && ({TOP})('{place}') < 200")
