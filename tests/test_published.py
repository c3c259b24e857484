"""The site as it is published: under a project's path, told to search engines."""

import re
import shutil
import xml.etree.ElementTree as etree

import pytest
from reader import QUESTION, QUESTIONS, ROOT, build, entered, once, served

PROJECT = "https://guide.example/guarded-path/"
PARTS = ("docs", "hooks", "overrides", "simulations")
KINDS = ("-a4.pdf", "-letter.pdf", "-sheets-a4.pdf", "-partner-letter.pdf", ".epub", "-cards.txt")
PRINTED = [f"guarded-path-2026-11-21-abc12345{kind}" for kind in KINDS]


def publish(folder):
    """A strict build of a copy of the tree, as the publishing job makes it, with what was printed."""
    tree, printed = folder / "tree", folder / "printed"
    for name in PARTS:
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "mkdocs.yml", tree)
    printed.mkdir()
    for name in PRINTED:
        (printed / name).write_bytes(b"x" * 1_300_000)
    (printed / "notes.txt").write_text("not offered")
    build(folder / "host/guarded-path", tree, SITE_URL=PROJECT, PRINTED=str(printed))


@pytest.fixture(scope="module")
def below(tmp_path_factory):
    """A folder that holds the published site below a project's path, as GitHub Pages does."""
    return once(tmp_path_factory, "published", publish) / "host"


def test_pages_work_below_a_path(below, browser):
    with served(below) as address:
        context = entered(browser)
        page, failed = context.new_page(), []
        page.on("response", lambda response: response.status >= 400 and failed.append(response.url))
        page.on("pageerror", lambda error: failed.append(str(error)))
        page.on("request", lambda request: request.url.startswith(address) or failed.append(request.url))
        page.goto(f"{address}guarded-path/")
        page.get_by_role("link", name="Questions", exact=True).first.click()
        page.wait_for_url("**/guarded-path/questions/")
        page.locator("main a[href*='inference-batching/']").first.click()
        page.wait_for_url(f"**/guarded-path/{QUESTION}")
        assert page.locator("svg.pele").count() == 3
        page.keyboard.press("/")
        page.keyboard.type("queue")
        page.locator("#__hits a").first.wait_for()
        context.close()
    assert failed == []


def test_an_unknown_address_below_a_path_leads_home(below, browser):
    with served(below / "guarded-path") as address:
        page = browser.new_page()
        page.goto(f"{address}no/such/page/")
        assert page.locator("h1").count() == 1
        page.close()


@pytest.mark.parametrize("path", ["", *QUESTIONS])
def test_page_says_what_it_is_to_others(below, path):
    text = (below / "guarded-path" / path / "index.html").read_text(encoding="utf-8")
    assert f'<link rel="canonical" href="{PROJECT}{path}">' in text
    told = dict(re.findall(r'<meta (?:name|property)="([\w:]+)" content="([^"]*)">', text))
    assert told["og:url"] == f"{PROJECT}{path}"
    assert told["description"] == told["og:description"] != ""
    assert told["og:title"] and "<" not in told["og:title"]
    assert "og:image" not in told


def test_questions_describe_themselves(below):
    said = set()
    for path in QUESTIONS:
        text = (below / "guarded-path" / path / "index.html").read_text(encoding="utf-8")
        said.add(re.search(r'<meta name="description" content="([^"]*)">', text).group(1))
    assert len(said) == len(QUESTIONS)


def test_site_map_names_every_page(below):
    root = etree.parse(below / "guarded-path" / "sitemap.xml").getroot()
    named = {each.text for each in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")}
    pages = {
        PROJECT + path.parent.relative_to(below / "guarded-path").as_posix().removeprefix(".")
        for path in (below / "guarded-path").rglob("index.html")
    }
    assert {name.rstrip("/") for name in named} == {page.rstrip("/") for page in pages}


def test_files_are_offered_with_size_and_edition(below):
    folder = below / "guarded-path/print"
    text = (folder / "index.html").read_text(encoding="utf-8")
    assert "Edition of 2026-11-21, commit abc12345" in text
    assert text.count("1.3 MB") == len(PRINTED)
    for name in PRINTED:
        assert f'href="{name}"' in text
        assert (folder / name).stat().st_size == 1_300_000
    assert not (folder / "notes.txt").exists()
