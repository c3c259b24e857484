"""The site as a reader meets it: built by the real command, served, opened in a real Chromium."""

import json
import re
import time
from pathlib import Path

import pytest
from reader import (
    DESK,
    PATIENCE,
    PHONE,
    QUESTION,
    QUESTIONS,
    ROOT,
    SHARES,
    Keeping,
    contrast,
    entered,
    fences,
    resize,
    served,
    shared,
    until,
)

ROLES = ("hazard", "guard", "exposed")
AXE = Path(__file__).parent / "vendor" / "axe.min.js"

# What a role looks like in every drawing that is shown: fill, outline and text of each node that has it.
LOOKS = """role => [...document.querySelectorAll(`.guide-diagram .${role}`)]
  .filter(node => node.getBoundingClientRect().width).map(node => {
    const shape = getComputedStyle(node.querySelector("rect, circle, ellipse, polygon, path"));
    const label = getComputedStyle(node.querySelector("text"));
    return {fill: shape.fill, stroke: shape.stroke, width: parseFloat(shape.strokeWidth),
            dashed: shape.strokeDasharray !== "none", text: label.fill};
  })"""
DRAWN = """[...document.querySelectorAll(".guide-diagram svg")].map(svg => svg.getBoundingClientRect())
  .filter(box => box.width).map(box => [box.left, box.right, box.height])"""


def paper(page):
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_opens_whole(visit, scheme, width):
    page = visit("", width, scheme)
    home = page.url
    for path in ("", *QUESTIONS):
        page.goto(home + path)
        assert (contrast(paper(page), "rgb(255, 255, 255)") > 4.5) == (scheme == "dark")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        boxes = page.evaluate(DRAWN)
        assert len(boxes) == (1 + fences(path) if path else 0), "the card's, and the author's"
        assert all(left >= 0 and right <= width and height > 100 for left, right, height in boxes)
        assert "flowchart" not in page.locator("article").inner_text()


@pytest.mark.parametrize("question", QUESTIONS)
def test_nothing_on_a_phone_hides_beyond_the_edge(look, question):
    page = look(question, PHONE)
    beyond = page.evaluate("""
      [...document.querySelectorAll("main :is(p, li, td, h1, h2, h3, pre, code, img, .guide-diagram)")]
        .filter(each => each.getBoundingClientRect().right > innerWidth + 1)
        .map(each => each.textContent.slice(0, 60))""")
    assert beyond == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_roles_are_legible_and_told_apart_without_colour(visit, scheme):
    page = visit(QUESTION, DESK, scheme)
    ground = paper(page)
    looks = {role: page.evaluate(LOOKS, role) for role in ROLES}
    for role in ROLES:
        assert looks[role], f"no {role} in {QUESTION}"
        for look in looks[role]:
            assert contrast(look["text"], look["fill"]) >= 4.5
            assert contrast(look["stroke"], ground) >= 3
    assert all(look["dashed"] for look in looks["hazard"])
    assert all(look["width"] >= 4 and not look["dashed"] for look in looks["guard"])
    assert all(contrast(look["fill"], ground) >= 4.5 and not look["dashed"] for look in looks["exposed"])
    assert all(contrast(look["fill"], ground) < 3 for role in ("hazard", "guard") for look in looks[role])


# ── Palette ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_palette_goes_from_system_to_the_other_and_round(visit, scheme):
    page = visit(QUESTION, DESK, scheme)
    button = page.locator("#__next-palette")
    other = {"light": "dark", "dark": "light"}[scheme]
    ground, fills = [paper(page)], [page.evaluate(LOOKS, "hazard")[0]["fill"]]
    for said in (other, scheme, "as the system"):
        button.click()
        assert button.inner_text() == f"Colours: {said}"
        ground.append(paper(page))
        fills.append(page.evaluate(LOOKS, "hazard")[0]["fill"])
    assert ground[0] != ground[1] and ground[0] == ground[2] == ground[3]
    assert fills[0] != fills[1] and fills[0] == fills[2] == fills[3]


def test_chosen_palette_is_there_before_the_first_paint(visit):
    page = visit(QUESTION)
    page.locator("#__next-palette").click()
    dark = paper(page)
    page.add_init_script("""new PerformanceObserver(() => window.first = getComputedStyle(document.body)
        .backgroundColor).observe({type: "paint", buffered: true})""")
    page.reload()
    until(page, "window.first !== undefined")
    assert page.evaluate("window.first") == dark == paper(page)


def test_dark_reader_prints_on_white_with_folded_rows_open(visit):
    page = visit(QUESTION, DESK, "light")
    page.locator("#__next-palette").click()
    page.emulate_media(media="print", color_scheme="dark")
    white = "rgb(255, 255, 255)"
    assert paper(page) == white
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light only"
    assert contrast(page.evaluate("getComputedStyle(document.querySelector('h1')).color"), white) >= 7
    for part in (".guide-bar", "#__menu", ".guide-neighbours"):
        assert not page.locator(part).is_visible()
    rows = page.locator("details tr").all()
    assert rows and all(row.bounding_box()["height"] > 5 for row in rows)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details[open]").count() == 0


# ── Search ───────────────────────────────────────────────────────────────────────────────────────


def asked_for_search(page):
    return [url for url in page.requested if "search" in url]


def test_search_is_loaded_when_it_is_opened_and_finds(visit):
    page = visit("")
    page.locator("main").hover()
    page.wait_for_load_state("networkidle")
    assert asked_for_search(page) == []
    page.keyboard.press("/")
    page.keyboard.type("inference batchin")
    page.locator("#__said").get_by_text("place").wait_for()
    assert len(asked_for_search(page)) == 3, "the script, its library (minisearch) and the index"
    hit = page.locator("#__hits a").first
    assert "Inference batching API" in hit.inner_text()
    assert {text.lower() for text in hit.locator("mark").all_inner_texts()} <= {"inference", "batching"}
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{QUESTION}**")
    assert page.locator("h1").inner_text().startswith("Inference batching API")


def test_search_goes_by_keyboard_and_says_what_it_found(visit):
    page = visit(QUESTION)
    page.locator("#__open-search").focus()
    page.keyboard.press("Enter")
    said, focused = page.locator("#__said[role=status]"), "document.activeElement"
    page.get_by_text("Type a word").wait_for()
    page.keyboard.type("queue")
    said.get_by_text("places").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.evaluate(f"[...document.querySelectorAll('#__hits a')].indexOf({focused})") == 1
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert page.evaluate(f"{focused}.id") == "__words"
    page.locator("#__words").fill("xyzzyplugh")
    said.get_by_text("Nothing found for “xyzzyplugh”").wait_for()
    assert page.locator("#__hits a").count() == 0
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")  # the first may empty the field
    until(page, f"{focused}.id", "__open-search")


def test_every_hit_leads_to_a_place_that_exists(built):
    places = [entry[0] for entry in json.loads((built / "assets/search.json").read_text(encoding="utf-8"))]
    assert len(places) > 50 and len(places) == len(set(places))
    for place in places:
        path, _, id = place.partition("#")
        text = (built / path / "index.html").read_text(encoding="utf-8")
        assert not id or f'id="{id}"' in text, place


def test_search_says_so_when_it_cannot_load(browser, address):
    with entered(browser) as context:
        page = context.new_page()
        page.route("**/search.json", lambda route: route.abort())
        page.goto(address)
        page.locator("#__open-search").click()
        page.get_by_text("The search could not be loaded").wait_for()


def test_a_word_with_marks_of_patterns_is_only_a_word(visit):
    page = visit("")
    page.keyboard.press("/")
    page.get_by_text("Type a word").wait_for()
    for words in ("(", "a.*b[", "\\", "<b>queue</b>", "$&"):
        page.locator("#__words").fill(words)
    assert page.locator("#__said").inner_text()


# ── Ways through a page ──────────────────────────────────────────────────────────────────────────


def walk(page, steps):
    """What the Tab key reaches, by name."""
    names = []
    for _ in range(steps):
        page.keyboard.press("Tab")
        names.append(page.evaluate("document.activeElement.innerText.trim()"))
        ring = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert ring != "none", f"no focus ring on {names[-1]}"
    return names


def test_tab_reaches_everything_in_order(visit):
    page = visit(QUESTION)
    names = walk(page, 9)
    assert names[:4] == ["Skip to content", "The Guarded Path", "Search", "Colours: as the system"]
    assert names[4:6] == ["Home", "Framework"]
    page = visit(QUESTION)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    until(page, "document.activeElement.localName", "main")
    page.keyboard.press("Tab")
    assert page.locator("main :focus").count() == 1


def test_whatever_can_be_focused_shows_it(visit):
    page = visit(QUESTION)
    page.keyboard.press("Tab")  # from now on focus is a keyboard's
    ringless = page.evaluate("""[...document.querySelectorAll("a[href], button, summary, input")]
        .filter(each => each.checkVisibility())
        .filter(each => { each.focus(); return getComputedStyle(each).outlineStyle === "none"; })
        .map(each => each.outerHTML.slice(0, 80))""")
    assert ringless == []


def test_a_link_within_a_page_leads_below_the_bar(visit):
    page = visit(f"{QUESTION}#trade-offs", PHONE)
    height = page.locator(".guide-bar").bounding_box()["height"]
    top = "document.getElementById('trade-offs').getBoundingClientRect().top"
    until(page, f"{height} <= {top} && {top} < 120")


def test_everything_in_the_bar_has_room(visit):
    page = visit("", PHONE)
    for width in (320, 360, 375, 390, 402, 430, 480, 768, DESK):
        resize(page, width, 844)
        parts = page.eval_on_selector_all(
            ".guide-bar > *",
            """all => all.filter(each => each.checkVisibility()).flatMap(each =>
                [each.getBoundingClientRect().left, each.getBoundingClientRect().left + each.scrollWidth])""",
        )
        assert len(parts) >= 6
        assert parts == sorted(parts) and parts[0] >= 0 and parts[-1] <= width, width


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_menu_on_a_phone(visit, script):
    page = visit(QUESTION, PHONE, java_script_enabled=script)
    menu, button = page.locator("#__menu"), page.get_by_role("button", name="Menu")
    assert not menu.is_visible()
    button.focus()
    page.keyboard.press("Enter")
    menu.wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.locator("#__menu a:focus").inner_text() == "Framework"
    page.keyboard.press("Escape")
    menu.wait_for(state="hidden")
    button.click()
    menu.get_by_role("link", name="Trade-offs").click()
    page.wait_for_url("**/#trade-offs")
    if script:
        menu.wait_for(state="hidden")


def test_a_link_into_folded_rows_opens_them(visit):
    page = visit(QUESTION)
    symbols = page.eval_on_selector_all("details tr[id]", "rows => rows.map(row => row.id)")
    assert symbols
    assert page.locator("details[open]").count() == 0
    page.goto(f"{page.url}#{symbols[-1]}")
    page.locator(f"[id='{symbols[-1]}']").wait_for(state="visible")
    fresh = visit(f"{QUESTION}#{symbols[-1]}")
    fresh.locator(f"[id='{symbols[-1]}']").wait_for(state="visible")


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_everything_is_read_and_reached_without_javascript(visit, width):
    page = visit(QUESTION, width, "dark", java_script_enabled=False)
    assert page.locator("h1").inner_text()
    assert page.locator("h2").count() >= 3
    assert sum(svg.is_visible() for svg in page.locator(".guide-diagram svg").all()) == 1 + fences(QUESTION)
    assert page.locator("article").bounding_box()["width"] <= width
    assert not page.locator("#__open-search").is_visible()
    assert not page.locator("#__next-palette").is_visible()
    for fold, inside in ((".guide-more", "tr"), (".guide-answers", "li")):
        page.locator(f"{fold} summary").first.click()
        page.locator(f"{fold} {inside}").first.wait_for()
    if width == PHONE:
        page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Questions", exact=True).click()
    page.wait_for_url("**/questions/")
    page.get_by_role("main").get_by_role("link", name="Inference batching API").first.click()
    page.wait_for_url(f"**/{QUESTION}")


def test_questions_are_listed_from_their_own_front_matter(look):
    page = look("questions/", PHONE)
    listed = page.eval_on_selector_all("main h2 a:not(.headerlink)", "links => links.map(link => link.href)")
    assert sorted(listed) == sorted(page.url + question.removeprefix("questions/") for question in QUESTIONS)
    text = page.locator("main").inner_text().replace("’", "'")
    for question in QUESTIONS:
        source = (ROOT / "docs" / f"{question.rstrip('/')}.md").read_text(encoding="utf-8")
        assert re.search(r"^summary: (.*)$", source, re.MULTILINE).group(1) in text


def test_unknown_address_gets_a_page_that_leads_on(browser, built):
    text = (built / "404.html").read_text(encoding="utf-8")
    assert "No such page" in text and 'href="/questions/"' in text


# ── Reading ──────────────────────────────────────────────────────────────────────────────────────

# The characters of each full line of the five longest paragraphs; a paragraph's last line is no full one.
LINES = """() => {
  const paragraphs = [...document.querySelectorAll(":is(article, .guide-part) > p:not([class])")]
    .sort((one, other) => other.textContent.length - one.textContent.length).slice(0, 5);
  return paragraphs.map(paragraph => {
    const lines = [], range = document.createRange();
    const texts = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
    let at = -Infinity;
    while (texts.nextNode()) for (let place = 0; place < texts.currentNode.length; place++) {
      range.setStart(texts.currentNode, place);
      range.setEnd(texts.currentNode, place + 1);
      const box = range.getClientRects()[0];
      if (!box) continue;
      const middle = (box.top + box.bottom) / 2;
      if (middle > at + 12) { lines.push(0); at = middle; }
      lines[lines.length - 1]++;
    }
    return lines.slice(0, -1);
  });
}"""
MOVING = """["", "::before", "::after", "::backdrop"].flatMap(part =>
  [...document.querySelectorAll("*")].filter(each => {
    const style = getComputedStyle(each, part || null);
    const longest = durations => Math.max(...durations.split(",").map(parseFloat));
    const runs = style.animationName !== "none" && longest(style.animationDuration) > .01;
    return runs || longest(style.transitionDuration) > .01;
  }).map(each => `${each.localName}.${each.className}${part}`))"""


@pytest.fixture(params=[PHONE, DESK])
def revisited(request, browser, built):
    """A question on the second visit: the letters, asked for on the first, are at hand.

    A browser waits for them a tenth of a second and no longer. A busy machine may need that for a file that
    is at hand, so then a reader goes on visiting.
    """
    with served(built, Keeping) as address, entered(browser, request.param) as context:
        page, end = context.new_page(), time.monotonic() + PATIENCE
        page.goto(address, wait_until="networkidle")
        page.goto(address + QUESTION)
        while share_of_ours(page, "article > p") < 0.9 and time.monotonic() < end:
            page.goto(address)
            page.goto(address + QUESTION)
        yield page, request.param


def share_of_ours(page, selector):
    """Asked of the browser, with which letters it drew: the share that is drawn with ours."""
    wire = page.context.new_cdp_session(page)
    wire.send("DOM.enable")
    wire.send("CSS.enable")
    root = wire.send("DOM.getDocument")["root"]["nodeId"]
    nodes = wire.send("DOM.querySelectorAll", {"nodeId": root, "selector": selector})["nodeIds"]
    drawn = [wire.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"] for node in nodes]
    wire.detach()
    ours = [font["glyphCount"] * font["isCustomFont"] for fonts in drawn for font in fonts]
    return sum(ours) / sum(font["glyphCount"] for fonts in drawn for font in fonts)


def test_a_line_is_as_long_as_an_eye_likes(revisited):
    page, width = revisited
    paragraphs = page.evaluate(LINES)
    assert len(paragraphs) == 5 and all(len(lines) >= 4 for lines in paragraphs)
    average = sum(map(sum, paragraphs)) / sum(map(len, paragraphs))
    assert 60 <= average <= 75 if width == DESK else average >= 36, paragraphs


def test_the_second_visit_is_set_in_our_letters(revisited):
    """Once every section is set."""
    page, _ = revisited
    whole = "parts => parts.forEach(part => { part.style.contentVisibility = 'visible'; })"
    page.eval_on_selector_all(".guide-part", whole)
    family = "getComputedStyle(document.querySelector('article > p')).fontFamily"
    assert page.evaluate(family).startswith('"Guide Serif"')
    for selector in ("article p:not([class])", "h2", "article p strong"):
        assert share_of_ours(page, selector) > 0.9, selector
    assert share_of_ours(page, "td") == 0, "what is looked up is set in the sans"


def test_figures_in_tables_stand_below_each_other(look):
    page = look(QUESTION)
    figures = page.eval_on_selector_all(
        "td, .guide-card__numbers dd, a.guide-number",
        "all => [...new Set(all.map(each => getComputedStyle(each).fontVariantNumeric))]",
    )
    assert figures and all("tabular-nums" in each for each in figures)


@pytest.mark.parametrize("share", SHARES)
def test_nothing_scrolls_sideways_at_twice_the_size(visit, built, share):
    """A browser's zoom of 200 % halves the width that a page is laid out in."""
    page, wide = visit("404.html"), {}
    for path, address in shared(page, built, share):
        page.goto(address)
        for width in (DESK // 2, PHONE // 2):
            resize(page, width, 844)
            needed = page.evaluate("document.documentElement.scrollWidth")
            wide |= {path: needed} if needed > width else {}
    assert wide == {}


def test_nothing_moves_for_who_asked_for_that(visit):
    page = visit("")
    root = page.url
    for path in ("", QUESTION, "cards/", "404.html"):
        page.goto(root + path)
        page.locator("#__next-palette").hover()
        assert page.evaluate(MOVING) == [], path
        assert page.evaluate("document.getAnimations().length") == 0, path
    page.keyboard.press("/")
    page.keyboard.type("queue")
    page.locator("#__hits a").first.wait_for()
    assert page.evaluate(MOVING) == [], "the search"
    page.goto(root + QUESTION)
    page.locator(".guide-enlarge:visible").first.click()
    page.locator("dialog[open] svg").wait_for()
    page.keyboard.press("+")
    assert page.evaluate(MOVING) == [], "the viewer"


# ── Home, and an address that is none ────────────────────────────────────────────────────────────


@pytest.mark.parametrize("width, height", [(PHONE, 844), (DESK, 900)])
def test_home_says_in_one_screen_where_to_start(visit, width, height):
    page = visit("", width)
    resize(page, width, height)
    title = page.locator("h1").bounding_box()
    assert title["y"] >= 0
    boxes = page.locator("article > ul:first-of-type > li").all()
    leads = [box.locator("strong").first.inner_text().partition(",")[0] for box in boxes]
    assert leads == ["Tonight", "In three weeks"]
    for box in boxes:
        place = box.bounding_box()
        assert place["y"] > title["y"] + title["height"] - 1
        assert place["y"] + place["height"] <= height, "below the fold"
        assert box.locator("a").first.is_visible()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_unknown_address_offers_the_search_and_links(browser, address, script):
    with entered(browser, java_script_enabled=script) as context:
        page = context.new_page()
        page.goto(f"{address}no/such/page")
        assert page.locator("h1").inner_text() == "No such page"
        button = page.locator("main").get_by_role("button", name="Search the guide")
        assert button.is_visible() == script
        if script:
            button.click()
            page.keyboard.type("queue")
            page.locator("#__hits a").first.wait_for()
            page.keyboard.press("Escape")
            page.keyboard.press("Escape")
        for name, place in (("All questions", "questions/"), ("their cards", "cards/")):
            page.goto(f"{address}no/such/page")
            page.locator("main").get_by_role("link", name=name).click()
            page.wait_for_url(f"{address}{place}")


# ── For everybody ────────────────────────────────────────────────────────────────────────────────


def faults(page):
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [f"{fault['id']}: {node['html'][:80]}" for fault in found for node in fault["nodes"]]


@pytest.mark.parametrize("share", SHARES)
def test_axe_finds_nothing(visit, built, share):
    page, found = visit("404.html"), {}
    for path, address in shared(page, built, share):
        page.goto(address)
        for scheme, width in (("light", PHONE), ("dark", DESK)):
            page.emulate_media(color_scheme=scheme)
            resize(page, width, 844)
            found |= {(path, scheme): here} if (here := faults(page)) else {}
            assert (contrast(paper(page), "rgb(255, 255, 255)") > 4.5) == (scheme == "dark")
    assert found == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_menu_and_search(visit, scheme):
    page = visit(QUESTION, PHONE, scheme)
    page.get_by_role("button", name="Menu").click()
    assert faults(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("queue")
    page.locator("#__hits a").first.wait_for()
    assert faults(page) == []


# ── Files ────────────────────────────────────────────────────────────────────────────────────────


def test_colours_are_named_once_and_nothing_shouts():
    for sheet in (ROOT / "overrides/assets/stylesheets").glob("*.css"):
        style = sheet.read_text(encoding="utf-8")
        hexes = [line for line in style.splitlines() if re.search(r"#[0-9a-fA-F]{3,8}\b", line)]
        assert all(re.search(r"--guide-[a-z-]+: (#|light-dark\(#)", line) for line in hexes)
        assert "!important" not in style
