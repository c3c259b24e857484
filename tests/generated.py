"""A guide of as many questions as asked for: the template again and again, each time in other words.

Each has two diagrams, tables, three call-outs, and passes the gate. The other pages are the guide's own.
"""

import random
import re
import shutil
from itertools import chain, count
from pathlib import Path

ROOT = Path(__file__).parent.parent
PARTS = ("docs", "hooks", "overrides", "simulations")
_COMMENT = re.compile(r"<!--.*?-->\n*", re.DOTALL)
_FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_PROSE = re.compile(r"^(?![|#`]|  |> \[|---)(?=.{60})")
_KEPT = re.compile(r"(\[[^]]*\]\([^)]*\)|`[^`]*`|\*\*[^*]*\*\*|[\w-]*[\d:][\w-]*)")
_WORD = re.compile(r"\b[a-z]{4,}\b")


def tree(folder: Path, count: int) -> Path:
    """A copy of the guide in `folder` with so many questions: its own, and generated ones."""
    for name in PARTS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "mkdocs.yml", folder)
    for template in (folder / "docs").glob("*/_template.md"):
        template.unlink()  # the tables of what is generated are the template's, which a page must replace
    questions = folder / "docs/questions"
    for number in range(count - len(list(questions.glob("[!_]*.md")))):
        (questions / f"generated-{number}.md").write_text(question(number), encoding="utf-8")
    return folder


def question(number: int) -> str:
    """The template as somebody might have filled it in: without comments, with other words and labels."""
    text = _COMMENT.sub("", (ROOT / "docs/questions/_template.md").read_text(encoding="utf-8"))
    words, chance = sorted(set(_WORD.findall(_FENCE.sub("", text)))), random.Random(number)
    own = "".join("abcdefghij"[int(digit)] for digit in str(number))  # in each sentence: no two are the same
    lines = [_other(line, own, words, chance) if _PROSE.match(line) else line for line in text.split("\n")]
    text = "\n".join(lines).replace("Support assistant", f"Support assistant {number}")
    text = re.sub(r"(^### .*\{#[\w-]+)\}", rf"\1-{number}}}", text, flags=re.MULTILINE)
    return re.sub(r"\[(\w+)\]$", rf"[\1 {number}]", text, flags=re.MULTILINE)


def _other(line: str, own: str, words: list[str], chance: random.Random) -> str:
    parts = _KEPT.split(line)
    for place in range(0, len(parts), 2):
        chosen = chain([own], (chance.choice(words) for _ in count()))
        parts[place] = _WORD.sub(lambda _, chosen=chosen: next(chosen), parts[place])
    return "".join(parts)
