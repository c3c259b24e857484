"""What brings the whole guide onto a reader's device, in one piece: its edition, its parts, its worker.

Most of a small page is what every page carries: policy, style, script, edition. The templates leave these
four open; a page as published has them filled in, and beside it stands the same page with them open, its
part. A device keeps the parts and the four once, and its worker fills them in as it is done here: what
it shows is, byte for byte, what the host would send, for half of what the pages together weigh.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import subprocess
from pathlib import Path

from page_contract import FILLED_IN

WORKER = "assets/javascripts/worker.js"
_WORKBOX = ("core", "routing", "strategies", "precaching")  # in the order in which they build on each other
LIBRARY = tuple(f"assets/vendor/workbox-{name}.js" for name in _WORKBOX)
SHARED = "parts/shared.json"
NOT_KEPT = (".LICENSE.txt", ".pdf", ".epub", ".apkg", ".zip", ".png", ".webmanifest")  # below assets/
_MAP = "\n//# sourceMappingURL="


def fill(text: str, shared: dict[str, str]) -> str:
    """A page with what every page carries."""
    return FILLED_IN.sub(lambda match: shared[match.group(1)], text)


def finish(site: Path, shared: dict[str, str], root: Path) -> None:
    """Fill the pages of a built site; put their parts beside them, and the worker that keeps these."""
    shared = shared | {"edition": edition(root, site, shared)}
    for page in sorted(site.rglob("*.html")):
        text = page.read_text(encoding="utf-8")
        page.write_text(fill(text, shared), encoding="utf-8")
        part = site / "parts" / page.relative_to(site).with_suffix(".txt")
        part.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8")
    (site / SHARED).write_text(json.dumps(shared, ensure_ascii=False), encoding="utf-8")
    (site / "worker.js").write_text(_worker(site, root, shared["edition"]), encoding="utf-8")


def fill_preview(site: Path, shared: dict[str, str]) -> None:
    """Fill the pages of a preview, which has no edition and stays on no device."""
    for page in site.rglob("*.html"):
        filled = fill(page.read_text(encoding="utf-8"), shared | {"edition": ""})
        page.write_text(filled, encoding="utf-8")


def edition(root: Path, site: Path, shared: dict[str, str]) -> str:
    """The name of what was built: date and hash of its commit, or, where that is none, its content's hash."""
    committed = _git(root, "log", "-1", "--abbrev=7", "--format=%cs %h")
    if committed and not _git(root, "status", "--porcelain"):
        return committed
    digest = hashlib.sha256(json.dumps(shared, sort_keys=True).encode())
    for file in _files(site):
        digest.update(file.relative_to(site).as_posix().encode() + b"\0" + file.read_bytes())
    return f"draft {digest.hexdigest()[:8]}"


def day(root: Path) -> str:
    """The day of the commit that is built, never that of the build; one long past where there is none."""
    return _git(root, "log", "-1", "--format=%cs") or "2000-01-01"


def _git(root: Path, *arguments: str) -> str:
    """What git says of a tree that is a clone of its own; nothing of any other, or where git refuses."""
    if not (root / ".git").exists():
        return ""
    done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else ""


def _worker(site: Path, root: Path, edition: str) -> str:
    """The worker as one file, so that a host which is half way to a new edition cannot mix its pieces."""
    kept = [file for file in _files(site) if _is_kept(file.relative_to(site).as_posix())]
    size = sum(len(gzip.compress(file.read_bytes(), 6)) for file in kept)
    known = {
        "edition": edition,
        "size": f"{max(size / 1e6, 0.1):.1f} MB",
        "parts": [(file.relative_to(site).as_posix(), _hash(file)) for file in kept],
    }
    own = root / "overrides"
    library = [(own / name).read_text(encoding="utf-8").partition(_MAP)[0] for name in LIBRARY]
    guide = f"const GUIDE = {json.dumps(known, separators=(',', ':'))};"
    return "\n".join([*library, guide, (own / WORKER).read_text(encoding="utf-8")])


def _is_kept(place: str) -> bool:
    """Whether a device keeps this file: parts of pages, and what these load; no download, icon or licence."""
    return place.startswith(("parts/", "assets/")) and not place.endswith(NOT_KEPT)


def _files(site: Path) -> list[Path]:
    return sorted(path for path in site.rglob("*") if path.is_file())


def _hash(file: Path) -> str:
    return base64.b64encode(hashlib.sha256(file.read_bytes()).digest()).decode()
