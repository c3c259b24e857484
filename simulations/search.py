"""The fan-out of a sharded search, simulated: its tail, hedged requests, partial answers.

A query goes to every shard at once and is answered when the last shard has
answered. A shard has several replicas; a replica runs 16 sub-queries at a time,
first come, first served. The time of a sub-query is the query's difficulty, the
same on every shard, times a factor of its own for each try. Both are lognormal;
their spreads are QUERY_SIGMA and TRY_SIGMA. Each replica stops now and then, for
50 ms unless an entry says otherwise: what it runs is held up for as long, and
what arrives waits. Stops are independent, or come to all replicas of a shard
together, as merges do that one stream of updates sets off.

A hedge sends a sub-query a second time, to another replica of the shard, once
it has been out for a fixed delay; the first answer counts. The other copy is
dropped if it still waits for its turn, and runs to its end if it does not; in
the entry named `kept` it is never dropped. With a budget, a shard hedges at
most so large a share of its sub-queries, kept over a thousand of them.

Run it to rewrite ``results/search.json`` and the figure:

    python simulations/search.py

In the results, `mean`, `p50` and `p99` of an entry are times of whole queries
in ms. `extra` is the share of sub-queries sent again, `late` the share of
queries that some shard has not answered after 36 ms, `missing` the share of
documents that these queries lack then, all in %. An entry named
`<entry>.<measure>` holds one of these alone. Loads are shares of what the
replicas can serve without stops and hedges. Each has the mean over seeds and
the range over seeds. Where load, stops and copies together exceed capacity the
times grow for as long as that lasts, and hold for the stretch simulated only:
`runaway_90` is `hedged_90` for three times as long.

The same NumPy release gives the same files byte for byte. With one seed,
arrivals in units of the mean gap, difficulty and the stops of a shard are the
same in every entry of the same size, so differences are not luck of the draw.

What the model leaves out, and so must not be quoted for:

* the network, the encoder, merging, fusion, snippets, caches: a sub-query's
  time in the shard is all there is;
* stopping a copy that runs already, and tied requests: with either, hedging
  costs less;
* a router that sees queues: replicas are picked at random;
* machines that are slow for minutes, lost machines, and bad deploys;
* bursts beyond Poisson, and queries that many people send at once;
* difficulty that differs between shards by more than the factor of a try;
* the vector's walk, which starts some ms after the words and is taken as a
  part of the same sub-query;
* more than a dozen replicas to pick from: with hundreds, one that stops burdens
  the others less. Only `long_60` has sixty.

Beside it stands the share of queries that a result cache answers (entries
`search.cache_...`, in %): a closed form, without seeds. A billion distinct
queries have frequencies by Zipf's law; an entry lives for 60 s from the miss
that made it; readers fall into groups of equal size that share entries only
within the group. Memory is without limit. Real queries have bursts, days and
groups of unequal size.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heappush

import numpy as np
from common import FIGURES, RESULTS, spread, write_results, write_text

SEEDS = tuple(range(1, 6))
RESULTS_FILE = RESULTS / "search.json"
FIGURE_FILE = FIGURES / "search-hedging.svg"

MEAN_MS = 6.40  # a sub-query on eight cores, as the page works it out
QUERY_SIGMA, TRY_SIGMA = 0.5, 0.2
SLOTS = 16
STOP_MS, STOP_EVERY_MS = 50.0, 5_000.0
CUT_MS = 36.0
WINDOW = 1_000  # sub-queries of a shard over which a budget is kept
HEDGE_MS = 15.0  # near the 95th percentile of a sub-query at six tenths of capacity


@dataclass(frozen=True)
class Model:
    """A cluster and how it is used.

    load: share of the replicas' capacity.
    shards, replicas: of the cluster.
    hedge_ms: delay until a second copy; 0 for none.
    budget: greatest share of sub-queries sent again.
    kept: a copy that waits is not dropped when the other has answered.
    stops: "apart", "together" for all replicas of a shard, or "none".
    stop_ms, stop_every_ms: how long a stop lasts, and the mean time between two of a replica.
    sigma: spread of the queries' difficulty.
    queries: arrivals simulated; the first tenth is not measured.
    """

    load: float = 0.6
    shards: int = 12
    replicas: int = 12
    hedge_ms: float = 0.0
    budget: float = 1.0
    kept: bool = False
    stops: str = "apart"
    stop_ms: float = STOP_MS
    stop_every_ms: float = STOP_EVERY_MS
    sigma: float = QUERY_SIGMA
    queries: int = 40_000


@dataclass(frozen=True)
class Run:
    """What happened: times in ms of each measured query on each shard, and copies sent."""

    times: np.ndarray
    extra: float


class Shard:
    """The replicas of one shard, event by event."""

    def __init__(self, model: Model, stops: list[tuple[float, int]], seed: list[int]):
        self.model = model
        self.free = [SLOTS] * model.replicas
        self.waiting = [deque() for _ in range(model.replicas)]
        self.held = [0.0] * model.replicas  # ms for which a replica has stopped so far
        self.stopped = [0] * model.replicas
        # Events: time, kind (0 a stop begins, 1 it ends, 2 a copy is done), replica, query, held so far.
        self.events = [(at, 0, replica, 0, 0.0) for at, replica in stops]
        heapify(self.events)
        self.generator = np.random.default_rng(seed)

    def run(self, arrivals: list[float], hard: list[float]) -> tuple[list[float], int]:
        """Time of each query's answer, and how many copies were sent."""
        model, count = self.model, len(arrivals)
        homes = self.generator.integers(0, model.replicas, count).tolist()
        steps = self.generator.integers(1, max(2, model.replicas), count).tolist()
        factors = np.exp(TRY_SIGMA * self.generator.standard_normal((2, count)))
        self.work = [(np.array(hard) * factor).tolist() for factor in factors]
        self.ends = [0.0] * count
        delay, sent, due = model.hedge_ms, 0, 0
        budget = most = model.budget * WINDOW
        for query, now in enumerate([*arrivals, float("inf")]):
            while delay and due < query and arrivals[due] + delay <= now:
                self.advance(arrivals[due] + delay)
                if not self.ends[due] and budget >= 1:
                    self.offer((homes[due] + steps[due]) % model.replicas, due, 1, arrivals[due] + delay)
                    sent += 1
                    budget -= 1
                due += 1
            self.advance(now)
            if query < count:
                self.offer(homes[query], query, 0, now)
                budget = min(most, budget + model.budget)
        return self.ends, sent

    def offer(self, replica: int, query: int, copy: int, now: float) -> None:
        """A copy of a sub-query reaches a replica."""
        if self.free[replica] and not self.stopped[replica]:
            self.start(replica, query, copy, now)
        else:
            self.waiting[replica].append((query, copy))

    def start(self, replica: int, query: int, copy: int, now: float) -> None:
        self.free[replica] -= 1
        heappush(self.events, (now + self.work[copy][query], 2, replica, query, self.held[replica]))

    def advance(self, until: float) -> None:
        """Let everything happen that happens before an instant."""
        events = self.events
        while events and events[0][0] < until:
            at, kind, replica, query, held = heappop(events)
            if kind == 0:
                self.stopped[replica] += 1
                self.held[replica] += self.model.stop_ms
                heappush(events, (at + self.model.stop_ms, 1, replica, 0, 0.0))
                continue
            if kind == 1:
                self.stopped[replica] -= 1
            elif held < self.held[replica]:
                heappush(events, (at + self.held[replica] - held, 2, replica, query, self.held[replica]))
                continue
            else:
                self.free[replica] += 1
                if not self.ends[query]:
                    self.ends[query] = at
            if not self.stopped[replica]:
                self.fill(replica, at)

    def fill(self, replica: int, now: float) -> None:
        """Start what waits, as far as there are slots."""
        waiting = self.waiting[replica]
        while waiting and self.free[replica]:
            query, copy = waiting.popleft()
            if not self.ends[query] or self.model.kept:
                self.start(replica, query, copy, now)


def draw_stops(model: Model, shard: int, until: float, seed: int) -> list[tuple[float, int]]:
    """When which replica of a shard stops, in ms; stops of one replica do not overlap."""
    if model.stops == "none":
        return []
    if model.stops not in ("apart", "together"):
        raise ValueError(f"unknown stops: {model.stops}")
    generator = np.random.default_rng([seed, shard, 2])
    stops = []
    for replica in range(model.replicas):
        if replica == 0 or model.stops == "apart":
            most = int(until / model.stop_every_ms * 4 + 20)
            gaps = generator.exponential(model.stop_every_ms, most) + model.stop_ms
            times = (np.cumsum(gaps) - model.stop_ms).tolist()
        stops += [(at, replica) for at in times if at < until]
    return stops


def simulate(model: Model, seed: int) -> Run:
    """One run. Raises ValueError for a model without meaning."""
    if not model.load > 0 or model.shards < 1 or model.queries < 10:
        raise ValueError("a load > 0, a shard and ten queries are needed")
    if model.hedge_ms and model.replicas < 2:
        raise ValueError("a hedge needs a second replica")
    generator = np.random.default_rng(seed)
    gap_ms = MEAN_MS / (SLOTS * model.replicas * model.load)
    arrivals = np.cumsum(generator.exponential(1.0, model.queries)) * gap_ms
    shift = -(model.sigma**2 + TRY_SIGMA**2) / 2
    hard = MEAN_MS * np.exp(model.sigma * generator.standard_normal(model.queries) + shift)
    times, copies = [], 0
    for number in range(model.shards):
        shard = Shard(model, draw_stops(model, number, float(arrivals[-1]), seed), [seed, number, 1])
        ends, sent = shard.run(arrivals.tolist(), hard.tolist())
        times.append(np.array(ends) - arrivals)
        copies += sent
    return Run(np.array(times).T[model.queries // 10 :], copies / (model.queries * model.shards))


def measures(run: Run, shards: int) -> dict[str, float]:
    """What is reported of a run, as if it had only its first `shards` shards."""
    times = run.times[:, :shards]
    whole = times.max(axis=1)
    late = times > CUT_MS
    some = late.any(axis=1)
    return {
        "mean": float(whole.mean()),
        "p50": float(np.percentile(whole, 50)),
        "p99": float(np.percentile(whole, 99)),
        "extra": 100 * run.extra,
        "late": 100 * float(some.mean()),
        "missing": 100 * float(late[some].mean()) if some.any() else 0.0,
    }


BUDGET, TIGHT = 0.1, 0.05
FIGURE_LOADS = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95)
POLICIES = {
    "plain": Model(),
    "hedged": Model(hedge_ms=HEDGE_MS),
    "budget": Model(hedge_ms=HEDGE_MS, budget=BUDGET),
}
WIDE = 100
SHARES = ("extra", "late", "missing")

# Of each entry: the model, how many of its shards a query waits for, and the measures quoted from it.
ENTRIES: dict[str, tuple[Model, int, tuple[str, ...]]] = {
    f"search.{policy}_{100 * load:.0f}": (replace(model, load=load), model.shards, SHARES)
    for policy, model in POLICIES.items()
    for load in FIGURE_LOADS
} | {
    "search.tight_60": (Model(hedge_ms=HEDGE_MS, budget=TIGHT), 12, SHARES),
    "search.kept_80": (Model(load=0.8, hedge_ms=HEDGE_MS, kept=True), 12, SHARES),
    "search.runaway_90": (Model(load=0.9, hedge_ms=HEDGE_MS, queries=120_000), 12, SHARES),
    "search.harder_60": (Model(hedge_ms=HEDGE_MS, budget=BUDGET, sigma=0.8), 12, SHARES),
    "search.long_60": (
        Model(
            hedge_ms=HEDGE_MS,
            budget=BUDGET,
            stop_ms=200.0,
            stop_every_ms=20_000.0,
            replicas=60,
            queries=80_000,
        ),
        12,
        SHARES,
    ),
    "search.together_60": (Model(stops="together"), 12, SHARES),
    "search.together_hedged_60": (Model(stops="together", hedge_ms=HEDGE_MS), 12, SHARES),
    "search.calm_60": (Model(stops="none"), 12, SHARES),
    "search.calm_hedged_60": (Model(stops="none", hedge_ms=HEDGE_MS), 12, SHARES),
    "search.one_60": (Model(), 1, ()),
    "search.wide_60": (Model(shards=WIDE, queries=20_000), WIDE, SHARES),
    "search.wide_hedged_60": (Model(shards=WIDE, queries=20_000, hedge_ms=HEDGE_MS), WIDE, SHARES),
}


DISTINCT, QUERIES_PER_S, LIVES_S = 1_000_000_000, 1e6, 60.0
# Of each entry: groups of readers, and the exponent of Zipf's law.
CACHES = {
    "search.cache_open": (1, 1.0),
    "search.cache_groups": (1_000, 1.0),
    "search.cache_zones": (3_000, 1.0),  # a thousand groups, in three zones with a cache each
    "search.cache_open_flat": (1, 0.9),
    "search.cache_groups_flat": (1_000, 0.9),
}


def cache_hits(groups: int, exponent: float, distinct: int = DISTINCT, rate: float = QUERIES_PER_S) -> float:
    """Share of queries answered by a cache whose entries live for LIVES_S after the miss.

    A query asked n times on average while an entry lives is missed once in 1 + n.
    Ranks are taken together in steps of half a percent.
    """
    edges = np.unique(np.round(np.geomspace(1, distinct + 1, 4_200)).astype(np.int64))
    ranks = np.sqrt(edges[:-1] * (edges[1:] - 1.0))
    weights = np.diff(edges) * ranks**-exponent
    asked = rate * LIVES_S / groups * ranks**-exponent / weights.sum()
    return float((weights * asked / (1 + asked)).sum() / weights.sum())


def cache_entries() -> dict:
    """The results entries of the caches."""
    results = {}
    for name, (groups, exponent) in CACHES.items():
        results[name] = {
            "model": f"{groups:,} groups of readers; Zipf with exponent {exponent:g}; entries live 60 s.",
            "unit": "%",
            "seeds": [],
            "mean": spread([100 * cache_hits(groups, exponent)]),
        }
    return results


def describe(model: Model, shards: int) -> str:
    """One sentence: what was simulated."""
    every = f"for {model.stop_ms:g} ms every {model.stop_every_ms / 1_000:g} s on average"
    stops = {
        "apart": f"each replica stops {every}",
        "together": f"all replicas of a shard stop together {every}",
        "none": "no replica ever stops",
    }
    hedge = f"a second copy after {model.hedge_ms:g} ms" if model.hedge_ms else "no second copies"
    if model.budget < 1:
        hedge += f", for at most {100 * model.budget:g} % of the sub-queries"
    if model.kept:
        hedge += ", never dropped"
    if model.sigma != QUERY_SIGMA:
        hedge += f"; a spread of difficulty of {model.sigma:g} instead of {QUERY_SIGMA:g}"
    return (
        f"{shards} of {model.shards} shards of {model.replicas} replicas at {100 * model.load:g} % of their "
        f"capacity; {stops[model.stops]}; {hedge}; {model.queries:,} queries a seed."
    )


def entries_of(name: str, runs: list[Run]) -> dict:
    """The results entry `name` from its seeds' runs, and those quoted from it."""
    model, shards, quoted = ENTRIES[name]
    summaries = [measures(run, shards) for run in runs]
    spreads = {key: spread([summary[key] for summary in summaries]) for key in summaries[0]}
    about = {"model": describe(model, shards), "unit": "ms", "seeds": list(SEEDS)}
    results = {name: about | spreads}
    for measure in quoted:
        results[f"{name}.{measure}"] = about | {"unit": "%", "mean": spreads[measure]}
    return results


def run_entry(name: str) -> dict:
    """The results entry `name` and those quoted from it. Raises KeyError for an unknown name."""
    model = ENTRIES[name][0]
    return entries_of(name, [simulate(model, seed) for seed in SEEDS])


def figure_text(results: dict) -> str:
    """The figure, drawn from the results."""
    import search_figure  # beside this file; only the figure needs it

    p99s = {
        policy: [results[f"search.{policy}_{100 * load:.0f}"]["p99"]["value"] for load in FIGURE_LOADS]
        for policy in POLICIES
    }
    return search_figure.draw(FIGURE_LOADS, p99s)


def main() -> None:
    """Write the results file and the figure."""
    results = {}
    for name in ENTRIES:
        results |= run_entry(name)
    results |= cache_entries()
    write_results(results, RESULTS_FILE)
    write_text(figure_text(results), FIGURE_FILE)


if __name__ == "__main__":
    main()
