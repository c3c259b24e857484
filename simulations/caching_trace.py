"""What a lifetime finds in a public trace: Mooncake's hour of conversations.

Not part of the build: it needs the trace, which stays with its owners. Get
``FAST25-release/traces/conversation_trace.jsonl`` from https://github.com/kvcache-ai/Mooncake
(12,031 requests of one hour, 12,035 tokens in the mean, as digests of blocks of 512 tokens) and

    python simulations/caching_trace.py conversation_trace.jsonl

It replays the requests in order and writes ``results/caching_trace.json``. A block is found if it
and all before it are there; it goes when it was not used for the lifetime; each use renews it. The
trace names no customers, so beginnings that two of them share count as found, which flatters; it
begins with an empty cache and ends after an hour, which does the opposite. `reads` is blocks found
for each block written, `once` the share of different blocks that came one time only.
"""

from __future__ import annotations

import json
import math
import sys
from collections import Counter, OrderedDict
from pathlib import Path

from common import RESULTS, rounded, write_results

RESULTS_FILE = RESULTS / "caching_trace.json"
LIVES_S = (60, 120, 200, 300, 600, 1_800, 3_600)
ABOUT = "Mooncake's conversation trace of one hour (commit 3b5a594), replayed on 2026-11-22"


def replay(requests: list[dict], life: float) -> tuple[int, int]:
    """Blocks found and blocks written under a lifetime in s."""
    cache: OrderedDict[int, float] = OrderedDict()
    found = written = 0
    for request in requests:
        now = request["timestamp"] / 1000
        while cache and now - next(iter(cache.values())) > life:
            cache.popitem(last=False)
        unbroken = True
        for block in request["hash_ids"]:
            unbroken = unbroken and block in cache
            found += unbroken
            written += block not in cache
            cache[block] = now
            cache.move_to_end(block)
    return found, written


def entry(model: str, unit: str, value: float) -> dict:
    """One entry of the results file; a replay has no spread."""
    same = rounded(value)
    return {"model": f"{model}; {ABOUT}.", "unit": unit, "mean": {"value": same, "low": same, "high": same}}


def main(file: Path) -> None:
    """Replay the trace in `file` and write the results."""
    requests = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    blocks = Counter(block for request in requests for block in request["hash_ids"])
    sent = sum(blocks.values())
    results = {}
    for life in (*LIVES_S, math.inf):
        found, written = replay(requests, life)
        name = f"caching_trace.life_{life}" if life < math.inf else "caching_trace.never_gone"
        words = f"Blocks go {life} s after their last use" if life < math.inf else "Nothing goes"
        results[f"{name}.found"] = entry(f"{words}; found of all sent", "%", 100 * found / sent)
        results[f"{name}.reads"] = entry(f"{words}; found for each written", "", found / written)
    once = sum(count == 1 for count in blocks.values()) / len(blocks)
    results["caching_trace.once"] = entry("Different blocks that came one time only", "%", 100 * once)
    write_results(results, RESULTS_FILE)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
