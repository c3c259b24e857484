"""The whole guide on a device: after one visit it can be read without the host, in one edition at a time."""

import gzip
import json
import re
import shutil
import struct
from collections import Counter
from contextlib import contextmanager

import pytest
from playwright.sync_api import Error
from reader import PHONE, QUESTION, ROOT, Server, build, once, once_so, served, until

WHOLE = "The whole guide is on this device"
NOTHING = "Not kept on this device"
NOT_YET = "Not yet on this device"
NEWER = "A newer edition is on this device"
BUDGET = 1_000_000  # bytes on the wire for everything a device keeps, with eight questions


class Host(Server):
    """The host of the guide: notes what it was asked, and may send a worker no more than so many parts."""

    protocol_version = "HTTP/1.0"  # a connection that is kept would answer when the host is off
    asked = None
    parts_left = None

    def send_head(self):
        place = self.path.partition("?")[0].lstrip("/")
        Host.asked.append(place)
        if Host.parts_left is not None and self.headers.get("Referer", "").endswith("/worker.js"):
            if Host.parts_left == 0:
                self.send_error(503)
                return None
            Host.parts_left -= 1
        return super().send_head()


@pytest.fixture
def host(tmp_path, built):
    """A host that sends what `deploy` put there last, until it is switched off."""
    Host.asked, Host.parts_left = [], None
    link = tmp_path / "deployed"
    link.symlink_to(built)

    class Deployed:
        asked = Host.asked

        def deploy(self, site):
            link.unlink()
            link.symlink_to(site)

        def fails_after(self, parts):
            Host.parts_left = parts

        @contextmanager
        def on(self):
            with served(link, Host) as address:
                self.address = address
                yield address

    return Deployed()


@pytest.fixture
def reader(browser):
    """A reader's browser, with its own memory; no page of it may log an error of its own."""
    contexts, errors = [], []

    def new(**options):
        context = browser.new_context(reduced_motion="reduce", **options)
        contexts.append(context)
        context.on("weberror", lambda error: errors.append(str(error.error)))
        return context

    yield new
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture(scope="session")
def newer(tmp_path_factory):
    """The next edition: another home, another search, another style; every other page as it was."""
    return once(tmp_path_factory, "newer", build_newer) / "site"


def build_newer(tree):
    for name in ("docs", "hooks", "overrides", "simulations"):
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "mkdocs.yml", tree)
    home = tree / "docs/index.md"
    home.write_text(home.read_text(encoding="utf-8") + "\nZanzibarine is new here.\n", encoding="utf-8")
    with (tree / "overrides/assets/javascripts/search.js").open("a") as script:
        script.write('\ndocument.documentElement.setAttribute("data-newer", "");\n')
    build(tree / "site", tree)


def said(page, text):
    """Wait until the foot says this."""
    page.locator("#__device", has_text=text).wait_for(state="attached")


def opened(context, address, told=WHOLE):
    page = context.new_page()
    page.goto(address)
    said(page, told)
    return page


def edition(page):
    return page.evaluate("document.querySelector('script[data-edition]').dataset.edition")


def edition_of(site):
    return json.loads((site / "parts/shared.json").read_text(encoding="utf-8"))["edition"]


def addresses(site):
    """Every page of a site, but for the one that answers an unknown address."""
    found = (path.relative_to(site).as_posix().removesuffix("index.html") for path in site.rglob("*.html"))
    return sorted(set(found) - {"404.html"})


def search(page, word):
    page.locator("#__open-search").click()
    page.locator("#__words").fill(word)
    page.locator("#__hits a").first.wait_for()
    found = page.locator("#__hits a").evaluate_all("links => links.map(link => link.href)")
    page.locator("#__close-search").click()
    return found


def own_words(site):
    """For each page that the search knows, the word of it that stands on the fewest others."""
    texts = {}
    for place, page, heading, text in json.loads((site / "assets/search.json").read_text(encoding="utf-8")):
        texts.setdefault(place.partition("#")[0], []).append(f"{page} {heading} {text}")
    words = {path: set(re.findall(r"[a-z]{7,}", " ".join(parts).lower())) for path, parts in texts.items()}
    pages = Counter(word for found in words.values() for word in found)
    # A page such as Print may hold hardly a word while nothing was printed.
    return {path: min(found, key=lambda word: (pages[word], word)) for path, found in words.items() if found}


def test_after_one_visit_everything_works_without_the_host(host, reader, built):
    context = reader(viewport={"width": PHONE, "height": 844}, has_touch=True)
    with host.on() as address:
        page = opened(context, address + QUESTION)
    with pytest.raises(Error, match="ERR_CONNECTION_REFUSED"):  # the host is gone
        reader().new_page().goto(address)
    for path in ("", *addresses(built)):
        answer = page.goto(address + path)
        assert answer.status == 200, path
        file = built / path / "index.html"
        assert answer.body() == file.read_bytes(), path
    words = own_words(built)
    assert len(words) > 10
    for path, word in words.items():
        assert any(hit.partition("#")[0] == address + path for hit in search(page, word)), (path, word)
    page.goto(address + QUESTION)
    page.locator("main .guide-enlarge").first.click()
    page.locator(".guide-viewer[open] svg").wait_for()
    page.go_back()
    page.goto(f"{address}cards/")
    deck = page.locator(".guide-deck")
    deck.focus()
    page.keyboard.press("ArrowRight")
    until(page, "document.querySelector('.guide-deck').scrollLeft > 100")
    until(page, "[...document.fonts].every(face => face.status !== 'error')")
    answer = page.goto(f"{address}no/such/page/")
    assert answer.status == 404
    assert page.locator("h1").inner_text() == "No such page"
    assert page.goto(f"{address}{QUESTION.rstrip('/')}").url == address + QUESTION
    assert page.goto(f"{address}{QUESTION}index.html?from=a-friend#prompt").status == 200


def test_on_the_first_page_itself_search_works_without_the_host(host, reader):
    """The page that brought the guide here belongs to it from then on."""
    with host.on() as address:
        page = opened(reader(), address)
    assert search(page, "queue")


def test_a_first_visit_has_ended_when_the_guide_begins_to_come(host, reader):
    with host.on() as address:
        page = reader().new_page()
        own = []
        page.on("request", lambda request: own.append(request.url.removeprefix(address)))
        page.goto(address + QUESTION)
        said(page, WHOLE)
    began = host.asked.index("worker.js")
    page_asks = [place for place in own if not place.startswith(("worker.js", "parts/"))]
    before = host.asked[:began]
    assert before[-1] == "assets/javascripts/device.js"
    assert Counter(before) == Counter(page_asks)  # nothing of the page's own came after, or twice


def test_everything_kept_is_small(built, built_questions=8):
    """What a device fetches, at the weight of eight questions; a question's own weight is in the message."""
    worker = (built / "worker.js").read_text(encoding="utf-8")
    kept = json.loads(re.search(r"^const GUIDE = (.*);$", worker, re.MULTILINE).group(1))["parts"]
    sizes = {place: len(gzip.compress((built / place).read_bytes(), 6)) for place, _ in kept}
    questions = [size for place, size in sizes.items() if re.fullmatch(r"parts/questions/[\w-]+/.*", place)]
    index = sizes["assets/search.json"] / len(sizes)
    missing = max(0, built_questions - len(questions)) * (max(questions) + index)
    assert sum(sizes.values()) + missing <= BUDGET, f"a question weighs {max(questions) + index:.0f} B"


def test_an_installation_that_was_cut_off_goes_on(host, reader):
    context = reader()
    with host.on() as address:
        host.fails_after(25)
        page = opened(context, address, NOT_YET)
        assert "the network" in page.locator("#__device").inner_text()
        page.goto(address + QUESTION)  # reading is none the worse
        assert page.locator("svg.pele").count() == 3
        said(page, NOT_YET)
        sent = {place for place in host.asked if place.startswith("parts/")}
        first = len(host.asked)
        host.fails_after(None)
        page.reload()
        said(page, WHOLE)
    again = sent & set(host.asked[first:])
    assert len(again) <= 1  # the one that failed
    assert len(sent) > 3
    assert page.goto(f"{address}cards/").status == 200


def test_a_new_edition_is_told_once_and_one_tap_changes_all_tabs(host, reader, built, newer):
    context, old, new = reader(), edition_of(built), edition_of(newer)
    assert old != new
    with host.on() as address:
        page = opened(context, address)
        other = opened(context, address + QUESTION)
        assert [edition(page), edition(other)] == [old, old]
        host.deploy(newer)
        first = len(host.asked)
        page.goto(address + "cards/")
        said(page, NEWER)
        said(other, NEWER)
        news = [tab.locator(".guide-news") for tab in (page, other)]
        once_so(page, lambda: [each.count() for each in news], lambda told: sum(told) == 1)
        fetched = [place for place in host.asked[first:] if place.startswith(("parts/", "assets/"))]
        assert "parts/index.txt" in fetched
        assert f"parts/{QUESTION}index.txt" not in fetched  # it is in both editions the same
        assert len(fetched) < 8
        page.goto(address)  # the reader goes on reading the edition that was begun
        said(page, NEWER)
        assert page.locator(".guide-news").count() == 0  # told once
        assert edition(page) == old
        assert search(page, "queue")
        assert page.locator("html[data-newer]").count() == 0
        assert "Zanzibarine" not in page.locator("main").inner_text()
        with other.expect_navigation():
            page.locator("#__device button").click()  # the news are on the other tab, or read and gone
        for tab in (page, other):
            tab.locator(f'script[data-edition="{new}"]').wait_for(state="attached")
            said(tab, WHOLE)
    assert "Zanzibarine" in page.locator("main").inner_text()
    assert search(page, "zanzibarine")
    assert page.locator("html[data-newer]").count() == 1
    assert other.url == address + QUESTION


@pytest.mark.parametrize("fault", ["cut off", "half deployed"])
def test_an_edition_that_is_not_whole_is_never_shown(host, reader, built, newer, tmp_path, fault):
    context, old = reader(), edition_of(built)
    half = tmp_path / "half"
    shutil.copytree(newer, half)
    if fault == "half deployed":
        shutil.copy(built / "parts/index.txt", half / "parts/index.txt")
    with host.on() as address:
        page = opened(context, address + QUESTION)
        host.deploy(half)
        if fault == "cut off":
            host.fails_after(1)
        page.reload()
        said(page, "only partly here")
        page.goto(address)
        assert edition(page) == old
        assert search(page, "queue")
        assert page.locator("html[data-newer]").count() == 0
        host.fails_after(None)
        host.deploy(newer)
        page.goto(f"{address}cards/")
        said(page, NEWER)
        page.locator(".guide-news").get_by_text("Change over").click()
        page.locator(f'script[data-edition="{edition_of(newer)}"]').wait_for(state="attached")
        said(page, WHOLE)
    page.goto(address)
    assert "Zanzibarine" in page.locator("main").inner_text()
    assert search(page, "zanzibarine")


def test_a_reader_who_saves_data_is_asked_first(host, reader):
    context = reader()
    context.add_init_script("Object.defineProperty(navigator, 'connection', {value: {saveData: true}})")
    with host.on() as address:
        page = opened(context, address, "saves data")
        page.wait_for_timeout(500)
        assert "worker.js" not in host.asked
        page.locator("#__device button").click()
        said(page, WHOLE)
        page.goto(address + QUESTION)  # asked once
        said(page, WHOLE)


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        ("delete Navigator.prototype.serviceWorker", NOTHING),
        ("Object.defineProperty(window, 'caches', {value: undefined})", NOTHING),
        (
            "if (window.ServiceWorkerContainer) ServiceWorkerContainer.prototype.register = "
            "() => Promise.reject(new DOMException('no', 'SecurityError'))",
            NOTHING,
        ),
    ],
)
def test_where_nothing_may_be_kept_the_guide_is_read_online(host, reader, refusal, words):
    context = reader()
    context.add_init_script(refusal)
    with host.on() as address:
        page = opened(context, address, words)
        page.goto(address + QUESTION)
        assert page.locator("svg.pele").count() == 3
        assert search(page, "queue")


def test_a_full_device_says_so_and_goes_on_reading(host, reader):
    context = reader()
    with host.on() as address:
        page = context.new_page()
        wire = context.new_cdp_session(page)
        wire.send("Storage.overrideQuotaForOrigin", {"origin": address.rstrip("/"), "quotaSize": 100_000})
        page.goto(address)
        said(page, NOT_YET)
        assert "no more room" in page.locator("#__device").inner_text()
        page.goto(address + QUESTION)
        assert page.locator("svg.pele").count() == 3
        assert search(page, "queue")


def test_what_was_taken_away_is_read_online_and_comes_again(host, reader, built, newer):
    """A browser may drop what it kept: then none of it answers any more, rather than a part of it."""
    context = reader()
    with host.on() as address:
        page = opened(context, address)
        page.evaluate("""async () => {
            const [name] = await caches.keys(), cache = await caches.open(name);
            const [home] = (await cache.keys()).filter(key => key.url.includes("parts/index.txt"));
            await cache.delete(home);
        }""")
        host.deploy(newer)
        page.goto(address)
        assert edition(page) == edition_of(newer)
        assert search(page, "queue")
        assert page.locator("html[data-newer]").count() == 1
        said(page, "dropped")
        page.goto(address + QUESTION)
        said(page, WHOLE)
        assert edition(page) == edition_of(newer)


def test_safari_readers_are_told_of_the_seven_days(host, reader):
    context = reader()
    context.add_init_script("Object.defineProperty(navigator, 'standalone', {value: false})")
    with host.on() as address:
        page = opened(context, address)
        assert "seven days" in page.locator("#__device").inner_text()


def test_the_guide_can_be_installed(host, reader, built):
    context = reader()
    with host.on() as address:
        page = opened(context, address)
        wire = context.new_cdp_session(page)
        told = wire.send("Page.getAppManifest")
        assert told["errors"] == []
        faults = wire.send("Page.getInstallabilityErrors")["installabilityErrors"]
        assert [fault["errorId"] for fault in faults] == ["in-incognito"]  # as every test is
        manifest = json.loads(told["data"])
        at = told["url"]
        assert manifest["name"] == page.title()
        assert {icon.get("purpose", "any") for icon in manifest["icons"]} == {"any", "maskable"}
        for icon in manifest["icons"]:
            assert icon["sizes"] == "x".join(map(str, size_of(built / "assets" / icon["src"])))
        starts = [manifest["start_url"], *(shortcut["url"] for shortcut in manifest["shortcuts"])]
        assert len(starts) == 4
        for start in starts:
            page.goto(page.evaluate("([place, at]) => new URL(place, at).href", [start, at]))
            place = page.url.partition("#")[2]
            assert page.locator("h1").inner_text() != "No such page"
            assert not place or page.locator(f"#{place}").count() == 1


def size_of(png):
    """Width and height of a PNG, from its header."""
    return struct.unpack(">II", png.read_bytes()[16:24])
