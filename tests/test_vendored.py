"""Other people's files are the ones we say they are, and their licences lie beside them."""

import hashlib
import json
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
VENDORED = json.loads((ROOT / "vendored.json").read_text())
LICENCES = {"MIT": "MIT", "MPL 2.0": "Mozilla Public License", "OFL 1.1": "SIL OPEN FONT LICENSE Version 1.1"}
FIELDS = {"path", "name", "version", "licence", "licence_file", "sha256", "source"}


@pytest.mark.parametrize("entry", VENDORED, ids=lambda entry: entry["path"])
def test_vendored_file_is_what_the_manifest_says(entry):
    assert set(entry) - {"made"} == FIELDS  # `made`: how a file was cut from the package's own
    content = (ROOT / entry["path"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == entry["sha256"]
    assert entry["source"] == f"npm {entry['name']}@{entry['version']}"
    licence = ROOT / entry["licence_file"]
    assert licence.parent == (ROOT / entry["path"]).parent
    assert LICENCES[entry["licence"]] in licence.read_text()


def test_every_vendored_file_is_in_the_manifest():
    known = {entry[key] for entry in VENDORED for key in ("path", "licence_file")}
    found = {str(path.relative_to(ROOT)) for path in _files() if "vendor" in path.relative_to(ROOT).parts}
    assert found
    assert found == known


def test_mermaid2_is_told_the_vendored_version():
    mermaid = next(entry for entry in VENDORED if entry["name"] == "mermaid")
    config = (ROOT / "mkdocs.yml").read_text()
    assert f'version: "{mermaid["version"]}"' in config
    assert f"javascript: {mermaid['path'].removeprefix('docs/')}" in config


def _files():
    """The tree as a commit would hold it; a copy without git has no .venv or site to leave out."""
    listing = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(listing, capture_output=True, text=True)
    if listed.returncode == 0 and listed.stdout:
        return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]
    tops = ("book", "docs", "hooks", "overrides", "tests")
    own = (path for top in tops for path in (ROOT / top).rglob("*"))
    return [path for path in own if path.is_file() and "__pycache__" not in path.parts]
