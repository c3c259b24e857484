"""What `make lock` changed in the lock files since a revision, as Markdown; nothing when nothing did.

    make lock && python upkeep/packages.py HEAD
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from literal import code, table
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.txt", "requirements-dev.txt")
HEAD = """Newer releases that have been out for a week. To take them: `make lock`, read what each package says
of its release, `make test`, and open a pull request with the lock files alone.
"""
_PIN = re.compile(r"^([\w.-]+)==([^\s;\\]+)", re.MULTILINE)


def pins(lock: str) -> dict[str, str]:
    """The version of each package in a lock file's text."""
    return dict(_PIN.findall(lock))


def report(before: dict[str, str], after: dict[str, str]) -> str:
    """The packages that come, go or have a newer version, by name; an older one is newer than a week."""
    names = sorted({*before, *after})
    moved = [(name, before.get(name, ""), after.get(name, "")) for name in names]
    rows = [
        (code(name), code(old), code(new))
        for name, old, new in moved
        if (Version(new) > Version(old) if old and new else old != new)
    ]
    return "\n".join([HEAD, *table("Package | Locked | Newest", rows)]) if rows else ""


def main(revision: str) -> int:
    """The command line."""
    before, after = {}, {}
    for name in LOCKS:
        shown = ["git", "-C", str(ROOT), "show", f"{revision}:{name}"]
        before |= pins(subprocess.run(shown, capture_output=True, text=True, check=True).stdout)
        after |= pins((ROOT / name).read_text(encoding="utf-8"))
    print(report(before, after))
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: packages.py REVISION")
    sys.exit(main(sys.argv[1]))
