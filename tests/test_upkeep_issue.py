"""One open issue for each weekly report, with a `gh` that keeps its issues in a file."""

import json
import os
import subprocess
import sys

import pytest
from reader import ROOT

GH = """#!{python}
import json, pathlib, sys
store, (noun, verb, *rest) = pathlib.Path({store!r}), sys.argv[1:]
issues, given = json.loads(store.read_text()), sys.stdin.read()
option = dict(zip(rest, rest[1:]))
if noun == "label":
    pass
elif verb == "list":
    found = [i for i in issues if i["open"] and option["--label"] in i["labels"]]
    print(json.dumps([{{"number": i["number"], "title": i["title"]}} for i in found]))
elif verb == "create":
    labels = [option["--label"]]
    issues.append(dict(number=len(issues) + 1, title=option["--title"], labels=labels, open=True, body=given))
elif verb == "edit":
    issues[int(rest[0]) - 1]["body"] = given
elif verb == "close":
    issues[int(rest[0]) - 1]["open"] = False
store.write_text(json.dumps(issues))
"""
FOREIGN = {"number": 1, "title": "Links", "labels": ["question"], "open": True, "body": "a stranger's"}


@pytest.fixture
def host(tmp_path):
    """Says a report and returns all issues after it; the first is a stranger's, with our title."""
    store, gh = tmp_path / "issues.json", tmp_path / "gh"
    store.write_text(json.dumps([FOREIGN]))
    gh.write_text(GH.format(python=sys.executable, store=str(store)))
    gh.chmod(0o755)

    def report(text):
        (tmp_path / "report.md").write_text(text)
        done = run("Links", tmp_path / "report.md", tmp_path)
        assert done.returncode == 0, done.stderr
        return json.loads(store.read_text())

    return report


def run(title, report, path):
    command = [sys.executable, ROOT / "upkeep/keep_issue.py", title, report]
    return subprocess.run(command, env={**os.environ, "PATH": str(path)}, capture_output=True, text=True)


def test_a_fault_that_lasts_is_one_issue_until_it_is_mended(host):
    assert host("") == [FOREIGN]
    assert host("two are gone")[1:] == [
        {"number": 2, "title": "Links", "labels": ["upkeep"], "open": True, "body": "two are gone"}
    ]
    issues = host("three are gone")
    assert [issue["body"] for issue in issues] == ["a stranger's", "three are gone"]
    assert [issue["open"] for issue in host("\n")] == [True, False]
    assert [issue["open"] for issue in host("again")] == [True, False, True]


def test_a_long_report_is_cut_at_a_line(host):
    body = host("a line of it\n" * 10_000)[1]["body"]
    assert len(body) < 65_536
    assert body.endswith("a line of it\n\n… and more: see the run that wrote this.\n")


def test_a_gh_that_fails_or_lacks_is_named(tmp_path):
    (tmp_path / "report.md").write_text("x")
    done = run("Links", tmp_path / "report.md", tmp_path)
    assert (done.returncode, done.stderr) == (1, "gh, GitHub's command line, is not installed\n")
    (tmp_path / "gh").write_text("#!/bin/sh\necho no such host >&2\nexit 4\n")
    (tmp_path / "gh").chmod(0o755)
    done = run("Links", tmp_path / "report.md", tmp_path)
    assert (done.returncode, done.stderr) == (1, "gh issue list failed: no such host\n")
    assert run("Links", tmp_path / "none.md", tmp_path).returncode == 2
