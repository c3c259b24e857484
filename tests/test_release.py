"""An edition and the way back to it: the workflow's own lines, on clones of a bare repository."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys

import pytest
import yaml
from reader import ROOT, build

PARTS = ("docs", "hooks", "overrides", "simulations", "upkeep")
ELSEWHERE = {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
# Run by Python before anything else: another year, one core, and folders that list their files backwards.
ANOTHER_DAY = """
import os
import time_machine

class Backwards:
    def __init__(self, path=".", scandir=os.scandir):
        with scandir(path) as entries:
            self.entries = iter(sorted(entries, key=lambda entry: entry.name, reverse=True))
    def __iter__(self):
        return self.entries
    def __next__(self):
        return next(self.entries)
    def __enter__(self):
        return self
    def __exit__(self, *_):
        pass
    close = __exit__

listed = os.listdir
os.listdir = lambda path=".": sorted(listed(path), reverse=True)
os.scandir = Backwards
os.sched_getaffinity = lambda process: {0}
time_machine.travel("2031-05-06 07:08", tick=True).start()
"""


def workflow(name):
    return yaml.safe_load((ROOT / ".github/workflows" / name).read_text(encoding="utf-8"))


def git(folder, *command):
    identity = ("-c", "user.name=A", "-c", "user.email=a@a.example", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", "-C", folder, *identity, *command], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def clone(bare, folder):
    subprocess.run(["git", "clone", "--quiet", bare, folder], check=True)
    return folder


def commit(work, message):
    git(work, "add", "--all")
    git(work, "commit", "--quiet", "-m", message)
    git(work, "push", "--quiet", "origin", "HEAD:main")
    return git(work, "rev-parse", "HEAD")


@pytest.fixture(scope="module")
def editions(tmp_path_factory):
    """The bare repository, and two commits of its main; the first has a tag, as a release gives it one."""
    folder = tmp_path_factory.mktemp("host")
    bare, work = folder / "guide.git", folder / "work"
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", bare], check=True)
    clone(bare, work)
    for name in PARTS:
        shutil.copytree(ROOT / name, work / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("mkdocs.yml", ".gitignore"):
        shutil.copy(ROOT / name, work)
    first = commit(work, "First")
    git(work, "tag", "guarded-path-first")
    git(work, "push", "--quiet", "--tags")
    index = work / "docs/index.md"
    index.write_text(index.read_text(encoding="utf-8") + "\nOne line more.\n", encoding="utf-8")
    second = commit(work, "Second")
    git(work, "push", "--quiet", "origin", "HEAD~1:refs/heads/side")
    git(work, "checkout", "--quiet", "-b", "side")
    git(work, "commit", "--quiet", "--allow-empty", "-m", "Not of main")
    git(work, "push", "--quiet", "--force", "origin", "side")
    return bare, first, second


def shell(lines, folder, environment):
    """Lines of a step, run as GitHub runs them."""
    command = ["bash", "-e", "-c", lines]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def choose(folder, edition, head):
    """The workflow's own lines that choose what is published: their exit, and the commit."""
    steps = workflow("publish.yml")["jobs"]["edition"]["steps"]
    (lines,) = [step["run"] for step in steps if step.get("id") == "choose"]
    told = folder.parent / "output"
    told.write_text("")
    environment = {**os.environ, "EDITION": edition, "GITHUB_SHA": head, "GITHUB_OUTPUT": str(told)}
    return shell(lines, folder, environment), told.read_text().removeprefix("commit=").strip()


def digests(site):
    return {
        path.relative_to(site).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(site.rglob("*"))
        if path.is_file()
    }


def zipped(clone, site, folder):
    command = [sys.executable, clone / "hooks/site_zip.py", site, folder]
    subprocess.run(command, check=True, capture_output=True)
    return digests(folder)


def test_the_way_back_leads_to_the_same_bytes(editions, tmp_path, monkeypatch):
    """An edition is published; years later, on another machine, after another, it is published again."""
    bare, first, second = editions
    monkeypatch.setenv("SITE_URL", "https://guide.example/guarded-path/")
    here = clone(bare, tmp_path / "here")
    done, chosen = choose(here, "", first)
    assert done.returncode == 0 and chosen == first
    git(here, "checkout", "--quiet", chosen)
    published = build(tmp_path / "site", here)

    there = clone(bare, tmp_path / "quite" / "another place")
    assert "One line more." in (there / "docs/index.md").read_text(encoding="utf-8")
    done, chosen = choose(there, "guarded-path-first", second)
    assert done.returncode == 0 and chosen == first
    git(there, "checkout", "--quiet", chosen)
    (tmp_path / "sitecustomize.py").write_text(ANOTHER_DAY, encoding="utf-8")
    for name, value in {**ELSEWHERE, "PYTHONPATH": str(tmp_path), "PYTHONHASHSEED": "7"}.items():
        monkeypatch.setenv(name, value)
    again = build(tmp_path / "again", there)
    assert digests(again) == digests(published)
    assert len(digests(published)) > 100
    assert zipped(here, published, tmp_path / "zip") == zipped(there, again, tmp_path / "zip again")
    edition = json.loads((again / "parts/shared.json").read_text(encoding="utf-8"))["edition"]
    assert edition == git(there, "log", "-1", "--abbrev=7", "--format=%cs %h", first)


@pytest.mark.parametrize("edition", ["guarded-path-third", "origin/side", "--all", "HEAD:docs", "$(touch x)"])
def test_only_a_commit_of_main_is_published(editions, tmp_path, edition):
    bare, _, second = editions
    done, chosen = choose(clone(bare, tmp_path / "here"), edition, second)
    assert (done.returncode, chosen) == (1, "")
    assert done.stdout == "::error::There is no such tag or commit of main.\n"


def needed(jobs, name):
    """All jobs that must succeed before this one, in any order."""
    direct = jobs[name].get("needs", [])
    direct = [direct] if isinstance(direct, str) else direct
    return {*direct, *(further for each in direct for further in needed(jobs, each))}


def test_whatever_fails_before_the_deployment_leaves_the_old_site_up():
    """GitHub runs a job once all that it needs have succeeded, unless its condition says otherwise."""
    jobs = workflow("publish.yml")["jobs"]
    assert needed(jobs, "deploy") == {"edition", "check", "build"}
    assert needed(jobs, "release") == {"edition", "check", "build", "deploy"}
    assert [name for name, job in jobs.items() if job["permissions"].get("pages") == "write"] == ["deploy"]
    assert [step["uses"].partition("@")[0] for step in jobs["deploy"]["steps"]] == ["actions/deploy-pages"]
    for name, job in jobs.items():
        for each in (job, *job["steps"]):
            assert "continue-on-error" not in each, name
            assert not re.search(r"\b(?:always|failure|cancelled)\(", str(each.get("if", ""))), name


def test_a_release_holds_what_was_built_and_says_what_is_new(tmp_path):
    """The lines that sum up, check and release, with any files, and a `gh` that only writes down."""
    jobs = workflow("publish.yml")["jobs"]
    lines = {step["name"]: step["run"] for job in jobs.values() for step in job["steps"] if "name" in step}
    sums = lines["Changelog and checksums"].partition("cd build")[2]
    for name in ("2031-05-06-abcdef1.epub", "2031-05-06-abcdef1-a4.pdf", "2031-05-06-abcdef1.zip"):
        (tmp_path / f"guarded-path-{name}").write_text(name)
    (tmp_path / "gh").write_text('#!/bin/sh\necho "$@" >> told\ntest "$2" != view\n')
    (tmp_path / "gh").chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "COMMIT": "abcdef1"}

    def run(text):
        return shell(text, tmp_path, environment)

    assert run(f"cd .{sums}").returncode == 0
    assert len((tmp_path / "SHA256SUMS").read_text().splitlines()) == 3
    assert run(lines["What arrived is what was made"]).returncode == 0
    (tmp_path / "CHANGES.md").write_text("")
    assert "no release" in run(lines["Release"]).stdout
    assert not (tmp_path / "told").exists()
    (tmp_path / "CHANGES.md").write_text("news")
    assert run(lines["Release"]).returncode == 0
    told = (tmp_path / "told").read_text().splitlines()
    made = " ".join(sorted(path.name for path in tmp_path.glob("guarded-path-*")))
    assert told[1] == (
        f"release create guarded-path-2031-05-06-abcdef1 {made} SHA256SUMS --target abcdef1 "
        "--title Edition of 2031-05-06 --notes-file CHANGES.md"
    )
    (tmp_path / "guarded-path-2031-05-06-abcdef1.zip").write_text("another")
    assert run(lines["What arrived is what was made"]).returncode == 1
