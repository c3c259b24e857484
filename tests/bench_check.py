"""How long the check takes: `make bench`. Prints milliseconds a page for 10, 100 and 1,000 pages.

The pages are copies of the published questions, made different from each other, so that every page is
read, parsed and recomputed afresh. Nothing is asserted: times depend on the machine.
"""

import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "hooks"))

from check_page import tree_findings  # noqa: E402
from guide import Guide  # noqa: E402


def variant(text: str, number: int) -> str:
    """The page with other words, card ids and diagrams: the same work, no shared sentence."""
    prose = re.compile(r"^(?![|#>`]|  )(?=.{60})|^> (?!\[)")
    words = re.compile(r"([a-z]{4,}) ([a-z]{2,})")
    lines = [words.sub(rf"\1x{number} \2", t) if prose.match(t) else t for t in text.split("\n")]
    text = "\n".join(lines)
    text = re.sub(r"(^### .*\{#[\w-]+)\}", rf"\1-{number}}}", text, flags=re.MULTILINE)
    return re.sub(r"\[(\w+ \w+)\]$", rf"[\1 {number}]", text, flags=re.MULTILINE)


def tree(folder: Path, count: int) -> Guide:
    """A guide of so many question pages."""
    shutil.copytree(ROOT / "simulations", folder / "simulations")
    questions = folder / "docs" / "questions"
    questions.mkdir(parents=True)
    shutil.copy(ROOT / "docs" / "sources.yml", folder / "docs")
    shutil.copy(ROOT / "docs" / "questions" / "_template.md", questions)
    texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs/questions").glob("[!_]*.md"))]
    for number in range(count):
        text = variant(texts[number % len(texts)], number)
        (questions / f"q{number}.md").write_text(text, encoding="utf-8")
    return Guide(folder)


def main() -> None:
    for count in (10, 100, 1000):
        with tempfile.TemporaryDirectory() as name:
            guide = tree(Path(name), count)
            begun = time.perf_counter()
            found = tree_findings(guide)
            took = time.perf_counter() - begun
            each = 1000 * took / count
            print(f"{count:5} pages: {took:6.2f} s, {each:5.1f} ms a page, {len(found)} findings")
    page = ROOT / "docs" / "questions" / "_template.md"
    command = [sys.executable, str(ROOT / "hooks" / "check_page.py"), str(page)]
    begun = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    print(f"one page, from the start of the command: {time.perf_counter() - begun:.2f} s")


if __name__ == "__main__":
    main()
