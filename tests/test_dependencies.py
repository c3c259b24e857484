"""What the guide rests on: each dependency is accounted for, the gate needs few, and a fork can follow."""

import json
import re
import subprocess
import sys
from importlib.metadata import packages_distributions

import pytest
from reader import ROOT

PAGE = (ROOT / "docs/contribute/dependencies.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `([^`]+)` \| (.+?) \| (.+?) \| (.+?) \|$", PAGE, re.MULTILINE)
NAMED = {name for name, *_ in ROWS}
ASKED = {
    match.group(0)
    for file in ("requirements.in", "requirements-dev.in")
    for line in (ROOT / file).read_text(encoding="utf-8").split("\n")
    if (match := re.match(r"[A-Za-z][\w.-]*", line))
}
VENDORED = {entry["name"]: entry for entry in json.loads((ROOT / "vendored.json").read_text())}


def test_each_dependency_and_vendored_file_has_its_line():
    assert ASKED and VENDORED
    assert sorted(name for name, *_ in ROWS) == sorted(ASKED | set(VENDORED))


@pytest.mark.parametrize("name", sorted(VENDORED))
def test_the_page_names_the_licence_that_is_vendored(name):
    (licence,) = (licence for named, _, licence, _ in ROWS if named == name)
    assert licence == VENDORED[name]["licence"]


# The gate, with nothing to be had but what it needs.
ALONE = """
import runpy, sys
refused = set(sys.argv.pop().split())
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in refused:
            raise ModuleNotFoundError(f"{name} is refused here")
sys.meta_path.insert(0, Refuse())
sys.argv[0] = "hooks/check_page.py"
sys.path.insert(0, "hooks")
runpy.run_path("hooks/check_page.py", run_name="__main__")
"""
NEEDED = {"markdown_it", "mdurl", "yaml", "_yaml", "quickjs", "_quickjs"}


def test_the_gate_needs_no_mkdocs():
    refused = set(packages_distributions()) - NEEDED
    assert {"mkdocs", "material", "markdown", "pymdownx", "mermaid2", "jinja2"} <= refused
    command = [sys.executable, "-c", ALONE, "--all", " ".join(refused)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    assert done.stdout.endswith("no findings.\n")


def test_the_fork_builds_the_same_site(built, tmp_path):
    command = [sys.executable, "-m", "properdocs", "build", "--strict", "--config-file", "mkdocs.yml"]
    done = subprocess.run([*command, "--site-dir", tmp_path], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert contents(tmp_path) == contents(built)


def contents(site):
    """The bytes of a site's pages and parts; a map says on which day it was made."""
    files = (path for path in site.rglob("*") if path.is_file() and not path.name.startswith("sitemap"))
    return {path.relative_to(site).as_posix(): path.read_bytes() for path in files}
