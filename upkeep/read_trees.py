"""A tree of the guide, a git revision or a folder -> what its own gate reads in it, and every file's hash.

A revision is read from git's store and never checked out: neither attributes nor links of a stranger's
tree decide what is seen of it.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "hooks"))

from check_page import tree_findings
from finding import Finding
from guide import Guide
from read_page import Page

NOTHING = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"  # git's name for a tree without files
_MADE = {".git", ".venv", ".cache", "__pycache__", ".pytest_cache", ".ruff_cache", ".hypothesis"}
_MADE_AT_TOP = {"site", "build"}
# Browsers take one slash for two, and a backslash for a slash.
_HOST = re.compile(
    r"""(?:(?:https?|wss?):[/\\]+|["'(=]//)(\[[0-9a-f:.]+\]|[^\s/"'`<>()\[\]{}\\?#,;]+)""", re.IGNORECASE
)
_NOWHERE = re.compile(r"localhost|127\.0\.0\.1|.*\.(?:example|invalid|test)|[^.:]*")  # RFC 2606


class NoTree(Exception):
    """What was named is neither a folder nor a revision."""


@dataclass
class Tree:
    """A tree, read: its guide with every readable page, what the gate finds, its files and hosts.

    `files` are hashes by path. `hosts` are the names that addresses in it lead to, each with the place
    (`path:line`) where it stands first.
    """

    guide: Guide
    found: list[Finding]
    files: dict[str, str]
    hosts: dict[str, str]

    @property
    def pages(self) -> dict[str, Page]:
        """The pages by path, without the templates."""
        return {page.path: page for page in self.guide.pages if not page.is_template}


def read(name: str, repository: Path) -> Tree:
    """The tree of a revision or, where there is none of that name, of a folder; raises NoTree.

    A revision comes first, so that no folder of a stranger's tree can be called `HEAD` and read instead.
    """
    listed = _git(repository, "ls-tree", "-r", "-z", "--full-tree", f"{name}^{{tree}}")
    if listed is None:
        if not Path(name).is_dir():
            raise NoTree(f"{name} is neither a revision of this repository nor a folder.")
        return _read(Path(name).resolve(), _files(Path(name).resolve()))
    entries = [line.partition("\t") for line in listed.decode("utf-8", "surrogateescape").split("\0") if line]
    files = {path: tuple(told.split()) for told, _, path in entries}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        _take_out(repository, files, root)
        return _read(root, {path: name for path, (_, _, name) in files.items()})


def _read(root: Path, files: dict[str, str]) -> Tree:
    guide = Guide(root)
    found = tree_findings(guide)
    hosts: dict[str, str] = {}
    for shown in files:
        path = root / shown
        if path.is_file() and not path.is_symlink():
            for line, host in _hosts(path.read_bytes()):
                hosts.setdefault(host, f"{shown}:{line}")
    return Tree(guide, found, files, hosts)


def _files(root: Path) -> dict[str, str]:
    """The files of a folder with the hashes that git would give them, without what is made there."""
    found = {}
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(set(folders) - (_MADE | _MADE_AT_TOP if folder == str(root) else _MADE))
        for path in (Path(folder, name) for name in sorted(set(names) - _MADE)):
            content = os.readlink(path).encode() if path.is_symlink() else path.read_bytes()
            found[path.relative_to(root).as_posix()] = _blob(content)
    return found


def _blob(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _hosts(content: bytes) -> list[tuple[int, str]]:
    """(line, host) of each host that a file names, where it does so first."""
    text = content.decode("utf-8", errors="replace")
    first: dict[str, int] = {}
    for match in _HOST.finditer(text):
        first.setdefault(_host(match.group(1)), match.start())
    return [(text.count("\n", 0, at) + 1, host) for host, at in first.items() if not _NOWHERE.fullmatch(host)]


def _host(authority: str) -> str:
    name = authority.rpartition("@")[2].casefold()
    return name if name.startswith("[") else name.partition(":")[0].strip(".")


def _take_out(repository: Path, files: dict[str, tuple], folder: Path) -> None:
    """Write the files of a revision into a folder; a symbolic link becomes one that leads nowhere."""
    blobs = [(path, *told) for path, told in files.items() if told[1] == "blob" and _is_below(path)]
    wanted = "".join(f"{name}\n" for _, _, _, name in blobs).encode()
    store, at = _git(repository, "cat-file", "--batch", given=wanted), 0
    for path, mode, _, name in blobs:
        end = store.index(b"\n", at)
        size = int(store[at:end].split()[2])
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if mode == "120000":
            place.symlink_to(f"/nowhere/{name}")
        else:
            place.write_bytes(store[end + 1 : end + 1 + size])
        at = end + size + 2


def _is_below(path: str) -> bool:
    return not path.startswith("/") and not {"..", ".git"} & set(path.split("/"))


def _git(repository: Path, *command: str, given: bytes = b"") -> bytes | None:
    """What git says; None where it refuses."""
    done = subprocess.run(["git", "-C", str(repository), *command], input=given, capture_output=True)
    return done.stdout if done.returncode == 0 else None
