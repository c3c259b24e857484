"""What changed between two trees: each kind of change is told, and no stranger's text does anything in it."""

import re
import shutil
import subprocess
import sys

import changes
import pytest
import read_trees
from compare import compare
from markdown_it import MarkdownIt
from reader import ROOT

PAGE = "docs/questions/inference-batching.md"
NEW_HOST = "tracker." + "example.org"  # in two parts, or this file would name it already
GATE = "  gpu --> match{{Match by slot}}:::guard\n"
HOSTILE = "`|\\|`` </td><img src=x onerror=alert(1)> @somebody #1 https://x.example [a](b) **b**\n::error::c"


@pytest.fixture(scope="module")
def before():
    return read_trees.read(str(ROOT), ROOT)


@pytest.fixture
def tree(tmp_path):
    """A copy of what is read, to be changed."""
    ignored = shutil.ignore_patterns(*read_trees._MADE)
    shutil.copytree(ROOT, tmp_path / "tree", ignore=ignored, symlinks=True)
    return tmp_path / "tree"


def change(tree, name, old, new):
    path = tree / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def rows(lines, part):
    """The cells of a part's tables, without their heads, or the items of its list."""
    text = "\n".join(lines).partition(f"### {part}\n")[2].partition("\n### ")[0]
    return [line for line in text.splitlines() if line[:1] in "|-" and line]


def test_the_same_tree_has_changed_in_nothing(before):
    none = compare(before, before)
    assert changes.for_readers(none, []) == []
    assert not [line for line in changes.for_reviewer(none, before) if line.startswith("###")]


def test_each_kind_of_change_is_told(before, tree):
    change(tree, PAGE, "| 100 req/GPU | given |", "| 128 req/GPU | given |")
    change(tree, PAGE, GATE, f"{GATE}  gpu --> reply\n")
    change(tree, PAGE, "| fails closed: 529", "| fails open: 529")
    change(tree, "docs/sources.yml", "value: 36.9×", "value: 40 ×")
    change(tree, "docs/sources.yml", "kind: primary", "kind: secondary")
    change(tree, "docs/framework.md", "\n## ", "\nA few words more.\n\n## ")
    shutil.copy(tree / "docs/index.md", tree / "docs/another.md")
    (tree / "docs/conventions.md").unlink()
    (tree / "docs/assets/new.svg").write_text("<svg/>")
    change(tree, "overrides/main.html", "", f"<!-- https://user@{NEW_HOST}:8080/x, //a.example -->")
    after = read_trees.read(str(tree), tree)
    found = compare(before, after)
    told = changes.for_reviewer(found, after)
    batch = next(row for row in rows(told, "Numbers") if "| `batch` |" in row)
    assert "`100 req/GPU` given: `given` | `128 req/GPU` given: `given`" in batch
    harms = rows(told, "Harms and guards")
    assert any("depth 0" in row and row.endswith("| **shallower** |") for row in harms)
    assert any("| `fails closed` | `fails open` |" in row for row in harms)
    register = rows(told, "Sources and dated facts")
    assert any(row.startswith("| fact | `orca-gain` | `36.9×`") and "| `40 ×`" in row for row in register)
    assert any("`secondary, published" in row for row in register)
    pages = rows(told, "Pages")
    assert {"- new: `docs/another.md`", "- gone: `docs/conventions.md`"} <= set(pages)
    assert "- `docs/framework.md`: `its beginning`" in pages
    assert rows(told, "Files that are no pages") == [
        "- changed: `overrides/main.html`",
        "- new: `docs/assets/new.svg`",
    ]
    assert rows(told, "Hosts that the guide did not name before")[2:] == [
        f"| `{NEW_HOST}` | `overrides/main.html:1` |"
    ]
    assert any("`path-unguarded`" in row for row in rows(told, "Findings"))
    judged = [re.match(r"- \[ \] \*\*(.*?)\.\*\*", row).group(1) for row in rows(told, "To judge by eye")]
    assert judged == [
        "Not only pages",
        "New hosts",
        "Inputs",
        "Register",
        "Harms",
        "When guards fail",
        "Pictures and the like",
        "New pages",
        "Words",
    ]
    readers = "\n".join(changes.for_readers(found, ["A subject of @somebody's"]))
    assert ": `100 req/GPU` is `128 req/GPU` now" in readers
    assert "- `36.9×` is `40 ×` now: " in readers
    assert "- A subject of @\u2060somebody's" in readers


def inert(markdown):
    """What Markdown shows outside code marks, and how many cells each row has."""
    parsed = MarkdownIt("commonmark").enable("table").parse(markdown)
    shown, cells = "", set()
    for token in parsed:
        shown += "".join(each.content for each in token.children or () if each.type != "code_inline")
        acts = {"html_block", "html_inline", "link_open", "image"}
        assert not acts & {token.type, *(each.type for each in token.children or ())}
    for table in re.split(r"\n\n+", markdown):
        counts = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines() if line.startswith("|")}
        cells.add(len(counts))
    return shown, cells


def test_a_stranger_cannot_write_in_the_summary(before, tree):
    page = tree / "docs" / f"{HOSTILE.partition('</td')[0].strip()}@somebody <b>.md"
    text = (ROOT / PAGE).read_text(encoding="utf-8")
    text = re.sub(r"^title: .*", f"title: '{HOSTILE.splitlines()[0]}'", text, count=1, flags=re.MULTILINE)
    for place in ("## Wrap", "| 100 req/GPU | given |", "A hostile prompt draws out a harmful answer"):
        assert place in text
    text = text.replace("## Wrap", f"## Wrap {HOSTILE.splitlines()[0]}")
    text = text.replace("| 100 req/GPU | given |", "| @somebody <b> ` ``` \\| 3 | given @somebody ` \\\\| |")
    text = text.replace("A hostile prompt draws", "@somebody <img src=x> [a](b) ` draws")
    page.write_text(text, encoding="utf-8")
    other = tree / PAGE
    other.write_text(text, encoding="utf-8")
    change(tree, "docs/sources.yml", "where: Abstract", "where: '@somebody <b> `|'\n      x: Abstract")
    change(tree, "docs/sources.yml", "publisher: NVIDIA", 'publisher: "@somebody\\n\\n# <b> \\u202e ` |"')
    (tree / "docs/assets/@somebody `<b>|.svg").write_text("x")
    change(tree, "overrides/main.html", "", "<!-- https://@somebody.example.org/ https://`@somebody|<b> -->")
    after = read_trees.read(str(tree), tree)
    found = compare(before, after)
    told = "\n".join(changes.for_reviewer(found, after))
    assert told.count("@somebody") > 8
    shown, cells = inert(told)
    assert "somebody" not in shown and "<b" not in shown and cells <= {0, 1}
    assert "\u202e" not in told
    readers = "\n".join(changes.for_readers(found, [HOSTILE]))
    assert "somebody" in readers and not re.search(r"@(?=somebody)", inert(readers)[0])
    assert len(told) < 1_000_000


def test_a_flood_does_not_wash_the_summary_away():
    """GitHub takes none of a summary that is too long, so a stranger could be rid of it by making it so."""
    lines = ["## What to judge", *["| " + "\U0001f600" * 100 + " |"] * 10_000]
    text = changes.within(changes.MOST_BYTES["reviewer"], lines)
    assert len(text.encode()) < 1 << 20
    assert text.startswith("## What to judge\n") and text.endswith("run `upkeep/changes.py` to see it.")
    assert changes.within(100, ["short"]) == "short"


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("see https://One.example.org:8443/x.", "one.example.org"),
        ("[a](http://user:word@two.example.org?x)", "two.example.org"),
        ("<script src=//three.example.org/x>", "three.example.org"),
        ("fetch('wss:/\\four.example.org')", "four.example.org"),
        ("https://[2001:db8::1]:80/", "[2001:db8::1]"),
        ("https://bücher.example.org.", "bücher.example.org"),
        ("http://localhost:8000 https://x.invalid // a comment", None),
    ],
)
def test_a_host_is_found_however_it_is_written(text, host):
    found = read_trees._hosts(f"first\n{text}\n{text}\n".encode())
    assert found == ([(2, host)] if host else [])


def git(repository, *command):
    identity = ("-c", "user.name=A", "-c", "user.email=a@a.example", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", "-C", repository, *identity, *command], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_command_reads_revisions_as_they_are_stored(tmp_path):
    """Neither attributes nor names hide a file, no link is followed; the first edition follows `nothing`."""
    git(tmp_path, "init", "-q")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/index.md").write_text("# One\n\nText.\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "First")
    (tmp_path / ".gitattributes").write_text("* export-ignore\n")
    (tmp_path / "docs/leak.md").symlink_to("/etc/hostname")
    (tmp_path / "docs/two.md").write_text("---\ntitle: Two\nsummary: A second one.\n---\n\n# Two\n")
    for place in ("tests/build", "HEAD", "HEAD~1"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "x.py").write_text("")
    git(tmp_path, "add", ".")
    git(tmp_path, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},another-repository")
    git(tmp_path, "commit", "-qm", "Add a second page")

    def say(*arguments):
        command = [sys.executable, ROOT / "upkeep/changes.py", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)

    told = say("HEAD~1", "HEAD")
    assert told.returncode == 0, told.stderr
    files = rows(told.stdout.splitlines(), "Files that are no pages")
    assert sorted(line.removeprefix("- new: ").strip("`") for line in files) == [
        ".gitattributes",
        "HEAD/x.py",
        "HEAD~1/x.py",
        "another-repository",
        "docs/leak.md",
        "tests/build/x.py",
    ]
    assert rows(told.stdout.splitlines(), "Pages") == ["- new: `docs/two.md`"]
    assert "`file-symlink`" in told.stdout
    changelog = say("--for", "readers", "HEAD~1", "HEAD").stdout
    assert changelog == (
        "\n### New pages\n\n- **Two.** A second one.\n"
        "\n### All that changed, as its authors put it\n\n- Add a second page\n"
    )
    assert "- **One.**" in say("--for", "readers", "nothing", "HEAD").stdout
    assert say("--for", "readers", "HEAD", "HEAD").stdout == ""
    unknown = say("HEAD", "--output=x")
    assert unknown.returncode == 2
    unknown = say("HEAD", "no-such")
    assert unknown.returncode == 2
    assert "no-such is neither a revision of this repository nor a folder." in unknown.stderr
