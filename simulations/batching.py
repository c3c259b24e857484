"""The queue of a batched inference service, simulated.

Requests arrive as a Poisson process. A GPU runs one batch at a time, of at
most 100 requests, and a batch cannot be joined or stopped once it has begun.
The latency of a request is its wait plus the whole service time of its batch,
because no answer leaves before the batch is done.

Run it to rewrite ``results/batching.json`` and the figure:

    python simulations/batching.py

In the results, `mean`, `p50` and `p99` are latencies in s, `batch` is the mean
number of requests in a batch, and `busy` the share of GPU time spent on
batches, full or not. Each has the mean over seeds and the range over seeds.

The same NumPy release gives the same files byte for byte. Every entry uses
the same seeds, so entries that share a rate also share their arrivals, and
their differences are not luck of the draw.

GPUs with a shared queue start at random phases. With a fixed service time
those phases hardly change afterwards, so one long run shows only one layout
of phases. Each seed therefore pools many short runs, each with fresh phases.
The spread over seeds is the uncertainty of that pooled figure; one real pool
with one layout of phases may lie well outside it.

What the model leaves out, and so must not be quoted for:

* the network, load balancers, and the time to take a request off a queue
  (a pull is instant, and the shared queue is perfect and never fails);
* retries, hedged requests, clients that give up, deadline drops, queue limits
  and load shedding;
* requests of different lengths or priorities, streaming of partial answers,
  continuous batching, and any split of a model over several GPUs;
* failures of GPUs, of cells or of the queue, and GPUs of unequal speed;
* the transition when a cell is lost: only the steady state after it is run;
* the safety checks on input and output, and any other stage before or after;
* warm-up of GPUs, deploys, cold caches, and variation of the service time;
* bursts beyond Poisson, daily cycles, and callers that act in concert;
* uneven routing: each GPU or cell gets exactly its share of the mean rate.
"""

from __future__ import annotations

import heapq
import math
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from common import FIGURES, RESULTS, spread, write_results, write_text

BATCH_LIMIT = 100
SEEDS = tuple(range(1, 11))
GREEDY = 0.0
WAIT_UNTIL_FULL = math.inf
GRID_S = np.linspace(0.0, 5.0, 251)

RESULTS_FILE = RESULTS / "batching.json"
FIGURE_FILE = FIGURES / "batching-latency.svg"


@dataclass(frozen=True)
class Service:
    """Service time of a batch: a fixed part plus a part per request, in s."""

    base_s: float
    item_s: float = 0.0

    def seconds(self, size: int) -> float:
        """Seconds that a batch of `size` requests holds its GPU."""
        return self.base_s + self.item_s * size


FIXED = Service(2.0)
SIZED = Service(0.5, 0.015)


@dataclass(frozen=True)
class Model:
    """One queueing set-up.

    rate: requests per second offered to all `gpus` together.
    queue: "own" (a queue per GPU, requests routed at random), "shared" (a
        free GPU pulls from one first-in first-out queue) or "in_step" (one
        queue, but all GPUs start batches at the same instants only).
    timer_s: a free GPU waits for a full batch, or until the oldest waiting
        request is this many seconds old. GREEDY (0) starts with whatever
        waits, at least one; WAIT_UNTIL_FULL has no time limit.
    start_together: all GPUs are first free at time 0, not at random phases.
    """

    gpus: int
    rate: float
    queue: str = "shared"
    service: Service = FIXED
    timer_s: float = GREEDY
    start_together: bool = False

    @property
    def load(self) -> float:
        """Offered rate as a share of the rate with every batch full."""
        return self.rate * self.service.seconds(BATCH_LIMIT) / (BATCH_LIMIT * self.gpus)

    @property
    def pool(self) -> tuple[int, float]:
        """GPUs and requests per second of the one queue that is simulated.

        A Poisson stream split at random is again Poisson, so with a queue per
        GPU one GPU at its share of the rate stands for all of them.
        """
        if self.queue == "own":
            return 1, self.rate / self.gpus
        return self.gpus, self.rate

    def check(self) -> None:
        """Raise ValueError if the set-up has no meaning or no steady state."""
        if self.queue not in ("own", "shared", "in_step"):
            raise ValueError(f"unknown queue {self.queue!r}")
        if self.gpus < 1 or not self.rate > 0 or not self.timer_s >= 0:
            raise ValueError("need gpus >= 1, rate > 0 and timer_s >= 0")
        if self.queue == "in_step" and (self.service.item_s or self.timer_s):
            raise ValueError("in_step needs a fixed service time and no timer")
        if self.load >= 1:
            raise ValueError(
                f"overload: load is {self.load:.3f}, and at 1 or more the queue "
                "grows without end, so there is no steady latency to report"
            )


@dataclass(frozen=True)
class Run:
    """One run. Times in s. Requests and batches are in order of start.

    Requests that no batch had taken when the arrivals ended are left out of
    `latencies`; they are the last ones of `arrivals`.
    """

    arrivals: np.ndarray
    starts: np.ndarray
    sizes: np.ndarray
    service_times: np.ndarray

    @property
    def served(self) -> int:
        """Number of requests taken into a batch."""
        return int(self.sizes.sum())

    @property
    def latencies(self) -> np.ndarray:
        """Seconds from arrival to the end of the batch, per served request."""
        ends = np.repeat(self.starts + self.service_times, self.sizes)
        return ends - self.arrivals[: self.served]


def poisson_arrivals(rate: float, until_s: float, rng: np.random.Generator) -> np.ndarray:
    """Sorted arrival times in s, a Poisson process of `rate` on [0, until_s)."""
    count = rng.poisson(rate * until_s)
    # Given their number, arrivals are uniform; scaled sums of exponentials
    # are uniform order statistics, and come without a sort.
    sums = np.cumsum(rng.standard_exponential(count + 1))
    return sums[:-1] * (until_s / sums[-1])


def pull_batches(times: list[float], free_at: list[float], model: Model) -> Iterator[tuple]:
    """Yield (start, size, service time) of each batch that free GPUs pull.

    `times` are sorted arrivals and `free_at` when each GPU is first free, in
    s. Ends when what still waits can no longer be known to start a batch.
    """
    free = list(free_at)
    heapq.heapify(free)
    first, total = 0, len(times)
    while first < total:
        last = first + BATCH_LIMIT - 1
        full_at = times[last] if last < total else math.inf
        ready_at = min(full_at, times[first] + model.timer_s)
        if ready_at == math.inf:
            return
        start = max(free[0], ready_at)
        end = bisect_right(times, start, first, min(first + BATCH_LIMIT, total))
        duration = model.service.seconds(end - first)
        heapq.heapreplace(free, start + duration)
        yield start, end - first, duration
        first = end


def step_batches(times: list[float], phase_s: float, model: Model) -> Iterator[tuple]:
    """Yield (start, size, service time) when all GPUs start together.

    A GPU that finds the queue empty sits out that step. GPUs fill up in turn;
    with a fixed service time another division gives the same latencies.
    """
    duration = model.service.seconds(BATCH_LIMIT)
    start, first = phase_s, 0
    while first < len(times):
        waiting = bisect_right(times, start, first) - first
        left = min(waiting, model.gpus * BATCH_LIMIT)
        first += left
        while left > 0:
            size = min(left, BATCH_LIMIT)
            yield start, size, duration
            left -= size
        start += duration


def simulate(model: Model, seconds: float, rng: np.random.Generator) -> Run:
    """Run `model` on `seconds` s of arrivals, from an empty queue.

    Raises ValueError if the model is meaningless or overloaded.
    """
    model.check()
    gpus, rate = model.pool
    phases = rng.uniform(0.0, model.service.seconds(BATCH_LIMIT), gpus)
    if model.start_together:
        phases[:] = 0.0
    arrivals = poisson_arrivals(rate, seconds, rng)
    times = arrivals.tolist()
    if model.queue == "in_step":
        batches = step_batches(times, float(phases[0]), model)
    else:
        batches = pull_batches(times, phases.tolist(), model)
    table = np.array(list(batches), dtype=float).reshape(-1, 3)
    return Run(arrivals, table[:, 0], table[:, 1].astype(int), table[:, 2])


@dataclass(frozen=True)
class Plan:
    """How long one seed is run: `draws` fresh starts of `seconds` s each.

    `lead_s` s before and after each measured stretch are run but not counted:
    before, so that the empty start is forgotten; after, so that each counted
    request also gets its batch.
    """

    draws: int
    seconds: float
    lead_s: float = 10.0


@dataclass(frozen=True)
class Sample:
    """What one seed measured: latencies in s, batch sizes, share of GPU time busy."""

    latencies: np.ndarray
    sizes: np.ndarray
    busy: float

    def summary(self) -> dict[str, float]:
        """Mean, median and 99th percentile in s, mean batch size, busy share."""
        p50, p99 = np.percentile(self.latencies, (50, 99))
        return {
            "mean": float(self.latencies.mean()),
            "p50": float(p50),
            "p99": float(p99),
            "batch": float(self.sizes.mean()),
            "busy": self.busy,
        }


def measured_part(run: Run, plan: Plan, gpus: int) -> Sample:
    """Cut the lead-in and lead-out off a run.

    Raises ValueError if a request of the measured part was never served,
    since leaving out the slowest would flatter the figures.
    """
    begin, end = plan.lead_s, plan.lead_s + plan.seconds
    low, high = np.searchsorted(run.arrivals, (begin, end))
    if high > run.served:
        raise ValueError("a measured request was still waiting at the end of the run")
    inside = (run.starts >= begin) & (run.starts < end)
    ends = run.starts + run.service_times
    # A batch that straddles an edge counts for the part inside.
    overlaps = np.clip(ends, begin, end) - np.clip(run.starts, begin, end)
    busy = overlaps.sum() / (gpus * plan.seconds)
    return Sample(run.latencies[low:high], run.sizes[inside], float(busy))


def measure(model: Model, plan: Plan, seed: int) -> Sample:
    """Pool the draws of one seed. Raises ValueError as `simulate` does."""
    total_s = plan.seconds + 2 * plan.lead_s
    parts = []
    for draw in range(plan.draws):
        run = simulate(model, total_s, np.random.default_rng([seed, draw]))
        parts.append(measured_part(run, plan, model.pool[0]))
    return Sample(
        np.concatenate([part.latencies for part in parts]),
        np.concatenate([part.sizes for part in parts]),
        float(np.mean([part.busy for part in parts])),
    )


CELL_GPUS = 42
SERVICE_RATE = 10_000.0
TIMER_S = 0.1
# Eight cells serve 10,000 req/s; the design point is the loss of one of them.
LOST = SERVICE_RATE / 7
ALL_UP = SERVICE_RATE / 8
BUSY = 0.9 * 42 * 50.0
# 2 % of what 42 GPUs serve with full batches of 2 s: so few requests that a
# free GPU is likely to find the queue empty.
NIGHT = 42.0

ONE_GPU = Plan(draws=1, seconds=10_000.0)
ONE_GPU_LONG = Plan(draws=1, seconds=30_000.0)
# Greedy GPUs with a fixed service keep the phases they start with, so many
# short draws are worth more than a few long ones.
PHASES = Plan(draws=800, seconds=4.0, lead_s=6.0)
CELL = Plan(draws=30, seconds=20.0)
QUIET = Plan(draws=60, seconds=100.0)

ENTRIES: dict[str, tuple[Model, Plan]] = {
    "batching.own_queue": (Model(CELL_GPUS, LOST, "own"), ONE_GPU),
    "batching.shared_queue": (Model(CELL_GPUS, LOST), PHASES),
    "batching.in_step": (Model(CELL_GPUS, LOST, "in_step"), CELL),
    "batching.own_queue_timer": (Model(CELL_GPUS, LOST, "own", timer_s=TIMER_S), ONE_GPU),
    "batching.shared_queue_timer": (Model(CELL_GPUS, LOST, timer_s=TIMER_S), CELL),
    "batching.sized_greedy": (Model(CELL_GPUS, LOST, service=SIZED), CELL),
    "batching.sized_timer": (Model(CELL_GPUS, LOST, service=SIZED, timer_s=TIMER_S), CELL),
    "batching.sized_fill": (
        Model(CELL_GPUS, LOST, service=SIZED, timer_s=WAIT_UNTIL_FULL),
        CELL,
    ),
    "batching.night_greedy": (Model(CELL_GPUS, NIGHT), QUIET),
    "batching.night_timer": (Model(CELL_GPUS, NIGHT, timer_s=TIMER_S), QUIET),
    "batching.sized_one_greedy": (Model(CELL_GPUS, LOST, "own", SIZED), ONE_GPU_LONG),
    "batching.sized_one_timer": (
        Model(CELL_GPUS, LOST, "own", SIZED, TIMER_S),
        ONE_GPU_LONG,
    ),
    "batching.sized_timer_30ms": (Model(CELL_GPUS, LOST, service=SIZED, timer_s=0.03), CELL),
    "batching.sized_busy_greedy": (Model(CELL_GPUS, BUSY, service=SIZED), CELL),
    "batching.sized_busy_timer_30ms": (
        Model(CELL_GPUS, BUSY, service=SIZED, timer_s=0.03),
        CELL,
    ),
    "batching.all_cells": (Model(CELL_GPUS, ALL_UP), PHASES),
}
FIGURE_ENTRIES = {
    "own": "batching.own_queue",
    "shared": "batching.shared_queue",
    "in step": "batching.in_step",
}

QUEUE_WORDS = {
    "own": "one GPU with a queue of its own",
    "shared": "{gpus} GPUs that pull from one shared queue, started at random phases",
    "in_step": (
        "{gpus} GPUs with one shared queue that all start batches at the same instants "
        "and fill up in turn, so that some sit a step out"
    ),
}


def service_words(service: Service) -> str:
    """The service time in words."""
    if service.item_s:
        return f"service {service.base_s:g} s + {service.item_s * 1000:g} ms per request"
    return f"fixed service {service.base_s:.1f} s"


def start_words(timer_s: float) -> str:
    """The rule by which a free GPU starts a batch, in words."""
    if timer_s == GREEDY:
        return "a free GPU starts with whatever waits"
    if timer_s == WAIT_UNTIL_FULL:
        return f"a free GPU waits for {BATCH_LIMIT} requests, however long that takes"
    return f"a free GPU waits for {BATCH_LIMIT} requests or until the oldest is {timer_s * 1000:g} ms old"


def describe(model: Model, plan: Plan) -> str:
    """One sentence: what was simulated."""
    gpus, rate = model.pool
    parts = [
        QUEUE_WORDS[model.queue].format(gpus=gpus),
        f"{rate:,.1f} requests/s" if rate >= 100 else f"{rate:.4g} requests/s",
        f"load {100 * model.load:.1f} %",
        service_words(model.service),
    ]
    if model.queue != "in_step":
        parts.append(start_words(model.timer_s))
    if plan.draws > 1:
        parts.append(f"each seed pools {plan.draws} random starts")
    sentence = "; ".join(parts)
    return f"{sentence[0].upper()}{sentence[1:]}."


def share_answered(latencies: np.ndarray) -> np.ndarray:
    """Share of requests answered within each latency of GRID_S."""
    return np.searchsorted(np.sort(latencies), GRID_S, side="right") / len(latencies)


def run_entry(name: str, seeds: tuple[int, ...] = SEEDS) -> tuple[dict, np.ndarray | None]:
    """The results entry `name`, and its cumulative curve if the figure needs it.

    Raises KeyError for a name that is not in ENTRIES.
    """
    model, plan = ENTRIES[name]
    summaries, curves = [], []
    for seed in seeds:
        sample = measure(model, plan, seed)
        summaries.append(sample.summary())
        if name in FIGURE_ENTRIES.values():
            curves.append(share_answered(sample.latencies))
    entry = {"model": describe(model, plan), "unit": "s", "seeds": list(seeds)}
    for key in summaries[0]:
        entry[key] = spread([summary[key] for summary in summaries])
    return entry, np.mean(curves, axis=0) if curves else None


def figure_series(results: dict, curves: dict[str, np.ndarray]) -> dict:
    """What `batching_figure.draw` needs of each line: its shares, median and p99."""
    return {
        line: {
            "shares": curves[name],
            "p50": results[name]["p50"]["value"],
            "p99": results[name]["p99"]["value"],
        }
        for line, name in FIGURE_ENTRIES.items()
    }


def main() -> None:
    """Write the results file and the figure."""
    import batching_figure  # beside this file; only the script needs it

    results, curves = {}, {}
    for name in ENTRIES:
        results[name], curve = run_entry(name)
        if curve is not None:
            curves[name] = curve
    drawing = batching_figure.draw(GRID_S, figure_series(results, curves))
    write_results(results, RESULTS_FILE)
    write_text(drawing, FIGURE_FILE)


if __name__ == "__main__":
    main()
