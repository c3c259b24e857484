"""Which edition this is: the day and the short hash of the commit it is made from."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Edition:
    """`day` is the commit's, as 2026-11-21; `commit` its short hash, with a plus where files differ."""

    day: str
    commit: str

    @property
    def name(self) -> str:
        """As it stands in the names of files."""
        return f"{self.day}-{self.commit.rstrip('+')}"

    def __str__(self) -> str:
        return f"{self.day}, commit {self.commit}"


def edition(tree: Path) -> Edition:
    """The edition of a tree; a tree outside git has a day that says so and no hash."""
    said = _git(tree, "log", "-1", "--format=%cs %h", "--abbrev=7")
    if not said:
        return Edition("2000-01-01", "none")
    day, commit = said.split()
    changed = _git(tree, "status", "--porcelain", "--untracked-files=no")
    return Edition(day, commit + ("+" if changed else ""))


def _git(tree: Path, *command: str) -> str:
    try:
        done = subprocess.run(["git", "-C", str(tree), *command], capture_output=True, text=True)
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
