"""A prompt cache, simulated: what a lifetime finds, what it writes for nothing, who can listen.

Two models. Run it to rewrite ``results/caching.json`` and the figure:

    python simulations/caching.py

1. *Policies.* One pool serves 4 requests a second of 200 organisations, whose shares of the
   traffic fall as 1 / rank. A request begins with its organisation's own instructions (2,000
   tokens; none in the entries named `talk`), then a document or a conversation: a beginning
   (lognormal, sigma 1, mean 6,000, cut at 32,000; 8,000 in `talk`) and, after each answer, 1,000
   tokens more. A conversation goes on with a chance of 0.37 after a pause (lognormal, median 115 s,
   sigma 1.06). Chance and pause were fitted to the public conversation trace of Mooncake, which
   `caching_trace.json` replays. Keys are by organisation in every policy:
       "life": an entry goes when it was not used for a time; each use renews it;
       "fixed": it goes so long after it was written, used or not;
       "second": as "life", but kept only from the second time that it is seen (digests are
       remembered for an hour);
       "spill": as "life", and what was read before it went is kept on a second tier for an hour
       after its last use (its entry "written" is what goes there);
       "shared": least recently used goes when the pool is full, whoever owns it;
       "own": the same within a part of the pool for each organisation, in proportion to its
       share of the traffic.
   Measured in an hour after half an hour of warm-up: `found`, tokens found over tokens sent;
   `written`, tokens kept over tokens sent; `idle`, tokens that went and were never read over
   tokens that went; `held` and `most`, the time in which prompts of as many tokens arrive as the
   pool holds in the mean and at its fullest. Equal memory: all have room for 200 s of prompts,
   and "life" the longest lifetime, in steps of 10 s, whose pool never outgrew that.
2. *Watchers.* A server works through prefills one after the other at 70 % load, in exponential
   times of mean 109 ms; each token not found takes 22.3 us of prefill and attention to those
   before it; the way there and back adds a lognormal delay (median 20 ms, sigma 0.5). *Probe*: a
   watcher sends a beginning that he guessed, once or ten times, and compares with one that nobody
   sent; of ten he takes the fastest. (Ten need a service that reads without writing, or his own
   probe is found.) The entries named `keys` are a control: hit and miss are drawn alike, and a
   half must come out. *Age*: with keys by organisation he leaves small entries of his own in a
   pool that is shared and full, and sees how old they become before they go; the reported counts
   of his own tokens tell him to the second. The pool is that of one node and holds 300 s of new
   tokens. A neighbour is quiet, or sends so many per cent on top of the pool's requests for the
   whole of that time. Everything is told as the chance that the watcher names the right one of two
   cases (the area under the curve): half is a coin.

Not modelled: tiers and the time of loading, blocks (a segment is found whole or not at all),
routing over several pools, days and their rhythm, organisations in bursts, and in the second
model drift of the load (the watcher knows how the pool ages when it is quiet, which flatters
him), watchers who average over days, and reads that renew an entry: the tests hold the second
model against the pool of the first, which has them.
"""

from __future__ import annotations

import json
import math
from collections import OrderedDict

import numpy as np
from common import FIGURES, RESULTS, rounded, spread, write_results, write_text

RESULTS_FILE = RESULTS / "caching.json"
TRACE_FILE = RESULTS / "caching_trace.json"  # written by caching_trace.py
FIGURE_FILE = FIGURES / "caching-lifetime.svg"
SEEDS = tuple(range(1, 6))

RATE, ORGANISATIONS = 4.0, 200
WARM_S, MEASURED_S = 1_800.0, 3_600.0
GOES_ON, PAUSE_MEDIAN_S, PAUSE_SIGMA = 0.37, 115.0, 1.06
GROWTH, LONGEST = 1_000, 32_000
INSTRUCTIONS, DOCUMENT, TALK = 2_000, 6_000.0, 8_000.0
REMEMBERED_S = 3_600.0
LIVES_S = (60, 120, 200, 300, 600, 1_800, 3_600)
EQUAL_S = 200  # of prompts as they arrive, the memory of the policies compared

LOAD, PREFILL_S = 0.7, 0.109
TOKEN_S, ATTENTION_S = 22.3e-6, 4.14e-10  # for a token, and for it with each token before it
WAY_MEDIAN_S, WAY_SIGMA = 0.020, 0.5
PROBES = 40_000
GUESSES = (1_024, 8_192)
NODE_RATE, FRESH = 6.25, 4_400.0  # requests a second of a node, tokens of each that are new
AGE_S, TRIALS = 300.0, 2_000
EXTRA = (1, 5, 10, 20)


# ---- 1: policies -----------------------------------------------------------

Segment = tuple[int, int]  # its name, its tokens
Request = tuple[float, int, list[Segment]]  # when, whose, what


def capped_lognormal(mean: float, count: int, rng: np.random.Generator) -> np.ndarray:
    """Whole tokens, lognormal with sigma 1 and this mean before the cut at LONGEST."""
    return np.clip(np.rint(mean * np.exp(rng.standard_normal(count) - 0.5)), 16, LONGEST).astype(int)


def traffic(seed: int, instructions: int = INSTRUCTIONS, document: float = DOCUMENT) -> list[Request]:
    """All requests of one seed in order of time."""
    rng = np.random.default_rng([seed, 31])
    end = WARM_S + MEASURED_S
    count = rng.poisson(RATE * (1 - GOES_ON) * end)
    starts = np.sort(rng.uniform(0, end, count))
    shares = 1 / np.arange(1, ORGANISATIONS + 1)
    owners = rng.choice(ORGANISATIONS, count, p=shares / shares.sum())
    lengths = capped_lognormal(document, count, rng)
    turns = rng.geometric(1 - GOES_ON, count)
    pauses = PAUSE_MEDIAN_S * np.exp(PAUSE_SIGMA * rng.standard_normal(int(turns.sum())))
    requests, name, pause = [], ORGANISATIONS, iter(pauses.tolist())
    columns = (starts.tolist(), owners.tolist(), lengths.tolist(), turns.tolist())
    for start, owner, length, n in zip(*columns, strict=True):
        segments: list[Segment] = [(owner, instructions)] if instructions else []
        now = start
        for turn in range(n):
            segments = [*segments, (name, length if turn == 0 else GROWTH)]
            name += 1
            if now < end:
                requests.append((now, owner, segments))
            now += next(pause)
    requests.sort(key=lambda request: request[0])
    return requests


class Pool:
    """Entries in the order in which they go; tokens, and whether each was ever read."""

    def __init__(self) -> None:
        self.entries: OrderedDict[int, list] = OrderedDict()  # name: time, tokens, read
        self.tokens = 0
        self.gone = self.gone_unread = 0

    def drop(self) -> None:
        """Let the first entry go."""
        _, (_, tokens, read) = self.entries.popitem(last=False)
        self.tokens -= tokens
        self.gone += tokens
        self.gone_unread += 0 if read else tokens

    def expire(self, before: float) -> None:
        """Let go what was last timed before this."""
        while self.entries and next(iter(self.entries.values()))[0] < before:
            self.drop()

    def shrink(self, room: float) -> None:
        """Let go until so many tokens fit."""
        while self.tokens > room:
            self.drop()

    def serve(self, now: float, segments: list[Segment], renew: bool, seen: dict | None) -> tuple[int, int]:
        """Tokens found and tokens written for one prompt."""
        found = written = 0
        unbroken = True
        for name, tokens in segments:
            entry = self.entries.get(name)
            if entry is None:
                unbroken = False
                if seen is not None and now - seen.get(name, -math.inf) > REMEMBERED_S:
                    seen[name] = now
                    continue
                self.entries[name] = [now, tokens, False]
                self.tokens += tokens
                written += tokens
                continue
            if unbroken:
                found += tokens
                entry[2] = True
            if renew:
                entry[0] = now
                self.entries.move_to_end(name)
        return found, written


def run(requests: list[Request], policy: str, size: float) -> dict[str, float]:
    """What a policy does; `size` is a lifetime in s, or the tokens of the whole pool."""
    shares = 1 / np.arange(1, ORGANISATIONS + 1)
    rooms = (size * shares / shares.sum()).tolist()
    own = policy == "own"
    pools = [Pool() for _ in range(ORGANISATIONS if own else 1)]
    seen: dict | None = {} if policy == "second" else None
    sent = found = written = 0
    held, most = [], 0
    for now, owner, segments in requests:
        pool = pools[owner if own else 0]
        if policy in ("life", "fixed", "second"):
            pool.expire(now - size)
        hit, new = pool.serve(now, segments, policy != "fixed", seen)
        if policy == "shared":
            pool.shrink(size)
        elif own:
            pool.shrink(rooms[owner])
        if now >= WARM_S:
            sent += sum(tokens for _, tokens in segments)
            found += hit
            written += new
            if not own:
                held.append(pool.tokens)
                most = max(most, pool.tokens)
    gone = sum(pool.gone for pool in pools)
    return {
        "found": found / sent,
        "written": written / sent,
        "idle": sum(pool.gone_unread for pool in pools) / gone if gone else 0.0,
        "held": float(np.mean(held)) / (sent / MEASURED_S) if held else 0.0,
        "most": most,
        "rate": sent / MEASURED_S,
    }


def spill(requests: list[Request], life: float, longer: float) -> dict[str, float]:
    """Found, and moved to the second tier, of tokens sent; and the time of prompts that it holds."""
    first, second = Pool(), Pool()
    sent = found = moved = 0
    held = []
    for now, _, segments in requests:
        while first.entries and next(iter(first.entries.values()))[0] < now - life:
            name, (used, tokens, read) = next(iter(first.entries.items()))
            first.drop()
            if read and name not in second.entries:
                second.entries[name] = [used, tokens, False]
                second.tokens += tokens
                moved += tokens if now >= WARM_S else 0
        second.expire(now - longer)
        hit = 0
        for name, tokens in segments:
            if name not in first.entries and name not in second.entries:
                break
            hit += tokens
        first.serve(now, segments, True, None)
        for name, _ in segments:
            if name in second.entries:
                second.entries[name][0] = now
                second.entries.move_to_end(name)
        if now >= WARM_S:
            sent += sum(tokens for _, tokens in segments)
            found += hit
            held.append(second.tokens)
    return {"found": found / sent, "written": moved / sent, "held": float(np.mean(held)) * MEASURED_S / sent}


def longest_life(requests: list[Request], room: float) -> int:
    """The longest lifetime, in steps of 10 s, whose pool never holds more than `room` tokens."""
    low, high = 1, 60  # tens of seconds
    while high - low > 1:
        middle = (low + high) // 2
        fits = run(requests, "life", 10.0 * middle)["most"] <= room
        low, high = (middle, high) if fits else (low, middle)
    return 10 * low


# ---- 2: watchers -----------------------------------------------------------


def prefill(uncached: float) -> float:
    """Time in s to compute so many tokens with nothing before them."""
    return uncached * (TOKEN_S + uncached * ATTENTION_S / 2)


def first_times(count: int, uncached: float, rng: np.random.Generator, jitter: bool = True) -> np.ndarray:
    """Times to first token in s: a wait behind others, the way, and `uncached` tokens of prefill."""
    busy = rng.random(count) < LOAD
    waits = busy * rng.exponential(PREFILL_S / (1 - LOAD), count)
    way = WAY_MEDIAN_S * np.exp(WAY_SIGMA * rng.standard_normal(count)) if jitter else 0.0
    return waits + way + prefill(uncached)


def told_apart(low: np.ndarray, high: np.ndarray) -> float:
    """Chance that one of `high` lies above one of `low`; ties count half."""
    order = np.sort(low)
    below = np.searchsorted(order, high, "left")
    upto = np.searchsorted(order, high, "right")
    return float((below + upto).mean() / (2 * len(low)))


def probe(tokens: int, times: int, shared: bool, seed: int, jitter: bool = True) -> float:
    """How well a guessed beginning is told from one that nobody sent, by the fastest of so many tries."""
    rng = np.random.default_rng([seed, tokens, times, 37])
    trials = PROBES // times
    hit = first_times(trials * times, 0 if shared else tokens, rng, jitter)
    miss = first_times(trials * times, tokens, rng, jitter)
    return told_apart(hit.reshape(trials, times).min(1), miss.reshape(trials, times).min(1))


def ages(extra: float, seed: int) -> np.ndarray:
    """Ages, to the second, at which an entry goes from a full shared pool of AGE_S of new tokens."""
    rng = np.random.default_rng([seed, round(1_000 * extra), 41])
    room = NODE_RATE * FRESH * AGE_S
    count = int(NODE_RATE * (1 + extra) * AGE_S * 1.4)
    found = []
    for _ in range(TRIALS // 250):
        gaps = rng.standard_exponential((250, count)) / (NODE_RATE * (1 + extra))
        tokens = np.minimum(FRESH * np.exp(rng.standard_normal((250, count)) - 0.5), LONGEST)
        tokens *= FRESH / MEAN_FRESH
        full = (np.cumsum(tokens, axis=1) >= room).argmax(axis=1)
        found.append(np.cumsum(gaps, axis=1)[np.arange(250), full])
    return np.floor(np.concatenate(found))


def mean_of_cut(mean: float, cut: float) -> float:
    """Mean of a lognormal of sigma 1 and this mean once it is cut."""
    z = math.log(cut / mean) + 0.5
    below = 0.5 * math.erfc(-(z - 1) / math.sqrt(2))
    return mean * below + cut * 0.5 * math.erfc(z / math.sqrt(2))


MEAN_FRESH = mean_of_cut(FRESH, LONGEST)


# ---- results ---------------------------------------------------------------


def entry(model: str, unit: str, values: list[float]) -> dict:
    """One entry of the results file."""
    return {"model": model, "unit": unit, "seeds": list(SEEDS), "mean": spread(values)}


WORDS = {
    "life": "Entries go {} s after their last use",
    "fixed": "Entries go {} s after they were written",
    "second": "Entries go {} s after their last use, kept from the second time seen",
}
PLACE = f"one pool, {RATE:g} requests/s of {ORGANISATIONS} organisations, keys by organisation"


def lifetimes(all_traffic: dict, results: dict) -> None:
    """The policies that have a lifetime, at several of them."""
    for policy, lives in (("life", LIVES_S), ("fixed", (300,)), ("second", (300, 1_800))):
        for life in lives:
            runs = [run(all_traffic[seed], policy, life) for seed in SEEDS]
            model = f"{WORDS[policy].format(life)}; {PLACE}."
            name = f"caching.{policy}_{life}"
            for measure in ("found", "written", "idle"):
                results[f"{name}.{measure}"] = entry(model, "%", [100 * r[measure] for r in runs])
            results[f"{name}.held"] = entry(model, "s", [r["held"] for r in runs])
            results[f"{name}.most"] = entry(model, "s", [r["most"] / r["rate"] for r in runs])
    runs = [spill(all_traffic[seed], 300, 3_600) for seed in SEEDS]
    model = f"Entries go 300 s after their last use; those read, from a second tier after 3600 s; {PLACE}."
    for measure, unit, scale in (("found", "%", 100), ("written", "%", 100), ("held", "s", 1)):
        results[f"caching.spill.{measure}"] = entry(model, unit, [scale * r[measure] for r in runs])


def equal_memory(all_traffic: dict, results: dict) -> None:
    """Shared, own parts and a lifetime on the same memory."""
    found: dict[str, list[float]] = {"shared": [], "own": [], "life": []}
    lives = []
    for seed in SEEDS:
        requests = all_traffic[seed]
        room = EQUAL_S * run(requests, "life", 60)["rate"]
        lives.append(float(longest_life(requests, room)))
        for policy in ("shared", "own"):
            found[policy].append(100 * run(requests, policy, room)["found"])
        found["life"].append(100 * run(requests, "life", lives[-1])["found"])
    told = {
        "shared": "least recently used goes, whoever owns it",
        "own": "least recently used of the same organisation goes",
        "life": "the longest lifetime that never outgrows it",
    }
    for policy, words in told.items():
        model = f"Memory for {EQUAL_S} s of prompts, {words}; {PLACE}."
        results[f"caching.equal_{policy}.found"] = entry(model, "%", found[policy])
    model = f"The longest lifetime that never outgrows memory for {EQUAL_S} s of prompts; {PLACE}."
    results["caching.equal_life.life"] = entry(model, "s", lives)


def watchers(results: dict) -> None:
    """What a watcher can tell, with and without keys by organisation."""
    for tokens in GUESSES:
        for times in (1, 10):
            for shared in (True, False):
                keys = "one cache for all" if shared else "keys by organisation"
                model = f"A guessed beginning of {tokens:,} tokens, sent {times} times, {keys}."
                name = f"caching.probe_{tokens}_{times}{'' if shared else '_keys'}"
                values = [100 * probe(tokens, times, shared, seed) for seed in SEEDS]
                results[name] = entry(model, "%", values)
    quiet = {seed: ages(0, seed) for seed in SEEDS}
    for extra in EXTRA:
        model = (
            f"Keys by organisation, a full shared pool of {AGE_S:g} s of new tokens, {NODE_RATE:g} "
            f"requests/s, and a neighbour who adds {extra} % or nothing."
        )
        values = [100 * told_apart(ages(extra / 100, seed), quiet[seed]) for seed in SEEDS]
        results[f"caching.age_{extra}"] = entry(model, "%", values)


def talk_curve() -> list[float]:
    """Found in %, mean over seeds, at LIVES_S: conversations alone, as the trace has them."""
    sums = np.zeros(len(LIVES_S))
    for seed in SEEDS:
        requests = traffic(seed, 0, TALK)
        sums += [100 * run(requests, "life", life)["found"] for life in LIVES_S]
    return (sums / len(SEEDS)).tolist()


def build() -> dict:
    """All entries of the results file."""
    results: dict = {}
    all_traffic = {seed: traffic(seed) for seed in SEEDS}
    lifetimes(all_traffic, results)
    equal_memory(all_traffic, results)
    watchers(results)
    return results


def figure_lines(results: dict) -> dict[str, list[float]]:
    """Found in %, at LIVES_S: as served, conversations alone, and the replayed trace."""
    served = [results[f"caching.life_{life}.found"]["mean"]["value"] for life in LIVES_S]
    record = json.loads(TRACE_FILE.read_text(encoding="utf-8"))
    trace = [record[f"caching_trace.life_{life}.found"]["mean"]["value"] for life in LIVES_S]
    return {"served": served, "talk": [rounded(found) for found in talk_curve()], "trace": trace}


def main() -> None:
    """Write the results and the figure."""
    import caching_figure  # beside this file; only the script needs it

    results = build()
    write_results(results, RESULTS_FILE)
    write_text(caching_figure.draw(LIVES_S, figure_lines(results)), FIGURE_FILE)


if __name__ == "__main__":
    main()
