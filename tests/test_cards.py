"""The card of a question says what its page says, leads where it points, and all cards can be swiped."""

import re

import pytest
import yaml
from lxml import html
from page_contract import QUESTION as CONTRACT
from quantities import KINDS, UNITS
from read_inline import slug
from reader import DESK, PHONE, QUESTIONS, ROOT, fences, once_so, until

SCREEN = 844  # px, the height of the viewport
CARDS = "cards/"

# What a card says, and below it what the page itself says; white space as a reader sees it.
SAID = """() => {
  const text = each => each.innerText.replaceAll("¶", "").replace(/\\s+/g, " ").trim();
  const words = svg => [...svg.querySelectorAll("text")].flatMap(label =>
    [...(label.querySelector("tspan") ? label.children : [label])].map(line => line.textContent))
    .join(" ").split(/\\s+/).sort().join(" ");
  const card = document.querySelector("aside.guide-card"), page = card.closest("article");
  const link = each => ({text: text(each), to: each.getAttribute("href")});
  const after = (from, selector) => {   // what comes behind a heading and before the next of its rank
    const found = [];
    for (let each = page.querySelector(from).nextElementSibling; each && each.localName !== "h2";
         each = each.nextElementSibling) if (each.matches(selector)) found.push(each);
    return found;
  };
  const drawings = [...page.querySelectorAll(".guide-diagram svg")].filter(svg => !card.contains(svg));
  return {
    card: {
      prompt: [...card.querySelectorAll("blockquote a")].map(link),
      numbers: [...card.querySelectorAll("dl > div")].map(each =>
        ({label: text(each.querySelector("dt")), ...link(each.querySelector("dd > a"))})),
      safety: [...card.querySelectorAll(".guide-card__safety a")].map(link),
      dives: [...card.querySelectorAll(".guide-card__dives a")].map(link),
      drawings: [...card.querySelectorAll("svg")].map(words),
    },
    page: {
      prompt: text(after("#prompt", "blockquote")[0]),
      values: Object.fromEntries([...page.querySelectorAll("tr[id]")].map(row =>
        [row.id, row.querySelector(".guide-value").textContent])),
      safety: text(page.querySelector(".safety-state > p:not(.admonition-title)")),
      dives: after("#deep-dives", "h3").map(each => ({text: text(each), to: `#${each.id}`})),
      drawing: words(drawings[0]),
    },
  };
}"""


def front(question):
    """A question's front matter, as its author wrote it."""
    text = (ROOT / "docs" / f"{question.rstrip('/')}.md").read_text(encoding="utf-8")
    return yaml.safe_load(text.split("---\n")[1])


def ids(text):
    return set(re.findall(r'\bid="([^"]+)"', text))


# ── The card of one question ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("question", QUESTIONS)
def test_card_says_what_its_page_says(look, question):
    said = look(question).evaluate(SAID)
    card, page = said["card"], said["page"]
    assert card["prompt"] == [{"text": page["prompt"], "to": "#prompt"}]
    assert card["dives"] == page["dives"][:2] and len(card["dives"]) == 2
    assert card["drawings"] == [page["drawing"]]


@pytest.mark.parametrize("question", QUESTIONS)
def test_numbers_on_the_card_are_rows_of_the_envelope(look, question):
    """Without their kind (p99) and without what they count (GPU): the label says both."""
    said, headline = look(question).evaluate(SAID), front(question)["headline"]
    numbers, values = said["card"]["numbers"], said["page"]["values"]
    assert [(each["to"], each["label"]) for each in numbers] == [
        (f"#{symbol}", label) for symbol, label in headline.items()
    ]
    assert len(numbers) == 3
    for number in numbers:
        value = values[number["to"].removeprefix("#")]
        assert value.startswith(number["text"]), f"{number['text']} is no beginning of {value}"
        assert re.fullmatch(r"(≈ ?)?[\d,.]+( \S+)?", number["text"])
        left = value.removeprefix(number["text"]).split()
        assert all(word in KINDS or (word not in UNITS and "/" not in word) for word in left), value
        unit = number["text"].lstrip("≈ ").partition(" ")[2]
        assert not unit or "/" in unit or unit in UNITS, f"{unit} is counted: the label says so"


@pytest.mark.parametrize("question", QUESTIONS)
def test_safety_sentence_is_the_first_of_the_first_step(look, question):
    said = look(question).evaluate(SAID)
    [safety] = said["card"]["safety"]
    whole = said["page"]["safety"]
    assert safety["to"] == "#requirements" and len(safety["text"].split()) >= 4
    assert whole.startswith(safety["text"])
    assert re.search(r"[.!?]$", safety["text"]) and not re.search(r"[.!?] [A-Z]", safety["text"])
    assert re.match(r" [A-Z“]|$", whole.removeprefix(safety["text"]))


@pytest.mark.parametrize("question", QUESTIONS)
def test_everything_on_a_card_leads_to_its_place(visit, question):
    page = visit(question)
    links = page.eval_on_selector_all(
        "aside.guide-card a:not(.guide-enlarge, .guide-reduce)", "all => all.map(link => link.hash)"
    )
    assert len(links) == 1 + 3 + 1 + 2
    for link in links:
        page.locator(f"aside.guide-card a[href='{link}']").first.click()
        until(page, "location.hash", link)
        page.locator(f"[id='{link[1:]}']").wait_for()
        top = f"document.getElementById('{link[1:]}').getBoundingClientRect().top"
        until(page, f"0 <= {top} && {top} < {SCREEN}")  # in sight


@pytest.mark.parametrize("question", QUESTIONS)
def test_title_summary_and_card_end_within_two_screens_of_a_phone(look, question):
    page = look(question, PHONE)
    boxes = [page.locator(part).bounding_box() for part in ("h1", ".guide-summary", "aside.guide-card")]
    ends = [box["y"] + box["height"] for box in boxes]
    assert ends == sorted(ends) and ends[-1] <= 2 * SCREEN
    assert page.locator(".guide-summary").inner_text().replace("’", "'") == front(question)["summary"]
    words = page.evaluate("""() => {
        const card = document.querySelector("aside.guide-card").cloneNode(true);
        card.querySelector(".guide-diagram").remove();
        const texts = document.createTreeWalker(card, NodeFilter.SHOW_TEXT), words = [];
        while (texts.nextNode()) words.push(...texts.currentNode.data.match(/\\S+/g) ?? []);
        return [...document.querySelector(".guide-summary").textContent.split(" "), ...words];
      }""")
    assert 30 < len(words) <= 200


# ── All cards ────────────────────────────────────────────────────────────────────────────────────


def test_every_question_has_one_card_in_the_deck(look):
    page = look(CARDS)
    cards = page.eval_on_selector_all(
        ".guide-deck > .guide-card", "all => all.map(card => card.ariaLabelledByElements[0].textContent)"
    )
    assert cards == sorted((front(question)["title"] for question in QUESTIONS), key=str.casefold)
    assert page.locator(".guide-deck svg").count() == len(QUESTIONS)
    places = page.locator(".guide-card__place").all_text_contents()  # those far off are not laid out
    assert places == [f"{place} of {len(QUESTIONS)}" for place in range(1, 1 + len(QUESTIONS))]


def test_every_card_in_the_deck_says_what_the_one_on_its_page_says(look):
    inside = """card => [...card.querySelectorAll("blockquote, dl, .guide-card__safety, .guide-card__dives")]
        .map(each => each.textContent)"""
    deck = look(CARDS)
    for question in QUESTIONS:
        stem = question.split("/")[1]
        card = deck.locator(f".guide-card[aria-labelledby='{stem}']").evaluate(inside)
        assert len(card) == 4
        assert card == look(question).locator("aside.guide-card").evaluate(inside)


@pytest.mark.parametrize("width", [PHONE, 320])
def test_every_number_of_the_deck_stands_in_one_line_inside_its_card(visit, width):
    page = visit(CARDS, width)
    shown = "all => all.forEach(card => card.style.contentVisibility = 'visible')"
    page.locator(".guide-card").evaluate_all(shown)
    outside = """all => all.filter(number => {
      const box = number.closest("dl"), end = number.getBoundingClientRect().right;
      return number.getClientRects().length > 1 || end > box.getBoundingClientRect().right;
    }).map(number => number.textContent)"""
    numbers = page.locator(".guide-card__numbers span")
    assert numbers.count() == 3 * len(QUESTIONS)
    assert numbers.evaluate_all(outside) == []


def test_every_link_of_the_deck_resolves(look, built):
    links = look(CARDS).eval_on_selector_all(
        ".guide-deck a", "all => all.map(link => link.getAttribute('href'))"
    )
    out = [link for link in links if link.startswith("../")]
    assert len(out) == len(QUESTIONS) * (1 + 1 + 3 + 1 + 2)
    for link in links:
        path, _, id = link.partition("#")
        text = (built / CARDS / path / "index.html").read_text(encoding="utf-8")
        assert not id or id in ids(text), link


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_deck_scrolls_and_its_page_does_not(visit, width, script):
    page = visit(CARDS, width, java_script_enabled=script)
    for card in page.locator(".guide-deck > .guide-card").all():
        card.scroll_into_view_if_needed()
        box = card.locator("blockquote").bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= width and box["height"] > 10
    sizes = "[document.documentElement.scrollWidth, scrollX]"
    page.mouse.move(width / 2, SCREEN / 2)
    page.mouse.wheel(600, 0)
    page.evaluate(STILL) if script else page.wait_for_timeout(500)  # without, no frame can be counted
    assert page.evaluate(sizes) == [width, 0]


WHERE = """() => {
  const deck = document.querySelector(".guide-deck"), start = deck.getBoundingClientRect().left;
  const inset = parseFloat(getComputedStyle(deck).scrollPaddingLeft);
  return {at: deck.scrollLeft, end: deck.scrollWidth - deck.clientWidth,
          cards: [...deck.children].map(card => card.getBoundingClientRect().left - start - inset)};
}"""


# Counted in frames, since a busy machine draws few of them in a second.
STILL = """new Promise(still => {
  let before, frames = 0;
  const look = () => {
    const now = document.querySelector(".guide-deck").scrollLeft;
    frames = now === before ? frames + 1 : 0;
    before = now;
    if (frames === 15) still();
    else requestAnimationFrame(look);
  };
  look();
})"""


def stop(where):
    """The card at whose edge the deck is, or none; the last may stop at the deck's own end."""
    for place, left in enumerate(where["cards"]):
        last = place == len(where["cards"]) - 1 and where["at"] >= where["end"] - 1
        if abs(left) <= 1 or last:
            return place
    return None


def stops_at(page, place):
    """Wait until the deck has come to a card's edge; and it stays there."""
    once_so(page, lambda: page.evaluate(WHERE), lambda where: stop(where) == place)
    page.evaluate(STILL)
    return stop(page.evaluate(WHERE)) == place


def crowd(page):
    """Fill the deck to seven cards, so that there is a middle to stop at."""
    page.locator(".guide-deck").evaluate("""deck => {
      const cards = [...deck.children];
      for (let place = cards.length; place < 7; place++)
        deck.append(cards[place % cards.length].cloneNode(true));
    }""")


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_arrow_keys_go_from_card_to_card(visit, width):
    page = visit(CARDS, width)
    crowd(page)
    page.get_by_role("region", name="All cards").focus()
    assert stops_at(page, 0)
    for key, place in (("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1)):
        page.keyboard.press(key)
        assert stops_at(page, place)


@pytest.mark.parametrize("by, place", [(60, 0), (250, 1)], ids=["short", "long"])
def test_a_swipe_stops_at_the_edge_of_a_card(visit, by, place):
    page = visit(CARDS, PHONE, is_mobile=True, has_touch=True)
    crowd(page)
    y = page.locator(".guide-deck").bounding_box()["y"] + 60
    swipe(page, PHONE - 20, y, by)
    assert stops_at(page, place)
    swipe(page, PHONE - 20, y, 250)
    assert stops_at(page, place + 1)
    assert page.evaluate("scrollX") == 0


def test_no_swipe_passes_a_card(visit):
    page = visit(CARDS, PHONE)
    crowd(page)
    page.locator(".guide-deck").evaluate("deck => deck.scrollBy(900, 0)")
    assert stops_at(page, 1)


def swipe(page, x, y, by):
    """One finger put down, drawn to the left, held for a moment, and lifted."""
    wire = page.context.new_cdp_session(page)
    places = [x - by * step / 10 for step in range(11)] + [x - by] * 10
    for place, at in enumerate(places):
        kind = "touchMove" if place else "touchStart"
        wire.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": at, "y": y}]})
        page.wait_for_timeout(16)
    wire.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    wire.detach()


# ── Minutes and legend ───────────────────────────────────────────────────────────────────────────


def test_minutes_of_the_contract_fill_an_hour():
    said = [each.minutes for each in CONTRACT.sections if each.minutes]
    spans = [[int(part) for part in minutes.split(" to ")] for minutes in said]
    assert len(spans) >= 8
    assert all(start < end for start, end in spans)
    assert [start for start, _ in spans] == [0, *(end for _, end in spans[:-1])]
    assert spans[-1][1] == 60


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_section_shows_its_minutes(look, question):
    shown = look(question, PHONE).eval_on_selector_all(
        ".guide-minutes",
        "all => all.map(each => [each.nextElementSibling.id, each.textContent, each.clientHeight > 5])",
    )
    timed = [each for each in CONTRACT.sections if each.minutes]
    assert shown == [[slug(each.title), f"Minutes {each.minutes}", True] for each in timed]


def classed(*names):
    """An XPath's condition: of one of these classes."""
    each = "contains(concat(' ', normalize-space(@class), ' '), ' {} ')"
    return f"[{' or '.join(each.format(name) for name in names)}]"


def test_a_page_explains_its_roles_once_behind_the_first_drawing_that_has_some(built):
    some = f".//*{classed('guide-diagram')}[.//*{classed('hazard', 'guard', 'exposed')}]"
    behind = f"following-sibling::*[not(self::*{classed('guide-diagram--narrow')})][1]"
    with_roles = []
    for file in built.rglob("index.html"):
        path, page = file.parent.relative_to(built), html.parse(file).getroot()
        legends, drawn = page.xpath(f".//*{classed('guide-legend')}"), page.xpath(some)
        assert legends == (drawn[0].xpath(behind) if drawn else []), path
        with_roles += [f"{path}/"] if drawn else []
    assert {*QUESTIONS, CARDS} <= set(with_roles) and not {"./", "questions/", "rules/"} & set(with_roles)


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_legend_shows_the_three_marks(look, width):
    page = look(QUESTIONS[0], width)
    assert page.locator(".guide-legend > span").count() == 3
    looks = page.eval_on_selector_all(
        ".guide-legend > span",
        """all => all.map(each => {
        const mark = getComputedStyle(each, "::before");
        return [each.innerText, parseFloat(mark.width) > 8 ? mark.borderTopStyle : "unseen"];
      })""",
    )
    assert looks == [["harm starts here", "dashed"], ["a guard stops it", "solid"], ["it lands here", "none"]]


# ── Folk figures and pushback ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_broken_law_of_a_folk_figure_shows_both_sides(look, question):
    said = look(question).eval_on_selector_all(
        ".guide-folk tbody tr",
        "rows => rows.map(row => [...row.querySelectorAll('.guide-broken')].map(each => each.innerText))",
    )
    assert said
    side = r"(?:≈ ?)?([\d,.]+) ?(\S*)(?: (?:p50|p99|mean|peak|max))?"
    for row in said:
        assert len(row) == 1
        broken = re.fullmatch(rf"{side} is (more than|less than|not) {side}", row[0])
        assert broken, f"{row[0]} does not say both sides"
        left, unit, way, right, other = broken.groups()
        if unit == other:
            left, right = (float(number.replace(",", "")) for number in (left, right))
            assert {"more than": left > right, "less than": left < right, "not": left != right}[way], row[0]


@pytest.mark.parametrize("question", QUESTIONS)
def test_answers_wait_for_the_readers_own(visit, question):
    page = visit(question, PHONE)
    objections = page.evaluate("""() => {
        const found = [];
        let each = document.querySelector("#pushback");
        while ((each = each.nextElementSibling))   // to the section's end
          if (each.localName === "h3") found.push(each.nextElementSibling.className);
        return found;
      }""")
    assert len(objections) >= 5 and set(objections) == {"guide-answers"}
    for fold in page.locator(".guide-answers").all():
        assert fold.locator("li").count() == 3 and not fold.locator("li").first.is_visible()
        fold.locator("summary").click()
        answers = fold.locator("li").all_inner_texts()
        assert [text.partition(":")[0] for text in answers] == ["Weak", "Good", "Staff"]
        assert fold.locator("li").first.is_visible()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_printing_opens_the_answers(visit, script):
    page = visit(QUESTIONS[0], java_script_enabled=script)
    page.emulate_media(media="print")
    items = page.locator(".guide-answers li").all()
    assert len(items) >= 15
    assert all((item.bounding_box() or {"height": 0})["height"] > 5 for item in items)
    assert not page.locator(".guide-answers summary").first.is_visible()


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_card_shows_one_drawing_and_the_page_its_own(look, question):
    page = look(question)
    assert page.locator("aside.guide-card svg:visible").count() == 1
    assert page.locator(".guide-diagram svg:visible").count() == 1 + fences(question)
