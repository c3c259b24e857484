"""The decode stage of an LLM service, simulated: who is admitted, and what it costs.

One replica is eight H100 that decode Llama 3.1 70B. Requests arrive as a
Poisson process, with the KV cache of their prompt ready: prefill is done
elsewhere. They wait first in, first out, until the admission policy lets them
in. A step makes one token for each running request. It reads the weights and
all running caches from memory, so it takes their bytes over the bandwidth,
plus a fixed overhead; every token made makes the next steps longer.

When a step finds no room for its tokens, the youngest running request is
preempted: it loses its cache, keeps the tokens it has streamed, and goes back
to the head of the queue. Once admitted again it is recomputed by the replica
itself, at 60,000 tokens/s of its prompt and its tokens so far, and every other
running request is held up for as long. A step that preempts admits nobody.

Run it to rewrite ``results/tokens.json`` and the figure:

    python simulations/tokens.py

In the results, `mean`, `p50` and `p99` of an entry in s are times to first
token: from arrival at the decode stage to the end of the first step. Of the
rest, `token_time` is the mean time per output token after the first in s,
`goodput` is in tok/s, `rate` in finished req/s, `occupancy` is the share of
the KV room in use, `running` and `in_flight` count requests (`in_flight` with
those that wait), `preempted` is the share of admitted requests preempted at
least once, `refused` the share of offered requests refused, and `cut` the
requests that a lost replica took with it. Of several replicas, `occupancy` and
`running` are means over all, with the lost one counted as empty; the rest are
totals. Each has the mean over seeds and the range over seeds. An entry named
`<entry>.<measure>` holds one of these alone, in the unit it states, so that a
page can cite it.

Loads are shares of CAPACITY_PER_S, the rate that the replica sustains when
its queue is never empty, under the policy that wastes least: `spare`. Where a
load is more than a policy sustains, there is no steady state. The replica then
comes from a load of 70 %, and the figures hold for the ten minutes measured
and no other stretch: after a longer one they are worse.

The same NumPy release gives the same files byte for byte. With one seed,
request number k has the same prompt, the same answer and the same place in
the stream under every policy, so differences are not luck of the draw.

What the model leaves out, and so must not be quoted for:

* prefill, its queue, the transfer of the cache, and the share of the time to
  first token that they take; chunked prefill beside decode;
* the arithmetic of a step, except in the entries named `arithmetic`. At 735
  running requests the matrix products of a 70B model take 13 ms on eight H100
  at half of their FP8 peak, and the weights are read in 4 ms. So figures for
  many running requests are too good, and so are gains from running more:
  compare `capacity`, `capacity_reserve_max` and `kv_fp8` with `arithmetic`,
  `arithmetic_reserve_max` and `arithmetic_kv_fp8`;
* communication between GPUs, and pipelining of the 3 ms overhead;
* paging of the cache (room is counted by token, not by block), prefix
  caching, swapping to host memory, speculative decoding, and beam search;
* requests known to be long or short: answer lengths are independent of
  prompts and of load, and no policy sees them;
* clients that give up, retry or hedge, deadlines, priorities, and fairness;
* cost of routing, stale load figures at the router, and warm-up after a loss;
  requests cut off by a loss are not tried again;
* bursts beyond Poisson, daily cycles, and variation of a step's time;
* the safety checks on input and output, and any other stage before or after.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from common import FIGURES, RESULTS, spread, write_results, write_text

SEEDS = tuple(range(1, 6))
RESULTS_FILE = RESULTS / "tokens.json"
FIGURE_FILE = FIGURES / "token-admission.svg"

# Found by the entry `tokens.capacity`: its goodput over the mean answer.
CAPACITY_PER_S = 38.2

MEAN_PROMPT, LONGEST_PROMPT = 1_500.0, 16_000
MEAN_ANSWER, MAX_TOKENS = 500.0, 4_096
SIGMA = 1.0
PREFILL_TOKENS_PER_S = 60_000.0
SPARE_SHARE = 0.01
MEAN_SHARE = 0.9
LONGEST_WAIT_S = 2.0
RECENT_S = 10.0


def normal_share(z: float) -> float:
    """Share of a standard normal variable that lies below `z`."""
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


def capped_moment(median: float, cap: float, power: int) -> float:
    """Mean of min(X, cap) ** power, X lognormal with this median and SIGMA."""
    z = math.log(cap / median) / SIGMA
    below = math.exp((power * SIGMA) ** 2 / 2) * normal_share(z - power * SIGMA)
    return median**power * below + cap**power * normal_share(-z)


def median_for(mean: float, cap: float) -> float:
    """Median of the lognormal whose values have this mean once they are capped."""
    low, high = 0.0, mean
    for _ in range(60):
        middle = (low + high) / 2
        if capped_moment(middle, cap, 1) < mean:
            low = middle
        else:
            high = middle
    return high


PROMPT_MEDIAN = median_for(MEAN_PROMPT, LONGEST_PROMPT)
ANSWER_MEDIAN = median_for(MEAN_ANSWER, MAX_TOKENS)
# Of a request caught running at a random instant; long answers run for longer.
MEAN_REST = round(capped_moment(ANSWER_MEDIAN, MAX_TOKENS, 2) / (2 * MEAN_ANSWER))


@dataclass(frozen=True)
class Machine:
    """What a replica runs on. Bytes, bytes per second and s.

    weights_b: bytes of weights, read once a step.
    token_b: bytes of KV cache a token.
    memory_b: bytes that weights and cache may use.
    bandwidth: bytes per second that a step reaches.
    fixed_s: overhead of a step.
    request_s: matrix arithmetic a running request; it hides the reading of
        the weights, or is hidden by it, whichever is longer.
    most: running requests at most.
    """

    weights_b: float = 70e9
    token_b: int = 327_680
    memory_b: float = 8 * 80e9 * 0.9
    bandwidth: float = 8 * 3.35e12 * 0.6
    fixed_s: float = 0.003
    request_s: float = 0.0
    most: int = 1_024

    @property
    def room(self) -> int:
        """Tokens whose cache fits beside the weights."""
        return int((self.memory_b - self.weights_b) / self.token_b)

    def step_s(self, tokens: int, requests: int = 1) -> float:
        """Seconds of a step of so many requests that reads the cache of `tokens` tokens."""
        weights_s = max(self.weights_b / self.bandwidth, self.request_s * requests)
        return weights_s + self.token_b * tokens / self.bandwidth + self.fixed_s


H100S = Machine()
KV_FP8 = Machine(token_b=163_840)
WEIGHTS_INT4 = Machine(weights_b=35e9)
# Two operations a parameter, at half of 1,979 TFLOP/s of dense FP8 a GPU.
REQUEST_S = 2 * 70e9 / (8 * 1_979e12 * 0.5)
ARITHMETIC = Machine(request_s=REQUEST_S)
ARITHMETIC_KV_FP8 = Machine(request_s=REQUEST_S, token_b=163_840)
POLICIES = ("free", "spare", "reserve_max", "reserve_mean")


@dataclass(frozen=True)
class Model:
    """One set-up.

    load: share of CAPACITY_PER_S offered to each replica while measured.
    admission: the queue's head is let in while, of the KV room,
        "free": its cache and the next step's tokens fit now;
        "spare": the same, and SPARE_SHARE of the room stays free;
        "reserve_max": prompt and MAX_TOKENS of every running request fit;
        "reserve_mean": the caches now and MEAN_REST tokens for every running
        request fit in MEAN_SHARE of the room.
    bounded: an arrival is refused if it would wait for more than
        LONGEST_WAIT_S, judged by the requests that wait before it and the
        rate of those finished in the last RECENT_S.
    load_before: the load before the measured stretch; None is the same load.
    replicas, routing: arrivals go to the replicas in turn ("round_robin") or
        to the one with least cache, running and waiting ("least_kv").
    lost: one replica is down for the measured stretch.
    """

    load: float
    admission: str = "spare"
    bounded: bool = False
    machine: Machine = H100S
    load_before: float | None = None
    replicas: int = 1
    routing: str = "round_robin"
    lost: bool = False

    def check(self) -> None:
        """Raise ValueError if the set-up has no meaning or could stand still."""
        if self.admission not in POLICIES:
            raise ValueError(f"unknown admission {self.admission!r}")
        if self.routing not in ("round_robin", "least_kv"):
            raise ValueError(f"unknown routing {self.routing!r}")
        if self.replicas < 1 + self.lost or not self.load > 0:
            raise ValueError("need load > 0, and a replica that is left")
        if self.load_before is not None and not self.load_before > 0:
            raise ValueError("need load_before > 0")
        longest = LONGEST_PROMPT + MAX_TOKENS
        if self.machine.most < 1 or longest > MEAN_SHARE * self.machine.room:
            raise ValueError(f"the longest request, {longest:,} tokens, must fit alone")


@dataclass(frozen=True)
class Plan:
    """How long one seed is run, in s.

    `seconds` are measured, after `lead_s` in which the empty start is
    forgotten, and before `tail_s` in which the requests measured finish.
    """

    lead_s: float = 300.0
    seconds: float = 600.0
    tail_s: float = 200.0

    @property
    def end_s(self) -> float:
        """End of the measured stretch."""
        return self.lead_s + self.seconds

    def covers(self, times: np.ndarray) -> np.ndarray:
        """Which times lie in the measured stretch."""
        return (times >= self.lead_s) & (times < self.end_s)


def arrival_times(
    stretches: Iterable[tuple[float, float]], rng: np.random.Generator
) -> np.ndarray:
    """Sorted arrivals in s from 0: Poisson, of each (requests per second, seconds) in turn."""
    rates, seconds = np.array(list(stretches), dtype=float).T
    expected = np.concatenate([[0.0], np.cumsum(rates * seconds)])
    ends = np.concatenate([[0.0], np.cumsum(seconds)])
    # Ten standard deviations more than expected; what is too late is cut off.
    count = int(expected[-1] + 10 * math.sqrt(expected[-1]) + 20)
    sums = np.cumsum(rng.standard_exponential(count))
    return np.interp(sums[sums < expected[-1]], expected, ends)


def lengths(median: float, cap: int, count: int, rng: np.random.Generator) -> np.ndarray:
    """Whole numbers of tokens from 1 to `cap`, lognormal with this median and SIGMA."""
    drawn = median * np.exp(SIGMA * rng.standard_normal(count))
    return np.clip(np.rint(drawn), 1, cap).astype(int)


class Requests:
    """All requests of a run, a list for each property; times in s.

    `made` is the number of tokens made before the last preemption. `firsts`
    and `finishes` are when the first and the last token came, NaN if never.
    """

    def __init__(self, arrivals: np.ndarray, prompts: np.ndarray, answers: np.ndarray) -> None:
        count = len(arrivals)
        # Lists, because single elements of arrays are slow.
        self.arrivals: list[float] = arrivals.tolist()
        self.prompts: list[int] = prompts.tolist()
        self.answers: list[int] = answers.tolist()
        self.made = [0] * count
        self.preemptions = [0] * count
        self.firsts = [math.nan] * count
        self.finishes = [math.nan] * count
        self.refused = [False] * count
        self.cut = [False] * count

    def cache(self, number: int) -> int:
        """Tokens of cache with which a request that waits will be admitted."""
        return self.prompts[number] + self.made[number]


class Replica:
    """One replica at work. Times in s, caches in tokens, requests by number.

    All running requests gain one token a step, so the step in which each of
    them ends is known when it is admitted, and no step loops over them.
    """

    def __init__(self, model: Model, requests: Requests) -> None:
        self.model, self.machine, self.requests = model, model.machine, requests
        self.room = model.machine.room
        self.waiting: deque[int] = deque()
        self.running: dict[int, int] = {}  # request: its last step; in order of admission
        self.ending: defaultdict[int, list[int]] = defaultdict(list)  # last step: requests
        self.step = 0
        self.ends_at = math.inf  # the step under way, if any
        self.cached = self.prompts = self.queued = 0  # running, their prompts, waiting
        self.finished: deque[float] = deque()  # times, of late
        self.steps: list[float] = []  # the rows of Run.steps, end to end

    def offer(self, number: int, now: float) -> None:
        """Queue or refuse a request that arrives; a replica at rest starts at once."""
        if self.model.bounded and self.expected_wait_s(now) > LONGEST_WAIT_S:
            self.requests.refused[number] = True
            return
        self.waiting.append(number)
        self.queued += self.requests.cache(number)
        if self.ends_at == math.inf:
            self.begin_step(now)

    def expected_wait_s(self, now: float) -> float:
        """Wait for admission that an arrival should expect, from recent completions."""
        while self.finished and self.finished[0] < now - RECENT_S:
            self.finished.popleft()
        if not self.waiting:
            return 0.0
        return len(self.waiting) * RECENT_S / len(self.finished) if self.finished else math.inf

    def advance(self, now: float) -> None:
        """Run all steps that end by `now`."""
        while self.ends_at <= now:
            self.end_step()
            self.begin_step(self.ends_at)

    def begin_step(self, now: float) -> None:
        """Preempt or admit, then start a step; with nothing to run, rest."""
        recomputed = 0
        if self.cached + len(self.running) > self.room:
            self.preempt()
            fresh = []
        else:
            fresh, recomputed = self.admit()
        if not self.running:
            self.ends_at = math.inf
            return
        count = len(self.running)
        duration = self.machine.step_s(self.cached, count) + recomputed / PREFILL_TOKENS_PER_S
        self.ends_at = now + duration
        self.steps += (now, duration, count, self.cached + count)
        for number in fresh:
            self.requests.firsts[number] = self.ends_at

    def end_step(self) -> None:
        """Add a token to each running request, and let go those that have all."""
        self.step += 1
        self.cached += len(self.running)
        for number in self.ending.pop(self.step, ()):
            del self.running[number]
            self.cached -= self.requests.prompts[number] + self.requests.answers[number]
            self.prompts -= self.requests.prompts[number]
            self.requests.finishes[number] = self.ends_at
            self.finished.append(self.ends_at)

    def fits(self, number: int) -> bool:
        """Whether the admission policy lets a waiting request in now."""
        count = len(self.running) + 1
        if count > self.machine.most:
            return False
        policy = self.model.admission
        if policy == "reserve_max":
            promised = self.prompts + self.requests.prompts[number] + count * MAX_TOKENS
            return promised <= self.room
        cached = self.cached + self.requests.cache(number)
        if policy == "reserve_mean":
            return cached + count * MEAN_REST <= MEAN_SHARE * self.room
        spare = SPARE_SHARE * self.room if policy == "spare" else 0
        return cached + count + spare <= self.room

    def admit(self) -> tuple[list[int], int]:
        """Admit from the head of the queue; who has no token yet, and tokens to recompute."""
        fresh, recomputed = [], 0
        while self.waiting and self.fits(self.waiting[0]):
            number = self.waiting.popleft()
            made, cache = self.requests.made[number], self.requests.cache(number)
            self.queued -= cache
            self.cached += cache
            self.prompts += self.requests.prompts[number]
            last = self.step + self.requests.answers[number] - made
            self.running[number] = last
            self.ending[last].append(number)
            if made:
                recomputed += cache
            else:
                fresh.append(number)
        return fresh, recomputed

    def preempt(self) -> None:
        """Send the youngest back to the head of the queue until a step has room."""
        requests = self.requests
        while self.cached + len(self.running) > self.room:
            number, last = self.running.popitem()
            self.ending[last].remove(number)
            requests.made[number] = requests.answers[number] - (last - self.step)
            requests.preemptions[number] += 1
            self.cached -= requests.cache(number)
            self.prompts -= requests.prompts[number]
            self.queued += requests.cache(number)
            self.waiting.appendleft(number)

    def lose(self) -> None:
        """Drop all requests, running and waiting, and rest."""
        for number in (*self.running, *self.waiting):
            self.requests.cut[number] = True
        self.waiting.clear()
        self.running.clear()
        self.ending.clear()
        self.finished.clear()
        self.cached = self.prompts = self.queued = 0
        self.ends_at = math.inf


@dataclass(frozen=True)
class Run:
    """One run, request by request in order of arrival. Times in s.

    firsts, finishes: when the first and last token came, NaN if never.
    preemptions: how often each was preempted. refused, cut: whether it was.
    steps: a row for each step of any replica: start, duration, running
        requests, and tokens cached at its end.
    """

    arrivals: np.ndarray
    prompts: np.ndarray
    answers: np.ndarray
    firsts: np.ndarray
    finishes: np.ndarray
    preemptions: np.ndarray
    refused: np.ndarray
    cut: np.ndarray
    steps: np.ndarray


def draw_requests(model: Model, plan: Plan, seed: int) -> Requests:
    """The requests of one seed: streams of their own for arrivals, prompts and answers."""
    before = model.load if model.load_before is None else model.load_before
    offered = CAPACITY_PER_S * model.replicas
    stretches = [
        (before * offered, plan.lead_s),
        (model.load * offered, plan.seconds + plan.tail_s),
    ]
    streams = [np.random.default_rng([seed, stream]) for stream in range(3)]
    arrivals = arrival_times(stretches, streams[0])
    return Requests(
        arrivals,
        lengths(PROMPT_MEDIAN, LONGEST_PROMPT, len(arrivals), streams[1]),
        lengths(ANSWER_MEDIAN, MAX_TOKENS, len(arrivals), streams[2]),
    )


def route(number: int, up: list[Replica], routing: str) -> Replica:
    """The replica, of those that are up, that a request goes to."""
    if routing == "round_robin":
        return up[number % len(up)]
    return min(up, key=lambda replica: replica.cached + replica.queued)


def simulate(model: Model, plan: Plan, seed: int) -> Run:
    """Run `model` on one seed's requests, from empty replicas, until the plan ends.

    Raises ValueError if the model is meaningless.
    """
    model.check()
    requests = draw_requests(model, plan, seed)
    replicas = [Replica(model, requests) for _ in range(model.replicas)]
    up = replicas
    for number, now in enumerate(requests.arrivals):
        for replica in replicas:
            if replica.ends_at <= now:
                replica.advance(now)
        if model.lost and up is replicas and plan.lead_s <= now < plan.end_s:
            replicas[0].lose()
            up = replicas[1:]
        elif now >= plan.end_s:
            up = replicas
        route(number, up, model.routing).offer(number, now)
    for replica in replicas:
        replica.advance(plan.end_s + plan.tail_s)
    return finished_run(requests, replicas)


def finished_run(requests: Requests, replicas: list[Replica]) -> Run:
    """What the run left in its requests and replicas, as arrays."""
    columns = {
        name: np.array(getattr(requests, name)) for name in Run.__annotations__ if name != "steps"
    }
    steps = [np.array(replica.steps, dtype=float).reshape(-1, 4) for replica in replicas]
    return Run(**columns, steps=np.concatenate(steps))


@dataclass(frozen=True)
class Sample:
    """What one seed measured; see the module's text for measures and units.

    waits: s to the first token. gaps: s per token after the first, of
    requests with two tokens or more.
    """

    waits: np.ndarray
    gaps: np.ndarray
    measures: dict[str, float]

    def summary(self) -> dict[str, float]:
        """All measures by name; p50 and p99 of the waits, and p99 of the gaps."""
        wait_p50, wait_p99 = np.percentile(self.waits, (50, 99))
        return {
            "mean": float(self.waits.mean()),
            "p50": float(wait_p50),
            "p99": float(wait_p99),
            "token_time": float(self.gaps.mean()),
            "token_time_p99": float(np.percentile(self.gaps, 99)),
            **self.measures,
        }


def flow(run: Run, model: Model, plan: Plan) -> dict[str, float]:
    """What the replicas did in the measured stretch, whoever asked for it."""
    duration, running, cached = run.steps[plan.covers(run.steps[:, 0]), 1:].T
    # Time that a replica rests counts as nothing running and nothing cached.
    time = model.replicas * plan.seconds
    return {
        "goodput": float(running.sum() / plan.seconds),
        "rate": float(plan.covers(run.finishes).sum() / plan.seconds),
        "occupancy": float((duration * cached).sum() / (time * model.machine.room)),
        "running": float((duration * running).sum() / time),
    }


def in_flight(run: Run, plan: Plan) -> float:
    """Mean number of requests that wait or run in the measured stretch."""
    taken = ~run.refused & ~run.cut
    left = np.where(np.isnan(run.finishes), math.inf, run.finishes)[taken]
    stays = np.clip(left, plan.lead_s, plan.end_s) - np.clip(
        run.arrivals[taken], plan.lead_s, plan.end_s
    )
    return float(stays.sum() / plan.seconds)


def measured_part(run: Run, model: Model, plan: Plan) -> Sample:
    """The requests that arrived in the measured stretch, and what went on in it.

    Raises ValueError if one of them had not finished at the end of the run,
    since leaving out the slowest would flatter the figures.
    """
    offered = plan.covers(run.arrivals)
    served = offered & ~run.refused & ~run.cut
    if np.isnan(run.finishes[served]).any():
        raise ValueError("a measured request had not finished at the end of the run")
    several = served & (run.answers > 1)
    gaps = (run.finishes - run.firsts)[several] / (run.answers[several] - 1)
    measures = {
        "preempted": float((run.preemptions[served] > 0).mean()),
        "refused": float(run.refused[offered].mean()),
        **flow(run, model, plan),
        "in_flight": in_flight(run, plan),
    }
    if model.lost:
        measures["cut"] = float(run.cut.sum())
    return Sample((run.firsts - run.arrivals)[served], gaps, measures)


def measure(model: Model, plan: Plan, seed: int) -> dict[str, float]:
    """All measures of one seed by name; only those of the flow if the plan has no tail.

    Raises ValueError as `simulate` and `measured_part` do.
    """
    run = simulate(model, plan, seed)
    if plan.tail_s == 0:
        return flow(run, model, plan)
    return measured_part(run, model, plan).summary()


# Ten minutes; under overload the last of those measured wait long, hence the tail.
MINUTES = Plan(tail_s=350.0)
# No tail: how much is served counts, and nobody's wait.
SATURATED = Plan(tail_s=0.0)
# Five minutes without one replica. Eight at once run long, so the ends are short.
LOSS = Plan(lead_s=150.0, seconds=300.0, tail_s=170.0)
# Shares of capacity that the policies sustain, rounded down.
SUSTAINED = {"free": 0.92, "spare": 0.99, "reserve_max": 0.75, "reserve_mean": 0.92}
# More than any set-up sustains, so that its queue is never empty.
UNLIMITED = 2.0


def single(load: float, admission: str, bounded: bool = False) -> Model:
    """One replica at `load` all the time or, if that is not sustained, at 70 % before."""
    before = load if load <= SUSTAINED[admission] else 0.7
    return Model(load, admission, bounded, load_before=before)


def loss(load: float, routing: str) -> Model:
    """Eight replicas with a bounded queue each, of which one is lost."""
    return Model(load, bounded=True, replicas=8, routing=routing, lost=True)


FLOW = ("rate", "occupancy", "running")
WAITS = ("goodput", "token_time", "occupancy", "running", "in_flight")
ENTRIES: dict[str, tuple[Model, Plan, tuple[str, ...]]] = {
    "tokens.capacity": (Model(UNLIMITED), SATURATED, FLOW),
    "tokens.capacity_free": (Model(UNLIMITED, "free"), SATURATED, FLOW),
    "tokens.capacity_reserve_max": (Model(UNLIMITED, "reserve_max"), SATURATED, FLOW),
    "tokens.capacity_reserve_mean": (Model(UNLIMITED, "reserve_mean"), SATURATED, FLOW),
    "tokens.kv_fp8": (Model(UNLIMITED, machine=KV_FP8), SATURATED, FLOW),
    "tokens.weights_int4": (Model(UNLIMITED, machine=WEIGHTS_INT4), SATURATED, FLOW),
    "tokens.arithmetic": (Model(UNLIMITED, machine=ARITHMETIC), SATURATED, FLOW),
    "tokens.arithmetic_reserve_max": (
        Model(UNLIMITED, "reserve_max", machine=ARITHMETIC),
        SATURATED,
        FLOW,
    ),
    "tokens.arithmetic_kv_fp8": (Model(UNLIMITED, machine=ARITHMETIC_KV_FP8), SATURATED, FLOW),
    "tokens.free_70": (single(0.7, "free"), MINUTES, WAITS),
    "tokens.reserve_max_70": (single(0.7, "reserve_max"), MINUTES, WAITS),
    "tokens.free_90": (single(0.9, "free"), MINUTES, WAITS),
    "tokens.reserve_mean_90": (single(0.9, "reserve_mean"), MINUTES, WAITS),
    "tokens.reserve_max_90": (single(0.9, "reserve_max"), MINUTES, WAITS),
    "tokens.free_100": (single(1.0, "free"), MINUTES, (*WAITS, "preempted")),
    "tokens.spare_100": (single(1.0, "spare"), MINUTES, (*WAITS, "preempted")),
    "tokens.unbounded_130": (single(1.3, "spare"), MINUTES, WAITS),
    "tokens.bounded_130": (single(1.3, "spare", bounded=True), MINUTES, (*WAITS, "refused")),
    "tokens.lost_80_round_robin": (loss(0.8, "round_robin"), LOSS, (*WAITS, "refused")),
    "tokens.lost_80_least_kv": (loss(0.8, "least_kv"), LOSS, (*WAITS, "refused")),
    "tokens.lost_90_round_robin": (loss(0.9, "round_robin"), LOSS, (*WAITS, "refused")),
    "tokens.lost_90_least_kv": (loss(0.9, "least_kv"), LOSS, (*WAITS, "refused")),
}
# Unit of a measure that has an entry of its own, and how many of it are one of ours.
UNITS = {
    "goodput": ("tok/s", 1),
    "rate": ("req/s", 1),
    "token_time": ("s", 1),
    "occupancy": ("%", 100),
    "running": ("req", 1),
    "in_flight": ("req", 1),
    "preempted": ("%", 100),
    "refused": ("%", 100),
}
FIGURE_LOADS = tuple(percent / 100 for percent in range(65, 110, 5))
FIGURE_POLICIES = ("reserve_max", "reserve_mean", "free")

POLICY_WORDS = {
    "free": "admits while the cache fits now",
    "spare": f"admits while the cache fits now and leaves {100 * SPARE_SHARE:g} % of the room",
    "reserve_max": f"admits while prompt and {MAX_TOKENS:,} tokens of every request fit",
    "reserve_mean": (
        f"admits while the caches and {MEAN_REST} more tokens for every request fit in "
        f"{100 * MEAN_SHARE:g} % of the room"
    ),
}
ROUTING_WORDS = {
    "round_robin": "sent to in turn",
    "least_kv": "of which the one with least cache gets the next request",
}


def machine_words(model: Model) -> str:
    """The replicas, in words."""
    machine = model.machine
    words = (
        f"{machine.weights_b / 1e9:g} GB of weights, {machine.token_b:,} B of cache a token and "
        f"room for {machine.room:,} tokens"
    )
    if machine.request_s:
        words += f", {1e6 * machine.request_s:.1f} µs of arithmetic a request and step"
    if model.replicas == 1:
        return f"one replica with {words}"
    return f"{model.replicas} replicas, {ROUTING_WORDS[model.routing]}, each with {words}"


def load_words(model: Model, plan: Plan) -> str:
    """What is offered and for how long, in words."""
    if plan.tail_s == 0:
        return f"demand without limit; {plan.seconds:g} s measured after {plan.lead_s:g} s"
    per_s = model.load * CAPACITY_PER_S * model.replicas
    before = model.load if model.load_before is None else model.load_before
    words = f"{per_s:.1f} requests/s, load {100 * model.load:g} %"
    lost = " without one of them" if model.lost else ""
    return f"{words}; {plan.seconds:g} s measured{lost} after {plan.lead_s:g} s at {100 * before:g} %"


def describe(model: Model, plan: Plan) -> str:
    """One sentence: what was simulated."""
    parts = [machine_words(model), POLICY_WORDS[model.admission], load_words(model, plan)]
    if model.bounded:
        parts.append(f"refuses an arrival that expects to wait for more than {LONGEST_WAIT_S:g} s")
    sentence = "; ".join(parts)
    return f"{sentence[0].upper()}{sentence[1:]}."


def quoted(name: str, measure: str, spreads: dict[str, list[float]], about: dict) -> dict:
    """The entry that holds one measure alone, in a unit that a page can cite."""
    unit, factor = UNITS[measure]
    entry = {**about, "unit": unit, "mean": spread([factor * value for value in spreads[measure]])}
    if f"{measure}_p99" in spreads:
        entry["p99"] = spread([factor * value for value in spreads[f"{measure}_p99"]])
    return {f"{name}.{measure}": entry}


def entries_of(name: str, summaries: list[dict[str, float]]) -> dict:
    """The results entry `name` from its seeds' measures, and those quoted from it."""
    model, plan, measures = ENTRIES[name]
    values = {key: [summary[key] for summary in summaries] for key in summaries[0]}
    unit = "s"
    if plan.tail_s == 0:
        unit = "tok/s"
        values = {"mean": values.pop("goodput"), **values}
    about = {"model": describe(model, plan), "unit": unit, "seeds": list(SEEDS)}
    results = {name: about | {key: spread(values[key]) for key in values}}
    for measure in measures:
        results |= quoted(name, measure, values, about)
    return results


def run_entry(name: str) -> dict:
    """The results entry `name` and those quoted from it. Raises KeyError for an unknown name."""
    model, plan, _ = ENTRIES[name]
    return entries_of(name, [measure(model, plan, seed) for seed in SEEDS])


def figure_curve(policy: str, results: dict) -> list[float]:
    """The p99 times to first token in s at FIGURE_LOADS, mean over seeds.

    Loads that have an entry in `results` are not run again.
    """
    p99s = []
    for load in FIGURE_LOADS:
        name = f"tokens.{policy}_{100 * load:.0f}"
        if name in results:
            p99s.append(results[name]["p99"]["value"])
            continue
        model = single(load, policy)
        p99s.append(float(np.mean([measure(model, MINUTES, seed)["p99"] for seed in SEEDS])))
    return p99s


def main() -> None:
    """Write the results file and the figure."""
    import token_figure  # beside this file; only the script needs it

    results = {}
    for name in ENTRIES:
        results |= run_entry(name)
    curves = {policy: figure_curve(policy, results) for policy in FIGURE_POLICIES}
    write_results(results, RESULTS_FILE)
    write_text(token_figure.draw(FIGURE_LOADS, curves), FIGURE_FILE)


if __name__ == "__main__":
    main()
