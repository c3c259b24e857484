"""A preview works out only what an edit changed, and what it shows is what a new build would show."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager

import pytest
from generated import tree
from reader import QUESTION

# Builds a preview of the tree into each folder that it is told, with its warnings, all in one process;
# told to forget, it keeps nothing from one to the next.
BUILD = """
import logging, sys
if sys.argv[1:] == ["forget"]:
    sys.path.insert(0, "hooks")
    import kept
    kept.Kept.get = lambda self, key, work: work()
from mkdocs.commands.build import build
from mkdocs.config import load_config
for folder in map(str.strip, sys.stdin):
    log = logging.FileHandler(f"{folder}.log", "w")
    logging.basicConfig(handlers=[log], level="WARNING", format="%(message)s", force=True)
    config = load_config(config_file="mkdocs.yml", site_dir=folder)
    config.plugins.on_startup(command="serve", dirty=False)
    build(config)
    print("built", flush=True)
"""
FEW = ("index.md", "sources.md", "vocabulary.md", "craft/envelope.md", f"{QUESTION.rstrip('/')}.md")
PAGE = f"docs/{QUESTION.rstrip('/')}.md"
EDITS = {
    "a link that leads nowhere": ("docs/index.md", "\n## What is here\n", "\n## What is [here](gone.md)\n"),
    "a word": (PAGE, "GPU", "graphics card"),
    "a title": (PAGE, "\ntitle: ", "\ntitle: New "),
    "a drawing": (PAGE, "{{Match by slot}}", "{{Match by place}}"),
    "a source": ("docs/sources.yml", "title: ", "title: New "),
    "a result": ("simulations/results/batching.json", '"unit": "s"', '"unit": "h"'),
    "a definition": ("docs/vocabulary.md", ". ", ", they say. "),
    "a template": ("overrides/base.html", "Skip to content", "Skip"),
    "the configuration": ("mkdocs.yml", "permalink: true", "permalink: false"),
}


@pytest.fixture
def small(tmp_path):
    """The guide with a handful of its pages."""
    folder = tree(tmp_path / "tree", 0)
    for page in (folder / "docs").rglob("*.md"):
        if page.relative_to(folder / "docs").as_posix() not in FEW:
            page.unlink()
    config = folder / "mkdocs.yml"
    text = re.sub(r"(?m)^nav:\n(?: .*\n)+", "nav: [index.md, questions/*]\n", config.read_text("utf-8"))
    config.write_text(text, encoding="utf-8")
    return folder


@contextmanager
def builder(folder, *how):
    """A function that has one process build a preview of the tree, and gives its files and warnings."""
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "SOURCE_DATE_EPOCH": "1800000000"}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    command = [sys.executable, "-c", BUILD, *how]
    with subprocess.Popen(command, cwd=folder, env=environment, **pipes) as process:

        def build(site):
            process.stdin.write(f"{site}\n")
            process.stdin.flush()
            assert process.stdout.readline() == "built\n", process.stderr.read()
            files = {path.relative_to(site): path for path in site.rglob("*") if path.is_file()}
            digests = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}
            return digests, site.with_name(f"{site.name}.log").read_text(encoding="utf-8")

        yield build
        process.stdin.close()


def replace(folder, name, old, new):
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_after_any_edit_a_preview_shows_what_a_new_build_shows(small, tmp_path):
    with builder(small) as build, builder(small, "forget") as anew:
        before = build(tmp_path / "first")
        for name, edit in EDITS.items():
            replace(small, *edit)
            after = build(tmp_path / "again")
            assert after == anew(tmp_path / "anew"), name
            assert after != before, name
            before = after
        shutil.copy(small / PAGE, small / "docs/questions/another.md")
        (small / "docs/vocabulary.md").unlink()
        assert build(tmp_path / "again") == anew(tmp_path / "anew")
