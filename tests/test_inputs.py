"""Input that no one foresaw gives findings or passes: never a traceback, never a hang, never a command."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from check_page import findings_in
from finding import Finding
from page_contract import HARMS, ROWS
from paths import guard_depth, ways
from read_flowchart import Edge
from test_pages import BAD, TEMPLATE, TEMPLATE_PATH, findings_of

ROOT = Path(__file__).resolve().parent.parent
CHECK = ROOT / "hooks" / "check_page.py"
SIZE = 100_000  # characters of hostile text on a page; the limit for a page is twice that
SECONDS = 4  # of processor time that a page may take; what is as it should be takes less than one


def run(*arguments: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """The real command line; a traceback fails the test, and five minutes, which are none of the page's."""
    command = [sys.executable, str(CHECK), *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode in (0, 1, 2)
    return done


def with_text(place: str, text: str) -> str:
    """The template with hostile text in one place."""
    old, new = {
        "paragraph": ("A question is searched, drafted", f"{text} A question is searched, drafted"),
        "lines": ("A question is searched, drafted", f"\n{text}\n\nA question is searched, drafted"),
        "heading": ("### What does the check read?", f"### What {text}?"),
        "cell": ("drafts kept by question", text),
        "diagram": ("  check -->|unsure| desk[(Review desk)]", f"  check --> desk[(Review desk)]\n{text}"),
        "row": ("| `pace` | Escalations", f"{text}| `pace` | Escalations"),
        "worked": ("| `per_server` |", f"{text}| `per_server` |"),
        "value": ("| 6 s | chosen", f"| {text} | chosen"),
        "reads": ("3.8 of 6 s", text),
        "formula": ("draft_time + check_time", text),
        "check": ("deadline(wait, limit)", text),
        "folk": ("ceil(rate / per_server)", text),
        "harm": ("| A planted article", f"{text}| A planted article"),
        "guards": ("`article` | `reply` | `check`", f"`article` | `reply` | {text}, `check`"),
        "policy": ("voids the draft", text),
        "failure": ("| `search` | index", f"{text}| `search` | index"),
        "front": ("tags: [inference, retrieval]", text),
        "pushback": ("## Level bar", f"{text}\n\n## Level bar"),
    }[place]
    assert TEMPLATE.count(old) == 1
    return TEMPLATE.replace(old, new)


# ---- never a hang ----------------------------------------------------------


def hurried(deed: Callable, *arguments):
    """Run a deed in some seconds of processor time, or raise TimeoutError."""

    def late(*_):
        raise TimeoutError(f"more than {SECONDS} s")

    before = signal.signal(signal.SIGVTALRM, late)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        return deed(*arguments)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def filled(unit: str) -> str:
    return unit * (SIZE // len(unit))


UNITS = [
    "[", "![", "[[a]", "[x[a]", "<!--",
    "`", "*", "(", ")", "{", "}", "<", ">", "|", "_", "~", "\\", "&", "1", "#", "-", "=", ":", "!", '"', "é",
    "<a ", "</", "<!", "<?", "{#", "{: ", "](", "[a](", "[a](b ", "[a]: ", "&#83;", "%25", "%6A", "111,",
    "1,", "1.", "≈ ", "1 s ", "1/a", "a/", ". ", "A. ", '."', ".)", "`a` ", "`` ` ", "**a", "a:** ", "--8<--",
    "a ", "a-", "java", "javascript:", "data:", "now ", "TODO ", "<REQUIRED", "~~~ ", "``` ", "|-", "> ",
    "- ", "1) ", "fails open ", "degrades to `", "\u202e", "\x0b", "\u2028",
]  # fmt: skip


@pytest.mark.parametrize("unit", list(UNITS))
def test_repeated_text_does_not_hang(unit):
    hurried(findings_in, TEMPLATE_PATH, with_text("paragraph", filled(unit)))


@pytest.mark.parametrize("place", ["heading", "cell"])
@pytest.mark.parametrize("unit", ["[", "<!--", "`", "(", "{#", "1,", "*", "](", "é"])
def test_repeated_text_in_a_heading_or_a_cell_does_not_hang(unit, place):
    hurried(findings_in, TEMPLATE_PATH, with_text(place, filled(unit)))


@pytest.mark.parametrize("unit", ["`", "(", "<!", "</", "{", "| ", ">", "  - a", "1.", "--8<--", "[a]: b"])
def test_repeated_lines_do_not_hang(unit):
    hurried(findings_in, TEMPLATE_PATH, with_text("lines", filled(unit + "\n")))


def rows(count: int, row: str) -> str:
    """Many rows that differ: `#` stands for the row's number, `~` for the one before it."""
    return "".join(row.replace("#", str(n)).replace("~", str(n - 1)) + "\n" for n in range(1, count + 1))


NODES_250 = [" & ".join(f"{side}{n}" for n in range(250)) for side in "ab"]
BOXES_250 = "".join(
    f"  subgraph box_{side}\n" + "".join(f"    {side}{n}\n" for n in range(250)) + "  end\n" for side in "ab"
)
SHAPES = {
    "five thousand links": ("paragraph", "[20](#rate) " * 5000),
    "links to nowhere": ("paragraph", rows(4000, "[20](#rat#) ")),
    "links to nowhere beside many rows": ("row", rows(2000, "|`a#`|b|[1](#b#) q|given|")),
    "citations of nothing": ("paragraph", rows(3000, "[20](../sources.md#orc#) ")),
    "a table of ten thousand rows": ("lines", "| a | b |\n| - | - |\n" + "| c | 1 |\n" * 10_000),
    "two thousand rows of the envelope": ("row", rows(2000, "|`a#`|b|1 q|given|")),
    "two thousand rows that rest on each other": (
        "worked", "|`a0`|b|1|`1`|\n" + rows(2000, "|`a#`|b|1|`a~`|"),
    ),
    "two thousand undefined symbols": ("worked", rows(2000, "|`a#`|b|1|`b#`|")),
    "two thousand unknown units": ("row", rows(2000, "|`a#`|b|1 msec|given|")),
    "two thousand unknown functions": ("worked", rows(2000, "|`a#`|b|1|`ciel(#)`|")),
    "a hundred and fifty long sums": ("worked", rows(150, "|`a#`|b|1|`" + "1+" * 190 + "1`|")),
    "two thousand harms": ("harm", rows(2000, "|A planted article|`article`|`reply`|`check`|")),
    "two thousand guards": ("guards", ", ".join(f"`g{n}`" for n in range(2000))),
    "guards that degrade to each other": (
        "failure", rows(700, "|`g#`|x|degrades to `g~`|y|z|"),
    ),
    "lines of guards that fall together": (
        "lines", "## Failure modes\n\n" + rows(2000, "**Fall together:** `g#`, `g~`"),
    ),
    "three thousand sections": ("lines", rows(3000, "## Failure mods #\n")),
    "a thousand diagrams": ("lines", rows(1000, "```mermaid\nflowchart TD\n a# --> b\n```\n")),
    "three thousand call-outs": ("lines", "> [!safety-fail] x\n\n" * 3000),
    "ten thousand quotations in each other": ("lines", ">" * 10_000 + " a"),
    "ten thousand lists in each other": ("lines", "- " * 10_000 + "a"),
    "ten thousand brackets in each other": ("lines", "(" * 10_000 + ")" * 10_000),
    "lists by indentation": ("lines", "".join("  " * n + "- a\n" for n in range(300))),
    "runs of backticks, each of its own length": ("paragraph", " ".join("`" * n for n in range(1, 400))),
    "fences": ("lines", "```text\na\n```\n\n" * 8000),
    "fences that never close": ("lines", "~~~text\n" * 15_000),
    "blank lines": ("lines", "\n" * SIZE),
    "comments": ("paragraph", "a <!-- b --> " * 11_000),
    "a value of many digits": ("value", "9" * SIZE + " s"),
    "a value of many groups": ("value", "111," * 30_000 + "111 s"),
    "a unit of many parts": ("value", "6 s" + "/q" * 60_000),
    "a reading of many numbers": ("reads", "1 s " * 10_000),
    "groups of digits that end in a colon": ("paragraph", "111," * 37_000 + "111:"),
    "a formula of many digits": ("formula", "9" * SIZE),
    "a formula of brackets": ("formula", "(" * SIZE),
    "many nodes all joined": ("diagram", f"  {NODES_250[0]} --> {NODES_250[1]}"),
    "boxes in boxes": ("diagram", "subgraph b\n" * 900 + "x\n" + "end\n" * 900),
    "named boxes in boxes": ("diagram", rows(300, "subgraph b#") + "x\n" + "end\n" * 300),
    "a long chain": ("diagram", "  " + " --> ".join(f"n{n}" for n in range(450))),
    "a label of twenty kilobytes": ("diagram", '  x["' + "a " * 9500 + '"]'),
    "a label without blanks": ("diagram", '  x["' + "a" * 18_000 + '"]'),
    "many nodes": ("diagram", rows(1000, "n#")),
    "brackets of a node": ("diagram", "  x" + "[" * 18_000),
    "many arrows": ("diagram", "-->" * 6000),
    "semicolons": ("diagram", ";" * 18_000),
    "a diagram of two hundred kilobytes": ("diagram", "  a --> b\n" * 18_000),
    "two boxes of 250 nodes joined once": ("diagram", BOXES_250 + "  box_a --> box_b"),
    "front matter of fourteen thousand fields": ("front", rows(14_000, "k#: v")),
    "front matter of many entries": ("front", "tags:\n" + "- a\n" * 30_000),
    "front matter of brackets": ("front", "tags: " + "[" * 5000),
    "front matter of braces": ("front", "tags: " + "{" * 5000),
    "front matter of lists in lists": ("front", "- " * 5000),
    "front matter of aliases": (
        "front", 'a0: &a0 [x, x]\n' + rows(30, "a#: &a# [*a~, *a~, *a~, *a~]"),
    ),
    "blanks in a link": ("paragraph", "[a](b" + " " * SIZE + "x"),
    "blanks in a heading": ("heading", " " * SIZE),
    "blank lines in a diagram": ("diagram", "\n" * SIZE),
    "blank lines in a diagram that is not too long": ("diagram", "\n" * 18_000),
    "two boxes of 250 nodes, joined 480 times": ("diagram", BOXES_250 + "  box_a --> box_b\n" * 480),
    "a policy of nine thousand policies": ("policy", "fails open " * 9000),
    "three thousand objections": ("pushback", '### "Why?" {#x}\n\n- **Weak:** a b\n\n' * 3000),
    "eight thousand dives": ("lines", "## Deep dives\n\n" + "### a?\n\nb\n\n" * 8000),
    "a chain of guards that fall together": (
        "lines",
        f"## Failure modes\n\n{rows(3000, '**Fall together:** `g#`, `g~`')}**Fall together:** `g1`, `check`",
    ),
    "seventy-five thousand empty headings": ("lines", "#\n" * 75_000),
    "a noun in each row": ("row", rows(4500, "|`a#`|b|1 q#q|given|")),
}  # fmt: skip


@pytest.mark.parametrize("name", list(SHAPES))
def test_a_bomb_does_not_hang(name):
    hurried(findings_in, TEMPLATE_PATH, with_text(*SHAPES[name]))


@pytest.mark.parametrize("unit", ["[", "![", '"', "[a](", "`a` "])
def test_text_that_the_site_would_render_for_minutes_is_refused(unit):
    """MkDocs' Markdown takes the square of a text's length, and of `[` more."""
    for size in (SIZE, 2_900):
        found = hurried(findings_in, TEMPLATE_PATH, with_text("paragraph", unit * (size // len(unit))))
        rules = [finding.rule for finding in found]
        assert rules == ["file-overloaded"] or (size < SIZE and unit in ('"', "[a](", "`a` "))


def ladder(rungs: int) -> list[Edge]:
    """A way from `start` to `end` with two guards to choose from on each rung."""
    sides = [["start"], *([f"a{n}", f"b{n}"] for n in range(rungs)), ["end"]]
    return [Edge(one, other, 1) for here, there in pairwise(sides) for one in here for other in there]


@pytest.mark.parametrize("together", [1, 2], ids=["each by itself", "in pairs that fall together"])
def test_guard_depth_of_endless_ways_is_counted(together):
    ids = [f"{side}{n}" for n in range(60) for side in "ab"]
    groups = [frozenset(ids[at : at + together]) for at in range(0, len(ids), together)]
    group_of = {id: group for group in groups for id in group}
    depth = hurried(guard_depth, ways(ladder(60)), "start", ["end"], group_of)
    assert depth == 60 if together == 1 else 0 < depth <= 60


# ---- never a traceback -----------------------------------------------------

ENDLESS = "(1e99*1e99*1e99*1e99)"
NINES = ",".join(["999"] * 120)
ODD = {
    "nothing": "",
    "a line end": "\n",
    "front matter alone": "---\ntitle: a\n---",
    "front matter that does not end": "---\ntitle: a\n",
    "empty front matter": "---\n---\n",
    "front matter of a comment": "---\n# a\n---\n",
    "two documents": "---\na: b\n--- c\n---\n",
    "a NUL": with_text("paragraph", "a\0b"),
    "a NUL in front matter": with_text("front", "a: b\0c"),
    "a NUL in a formula": with_text("formula", "1\0+1"),
    "a NUL in a diagram": with_text("diagram", "  a\0b"),
    "a right-to-left override": with_text("formula", "draft_time\u202e + check_time"),
    "a line separator": with_text("lines", "a\u2028b\u2029c\x85d\x0ce"),
    "one long line": "a" * 199_000,
    "one long heading": "# " + "a " * 99_000,
    "a fence that never ends": with_text("lines", "```text"),
    "a call-out of nothing": with_text("lines", "> [!safety-state]\n\n> [!]\n\n> [!safety-fail]\n>\n\n>"),
    "a table in a quotation": with_text("lines", f"> | {' | '.join(HARMS)} |\n> |-|-|-|-|\n> | a"),
    "a table in a list": with_text("lines", f"- | {' | '.join(ROWS)} |\n  |-|-|-|-|\n  | `a`"),
    "a row that ends too early": with_text("failure", "| `x`\n"),
    "a row with too many cells": with_text("row", "|`a`|b|1 q|given|c|d|e|\n"),
    "a power of powers": with_text("formula", "9^9^9"),
    "Python's power": with_text("formula", "9**9**9"),
    "huge numbers": with_text("formula", "1e99 * 1e99"),
    "endless numbers": with_text("formula", ENDLESS),
    "a long sum": with_text("formula", "1+" * 199 + "1"),
    "a value of three hundred digits": with_text("value", f"{NINES} s"),
    "a link to such a value": with_text("value", f"{NINES} s").replace("the [6 s]", f"the [{NINES} ms]"),
    "a value of letters": with_text("value", "six s"),
    "a headline in a headline": with_text("front", "headline: {a: {b: [c]}, d: [e], f:}"),
    "asked of lists": with_text("front", "asked: [{source: [a], date: {b: c}, sure: [d]}, e, [f]]"),
    "tags in tags": with_text("front", "tags: [[a], {b: c}, ]"),
    "a date of lists": with_text("front", "reviewed: [a]"),
    "a key that is a list": with_text("front", "? [a, b]\n: c"),
    "a key that is empty": with_text("front", ": c"),
    "a key that merges": with_text("front", "<<: {title: x}"),
    "an alias": with_text("front", "a: &b c\nd: *b"),
    "an alias of itself": with_text("front", "a: &b [*b]"),
    "a tag that runs": with_text("front", "a: !!python/object/apply:os.system [id]"),
    "a tag of another kind": with_text("front", "a: !!binary aGk="),
    "a directive": "---\n%YAML 9.9\n---\na: b\n",
    "numbers with too many stops": with_text("reads", "3.8.9 of 6,,, s"),
    "a link of stops": with_text("paragraph", "[,.,. s](#limit) [. ](#limit) [](#limit) [≈](#limit)"),
    "names of JavaScript's own": with_text("diagram", "  check --> __proto__ --> constructor --> toString"),
    "a box of JavaScript's own": with_text("diagram", "  subgraph __proto__\n  a\n  end\n  a --> __proto__"),
    "boxes that hold each other": with_text(
        "diagram", "  subgraph a\n    b\n  end\n  subgraph b\n    a\n  end\n  a --> b"
    ),
    "an edge to itself": with_text("diagram", "  subgraph a\n  end\n  a --> a"),
    "classes of nothing": with_text("diagram", "  class desk,nobody guard\n  class desk"),
    "brackets in a diagram": with_text("diagram", "  a[b[c]]]"),
    "a hundred kilobytes of quotes": with_text("diagram", '"' * 100_000),
    "a chain of 2,500 guards that degrade": with_text(
        "guards", ", ".join(f"`g{n}`" for n in range(2500))
    ).replace("| `strict` | cannot", rows(2500, "|`g~`|x|degrades to `g#`|y|z|") + "| `strict` | cannot"),
    "a law where a folk figure's sum is asked": with_text("folk", "fits(drafting, servers * slots)"),
    "a root of a negative share": with_text("formula", "fanout_tail(0-1, 0.5)"),
    "a negative power of nothing": with_text("formula", "fanout_tail(0, 0-1)"),
    "a power of what is no number": with_text("formula", f"2^({ENDLESS}-{ENDLESS})"),
    "a comparison of what is no number": with_text("check", f"{ENDLESS}-{ENDLESS} < 1"),
    "a rate without an end": with_text("check", f"bandwidth(1 B, {ENDLESS} * 1 B/s, limit)"),
    "a result too large for its unit": TEMPLATE.replace(
        "3.8 s | `draft_time + check_time`", "3.8 ns | `1e99 s * 1e99 * 1e99 * 1e3`"
    ),
    "450 decimals in a value": TEMPLATE.replace("| 3.8 s |", f"| 3.{'8' * 450} s |"),
    "450 decimals in a reading": with_text("reads", f"3.{'8' * 450} s"),
}  # fmt: skip


@pytest.mark.parametrize("name", list(ODD))
def test_an_odd_page_gives_findings_or_passes(name):
    for path in (TEMPLATE_PATH, "docs/questions/odd.md", "docs/odd.md"):
        for finding in hurried(findings_in, path, ODD[name]):
            assert finding.as_text() and finding.as_github()
            assert 1 <= finding.line <= ODD[name].count("\n") + 2


# ---- the command line ------------------------------------------------------


def test_a_good_page_is_one_line_and_exit_0():
    done = run("docs/index.md")
    assert done.returncode == 0 and done.stderr == ""
    assert re.fullmatch(r"1 pages? checked \(0 questions\): no findings\.\n", done.stdout)


def test_the_whole_guide_is_one_line_and_exit_0():
    done = run("--all")
    assert re.fullmatch(r"\d+ pages checked \(\d+ questions?\): no findings\.\n", done.stdout), done.stdout
    assert done.returncode == 0 and done.stderr == ""


def test_findings_are_printed_counted_and_exit_1(tmp_path):
    (tmp_path / "a.md").write_text(with_text("paragraph", "<script>"), encoding="utf-8")
    done = run(tmp_path / "a.md")
    assert done.returncode == 1
    assert "active-html: raw HTML: <script>" in done.stdout
    heads = [line for line in done.stdout.splitlines() if not line.startswith(" ")]
    to_write = sum("section-unwritten" in line for line in heads)
    assert 0 < to_write < len(heads)  # a copy of the template, with its guidance
    said = f"{len(heads) - to_write} finding{'s' * (len(heads) - to_write > 1)}, {to_write} parts to write.\n"
    assert done.stderr == said


@pytest.mark.parametrize(
    "arguments",
    [
        [], ["--nonsense"], ["-x"], [""], ["nowhere.md"], ["docs"], ["/dev/null"],
        ["docs/index.md", "nowhere.md"], ["--all", "docs/index.md"],
        ["--all=yes"], ["--format"], ["--format", "github"],
        ["--format", "xml", "--all"],
    ],
)  # fmt: skip
def test_misuse_is_exit_2_and_says_how_to_use_it(arguments):
    done = run(*arguments)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("usage: check_page.py")


def test_help_is_exit_0():
    done = run("--help")
    assert done.returncode == 0 and "--format" in done.stdout


def test_pages_of_any_name_and_from_any_folder(tmp_path):
    names = ["-.md", "a b.md", "ä.md", "a\nb.md", "%0A.md", "::x.md", "*.md", "\u202e.md"]
    for name in names:
        (tmp_path / name).write_text("# a\n", encoding="utf-8")
    done = run("--", *names, cwd=tmp_path)
    assert done.returncode == 1
    assert all(re.match(r"\S.*:\d+: [a-z-]+: | ", line) for line in done.stdout.splitlines())
    assert "\u202e" not in done.stdout


def test_a_name_that_is_no_text(tmp_path):
    name = os.fsencode(tmp_path) + b"/\xff.md"
    try:
        Path(os.fsdecode(name)).write_text("# a\n", encoding="utf-8")
    except OSError:  # a file system that takes text only has no such file to be asked about
        return
    assert run(os.fsdecode(name)).returncode == 1


FILES = {
    "binary": bytes(range(256)) * 400,
    "five megabytes": b"a b c d\n" * 625_000,
    "Latin-1": "# Café\n".encode("latin-1"),
    "UTF-16": TEMPLATE.encode("utf-16"),
    "empty": b"",
    "a byte-order mark alone": b"\xef\xbb\xbf",
    "NUL": b"\0" * 1000,
    "CRLF": TEMPLATE.replace("\n", "\r\n").encode(),
    "half of a character": "# Café".encode()[:-1],
    "a surrogate": b"# \xed\xa0\x80\n",
    "front matter alone": b"---\ntitle: a\n---\n",
    "a tag that runs": b"---\ntitle: !!python/object/apply:os.system [touch pwned]\n---\n",
    "a bomb of aliases": ODD["an alias of itself"].encode(),
    "ten thousand quotations": b">" * 10_000 + b" a\n",
    "a long line": b"a" * 199_000,
    "a formula that runs": with_text("formula", "__import__('os').system('touch pwned')").encode(),
    "a power of powers": with_text("formula", "9**9**9").encode(),
    "many diagrams": with_text("lines", rows(500, "```mermaid\nflowchart TD\n a# --> b\n```\n")).encode(),
}


@pytest.mark.parametrize("data", FILES.values(), ids=FILES)
def test_any_file_gives_findings(data, tmp_path):
    (tmp_path / "page.md").write_bytes(data)
    done = run("page.md", cwd=tmp_path)
    assert done.returncode == 1 and done.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["page.md"]


@pytest.mark.parametrize("target", ["docs/index.md", "nowhere.md", "docs"])
def test_a_symbolic_link_is_a_finding(target, tmp_path):
    (tmp_path / "page.md").symlink_to(ROOT / target)
    done = run(tmp_path / "page.md")
    assert done.returncode == 1 and "file-symlink" in done.stdout


def test_a_page_that_cannot_be_read_does_not_hide_the_others(tmp_path):
    (tmp_path / "a.md").write_bytes(b"\xff")
    (tmp_path / "b.md").write_text("# b\n", encoding="utf-8")
    done = run(tmp_path / "a.md", tmp_path / "b.md")
    assert "a.md:1: file-unreadable" in done.stdout and "b.md:1: front-matter-missing" in done.stdout


# ---- messages --------------------------------------------------------------

HEAD = re.compile(r"[^\s:][^:\n]*:\d+: [a-z]+(?:-[a-z]+)+: \S.*")
PROOF = re.compile(r"    \S.*")
FIX = re.compile(r"  Fix: \S.*")


@pytest.mark.parametrize("family", sorted({family for family, _ in BAD}))
def test_every_message_has_the_grammar(family, tmp_path):
    seen = 0
    for number, (_, entry) in enumerate(pair for pair in BAD if pair[0] == family):
        (folder := tmp_path / str(number)).mkdir()
        for finding in findings_of(family, entry, folder)[0]:
            head, *proofs, fix = finding.as_text().split("\n")
            assert HEAD.fullmatch(head) and FIX.fullmatch(fix) and all(map(PROOF.fullmatch, proofs))
            assert head.split(": ")[1] == finding.rule and len(proofs) == len(finding.evidence)
            assert finding.as_text().isprintable() or "\n" in finding.as_text()
            seen += 1
    assert seen


HOSTILE = "%0A::error::x%25 a, b\r::set-output name=x::y\x1b[31m"


@pytest.mark.parametrize("place", ["heading", "cell", "value", "formula", "policy", "harm", "front"])
def test_a_page_cannot_write_a_workflow_command(place, tmp_path):
    text = f"| {HOSTILE} | a | b | c |\n" if place == "harm" else HOSTILE
    (tmp_path / "page.md").write_text(with_text(place, text), encoding="utf-8", newline="")
    done = run("--format", "github", "page.md", cwd=tmp_path)
    assert done.returncode == 1
    assert_commands(done.stdout)


def test_a_log_obeys_no_finding():
    """GitHub obeys `##[command]` anywhere in a line, and `::command::` behind blanks."""
    found = Finding("docs/x.md", 1, "a-b", "x ##[stop-commands]y", "##[add-mask]z", ("  ::add-mask::z",))
    for text in (found.as_text(), found.as_line(), found.as_github().removeprefix("::error")):
        assert "##[" not in text and not re.search(r"^\s*::(?! file=)", text, re.MULTILINE)
        assert "stop-commands" in text and "add-mask" in text


def test_a_file_s_name_cannot_write_a_workflow_command(tmp_path):
    name = "a,line=9,title=x::y%0A\n::error::z.md"
    (tmp_path / name).write_text("# a\n", encoding="utf-8")
    done = run("--format", "github", name, cwd=tmp_path)
    assert done.returncode == 1
    assert_commands(done.stdout)
    assert "file=" in done.stdout and "%2Cline=9%2Ctitle=x%3A%3Ay%250A" in done.stdout


def assert_commands(output: str) -> None:
    """Each line is one command, its three properties are ours, and nothing in it is unescaped."""
    assert output.isprintable() or "\n" in output
    for line in output.rstrip("\n").split("\n"):
        match = re.fullmatch(r"::error file=([^,:]+),line=(\d+),title=([a-z-]+)::(.*)", line)
        assert match, line
        assert not re.search(r"%(?!25|0A|0D|3A|2C)", match.group(1) + match.group(4)), line
        assert all(character.isprintable() for character in line)
