"""The guide as a zip that opens from a folder, without a host: `python hooks/site_zip.py SITE FOLDER`.

A browser shows no folder's index there, imports no module and fetches no file. So links name the index, and
modules and data stand once more in one plain script, which a page loads before its own.
Exit 0 and the zip's place when all is well, 1 where there is no built site.
"""

from __future__ import annotations

import json
import re
import sys
import zipfile
from pathlib import Path

SCRIPT = "assets/javascripts/from_folder.js"
# From a folder nothing counts as the page's own but by its scheme; still, no host can be asked for anything.
POLICY = (
    "default-src 'none'; img-src file: data:; font-src file:; script-src file: data: 'unsafe-inline'; "
    "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
)
_OF_A_HOST = re.compile(
    r"(404\.html|worker\.js|sitemap\.xml.*|parts/.*|.*/device\.js|assets/icons/.*|.*\.webmanifest)$"
)
_LINK = re.compile(r'(<a\b[^>]*?\shref=")([^":#?]*)(?=[#"])')
_POLICY = re.compile(r"(?<=<meta )[^>]*Content-Security-Policy[^>]*?(?=/?>)")
_HOST_LINKS = re.compile(r'<link (?=[^>]*rel="(?:manifest|apple-touch-icon)")[^>]*>\s*')
_OWN_SCRIPT = re.compile(r'<script data-assets="([^"]*)" data-edition="[^"]*">')


def write(site: Path, folder: Path, root: Path) -> Path:
    """Write the zip of a built site into a folder; its place. One site gives the same bytes each time."""
    edition = json.loads((site / "parts/shared.json").read_text(encoding="utf-8"))["edition"]
    name = f"guarded-path-{edition.replace(' ', '-')}"
    files = {path.relative_to(site).as_posix(): path for path in sorted(site.rglob("*")) if path.is_file()}
    files = {place: path for place, path in files.items() if not _OF_A_HOST.fullmatch(place)}
    folder.mkdir(parents=True, exist_ok=True)
    half = folder / f"{name}.half"
    with zipfile.ZipFile(half, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, path in files.items():
            content = path.read_bytes()
            if place.endswith(".html"):
                content = from_folder(content.decode()).encode()
            archive.writestr(_entry(name, place), content, zipfile.ZIP_DEFLATED)
        archive.writestr(_entry(name, SCRIPT), _script(files, root), zipfile.ZIP_DEFLATED)
    return half.replace(half.with_suffix(".zip"))


def from_folder(html: str) -> str:
    """A page whose links name the index of a folder, and which loads the script that stands for the host."""
    html = _POLICY.sub(f'http-equiv="Content-Security-Policy" content="{POLICY}"', html)
    html = _HOST_LINKS.sub("", html)
    html = _LINK.sub(lambda link: link.group(1) + _indexed(link.group(2)), html)
    ours = SCRIPT.removeprefix("assets/")
    return _OWN_SCRIPT.sub(rf'<script src="\1{ours}"></script><script data-assets="\1">', html)


def _indexed(path: str) -> str:
    if path.rpartition("/")[2] in (".", ".."):
        path += "/"
    return f"{path}index.html" if path.endswith("/") else path


def _script(files: dict[str, Path], root: Path) -> str:
    texts = {
        place: path.read_text("utf-8") for place, path in files.items() if path.suffix in (".js", ".json")
    }
    own = (root / "overrides" / SCRIPT).read_text(encoding="utf-8")
    return f"const FILES = {json.dumps(texts, ensure_ascii=False)};\n{own}"


def _entry(name: str, place: str) -> zipfile.ZipInfo:
    """An entry without a date or an owner: neither belongs to the edition."""
    entry = zipfile.ZipInfo(f"{name}/{place}")
    entry.external_attr = 0o644 << 16
    return entry


def main(arguments: list[str]) -> int:
    """The command line."""
    site, folder = map(Path, arguments)
    if not (site / "parts/shared.json").is_file():
        print(f"{site} holds no built guide: run `make build` first.", file=sys.stderr)
        return 1
    print(write(site, folder, Path(__file__).parent.parent))
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: site_zip.py SITE FOLDER")
    sys.exit(main(sys.argv[1:]))
