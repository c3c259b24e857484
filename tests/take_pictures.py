"""Take the pictures of docs/contribute/ anew, for a guide with a new look: `python tests/take_pictures.py`.

They are of a real preview: a page that was just made, one with a row too long, and a finished question.
"""

import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "book"), str(ROOT / "hooks")]

import new_page  # noqa: E402
from browser import chromium  # noqa: E402
from PIL import Image  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402
from reader import previewed  # noqa: E402

FIGURES = ROOT / "docs/assets/figures"
SIZE = {"width": 760, "height": 560}
PICTURES = {  # the page, and what its picture begins with
    "contribute-new": ("questions/prompt-caching/", "h2#prompt"),
    "contribute-finding": ("questions/inference-batching/", "h2#envelope"),
    "contribute-done": ("questions/token-generation/", "h1"),
}


def prepare(tree: Path) -> None:
    """A guide with a page just made, and one with a broken row."""
    for name in ("docs", "hooks", "overrides", "simulations"):
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "mkdocs.yml", tree)
    for page in (*tree.glob("docs/unseen/[!_]*"), *tree.glob("docs/questions/[!_it]*")):
        page.unlink()  # none of them is in a picture
    new_page.make(tree, "question", "Prompt caching", ["inference", "caching", "cost"])
    path = tree / "docs/questions/inference-batching.md"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        re.sub(r"^\| `batch` .*$", r"\g<0> too much |", text, flags=re.MULTILINE), encoding="utf-8"
    )


def take(address: str) -> None:
    """A picture of each place, in few colours."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium())
        for name, (path, place) in PICTURES.items():
            page = browser.new_page(viewport=SIZE, color_scheme="light", reduced_motion="reduce")
            page.goto(address + path)
            page.locator(place).evaluate("it => scrollTo(0, scrollY + it.getBoundingClientRect().y - 70)")
            file = FIGURES / f"{name}.png"
            page.screenshot(path=file)
            Image.open(file).convert("RGB").quantize(48, dither=Image.Dither.NONE).save(file, optimize=True)
            print(f"{file.relative_to(ROOT)}: {file.stat().st_size:,} bytes")
        browser.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder))
        with previewed(
            Path(folder), os.environ | {"NO_MKDOCS_2_WARNING": "1"}, Path(folder) / "log"
        ) as address:
            take(address)
