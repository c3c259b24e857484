"""A drawing is looked into: by mouse, finger and keyboard; Back and Escape lead to where the reader was."""

import time

import pytest
from playwright.sync_api import expect
from reader import DESK, PHONE, QUESTION, entered, once_so, until
from test_light import PAINTED
from test_locked import NOTE_VIOLATIONS
from test_site import faults

DRAWING = "#__drawing-2"  # the first that is the page's own; the card's is behind the numbers
# Where the drawing in the viewer is, and which window is left for it.
SEEN = """() => {
  const box = document.querySelector("dialog.guide-viewer[open] svg")?.getBoundingClientRect();
  return box && {x: box.x, y: box.y, width: box.width, height: box.height};
}"""
TEXTS = "place => [...place.querySelectorAll('svg text')].map(each => each.textContent).join()"
FOCUSED = "document.activeElement.getAttribute('href')"


def opened(page):
    """Where the drawing lies once the viewer shows it."""
    page.locator("dialog.guide-viewer[open] svg").wait_for()
    return page.evaluate(SEEN)


def shut(page):
    page.locator("dialog.guide-viewer[open]").wait_for(state="detached")
    until(page, "location.href.includes('#')", False)


def tapped(visit, width=DESK, **options):
    """A page whose own first drawing was clicked, or tapped."""
    page = visit(QUESTION, width, before=NOTE_VIOLATIONS, **options)
    link = page.locator(".guide-enlarge:visible").nth(1)
    link.tap() if options.get("has_touch") else link.click()
    return page, opened(page)


def seen(page, so):
    """Where the drawing lies, as soon as `so` holds of it: what fingers do is seen in the next frame."""
    return once_so(page, lambda: page.evaluate(SEEN), so)


def larger(after, before, at_least=1.2):
    return after["width"] > before["width"] * at_least and after["height"] > before["height"] * at_least


def same(one, other):
    return all(abs(one[side] - other[side]) < 1 for side in one)


# ── In and out ───────────────────────────────────────────────────────────────────────────────────


def test_a_click_opens_and_back_closes(visit):
    page = visit(QUESTION, before=NOTE_VIOLATIONS)
    link = page.locator(".guide-enlarge:visible").nth(1)
    link.scroll_into_view_if_needed()
    before, height = page.url, page.evaluate("scrollY")
    link.click()
    whole = opened(page)
    assert page.url == before + link.get_attribute("href")
    assert whole["x"] >= 0 and whole["y"] >= 0
    assert whole["x"] + whole["width"] <= DESK and whole["y"] + whole["height"] <= 844
    assert whole["width"] > 0.7 * DESK or whole["height"] > 0.7 * 844
    page.go_back()
    shut(page)
    page.wait_for_url(before)
    until(page, f"Math.abs(scrollY - {height}) < 60")
    page.go_forward()
    opened(page)
    seen(page, lambda box: same(box, whole))
    assert page.evaluate("violations") == []


def test_back_and_at_once_forward_shows_it_again(visit):
    """A browser tells of the closing later than it closes: by then the address may name a drawing again."""
    page, whole = tapped(visit)
    page.evaluate("""() => {
        const drawing = location.hash;
        addEventListener("hashchange", () => { location.hash = drawing; window.again = true; }, {once: true});
        history.back();
      }""")
    until(page, "window.again")
    until(page, f"[location.hash, ({SEEN})()?.width]", [DRAWING, whole["width"]])
    page.evaluate(PAINTED)
    assert same(page.evaluate(SEEN), whole)


@pytest.mark.parametrize("way", ["Escape", "Close"])
def test_closing_leads_back_to_the_drawing(visit, way):
    page, _ = tapped(visit)
    before = page.url.partition("#")[0]
    if way == "Escape":
        page.keyboard.press("Escape")
    else:
        page.get_by_role("button", name="Close").click()
    shut(page)
    page.wait_for_url(before)
    until(page, FOCUSED, page.locator(".guide-enlarge:visible").nth(1).get_attribute("href"))
    assert page.evaluate("history.length") <= 3, "no second entry for one drawing"


def test_drawing_is_opened_by_keyboard(visit):
    page = visit(QUESTION)
    for _ in range(80):
        page.keyboard.press("Tab")
        href = page.evaluate(FOCUSED) or ""
        if href.startswith("#__drawing"):
            break
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    page.keyboard.press("Enter")
    opened(page)
    until(page, "document.activeElement.closest('dialog') !== null")
    page.keyboard.press("Escape")
    shut(page)
    until(page, FOCUSED, href)


def test_each_drawing_opens_itself(visit):
    """Also a second time, and another one after the first."""
    page = visit(QUESTION)
    seen = []
    for place in (0, 1, 2, 1):
        link = page.locator(".guide-enlarge:visible").nth(place)
        drawn = link.evaluate(TEXTS)
        link.click()
        opened(page)
        assert page.locator("dialog[open]").evaluate(TEXTS) == drawn and drawn
        assert page.locator("dialog[open] svg").count() == 1
        seen.append(drawn)
        page.keyboard.press("Escape")
        shut(page)
    assert len(set(seen)) >= 2 and seen[1] == seen[3]


def test_an_address_of_a_drawing_opens_it(visit):
    page = visit(f"{QUESTION}#__drawing-1")
    opened(page)
    page.keyboard.press("Escape")
    shut(page)
    page.wait_for_url(f"**/{QUESTION}")  # the reader stays on the page
    assert page.locator("h1").is_visible()


@pytest.mark.parametrize("hash", ["#__drawing-99", "#prompt", "#__drawing-", "#%E0%A4%A"])
def test_an_address_of_no_drawing_opens_none(visit, hash):
    page = visit(QUESTION + hash)
    page.wait_for_load_state("networkidle")
    assert page.locator("dialog[open]").count() == 0
    assert not [url for url in page.requested if "viewer" in url]


def test_viewer_is_loaded_when_it_is_opened(visit):
    page = visit(QUESTION)
    page.locator(".guide-enlarge:visible").nth(1).hover()
    page.wait_for_load_state("networkidle")
    assert not [url for url in page.requested if "viewer" in url]
    page.locator(".guide-enlarge:visible").nth(1).click()
    opened(page)
    assert [url for url in page.requested if "viewer" in url] == ["assets/javascripts/viewer.js"]


def test_a_drawing_that_cannot_be_enlarged_stays_on_its_page(browser, address):
    with entered(browser) as context:
        page = context.new_page()
        faulty = []
        page.on("pageerror", lambda error: faulty.append(str(error)))
        page.route("**/viewer.js", lambda route: route.abort())
        page.goto(address + QUESTION)
        page.locator(".guide-enlarge:visible").nth(1).click()
        until(page, "location.hash.startsWith('#__drawing')")
        page.wait_for_load_state("networkidle")
        assert page.locator("dialog[open]").count() == 0
        assert page.locator(".guide-enlarge svg:visible").nth(1).is_visible()
        assert faulty == []


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_without_javascript_the_drawing_fills_the_screen(visit, width):
    page = visit(QUESTION, width, java_script_enabled=False)
    before = page.url
    link = page.locator(".guide-enlarge:visible").nth(1)
    small, place = link.locator("svg").bounding_box(), link.get_attribute("href")
    link.click()
    whole = page.locator(place)
    expect(whole).to_have_css("position", "fixed")
    assert whole.bounding_box() == {"x": 0, "y": 0, "width": width, "height": 844}
    assert whole.locator("svg").bounding_box()["width"] > 1.2 * small["width"]
    assert whole.get_by_role("link", name="Close").is_visible()
    page.go_back()
    page.wait_for_url(before)
    expect(whole).not_to_have_css("position", "fixed")
    assert link.locator("svg").bounding_box()["width"] == small["width"]
    link.click()
    whole.get_by_role("link", name="Close").click()
    expect(whole).not_to_have_css("position", "fixed")


# ── Looking ──────────────────────────────────────────────────────────────────────────────────────


def test_keys_zoom_move_and_fit(visit):
    page, whole = tapped(visit)
    page.keyboard.press("+")
    after = page.evaluate(SEEN)
    assert larger(after, whole)
    for key, side, way in (
        ("ArrowRight", "x", -1), ("ArrowLeft", "x", 1), ("ArrowDown", "y", -1), ("ArrowUp", "y", 1),
    ):  # fmt: skip
        before = page.evaluate(SEEN)
        page.keyboard.press(key)
        after = page.evaluate(SEEN)
        assert (after[side] - before[side]) * way > 20, key
        assert abs(after["width"] - before["width"]) < 1
    page.keyboard.press("-")
    assert larger(before, page.evaluate(SEEN))
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("0")
    assert same(page.evaluate(SEEN), whole)
    assert page.evaluate("violations") == []


def test_a_browsers_own_keys_stay_its_own(visit):
    page, whole = tapped(visit)
    page.keyboard.press("Control+0")
    page.keyboard.press("Alt+ArrowUp")
    assert same(page.evaluate(SEEN), whole)


def test_buttons_zoom_and_fit(visit):
    page, whole = tapped(visit, PHONE)
    for _ in range(2):
        page.get_by_role("button", name="Larger").click()
    assert larger(page.evaluate(SEEN), whole, 2)
    page.get_by_role("button", name="Smaller").click()
    assert larger(page.evaluate(SEEN), whole, 1.2) and not larger(page.evaluate(SEEN), whole, 2)
    page.get_by_role("button", name="Fit").click()
    assert same(page.evaluate(SEEN), whole)
    for button in page.locator("dialog[open] button").all():
        box = button.bounding_box()
        assert box["width"] >= 40 and box["height"] >= 40, "a finger finds it"
        assert box["x"] >= 0 and box["x"] + box["width"] <= PHONE and box["y"] + box["height"] <= 844


def test_the_wheel_zooms_where_it_points(visit):
    page, whole = tapped(visit)
    x, y = whole["x"] + whole["width"] * 0.25, whole["y"] + whole["height"] * 0.5
    page.mouse.move(x, y)
    page.mouse.wheel(0, -300)
    after = seen(page, lambda box: box["width"] > whole["width"] * 1.2)
    assert abs(after["x"] + after["width"] * 0.25 - x) < 2, "the point below it stays"
    assert abs(after["y"] + after["height"] * 0.5 - y) < 2
    assert page.evaluate("visualViewport.scale") == 1


def test_a_double_click_zooms_and_the_next_fits(visit):
    page, whole = tapped(visit)
    page.mouse.dblclick(DESK / 2, 300)
    seen(page, lambda box: larger(box, whole))
    page.mouse.dblclick(DESK / 2, 300)
    seen(page, lambda box: same(box, whole))


def test_a_mouse_drags(visit):
    page, whole = tapped(visit)
    page.mouse.move(600, 300)
    page.mouse.down()
    page.mouse.move(640, 330, steps=4)
    page.mouse.move(690, 350, steps=4)
    page.mouse.up()
    dragged = whole | {"x": whole["x"] + 90, "y": whole["y"] + 50}
    seen(page, lambda box: same(box, dragged))
    page.mouse.move(100, 100, steps=3)
    assert same(page.evaluate(SEEN), dragged), "lifted, it lies still"


def test_a_drawing_cannot_be_lost(visit):
    """Pushed as far as it goes, a corner stays in sight."""
    page, _ = tapped(visit)
    for key in ("ArrowRight", "ArrowDown"):
        for _ in range(60):
            page.keyboard.press(key)
    box = page.evaluate(SEEN)
    assert box["x"] + box["width"] >= 40 and box["y"] + box["height"] >= 40
    for key in ("ArrowLeft", "ArrowUp"):
        for _ in range(100):
            page.keyboard.press(key)
    box = page.evaluate(SEEN)
    assert box["x"] <= DESK - 40 and box["y"] <= 844 - 40


def touch(page, *frames, at=None):
    """Fingers on the glass: each frame is where they are; then they are lifted; all `at` a time, if said."""
    told = {"timestamp": at} if at else {}
    wire = page.context.new_cdp_session(page)
    down = 0
    for frame in (*frames, ()):
        kind = "touchEnd" if not frame else "touchStart" if len(frame) > down else "touchMove"
        points = [{"x": x, "y": y, "id": finger} for finger, (x, y) in enumerate(frame)]
        wire.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points, **told})
        down = len(frame)
    wire.detach()


@pytest.fixture
def phone(visit):
    return tapped(visit, PHONE, is_mobile=True, has_touch=True)


def test_two_fingers_zoom(phone):
    page, whole = phone
    apart = [[(195 - by, 380), (195 + by, 380)] for by in (30, 50, 70, 90)]
    touch(page, [(165, 380)], *apart)  # three times as far apart, three times as large
    after = seen(page, lambda box: 2.7 < box["width"] / whole["width"] < 3.3)
    assert page.evaluate("visualViewport.scale") == 1, "the drawing, not the page"
    touch(page, [(105, 380)], *reversed(apart))
    seen(page, lambda box: box["width"] < after["width"] / 2)
    assert page.evaluate("violations") == []


def test_one_finger_drags(phone):
    page, whole = phone
    touch(page, *([(200 + 10 * step, 300 + 5 * step)] for step in range(9)))
    after = seen(page, lambda box: box["x"] - whole["x"] > 50 and box["y"] - whole["y"] > 20)
    assert abs(after["width"] - whole["width"]) < 1
    assert page.evaluate("scrollX") == 0


def test_two_taps_zoom_and_two_more_fit(phone):
    page, whole = phone
    now = time.time()
    for when in (now, now + 0.1):
        touch(page, [(195, 300)], at=when)
    seen(page, lambda box: larger(box, whole))
    page.wait_for_timeout(450)  # what a browser makes of two taps comes later; and these two are a pair
    assert larger(page.evaluate(SEEN), whole)
    for when in (now + 1, now + 1.1):
        touch(page, [(195, 300)], at=when)
    seen(page, lambda box: same(box, whole))
    page.wait_for_timeout(450)
    assert same(page.evaluate(SEEN), whole)


def test_two_slow_taps_do_nothing(phone):
    page, whole = phone
    now = time.time()
    for when in (now, now + 0.45):
        touch(page, [(195, 300)], at=when)
    assert same(page.evaluate(SEEN), whole)


def test_a_turned_phone_fits_again(phone):
    page, _ = phone
    page.keyboard.press("+")
    page.set_viewport_size({"width": 844, "height": 390})
    inside = "box.x >= 0 && box.y >= 0 && box.x + box.width <= 844 && box.y + box.height <= 390"
    until(page, f"(box => {inside})(({SEEN})())")


# ── For everybody ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_viewer(visit, scheme, width):
    page = visit(QUESTION, width, scheme)
    page.locator(".guide-enlarge:visible").nth(1).click()
    opened(page)
    assert page.locator("dialog[open]").get_attribute("aria-label")
    assert faults(page) == []


def test_a_drawing_in_the_deck_opens_too(visit):
    page = visit("cards/", PHONE)
    page.locator(".guide-deck .guide-enlarge").first.click()
    opened(page)
    page.keyboard.press("Escape")
    shut(page)
    page.wait_for_url("**/cards/")
