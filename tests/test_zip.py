"""The zip of the guide, opened as a reader opens it: unpacked into a folder, by a click on its index."""

import subprocess
import sys
import zipfile
from html.parser import HTMLParser
from urllib.parse import unquote, urldefrag, urljoin

import pytest
import site_zip
from reader import PHONE, QUESTION, ROOT, entered, once_so, until

SCRIPT = ROOT / "hooks/site_zip.py"
POLICY = "Content Security Policy"


class Links(HTMLParser):
    """What a page leads to and loads, and the places in it."""

    def __init__(self, text):
        super().__init__()
        self.links, self.ids = [], {""}
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.links += [attributes[name] for name in ("href", "src") if attributes.get(name)]
        self.ids.add(attributes.get("id"))


def make(built, folder):
    done = subprocess.run([sys.executable, SCRIPT, built, folder], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (made,) = folder.iterdir()
    assert done.stdout.strip() == str(made)
    return made


@pytest.fixture(scope="module")
def unpacked(built, tmp_path_factory):
    """The folder a reader gets; its name holds what an address must escape."""
    folder = tmp_path_factory.mktemp("somebody's papers")
    made = make(built, tmp_path_factory.mktemp("zip"))
    with zipfile.ZipFile(made) as archive:
        archive.extractall(folder)
    (top,) = folder.iterdir()
    assert top.name == made.stem
    return top


@pytest.fixture
def page(browser):
    context = entered(browser, PHONE)
    page, complaints = context.new_page(), []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda entry: complaints.append(entry.text) if entry.type == "error" else None)
    page.on("request", lambda asked: asked.url.startswith(("file:", "data:")) or complaints.append(asked.url))
    yield page
    context.close()
    assert complaints == []


def test_every_link_leads_to_a_file_and_a_place_in_it(unpacked):
    pages = {path.as_uri(): Links(path.read_text(encoding="utf-8")) for path in unpacked.rglob("*.html")}
    assert len(pages) > 10
    script = (unpacked / site_zip.SCRIPT).as_uri()
    assert all(script in {urljoin(here, link) for link in page.links} for here, page in pages.items())
    followed = 0
    for here, page in pages.items():
        for link in page.links:
            to, place = urldefrag(urljoin(here, link))
            if to.startswith("file:"):
                assert (unpacked.parent / unquote(to.removeprefix("file://"))).is_file(), f"{here}: {link}"
                assert to not in pages or unquote(place) in pages[to].ids, f"{here}: {link}"
                followed += 1
    assert followed > 1000


def test_what_a_reader_does_works_from_a_folder(unpacked, page):
    page.goto((unpacked / "index.html").as_uri())
    page.keyboard.press("/")
    page.locator("#__words").fill("queue")
    hit = page.locator("#__hits a").first
    hit.wait_for()
    hit.click()
    page.wait_for_url(f"{unpacked.as_uri()}/**/index.html**")
    assert page.locator("h1").count() == 1
    page.goto((unpacked / QUESTION / "index.html").as_uri())
    page.locator("main .guide-enlarge").first.click()
    page.locator(".guide-viewer[open] svg").wait_for()
    page.go_back()
    page.goto((unpacked / "cards/index.html").as_uri())
    page.locator(".guide-deck").focus()
    page.keyboard.press("ArrowRight")
    until(page, "document.querySelector('.guide-deck').scrollLeft >= 100")
    page.locator(".guide-deck h2 a").nth(1).click()
    page.wait_for_url(f"{(unpacked / 'questions').as_uri()}/**")
    page.wait_for_timeout(2500)  # no page brings a worker, or speaks of one
    assert page.locator("#__device").inner_text() == ""


def test_a_page_from_a_folder_can_ask_no_host(unpacked, browser):
    page = browser.new_page()
    failed, refused = [], []
    page.on("response", lambda answer: failed.append(f"answered: {answer.url}"))
    page.on("requestfailed", lambda asked: failed.append(asked.failure))
    page.on("console", lambda entry: refused.append(entry.text))
    page.goto((unpacked / "index.html").as_uri())
    page.evaluate("""() => setTimeout(() => {
        fetch("https://elsewhere.example/").catch(() => {});
        document.body.append(Object.assign(new Image(), {src: "https://elsewhere.example/who-reads.png"}));
    })""")
    once_so(page, refused.copy, lambda said: len([each for each in said if POLICY in each]) >= 2)
    once_so(page, failed.copy, lambda said: "csp" in said)
    page.close()
    assert not [each for each in failed if "answered: http" in each]


def test_one_site_makes_one_zip(built, tmp_path):
    assert make(built, tmp_path / "one").read_bytes() == make(built, tmp_path / "two").read_bytes()


def test_without_a_site_it_says_what_to_do(tmp_path):
    done = subprocess.run(
        [sys.executable, SCRIPT, tmp_path, tmp_path / "zip"], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr == f"{tmp_path} holds no built guide: run `make build` first.\n"
    assert not (tmp_path / "zip").exists()
