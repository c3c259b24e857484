"""A page that has only begun: `make new` writes it, and the check says what is to write, part by part."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import new_page
import pytest
import read_page
from check_page import findings_in, page_findings
from guide import Guide

ROOT = Path(__file__).parent.parent
GUIDE = Guide(ROOT)
TEMPLATES = {"question": "docs/questions/_template.md", "skeleton": "docs/unseen/_template.md"}
PARTS = {"question": 13, "skeleton": 7}  # the sections, and the front matter


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A guide of templates only, of which the command makes pages."""
    for path in (*TEMPLATES.values(), "docs/sources.yml"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, tmp_path / path)
    monkeypatch.setattr(new_page, "ROOT", tmp_path)
    return tmp_path


@pytest.fixture
def new(tree, capsys):
    """The command, with nobody there to be asked: its status, what it says, and what it complains of."""

    def run(title, tags="inference, caching", kind="question"):
        status = new_page.main(["--kind", kind, "--title", title, "--tags", tags])
        return status, *capsys.readouterr()

    return run


@pytest.mark.parametrize("kind", TEMPLATES)
def test_a_new_page_lists_what_is_to_write_and_nothing_else(tree, new, kind):
    status, said, _ = new("Prompt caching", kind=kind)
    path = f"{Path(TEMPLATES[kind]).parent}/prompt-caching.md"
    assert status == 0
    assert said.startswith(f"{path} is made.")
    text = (tree / path).read_text(encoding="utf-8")
    found = findings_in(path, text)
    assert [finding.rule for finding in found] == ["section-unwritten"] * PARTS[kind]
    assert [finding.line for finding in found] == [
        number for number, line in enumerate(text.split("\n"), 1) if line.startswith("<!-- Guidance:")
    ]
    assert "title: Prompt caching\n" in text and "tags: [inference, caching]\n" in text
    assert "\n# Prompt caching\n" in text and "{#template-" not in text


def test_make_new_hands_its_words_on_as_they_are(tree):
    """The real command, its script beside the templates; the shell sees nothing of what is in the title."""
    shutil.copytree(ROOT / "hooks", tree / "hooks", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "Makefile", tree)
    installed = f"{sys.prefix}/site.installed"  # what this run was installed into, and not again
    words = ["TITLE=Is it \"safe\"; 'so' $$(id)?", "TAGS=two words, b"]
    command = ["make", "--old-file", installed, f"VENV={sys.prefix}", "new", *words]
    done = subprocess.run(command, cwd=tree, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    text = (tree / "docs/questions/is-it-safe-so-id.md").read_text(encoding="utf-8")
    assert "\n# Is it \"safe\"; 'so' $(id)?\n" in text and "tags: [two words, b]\n" in text


def test_nothing_is_overwritten(tree, new):
    mine = tree / "docs/questions/prompt-caching.md"
    mine.write_text("mine", encoding="utf-8")
    status, _, complaint = new("Prompt: caching!")
    assert status == 2
    assert complaint.startswith("No page was made: docs/questions/prompt-caching.md is there already")
    assert mine.read_text(encoding="utf-8") == "mine"


def test_nothing_is_written_through_a_link(tree, new):
    (tree / "docs/questions/prompt-caching.md").symlink_to(tree / "elsewhere")
    assert new("Prompt caching")[0] == 2
    assert not (tree / "elsewhere").exists()


@pytest.mark.parametrize(
    "title, slug",
    [
        ('Reads/writes, "hot"', "reads-writes-hot"),
        ("Café naïve — où?", "cafe-naive-ou"),
        ("../../etc/passwd", "etc-passwd"),
        ("Yes", "yes"),
        ("a: b, 'c' & d", "a-b-c-d"),
        ("R&amp;D", "r-amp-d"),
    ],
)
def test_an_odd_title_makes_a_good_page(tree, new, title, slug):
    assert new(title)[0] == 0
    text = (tree / f"docs/questions/{slug}.md").read_text(encoding="utf-8")
    page = read_page.read(TEMPLATES["question"], text, GUIDE)  # as the template, of which all is said
    assert page.title == title
    assert list(page_findings(page)) == []


@pytest.mark.parametrize(
    "title, tags, said",
    [
        ("", "a", "a title is one line"),
        ("   ", "a", "a title is one line"),
        ("a" * 300, "a", "the title has 300 characters"),
        ("缓存", "a", "with a Latin letter"),
        ("2026 prompts", "a", "with a Latin letter"),
        ("Cache <b>", "a", "holds no `<`"),
        ("Cache {#x}", "a", "holds no `{`"),
        ("Cache \u202egnihcac", "a", "a title is one line"),
        ("Index", "a", "`index` is the list"),
        ("Caching", "", "there are 0 tags"),
        ("Caching", "a, b, c, d, e, f", "there are 6 tags"),
        ("Caching", "a], b: [c", "the tag `a]`"),
    ],
)
def test_what_cannot_be_made_is_said_in_one_line(tree, new, title, tags, said):
    status, answer, complaint = new(title, tags)
    assert status == 2 and answer == ""
    assert said in complaint and complaint.count("\n") == 1
    assert sorted(path.name for path in (tree / "docs/questions").iterdir()) == ["_template.md"]


# ---- a page that is written part by part ---------------------------------------------------------------


def parts_of(path):
    """A page's front matter and what stands before its first section, then its sections."""
    return re.split(r"^(?=## )", (ROOT / path).read_text(encoding="utf-8"), flags=re.MULTILINE)


@pytest.mark.parametrize(
    "kind, path",
    [("question", "docs/questions/token-generation.md"), ("skeleton", "docs/unseen/training-checkpoints.md")],
)
def test_a_page_half_written_shows_only_what_is_to_write(kind, path):
    """Written from its beginning, from its end, all but one part: of what is good nothing is said."""
    mine, theirs = parts_of(path), parts_of(TEMPLATES[kind])
    assert len(mine) == len(theirs) == PARTS[kind]
    places = range(PARTS[kind])
    cases = [[mine[at] if at < k else theirs[at] for at in places] for k in places]
    cases += [[mine[at] if at > k else theirs[at] for at in places] for k in places]
    cases += [[theirs[at] if at == k else mine[at] for at in places] for k in places]
    for case in cases:
        text = "".join(case)
        found = findings_in(path, text, GUIDE)
        assert [finding.rule for finding in found] == ["section-unwritten"] * text.count("<!-- Guidance:")


def test_a_part_that_is_written_is_checked_though_others_are_not():
    """Prompt and Envelope are mine, with a sum that is wrong; the rest is the template's."""
    mine, theirs = parts_of("docs/questions/token-generation.md"), parts_of(TEMPLATES["question"])
    text = "".join([theirs[0], mine[1], theirs[2], mine[3], *theirs[4:]])
    row = re.search(r"^\| `\w+` \| [^|]* \| ([\d.]+) [^|]*\| `.*$", mine[3], re.MULTILINE)
    wrong = row[0].replace(f"| {row[1]} ", f"| {float(row[1]) * 3:g} ", 1)
    found = findings_in("docs/questions/mine.md", text.replace(row[0], wrong), GUIDE)
    assert "envelope-result-wrong" in {finding.rule for finding in found}


def test_deleting_the_comment_alone_leaves_the_templates_rows():
    """A part is not written by deleting its guidance: the template's sentences and rows are known."""
    text = (ROOT / TEMPLATES["question"]).read_text(encoding="utf-8")
    text = re.sub(r"<!-- Guidance:.*?-->\n\n", "", text, flags=re.DOTALL)
    found = findings_in("docs/questions/mine.md", text, GUIDE)
    left = [finding.message for finding in found if finding.rule == "section-template-left"]
    for beginning in ("Answer customers from", "`rate` Questions", "A customer is told", "Only `check` and"):
        assert any(beginning in message for message in left), beginning


# ---- nothing passes by waiting -------------------------------------------------------------------------

NOT_MADE_OF_A_TEMPLATE = "---\ntitle: A\nsummary: B.\n---\n\n# A\n\n<!-- Guidance: x. -->\n\n"
WRONG = (
    "| Symbol | Quantity | Value | Working |\n| --- | --- | ---: | --- |\n"
    "| `a` | A | 2 s | chosen: so |\n| `b` | B | 5 s | `a * 2` |\n"
)


@pytest.mark.parametrize("path", ["docs/craft/x.md", "docs/index.md", "docs/vocabulary.md"])
def test_guidance_hides_nothing_on_a_page_without_a_template(path):
    assert "envelope-result-wrong" in {f.rule for f in findings_in(path, NOT_MADE_OF_A_TEMPLATE + WRONG)}


@pytest.mark.parametrize("kind", TEMPLATES)
def test_guidance_hides_no_page_that_cannot_be_read(kind):
    text = NOT_MADE_OF_A_TEMPLATE + "# x\n\n" * 2_100
    found = findings_in(f"{Path(TEMPLATES[kind]).parent}/x.md", text)
    assert [finding.rule for finding in found] == ["file-overloaded"]


@pytest.mark.parametrize(
    "mark", ["```text\nx", "> ```text\n> x", "- ```text\n  x", "~~~~\nx\n~~~", "````\nx\n```"]
)
@pytest.mark.parametrize("path", ["docs/craft/x.md", "docs/questions/x.md"])
def test_a_fence_that_is_not_closed_hides_no_page(path, mark):
    assert findings_in(path, f"---\ntitle: A\nsummary: B.\n---\n\n# A\n\n{WRONG}\n{mark}\n")
