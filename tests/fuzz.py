"""Texts that no one would write, for every reader: `make fuzz MINUTES=10`.

Real pages are cut, doubled, spliced and strewn with the marks that readers look for; so are the register,
diagrams and formulas. Whatever comes of it is findings: no reader raises, none takes long, and each finding
can be printed. Rounds go on until the time is over or a text fails; Hypothesis then cuts that text down.
"""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import diagram_engine
import quantities
import read_flowchart
import read_formula
import read_inline
import read_numbers
import read_sources
import read_yaml
from check_page import findings_in
from guide import Guide
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from rule_active import drawing_aliens
from speak_formula import speak

ROOT = Path(__file__).parent.parent
GUIDE = Guide(ROOT)
PAGES = {
    f"docs/{path.relative_to(ROOT / 'docs')}": path.read_text("utf-8") for path in ROOT.glob("docs/**/*.md")
}
REGISTER = (ROOT / "docs/sources.yml").read_text("utf-8")
CHARTS = [block.split("```")[0] for text in PAGES.values() for block in text.split("```mermaid\n")[1:]]
FIGURES = [path.read_text("utf-8") for path in sorted((ROOT / "docs/assets/figures").glob("*.svg"))]
FORMULAS = [
    "ceil(rate / (per_gpu * target))",
    "fits(a + b * 3 GB, c * 90 %)",
    "2^-3 - (-1) * x",
    "min(a, b=2)",
]
SECONDS = 10  # of processor time that one text may take
MARKS = [
    *"`*_~[](){}<>|#!&%$^=+-/\\\"':;,.?@\n\r\t\0 0123456789", "\n\n", "```", "```mermaid\n", "---\n",
    "| ", " |\n", "| --- |\n", "](", "](#", "](../sources.md#", "{#", "-->", "<!--", "%%", "%%{",
    ":::guard", ":::hazard", "subgraph ", "end\n", "accTitle: ", "> [!safety-state] ",
    "**Fall together:** ", "**When it fails:** ", "fails open", "degrades to `", "chosen: ", "given",
    "simulated: `x`", "≈ ", "99 %", "1e99", "9^9^9", "10,000 req/s", " p99", "peak", "ceil(", "headroom(",
    "fits(", "log2(", "sqrt(", "- **Weak:** ", "### ", "## ", "# ", "> ", "- ", "    ", "title: ",
    "headline:\n", "&a ", "*a ", "!!python/object:x ", "? ", "- - - ", "\u202e", "\u2028", "\x85", "\x0b",
    "é", "e\u0301", "٣", "²", "½", "Ⅷ", "ﬁ", "İ", "ß", "\U0001f600", "\ufeff",
]  # fmt: skip


def spoilt(texts: list[str]) -> st.SearchStrategy[str]:
    """One of some texts, with a few of its parts cut out, doubled, moved, or strewn with marks."""

    @st.composite
    def draw_one(draw) -> str:
        text = draw(st.sampled_from(texts))
        for _ in range(draw(st.integers(1, 6))):
            start, length = draw(st.integers(0, len(text))), draw(st.integers(0, 60))
            place = draw(st.integers(0, len(text)))
            piece = text[start : start + length]
            deed = draw(st.sampled_from(["cut", "double", "move", "strew", "strew", "splice", "swell"]))
            if deed == "cut":
                text = text[:start] + text[start + length :]
            elif deed == "double":
                text = text[:place] + piece + text[place:]
            elif deed == "move":
                rest = text[:start] + text[start + length :]
                text = rest[:place] + piece + rest[place:]
            elif deed == "strew":
                text = (
                    text[:place] + "".join(draw(st.lists(st.sampled_from(MARKS), max_size=5))) + text[place:]
                )
            elif deed == "splice":
                other = draw(st.sampled_from(texts))
                text = text[:start] + other[draw(st.integers(0, len(other))) :][: length * 20] + text[start:]
            else:
                text = text[:place] + draw(st.sampled_from(MARKS)) * draw(st.integers(2, 400)) + text[place:]
        return text

    return draw_one()


def page(both: tuple[str, str]) -> None:
    """The whole gate on a page: its place and its text."""
    path, text = both
    for finding in findings_in(path, text.replace("\r\n", "\n").replace("\r", "\n"), GUIDE):
        assert finding.as_text() and finding.as_github()
        assert 1 <= finding.line <= text.count("\n") + text.count("\r") + 2, finding


def register(text: str) -> None:
    """The register, from a file of any bytes."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "sources.yml"
        path.write_bytes(text.encode())
        assert read_sources.read(path, "docs/sources.yml").faults is not None


def yaml(text: str) -> None:
    """The strict part of YAML: read, or refused with the line."""
    try:
        read_yaml.read(text)
    except read_yaml.YamlFault as fault:
        assert 1 <= fault.line <= len(text.splitlines()) + 2


def chart(text: str) -> None:
    """A diagram, by itself."""
    read = read_flowchart.read(text, 1)
    assert read.fault or read.nodes or not read.edges
    diagram_engine._read.cache_clear()


def formula(text: str) -> None:
    """A formula: parsed and evaluated, or refused; spoken in any case."""
    assert isinstance(speak(text), str)
    values = {
        name: quantities.Quantity(value) for name, value in zip("abcx", (0, 1e59, -3, 0.5), strict=True)
    }
    try:
        read_formula.evaluate(read_formula.parse(text), values, {"GPU", "req"})
        quantities.parse_printed(text, {"GPU", "req"})
    except quantities.QuantityFault as fault:
        assert fault.message and fault.fix


def inline(text: str) -> None:
    """Marks and numbers of running text."""
    for link in read_inline.links_in(text, 1):
        assert 0 <= link.start < link.end <= len(text)
    assert len(read_inline.mask_code(text)) == len(text)
    assert read_inline.word_count(text) >= 0 and isinstance(read_inline.slug(read_inline.spoken(text)), str)
    for found in read_numbers.numbers_in(text, {"GPU", "req"}):
        assert text[found.start :].lstrip("$€£ ").startswith(found.number)


def figure(text: str) -> None:
    """A figure, from a file of any bytes."""
    assert drawing_aliens(text.encode()) is not None


TARGETS: dict[str, tuple[Callable, st.SearchStrategy]] = {
    "page": (page, st.tuples(st.sampled_from(sorted(PAGES)), spoilt(sorted(PAGES.values())))),
    "register": (register, spoilt([REGISTER[:3000], REGISTER[-3000:]])),
    "yaml": (yaml, spoilt([text[:600] for text in sorted(PAGES.values())] + [REGISTER[:1000]])),
    "chart": (chart, spoilt(sorted(CHARTS))),
    "formula": (formula, spoilt(FORMULAS)),
    "inline": (inline, spoilt([text[900:1800] for text in sorted(PAGES.values())])),
    "figure": (figure, spoilt(FIGURES)),
}  # fmt: skip


def hurried(deed: Callable, given_text) -> None:
    """Do it in time, or raise TimeoutError."""

    def late(*_):
        raise TimeoutError(f"more than {SECONDS} s")

    before = signal.signal(signal.SIGVTALRM, late)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        deed(given_text)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def tried(name: str, examples: int, number: int | None = None) -> int:
    """Give a reader so many texts, the same each time unless a number picks others; how many it took."""
    deed, texts = TARGETS[name]
    count = 0

    @settings(
        max_examples=examples, deadline=None, database=None, derandomize=number is None,
        suppress_health_check=list(HealthCheck), print_blob=False,
    )  # fmt: skip
    @given(texts)
    def attempt(text):
        nonlocal count
        count += 1
        hurried(deed, text)

    (attempt if number is None else seed(number)(attempt))()
    return count


def main(minutes: float) -> None:
    """Round after round, each with other texts, until the time is over."""
    end, counts, number = time.monotonic() + 60 * minutes, dict.fromkeys(TARGETS, 0), time.time_ns()
    while time.monotonic() < end:
        for name in TARGETS:
            counts[name] += tried(name, 60 if name == "page" else 200, number)
        number += 1
        print(
            f"\r{minutes * 60 - (end - time.monotonic()):.0f} s: {counts}",
            end="",
            file=sys.stderr,
            flush=True,
        )
    print(f"\n{minutes:g} minutes, {sum(counts.values()):,} texts, nothing found: {counts}")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 10)
