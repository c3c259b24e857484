"""Bad pages are caught on the line of their defect and nowhere else; good pages stay silent.

The pages are data: `bad/*.yml` and `good/*.yml` hold small edits of the template, so that a
reader sees what differs and nothing else. An entry says

    rule     the rule that the page breaks (bad pages only)
    story    the defect in words, or why it is none
    replace  text that stands once in the template, and `with`, what takes its place;
             `times` over; or `edits`, a list of such pairs
    at       text of the one line on which the finding stands, its number, or see `lines_at`
    also     other findings that the same defect rightly causes: a rule, or `rule: at`
    says     text that every finding of the rule holds, in its message, its fix or its evidence
    hops     the nodes of the path that the finding prints as evidence
    path     where the page lies, if not at the template's own path
    bug      why the page is not yet caught, or is caught wrongly; the test must then fail

Some files of data have a way in of their own: see `WAYS_IN`.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import read_page
import yaml
from check_page import file_findings, findings_in, rendered_findings, tree_findings
from finding import Finding, rule_id
from guide import Guide
from rule_list import ALL, BETWEEN_PAGES

HERE = Path(__file__).parent
TEMPLATE_PATH = "docs/questions/_template.md"
TEMPLATE = (HERE.parent / TEMPLATE_PATH).read_text(encoding="utf-8")
# Families of entries that edit another page than the template of a question: where it lies, and its text.
BASES = {
    "skeletons": ("docs/unseen/_template.md", (HERE.parent / "docs/unseen/_template.md").read_text("utf-8")),
    "design": ("docs/stays-true.md", (HERE.parent / "docs/stays-true.md").read_text("utf-8")),
    "prose": ("docs/prose.md", (HERE / "good/prose.md").read_text("utf-8")),
    "vocabulary": ("docs/vocabulary.md", (HERE / "good/vocabulary.md").read_text("utf-8")),
}
REGISTER = """\
paper:
  title: A paper
  publisher: Its authors
  address: https://example.org/paper
  published: 2024-05
  read: 2026-11-21
  kind: primary
  facts:
    paper-gain:
      value: 23.7 %
      as_of: 2024-05
      review_by: 2027-11-01
      where: Table 1
      about: result
"""
CITING = "# Home\n\nThe gain is [23.7 %](sources.md#paper-gain).\n"


def load(folder: str) -> list[tuple[str, dict]]:
    """(family, entry) of every page in a folder of data."""
    return [
        (file.stem, entry)
        for file in sorted((HERE / folder).glob("*.yml"))
        for entry in yaml.safe_load(file.read_text(encoding="utf-8"))
    ]


BAD, GOOD = load("bad"), load("good")


def edited(entry: dict, base: str) -> str:
    """The base with the entry's edits; each must fit in exactly one place."""
    text = base
    for edit in entry.get("edits", [entry] if "replace" in entry else []):
        found = base.count(edit["replace"]), text.count(edit["replace"])
        assert found == (1, 1), f"{edit['replace']!r} stands {found} times in the base and the edited text"
        text = text.replace(edit["replace"], edit["with"] * edit.get("times", 1))
    return text


def lines_at(at: str | int | list | dict, text: str) -> list[int]:
    """The numbers of the lines that `at` means.

    A number; `body`, the line below the front matter; text that one line alone holds; `{first: text}` or
    `{every: text}` where more lines hold it; or a list of these.
    """
    if at == "body":
        return [text.split("\n").index("---", 1) + 2]
    if isinstance(at, list):
        return [number for one in at for number in lines_at(one, text)]
    if isinstance(at, int):
        return [at]
    ((how, wanted),) = at.items() if isinstance(at, dict) else [("only", at)]
    found = [number for number, line in enumerate(text.split("\n"), 1) if wanted in line]
    assert found and (how != "only" or len(found) == 1), f"{wanted!r} stands on the lines {found}"
    return found[:1] if how == "first" else found


def expected(entry: dict, text: str) -> set[tuple[str, int]]:
    """The (rule, line) pairs that an entry asks for."""
    pairs = {(entry["rule"], line) for line in lines_at(entry["at"], text)}
    for other in entry.get("also", []):
        ((rule, at),) = other.items() if isinstance(other, dict) else [(other, entry["at"])]
        pairs |= {(rule, line) for line in lines_at(at, text)}
    return pairs


# ---- the ways in -----------------------------------------------------------


def as_page(entry: dict, tmp_path: Path) -> tuple[list[Finding], str]:
    text = edited(entry, TEMPLATE)
    return findings_in(entry.get("path", TEMPLATE_PATH), text), text


def as_edited(family: str):
    """The way in of a family with a base of its own."""
    path, base = BASES[family]

    def way_in(entry: dict, tmp_path: Path) -> tuple[list[Finding], str]:
        text = edited(entry, base)
        return findings_in(path, text), text

    return way_in


def as_copy(entry: dict, tmp_path: Path) -> tuple[list[Finding], str]:
    """A page of its own, in a guide whose template holds only what the entry says."""
    folder = tmp_path / "docs/questions"
    folder.mkdir(parents=True)
    (folder / "_template.md").write_text(entry["template"], encoding="utf-8")
    shutil.copy(HERE.parent / "docs/sources.yml", tmp_path / "docs")
    text = edited(entry, re.sub(r"<!-- Guidance:.*?-->\n\n", "", TEMPLATE, flags=re.DOTALL))
    return findings_in("docs/questions/mine.md", text, Guide(tmp_path)), text


def as_rendered(entry: dict, tmp_path: Path) -> tuple[list[Finding], str]:
    """HTML as it is published, of a page of its own Markdown; `drawn` where its diagrams change it."""
    page = read_page.read("docs/index.md", entry.get("page", "# a\n"))
    return rendered_findings(page, entry["html"], entry.get("drawn", entry["html"])), entry["html"]


def as_folder(entry: dict, tmp_path: Path) -> tuple[list[Finding], str]:
    """A guide with one more file below docs/, on which every finding must stand."""
    (tmp_path / "docs/assets/figures").mkdir(parents=True)
    (tmp_path / "docs/sources.yml").write_text(REGISTER, encoding="utf-8")
    (tmp_path / "docs/index.md").write_text(CITING, encoding="utf-8")
    path = tmp_path / "docs" / entry["file"]
    path.parent.mkdir(parents=True, exist_ok=True)
    if "points_at" in entry:
        path.symlink_to(entry["points_at"])
    else:
        path.write_bytes(bytes.fromhex(entry.get("bytes", "")) or entry.get("holds", "").encode())
    found = tree_findings(Guide(tmp_path))
    assert {finding.path for finding in found} <= {f"docs/{entry['file']}"}
    return found, ""


def as_register(entry: dict, tmp_path: Path) -> tuple[list[Finding], str]:
    text = edited(entry, REGISTER)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/sources.yml").write_text(text, encoding="utf-8")
    (tmp_path / "docs/index.md").write_text(entry.get("citing", CITING), encoding="utf-8")
    return tree_findings(Guide(tmp_path)), text


def as_file(entry: dict, tmp_path: Path) -> tuple[list[Finding], str]:
    path = tmp_path / "page.md"
    match entry["made"]:
        case "latin-1":
            path.write_bytes("# Café\n".encode("latin-1"))
        case "binary":
            path.write_bytes(bytes(range(256)) * 8)
        case "nothing":
            pass
        case "directory":
            path.mkdir()
        case "symlink":
            path.symlink_to(HERE.parent / TEMPLATE_PATH)
        case "dangling symlink":
            path.symlink_to(tmp_path / "nowhere.md")
        case int(size):
            path.write_bytes(b"a" * size)
    return list(file_findings([path], Guide(tmp_path))), ""


def as_two_pages(entry: dict, tmp_path: Path) -> tuple[list[Finding], str]:
    """Two pages; what each alone does wrong is left out."""
    folder = tmp_path / "docs/questions"
    folder.mkdir(parents=True)
    names = [entry.get("name", "first.md"), "second.md"]
    for name, text in zip(names, (entry["first"], entry["second"]), strict=True):
        (folder / name).write_text(text, encoding="utf-8")
    found = file_findings([folder / name for name in names], Guide(tmp_path))
    between = [f for f in found if f.rule in {rule_id(rule) for rule in BETWEEN_PAGES}]
    assert all(f.path == "docs/questions/second.md" and "first.md:" in f.message for f in between)
    return between, entry["second"]


WAYS_IN = {
    "copied": as_copy,
    "file": as_file,
    "folder": as_folder,
    "between": as_two_pages,
    "register": as_register,
    "rendered": as_rendered,
} | {family: as_edited(family) for family in BASES}


def findings_of(family: str, entry: dict, tmp_path: Path) -> tuple[list[Finding], str]:
    """The findings of an entry's page, and the text in which their lines count."""
    return WAYS_IN.get(family, as_page)(entry, tmp_path)


def parameters(entries: list[tuple[str, dict]]) -> list:
    """The entries as test cases; one with a known bug must fail until the bug is mended."""
    return [
        pytest.param(
            family,
            entry,
            id=f"{entry.get('rule', family)}: {entry['story']}",
            marks=[pytest.mark.xfail(strict=True, reason=entry["bug"])] if "bug" in entry else [],
        )
        for family, entry in entries
    ]


# ---- bad pages -------------------------------------------------------------


@pytest.mark.parametrize("path, text", [(TEMPLATE_PATH, TEMPLATE), *BASES.values()])
def test_what_is_edited_is_itself_a_good_page(path, text):
    assert findings_in(path, text) == []


@pytest.mark.parametrize("family, entry", parameters(BAD))
def test_a_bad_page_is_caught_on_its_line_and_nowhere_else(family, entry, tmp_path):
    found, text = findings_of(family, entry, tmp_path)
    printed = "\n".join(finding.as_text() for finding in found)
    assert {(finding.rule, finding.line) for finding in found} == expected(entry, text), printed
    told = [" ".join((f.message, f.fix, *f.evidence)) for f in found if f.rule == entry["rule"]]
    assert all(entry.get("says", "") in one for one in told), printed


PATHS = [(family, entry) for family, entry in BAD if "hops" in entry and "bug" not in entry]
HOP = re.compile(r"(\w+) \(line (\d+)\)")


@pytest.mark.parametrize("family, entry", parameters(PATHS))
def test_an_unguarded_path_is_printed_hop_by_hop(family, entry, tmp_path):
    found, text = findings_of(family, entry, tmp_path)
    lines = text.split("\n")
    proofs = [finding for finding in found if finding.rule == "path-unguarded"]
    hops = []
    for finding in proofs:
        (evidence,) = finding.evidence
        hops.append(evidence_names := [name for name, _ in HOP.findall(evidence)])
        numbers = [int(number) for _, number in HOP.findall(evidence)]
        assert evidence == " -> ".join(
            f"{n} (line {i})" for n, i in zip(evidence_names, numbers, strict=True)
        )
        assert numbers[0] == numbers[1] and numbers[-1] == finding.line
        for start, number in zip(evidence_names, numbers[1:], strict=False):
            line = lines[number - 1]
            assert start in line or entry.get("boxed"), f"{start} does not stand on line {number}: {line}"
    assert entry["hops"] in hops


@pytest.mark.parametrize("rule", [rule_id(rule) for rule in ALL])
def test_every_rule_has_a_bad_page(rule):
    assert rule in {entry["rule"] for _, entry in BAD}


def test_every_bad_page_is_of_a_rule_that_runs():
    assert len(ALL) > 80
    assert {entry["rule"] for _, entry in BAD} <= {rule_id(rule) for rule in ALL}


def test_every_path_page_says_its_hops():
    assert len(PATHS) >= 20
    assert all("hops" in entry for _, entry in BAD if entry["rule"] == "path-unguarded")


# ---- good pages ------------------------------------------------------------


@pytest.mark.parametrize("family, entry", parameters(GOOD))
def test_a_near_miss_stays_silent(family, entry, tmp_path):
    place, base = BASES.get(family, (TEMPLATE_PATH, TEMPLATE))
    text = edited(entry, base)
    assert text != base or "encoding" in entry or "line_ends" in entry
    encoding, ends = entry.get("encoding", "utf-8"), entry.get("line_ends", "\n")
    (path := tmp_path / place).parent.mkdir(parents=True)
    path.write_bytes(text.replace("\n", ends).encode(encoding))
    found = list(file_findings([path], Guide()))
    assert found == [], "\n".join(finding.as_text() for finding in found)


@pytest.mark.parametrize("name, id", [("_template.md", " {#a}"), ("first.md", "")])
def test_an_id_of_the_template_or_made_from_a_heading_is_free(name, id, tmp_path):
    entry = {"name": name, "first": f"## Pushback\n\n### a{id}\n", "second": f"## Pushback\n\n### a{id}\n"}
    assert as_two_pages(entry, tmp_path)[0] == []


ROWS = "| Symbol | Quantity | Value | Working |\n| --- | --- | --- | --- |\n"
CHECKS = "| Law | Check | Reads |\n| --- | --- | --- |\n"


@pytest.mark.parametrize(
    "envelope, rules",
    [
        ("Nothing yet.\n", set()),
        (ROWS + "| `a` | A | 3 s | assumed: as we like |\n", {"headroom-missing", "row-unused"}),
        (CHECKS + "| Order | `1 s < 2 s` | 1 of 2 s |\n", {"check-trivial"}),
    ],
)
def test_what_an_envelope_lacks_is_said_once(envelope, rules):
    found = findings_in("docs/questions/x.md", f"# x\n\n## Envelope\n\n{envelope}")
    told = {finding.rule for finding in found if finding.rule.startswith("envelope-")}
    assert told == {f"envelope-{rule}" for rule in rules}


@pytest.mark.parametrize("first, second", [("a.md", "b.md"), ("questions/_template.md", "questions/b.md")])
def test_prose_may_repeat_a_sentence_and_so_may_a_template(first, second, tmp_path):
    (tmp_path / "docs/questions").mkdir(parents=True)
    paths = [tmp_path / "docs" / name for name in (first, second)]
    for path in paths:
        path.write_text(
            "## Wrap\n\nWe limit questions by account and by network, and read what strangers wrote.\n"
        )
    found = file_findings(paths, Guide(tmp_path))
    assert "section-paragraph-repeated" not in {finding.rule for finding in found}


def test_highlighted_code_is_no_finding():
    html = '<div class="highlight"><pre><code><span class="nt">a</span><span class="p p-Indicator">:</span>'
    assert rendered_findings(read_page.read("docs/index.md", "# a\n"), html, html) == []


def test_there_are_good_pages():
    assert len(GOOD) >= 25
