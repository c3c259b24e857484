"""Keeps one open issue that holds a report: `python upkeep/keep_issue.py TITLE REPORT`.

A report with something in it is put into the open issue of this title, or into a new one; an empty report
closes the issue. So a fault that lasts a year is one issue, not fifty. Runs `gh`, which must be allowed to
write issues. Exit 0 when the issue says what the report says, 1 where `gh` failed, 2 for misuse.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

LABEL = "upkeep"  # a stranger can copy a title, but cannot set a label
MOST = 60_000  # characters; GitHub takes 65,536
CUT = "\n\n… and more: see the run that wrote this.\n"


def keep(title: str, report: str) -> str:
    """Make the open issue of this title say what the report says; returns what was done."""
    body = report if len(report) <= MOST else report[:MOST].rpartition("\n")[0] + CUT
    number = _open_issue(title)
    if not report.strip():
        if number:
            _gh("issue", "close", number, "--comment", "Nothing is left of it.")
        return f"closed {number}" if number else "nothing to say"
    if number:
        _gh("issue", "edit", number, "--body-file", "-", given=body)
        return f"updated {number}"
    _gh("label", "create", LABEL, "--force", "--description", "Written by the weekly run")
    _gh("issue", "create", "--title", title, "--label", LABEL, "--body-file", "-", given=body)
    return "opened one"


def _open_issue(title: str) -> str:
    listed = _gh("issue", "list", "--state", "open", "--label", LABEL, "--json", "number,title")
    return next((str(issue["number"]) for issue in json.loads(listed) if issue["title"] == title), "")


def _gh(*arguments: str, given: str = "") -> str:
    done = subprocess.run(["gh", *arguments], input=given, capture_output=True, text=True, check=True)
    return done.stdout


def main(arguments: list[str]) -> int:
    """The command line."""
    if len(arguments) != 2 or not Path(arguments[1]).is_file():
        print("usage: keep_issue.py TITLE REPORT, where REPORT is a file", file=sys.stderr)
        return 2
    try:
        print(f"{arguments[0]}: {keep(arguments[0], Path(arguments[1]).read_text(encoding='utf-8'))}")
    except subprocess.CalledProcessError as fault:
        print(f"gh {fault.cmd[1]} {fault.cmd[2]} failed: {fault.stderr.strip()}", file=sys.stderr)
        return 1
    except FileNotFoundError:
        print("gh, GitHub's command line, is not installed", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
