"""What the guide's own pipeline costs and sees: counted and timed on its own tree.

A measurement, not a simulation: it counts the tree it stands in, so run it again when the tree has grown.

    python simulations/guide_pipeline.py

`rules`, `tried`, `damages`, `formulas`: rules held against a page, bad pages kept for each rule, damaged
texts that the sabotages make of each question, formulas of each question. `check`, `alone`: time of a check
of the whole tree, for each page in it, and of the command on one page. `page`: the heaviest page with the
contract of a question, gzip 6. `strict`: of one damage for each rule, of one question, the share about which
MkDocs warns at all, with its validation as `mkdocs.yml` sets it and the guide's own findings left aside.
Damages stand in the order of their texts; the first that its rule catches is taken, then the last, then one
in the middle, and the three shares differ. Each rule counts once, so one for links weighs as much as one for
harms; another page would give another share.
"""

from __future__ import annotations

import gzip
import logging
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import RESULTS, rounded, write_results

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "hooks"), str(ROOT / "tests")]

import diagram_engine  # noqa: E402
import read_page  # noqa: E402
import yaml  # noqa: E402
from check_page import tree_findings  # noqa: E402
from finding import rule_id  # noqa: E402
from guide import Guide  # noqa: E402
from page_contract import DESIGN, QUESTION, kind_of  # noqa: E402
from rule_list import ALL, PAGE_RULES  # noqa: E402
from rules_cost import machine  # noqa: E402

RUNS = 5
CHOICES = (lambda count: 0, lambda count: count // 2, lambda count: count - 1)
DAMAGED = "docs/questions/inference-batching.md"
PARTS = ("docs", "hooks", "overrides", "simulations")
SILENT = """
_whole_tree = tree_findings
def tree_findings(guide):
    _whole_tree(guide)
    return []
"""
RESULTS_FILE = RESULTS / "guide_pipeline.json"


def questions() -> list[read_page.Page]:
    """The published questions, read."""
    files = [path for path in sorted((ROOT / "docs/questions").glob("*.md")) if path.name[0] != "_"]
    guide = Guide(ROOT)
    named = [(path.relative_to(ROOT).as_posix(), path.read_text("utf-8")) for path in files]
    return [read_page.read(path, text, guide) for path, text in named]


def damages(page: read_page.Page) -> dict[str, list[str]]:
    """The distinct damaged texts of a page that each of its rules' sabotages make."""
    from sabotage import SABOTAGES

    found = {}
    for rule in PAGE_RULES[page.kind]:
        texts = {text for sabotage in SABOTAGES[rule_id(rule)] for text in sabotage(page)}
        found[rule_id(rule)] = sorted(texts - {None, page.text})
    return found


def bad_pages() -> list[int]:
    """How many bad pages the tests keep for each rule."""
    files = sorted((ROOT / "tests/bad").glob("*.yml"))
    entries = [entry for file in files for entry in yaml.safe_load(file.read_text("utf-8"))]
    return [sum(entry["rule"] == rule_id(rule) for entry in entries) for rule in ALL]


def times() -> tuple[list[float], list[float]]:
    """Milliseconds for each page of a check of the whole tree, and seconds of the command on one page."""
    whole, alone = [], []
    for _ in range(RUNS):
        begin = time.perf_counter()
        guide = Guide(ROOT)
        tree_findings(guide)
        whole.append(1000 * (time.perf_counter() - begin) / len(guide.pages))
        begin = time.perf_counter()
        command = [sys.executable, "hooks/check_page.py", DAMAGED]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        alone.append(time.perf_counter() - begin)
    return whole, alone


def copied(folder: Path) -> Path:
    """A copy of what a build needs."""
    for name in PARTS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "mkdocs.yml", folder)
    return folder


def page_weights() -> list[float]:
    """Bytes, as compressed, of every page with a contract of questions, built."""
    with tempfile.TemporaryDirectory() as name:
        tree = copied(Path(name))
        with (tree / "hooks/check_page.py").open("a") as gate:
            gate.write(SILENT)  # a page that quotes this record differs from it until it is written
        command = [sys.executable, "-m", "mkdocs", "build", "-q"]
        subprocess.run(command, cwd=tree, check=True, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"})
        built = [tree / "site" / path.stem / "index.html" for path in (tree / "docs").glob("*.md")]
        built += (tree / "site/questions").glob("*/index.html")
        contract = [path for path in built if _has_contract(path.parent.relative_to(tree / "site"))]
        return [len(gzip.compress(path.read_bytes(), 6)) for path in contract]


def _has_contract(place: Path) -> bool:
    return kind_of(f"docs/{place}.md") in (QUESTION, DESIGN)


def caught(page: read_page.Page) -> dict[str, list[str]]:
    """The damaged texts of a page that its rules catch, by rule."""
    found, made = {}, damages(page)
    for rule in PAGE_RULES[page.kind]:
        texts = made[rule_id(rule)]
        read = {
            text: read_page.read(page.path, text, page.guide) for text in texts[:: max(1, len(texts) // 9)]
        }
        found[rule_id(rule)] = [text for text, damaged in read.items() if any(rule(damaged))]
    return {name: texts for name, texts in found.items() if texts}


def strict_sees(page: read_page.Page) -> list[tuple[int, int]]:
    """Of one damage for each rule, about how many MkDocs itself warns, and of how many: three choices."""
    known = caught(page)
    choices = [{name: texts[at(len(texts))] for name, texts in known.items()} for at in CHOICES]
    return [(_warned_of(chosen), len(chosen)) for chosen in choices]


def _warned_of(chosen: dict[str, str]) -> int:
    with tempfile.TemporaryDirectory() as folder:
        tree = copied(Path(folder))
        for name, text in chosen.items():
            (tree / f"docs/questions/{name}.md").write_text(text, encoding="utf-8")
        warned = _warnings(tree)
    return sum(any(f"questions/{name}.md" in line for line in warned) for name in chosen)


def _warnings(tree: Path) -> list[str]:
    """What MkDocs warns of, but for the guide's own findings, when it builds this tree as a preview."""
    heard: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: heard.append(record.getMessage())
    handler.addFilter(lambda record: record.name != "mkdocs.hooks.guide")
    logging.getLogger("mkdocs").addHandler(handler)
    os.environ["NO_MKDOCS_2_WARNING"] = "1"
    diagram_engine.quickjs = None  # drawings are left to the browser, as other guides leave them
    from mkdocs.commands.build import build
    from mkdocs.config import load_config

    config = load_config(str(tree / "mkdocs.yml"), site_dir=str(tree / "site"))
    config.plugins.on_startup(command="serve", dirty=False)  # findings are logged, and stop nothing
    build(config)
    return heard


def entry(what: str, unit: str, **kinds: list[float]) -> dict:
    """A record: what was measured, where and when, and for each kind its value and spread."""
    day = time.strftime("%Y-%m-%d")
    where = f"{machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {day}"
    reduce = {"mean": statistics.mean, "p50": statistics.median, "max": max}
    found = {
        kind: {"value": rounded(reduce[kind](v)), "low": rounded(min(v)), "high": rounded(max(v))}
        for kind, v in kinds.items()
    }
    return {"model": f"{what}; {where}.", "unit": unit} | found


def main() -> None:
    """Write the record."""
    pages = questions()
    whole, alone = times()
    weights = page_weights()
    held = [float(len(PAGE_RULES[kind])) for kind in PAGE_RULES]
    texts = [float(sum(len(each) for each in damages(page).values())) for page in pages]
    formulas = [float(sum(row.origin == "formula" for row in page.envelope.rows)) for page in pages]
    noticed = strict_sees(next(page for page in pages if page.path == DAMAGED))
    words = ", ".join(f"{seen} of {tried}" for seen, tried in noticed)
    words = f"Damages, one for each rule, that MkDocs warns of: {words} in three choices"
    results = {
        "rules": entry(f"Rules held against a page, of {len(ALL)} in all", "rule/page", max=held),
        "tried": entry("Bad pages kept for each rule", "page/rule", mean=[float(n) for n in bad_pages()]),
        "damages": entry(f"Damaged texts of each of {len(pages)} questions", "text/page", mean=texts),
        "formulas": entry(f"Formulas of each of {len(pages)} questions", "row/page", p50=formulas),
        "check": entry(f"Check of the whole tree, {RUNS} runs", "ms/page", p50=whole),
        "alone": entry(f"The command on one question, {RUNS} runs", "s", p50=alone),
        "page": entry("Pages with a contract, built, gzip 6", "B", max=weights),
        "strict": entry(words, "%", mean=[100 * seen / tried for seen, tried in noticed]),
    }
    write_results({f"guide_pipeline.{name}": each for name, each in results.items()}, RESULTS_FILE)


if __name__ == "__main__":
    main()
