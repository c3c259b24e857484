"""What a rule layer costs on one core: a list of patterns against one look-up for each word.

A measurement, not a simulation: run it on the machine that you mean to buy.
It searches a text of about 2 kB, in which nothing matches, so the whole text
is read. `p50` is the median over runs of the time for one text, in us.

    python simulations/rules_cost.py

What it leaves out, and so must not be quoted for: automata (Aho-Corasick,
RE2, Hyperscan), other languages than Python, patterns that backtrack, texts
that match, and normalising a text before the search.
"""

from __future__ import annotations

import os
import platform
import random
import re
import time
from collections.abc import Callable
from pathlib import Path

from common import RESULTS, rounded, write_results

TEXT_BYTES = 2_200
PATTERNS = 1_000
RUNS = 300
RESULTS_FILE = RESULTS / "rules_cost.json"


def words(count: int, letters: str, seed: int) -> list[str]:
    """So many words of 5 to 9 of these letters."""
    source = random.Random(seed)
    return ["".join(source.choices(letters, k=source.randint(5, 9))) for _ in range(count)]


def searches() -> dict[str, Callable[[], bool]]:
    """Name -> a search of the same text for the same words, none of which is in it."""
    text = " ".join(words(TEXT_BYTES // 8, "abcdefghijklm", 1))
    wanted = words(PATTERNS, "abcdefghijklmnopqrstuvwxyz", 2)
    found = set(text.split())
    wanted = [word for word in wanted if word not in text and word not in found]
    alternation = re.compile(rf"\b(?:{'|'.join(wanted)})\b")
    listed = frozenset(wanted)
    return {
        "rules_cost.patterns": lambda: alternation.search(text) is not None,
        "rules_cost.lookup": lambda: not listed.isdisjoint(text.split()),
    }


def median_us(search: Callable[[], bool], runs: int = RUNS) -> dict[str, float]:
    """Median over runs, and the fastest and slowest tenth. Raises ValueError if anything is found."""
    if search():
        raise ValueError("the text must match nothing, or the search ends early")
    times = []
    for _ in range(runs):
        begin = time.perf_counter_ns()
        search()
        times.append((time.perf_counter_ns() - begin) / 1000)
    times.sort()
    low, middle, high = (times[int(share * (runs - 1))] for share in (0.1, 0.5, 0.9))
    return {"value": rounded(middle), "low": rounded(low), "high": rounded(high)}


def machine() -> str:
    """The processor, as the system names it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def main() -> None:
    """Write the results file."""
    day = time.strftime("%Y-%m-%d")
    where = f"{machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {day}"
    results = {}
    for name, search in searches().items():
        what = (
            f"{PATTERNS:,} words sought in {TEXT_BYTES:,} B of text, nothing found, {RUNS} runs on one core"
        )
        results[name] = {"model": f"{what}; {where}.", "unit": "us", "p50": median_us(search)}
    write_results(results, RESULTS_FILE)


if __name__ == "__main__":
    main()
