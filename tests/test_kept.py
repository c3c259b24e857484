"""What all cores work out ahead is what would have been worked out when asked for."""

import os
import re
import sys
from pathlib import Path

import check_page
import pytest
from guide import Guide
from kept import Kept
from page_contract import QUESTION
from read_yaml import YamlFault

TEMPLATE = Path(__file__).parent.parent / "docs/questions/_template.md"


@pytest.fixture
def kept(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 1}, raising=False)
    return Kept()


def ahead(kept, *works):
    kept.ahead(works, "works done", print)


def test_what_is_done_ahead_is_kept(kept):
    ahead(kept, *(lambda name=name: kept.get(name, os.getpid) for name in "abc"))
    assert all(kept.get(name, os.getpid) != os.getpid() for name in "abc")


def test_on_one_core_it_waits_until_it_is_asked_for(kept, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {3})
    ahead(kept, lambda: kept.get("a", os.getpid))
    assert kept.get("a", os.getpid) == os.getpid()


def test_of_nothing_to_do_nothing_comes(kept):
    ahead(kept)
    assert kept.get("a", os.getpid) == os.getpid()


def test_a_later_build_which_is_a_preview_s_is_not_split(kept):
    kept.get("a", os.getpid)
    kept.begin()
    ahead(kept, lambda: kept.get("b", os.getpid))
    assert kept.get("b", os.getpid) == os.getpid()


@pytest.mark.parametrize("end", [lambda: 1 / 0, lambda: os._exit(1)], ids=["fails", "dies"])
def test_what_cannot_be_done_ahead_is_done_when_it_is_asked_for(kept, end):
    ahead(kept, lambda: kept.get("a", lambda: 1) and end())
    assert kept.get("a", lambda: 2) == 2


@pytest.mark.parametrize("result", [lambda: 1, YamlFault(1, "broken")], ids=["sent", "received"])
def test_what_cannot_be_sent_or_received_is_done_when_it_is_asked_for(kept, result):
    ahead(kept, lambda: kept.get("a", lambda: result))
    assert kept.get("a", lambda: 2) == 2


def test_all_cores_find_what_one_finds_in_the_same_order(kept, monkeypatch, tmp_path):
    """Pages that break rules, alone and between them; and what two processes check a third does not."""
    folder, text = tmp_path / "docs/questions", TEMPLATE.read_text(encoding="utf-8")
    text = re.sub(r"<!-- Guidance:.*?-->\n\n", "", text, flags=re.DOTALL)  # which would hide the rest
    folder.mkdir(parents=True)
    for number in range(4):
        (folder / f"page-{number}.md").write_text(text.replace("Prompt", f"Prompt {number}", number))
    (folder / "bytes.md").write_bytes("# Caf\u00e9\n".encode("latin-1"))
    (folder / "front.md").write_text(text.replace("title:", "title: [", 1).replace("](#", "](gone.md#"))
    read_here, page_findings = [], check_page.page_findings
    monkeypatch.setattr(
        check_page, "page_findings", lambda page: read_here.append(page.path) or page_findings(page)
    )
    by_two = Guide(tmp_path, kept=kept)
    found = check_page.tree_findings(by_two)
    assert read_here == ["docs/questions/front.md"]  # whose fault cannot be received
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0})
    by_one = Guide(tmp_path)
    assert check_page.tree_findings(by_one) == found
    assert len(read_here) == 1 + len(by_one.pages) == 6
    assert [page.blocks for page in by_two.pages] == [page.blocks for page in by_one.pages]
    assert all(page.guide is by_two and page.kind is QUESTION for page in by_two.pages)
    assert {"file-unreadable", "front-matter-malformed", "section-paragraph-repeated"} <= {
        finding.rule for finding in found
    }
