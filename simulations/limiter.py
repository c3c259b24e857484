"""Rate limiters under bursts, on many gateways, and with a cost that is unknown at admission.

Three small models. Run it to rewrite ``results/limiter.json`` and the figure:

    python simulations/limiter.py

1. One account with a limit of 60 requests a minute. A *greedy* client has idled, starts one
   second before a window of the clock ends, and asks every 10 ms: how many are admitted in its
   first 60 s (both ends counted), in the worst 60 s and the worst second of ten minutes, and
   how long does it stand still at the longest? An *honest* client uses a third of its limit
   in bursts: a turn of an agent makes 1 to 30 calls at once (geometric, mean 5, cut at 30), turns
   are Poisson, and a refused call is not repeated: which share is refused? If instead each refused
   call comes back when its own token is due, how long does it wait? The honest client is invented,
   so two others of the same mean rate run as well: *narrow* (turns cut at 10, mean about 3) and
   *wide* (cut at 60, mean about 10). Greedy and honest also run against limits kept on 40 gateways.
   The greedy client then asks 1,000 times a second, at random gateways; the honest one reaches a
   random gateway with each call, or keeps to one (*sticky*).
2. A burst of 60 calls meets a bucket of 30 that refills once a second. Refused clients come back
   when told to: all at the same time, or each at the second in which a token falls due.
3. An account may draw 1,000 output tokens a second, and 15 s of that at once. A client asks 200
   times a second for an answer; answers are lognormal (mean 500, cut at 4,096, which is their
   `max_tokens`), streams make 50 tokens a second, and a started stream is never stopped. What is
   charged at admission differs, and how the rest is charged: as it is made, or in pieces taken
   ahead, of which each costs a call to the owner. Use is measured over ten minutes after two of
   warm-up; the first and the worst 60 s are of all twelve.

Not modelled: network delay, clocks that differ, failures and races inside a store, retries
(except in 2), several dimensions at once, input tokens, limits that change, fleets of accounts.
Reconciliation of copies is instant and exact at each second.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from common import FIGURES, RESULTS, spread, write_results, write_text

RESULTS_FILE = RESULTS / "limiter.json"
FIGURE_FILE = FIGURES / "limiter-first-minute.svg"
SEEDS = tuple(range(1, 6))
LIMIT, WINDOW, BURST = 60, 60.0, 30
RATE = LIMIT / WINDOW
GATEWAYS = 40
START = 59.0
TINY = 1e-9


# ---- limiters: allow(now, gateway) -> bool ---------------------------------


@dataclass
class Bucket:
    """A token bucket, full at first."""

    size: float
    rate: float = RATE
    tokens: float = field(init=False)
    last: float = 0.0

    def __post_init__(self):
        self.tokens = self.size

    def allow(self, now: float, gateway: int = 0) -> bool:
        self.tokens = min(self.size, self.tokens + (now - self.last) * self.rate)
        self.last = now
        if self.tokens < 1 - TINY:
            return False
        self.tokens -= 1
        return True


@dataclass
class Gcra:
    """The generic cell rate algorithm: one timestamp, the theoretical arrival time."""

    size: float
    due: float = -math.inf

    def allow(self, now: float, gateway: int = 0) -> bool:
        due = max(self.due, now)
        if due - now > (self.size - 1) / RATE + TINY:
            return False
        self.due = due + 1 / RATE
        return True


@dataclass
class FixedWindow:
    """A counter for each minute of the clock."""

    window: int = -1
    count: int = 0

    def allow(self, now: float, gateway: int = 0) -> bool:
        window = int(now // WINDOW)
        if window != self.window:
            self.window, self.count = window, 0
        if self.count >= LIMIT:
            return False
        self.count += 1
        return True


@dataclass
class SlidingCounter:
    """Two counters; the previous minute counts by the share of it that is still in view."""

    window: int = -2
    count: int = 0
    before: int = 0

    def allow(self, now: float, gateway: int = 0) -> bool:
        window = int(now // WINDOW)
        if window != self.window:
            self.before = self.count if window == self.window + 1 else 0
            self.window, self.count = window, 0
        inside = now / WINDOW - window
        if self.before * (1 - inside) + self.count + 1 > LIMIT + TINY:
            return False
        self.count += 1
        return True


@dataclass
class SlidingLog:
    """Every admitted time of the last minute."""

    times: list[float] = field(default_factory=list)

    def allow(self, now: float, gateway: int = 0) -> bool:
        while self.times and self.times[0] <= now - WINDOW + TINY:
            self.times.pop(0)
        if len(self.times) >= LIMIT:
            return False
        self.times.append(now)
        return True


@dataclass
class Copies:
    """A copy of the bucket on each gateway, reconciled each second.

    `debt`: what was admitted too much is carried as negative tokens, else forgotten.
    """

    size: float
    debt: bool
    shared: float = field(init=False)
    spent: list[int] = field(default_factory=lambda: [0] * GATEWAYS)
    synced: int = 0

    def __post_init__(self):
        self.shared = self.size

    def allow(self, now: float, gateway: int = 0) -> bool:
        seconds = int(now + TINY)
        if seconds > self.synced:
            left = self.shared - sum(self.spent)
            left = left if self.debt else max(left, 0.0)
            self.shared = min(self.size, left + (seconds - self.synced) * RATE)
            self.spent, self.synced = [0] * GATEWAYS, seconds
        if self.shared - self.spent[gateway] < 1 - TINY:
            return False
        self.spent[gateway] += 1
        return True


class Split:
    """An equal part of the limit and of the burst (at least one call) on each gateway."""

    def __init__(self, size: float):
        self.parts = [Bucket(max(size / GATEWAYS, 1.0), RATE / GATEWAYS) for _ in range(GATEWAYS)]

    def allow(self, now: float, gateway: int = 0) -> bool:
        return self.parts[gateway].allow(now)


class Owner:
    """One owner of the bucket; a gateway that was refused refuses by itself until a token is due.

    `calls` counts what reaches the owner.
    """

    def __init__(self, size: float):
        self.bucket, self.calls = Bucket(size), 0
        self.until = [-math.inf] * GATEWAYS

    def allow(self, now: float, gateway: int = 0) -> bool:
        if now < self.until[gateway] - TINY:
            return False
        self.calls += 1
        if self.bucket.allow(now):
            return True
        self.until[gateway] = now + (1 - self.bucket.tokens) / RATE
        return False


LIMITERS: dict[str, Callable] = {
    "bucket_2": lambda: Bucket(2),
    "bucket_5": lambda: Bucket(5),
    "bucket_10": lambda: Bucket(10),
    "bucket_15": lambda: Bucket(15),
    "bucket_30": lambda: Bucket(30),
    "bucket_60": lambda: Bucket(60),
    "bucket_120": lambda: Bucket(120),
    "gcra_30": lambda: Gcra(30),
    "fixed_window": FixedWindow,
    "sliding_counter": SlidingCounter,
    "sliding_log": SlidingLog,
}
SPREAD_OUT: dict[str, Callable] = {
    "owner": lambda: Owner(BURST),
    "copies": lambda: Copies(BURST, debt=True),
    "copies_forget": lambda: Copies(BURST, debt=False),
    "split": lambda: Split(BURST),
}


# ---- 1: clients ------------------------------------------------------------


def greedy(limiter, every: float = 0.01, seconds: float = 600.0, seed: int = 0) -> np.ndarray:
    """Times at which a greedy client is admitted, from its start."""
    asks = np.arange(round(seconds / every)) * every + START
    gateways = np.random.default_rng(seed).integers(0, GATEWAYS, len(asks)).tolist()
    allowed = [t for t, g in zip(asks.tolist(), gateways, strict=True) if limiter.allow(t, g)]
    return np.array(allowed) - START


def worst(times: np.ndarray, seconds: float = WINDOW) -> int:
    """The most admitted in any stretch of so many seconds, both ends counted."""
    ends = np.searchsorted(times, times + seconds + 1e-6)
    return int((ends - np.arange(len(times))).max())


def first_minute(times: np.ndarray) -> int:
    """Admitted in the first 60 s, both ends counted."""
    return int(np.sum(times <= WINDOW + 1e-6))


HONEST, NARROW, WIDE = (0.2, 30), (1 / 3, 10), (0.1, 60)  # chance that a turn ends, its longest


def bursts(seed: int, turn: tuple[float, int] = HONEST, hours: float = 24.0) -> np.ndarray:
    """Times at which an honest client calls: 20 a minute in the mean, in turns."""
    rng = np.random.default_rng([seed, 17])
    ends, widest = turn
    sizes_mean = sum(min(k, widest) * ends * (1 - ends) ** (k - 1) for k in range(1, 400))
    turns = rng.poisson(LIMIT / 3 * 60 * hours / sizes_mean)
    at = np.sort(rng.uniform(0, hours * 3600, turns))
    return np.repeat(at, np.minimum(rng.geometric(ends, turns), widest))


def waited(size: float, seed: int) -> float:
    """Wait of an honest client's calls, p99, in s, if each refused one returns when its token is due."""
    due, waits = -math.inf, []
    for now in bursts(seed).tolist():
        turn = max(now, due - (size - 1) / RATE)
        waits.append(turn - now)
        due = max(due, turn) + 1 / RATE
    return float(np.percentile(waits, 99))


def refused_share(limiter, seed: int, sticky: bool = False, turn: tuple[float, int] = HONEST) -> float:
    """Share of an honest client's calls that are refused, in %."""
    times = bursts(seed, turn)
    gateways = np.random.default_rng([seed, 19]).integers(0, GATEWAYS, len(times))
    gateways = np.zeros_like(gateways) if sticky else gateways
    pairs = zip(times.tolist(), gateways.tolist(), strict=True)
    return 100 * (1 - np.mean([limiter.allow(t, g) for t, g in pairs]))


# ---- 2: coming back --------------------------------------------------------


def come_back(calls: int, size: float, spaced: bool) -> int:
    """Attempts that a burst of `calls` makes in all until the last is admitted."""
    bucket, attempts, due = Bucket(size), 0, [0.0] * calls
    while due:
        now = min(due)
        later, booked = [t for t in due if t > now + TINY], 0
        for _ in range(len(due) - len(later)):
            attempts += 1
            if not bucket.allow(now):
                booked += 1
                wait = (booked if spaced else 1) - bucket.tokens
                later.append(now + wait / RATE)
        due = later
    return attempts


# ---- 3: cost unknown at admission ------------------------------------------

TOKEN_RATE, TOKEN_BURST, STREAM_RATE, MAX_TOKENS, MEAN_ANSWER = 1_000.0, 15_000.0, 50.0, 4_096, 500
STEP, WARM, MEASURED = 0.05, 120.0, 600.0
ASKS = 10  # in each step
# Tokens taken at admission, and in each further piece (0: as they are made).
CHARGES = {
    "reserve_max": (float(MAX_TOKENS), 0.0),
    "reserve_mean": (500.0, 0.0),
    "reserve_pieces": (1_000.0, 500.0),
    "as_made": (0.0, 0.0),
}


def answers(count: int, rng: np.random.Generator) -> np.ndarray:
    """Lengths of answers: lognormal with sigma 1, mean about 500 after the cut."""
    drawn = rng.lognormal(math.log(MEAN_ANSWER / 0.985) - 0.5, 1.0, count)
    return np.clip(np.round(drawn), 1, MAX_TOKENS)


def streams(charge: float, piece: float, seed: int) -> dict[str, float]:
    """Use of the limit in %, worst and first minute over the limit, streams open, pieces an answer.

    `charge` tokens are taken at admission. A stream that makes more than that takes the rest as
    it makes them, or `piece` tokens at a time; one that ends with less gives the rest back. Tokens
    may become negative.
    """
    rng = np.random.default_rng([seed, 23])
    lengths = iter(answers(30_000, rng).tolist())
    tokens, open_streams, made, counts, pieces, ended = TOKEN_BURST, [], [], [], 0, 0
    for _ in range(int((WARM + MEASURED) / STEP)):
        tokens = min(TOKEN_BURST, tokens + TOKEN_RATE * STEP)
        for _ in range(ASKS):
            if tokens > 0 and tokens >= charge:
                open_streams.append([next(lengths), 0.0, charge])
                tokens -= charge
        total, still = 0.0, []
        for stream in open_streams:
            length, done, held = stream
            now = min(length, done + STREAM_RATE * STEP)
            total += now - done
            if now > held:
                more = math.ceil((now - held) / piece) * piece if piece else now - held
                pieces += round(more / piece) if piece else 0
                tokens -= more
                stream[2] = held + more
            stream[1] = now
            if now < length:
                still.append(stream)
            else:
                tokens += stream[2] - length
                ended += 1
        tokens = min(tokens, TOKEN_BURST)
        open_streams = still
        made.append(total)
        counts.append(len(still))
    sums = np.concatenate([[0.0], np.cumsum(made)])
    minute = int(WINDOW / STEP)
    late = int(WARM / STEP)
    windows = sums[minute:] - sums[:-minute]
    sold = TOKEN_RATE * WINDOW
    return {
        "use": 100 * (sums[-1] - sums[late]) / (TOKEN_RATE * MEASURED),
        "worst": 100 * windows.max() / sold,
        "first": 100 * windows[0] / sold,
        "open": float(np.mean(counts[late:])),
        "pieces": pieces / ended,
    }


# ---- results ---------------------------------------------------------------


def entry(model: str, unit: str, values: list[float], kind: str = "mean") -> dict:
    """One entry of the results file."""
    return {"model": model, "unit": unit, "seeds": list(SEEDS), kind: spread(values)}


def main() -> None:
    """Write the results and the figure."""
    import limiter_figure  # beside this file; only the script needs it

    results = build()
    write_results(results, RESULTS_FILE)
    write_text(limiter_figure.draw(figure_lines()), FIGURE_FILE)


def figure_lines() -> dict[str, np.ndarray]:
    """Times of admission in the first minute, by limiter."""
    names = ("bucket_120", "sliding_counter", "bucket_30", "bucket_2")
    return {name: greedy(LIMITERS[name](), seconds=60.01) for name in names}


def build() -> dict:
    """All results, by name."""
    results = {}
    for name, make in LIMITERS.items():
        times = greedy(make())
        still = float(np.diff(times).max())
        model = f"Limit 60 a minute, {name}, greedy client that starts 1 s before the minute"
        results[f"limiter.{name}.first"] = entry(
            f"{model}; its first 60 s.", "call", [first_minute(times)])  # fmt: skip
        results[f"limiter.{name}.worst"] = entry(f"{model}; worst 60 s.", "call", [worst(times)])
        results[f"limiter.{name}.second"] = entry(f"{model}; worst second.", "call", [worst(times, 1.0)])
        results[f"limiter.{name}.still"] = entry(f"{model}; longest standstill.", "s", [still])
        results[f"limiter.{name}.refused"] = entry(
            f"Limit 60 a minute, {name}, honest client at a third of it, in bursts.", "%",
            [refused_share(make(), seed) for seed in SEEDS])  # fmt: skip
    for size in (2, 15, 30):
        results[f"limiter.bucket_{size}.wait"] = entry(
            f"Limit 60 a minute, bucket_{size}, honest client, refused calls return in turn; wait.", "s",
            [waited(size, seed) for seed in SEEDS], "p99")  # fmt: skip
    for name, turn, size in (("narrow", NARROW, 15), ("wide", WIDE, 30), ("wide", WIDE, 60)):
        results[f"limiter.bucket_{size}.{name}"] = entry(
            f"Limit 60 a minute, bucket_{size}, honest client with turns of at most {turn[1]}.", "%",
            [refused_share(Bucket(size), seed, turn=turn) for seed in SEEDS])  # fmt: skip
    for name, make in SPREAD_OUT.items():
        model = f"{name} on {GATEWAYS} gateways, bucket of {BURST}"
        firsts, worsts, calls = [], [], []
        for seed in SEEDS:
            limiter = make()
            times = greedy(limiter, every=0.001, seconds=180.0, seed=seed)
            firsts.append(first_minute(times))
            worsts.append(worst(times))
            calls.append(getattr(limiter, "calls", 0) / 180)
        text = f"{model}, greedy client, 1,000 calls a second"
        results[f"limiter.{name}.first"] = entry(f"{text}; its first 60 s.", "call", firsts)
        results[f"limiter.{name}.worst"] = entry(f"{text}; worst 60 s of three minutes.", "call", worsts)
        if name == "owner":
            results["limiter.owner.asked"] = entry(f"{text}; what reaches the owner.", "call/s", calls)
        for sticky in (False, True):
            suffix = "sticky" if sticky else "refused"
            results[f"limiter.{name}.{suffix}"] = entry(
                f"{model}, honest client, {'one gateway' if sticky else 'any gateway'}.", "%",
                [refused_share(make(), seed, sticky) for seed in SEEDS])  # fmt: skip
    for spaced in (False, True):
        name = "spaced" if spaced else "same"
        results[f"limiter.come_back_{name}"] = entry(
            f"60 calls at a bucket of 30, refused ones told {name} times; attempts in all.", "call",
            [come_back(60, 30, spaced)])  # fmt: skip
    for name, (charge, piece) in CHARGES.items():
        runs = [streams(charge, piece, seed) for seed in SEEDS]
        rest = f"in pieces of {piece:,.0f}" if piece else "as made"
        model = f"{charge:,.0f} tokens charged at admission, the rest {rest}, refund at the end"
        results[f"limiter.{name}.use"] = entry(f"{model}; use of the limit.", "%", [r["use"] for r in runs])
        results[f"limiter.{name}.over"] = entry(
            f"{model}; worst minute, of the limit.", "%", [r["worst"] for r in runs])  # fmt: skip
        results[f"limiter.{name}.start"] = entry(
            f"{model}; first minute, of the limit.", "%", [r["first"] for r in runs])  # fmt: skip
        results[f"limiter.{name}.open"] = entry(f"{model}; open streams.", "req", [r["open"] for r in runs])
        if piece:
            results[f"limiter.{name}.pieces"] = entry(
                f"{model}; pieces an answer.", "call/req", [r["pieces"] for r in runs])  # fmt: skip
    return results


if __name__ == "__main__":
    main()
