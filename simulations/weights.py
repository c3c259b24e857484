"""How long a file takes to reach many machines, simulated by scheme.

One source has 200 chunks; every machine wants them all. Time is cut into slots of
0.2 s, in which a link of 10 Gb/s moves one chunk of 250 MB. In a slot a machine
sends at most one chunk and receives at most one, and may pass on what it had when
the slot began. Times are seconds at full line rate, from the source's first byte.

Run it to rewrite ``results/weights.json`` and the figure:

    python simulations/weights.py

In a swarm each machine knows some others, drawn at random, and asks those of them that
are free. It takes a chunk that it lacks: the one that fewest machines hold (`rarest`),
one at random (`random`), or the lowest in number (`in_order`). The source gives its
slot to a random machine by the same rule. Counts are exact and one slot old. Neighbours
are never replaced: in every swarm here the tracker is lost once the lists are out.

Slow machines send and receive in each tenth slot only. Machines that die do so at a
random instant of the first 40 s, for good, and are not counted. Racks have 40 machines
and an uplink that carries ten chunks a slot each way, a quarter of what they could use.
Blind swarms get all of it. A rack-aware machine knows 20 others in its rack besides,
crosses the uplink only for a chunk that its rack does not hold, and its rack gets three. The tree
has two children to a machine and sends each chunk to both, one after the other; it is
never repaired, so what hangs below a dead machine is cut off. The repaired tree puts a
leaf in the place of a dead or slow machine after 5 s, and each such place above a machine
holds it up by that long. Pauses are added up, though real ones may overlap, so it is an
upper bound; that the leaf has the chunks which its new place had is taken for granted.

In the results `mean`, `p50`, `p99` and `max` are over machines: `max` is the last
machine. Each has the mean over seeds and the range over seeds.

What the model leaves out, and so must not be quoted for:

* set-up of connections, time-outs, round trips, congestion, lost packets: a plan should
  take a share of line rate, not these times;
* hashing, decryption and disks: they are held against the line rate elsewhere;
* machines that lie, send bad chunks, or join late; several files at once;
* several trees at once, each with its own share of the chunks, and a tracker that plans
  every transfer: both use the uplinks of leaves, which one tree leaves idle;
* regions and their mirrors between the source and the machines; spines above the racks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from common import FIGURES, RESULTS, spread, write_results, write_text

CHUNKS = 200
SLOT_S = 0.2
RACK = 40
UPLINK = 10  # chunks a slot, each way, for a rack: a quarter of 40
LENT = 3  # the part of it that weights may take beside serving
SLOW_EVERY = 10
REPAIR_S = 5.0  # until a leaf has taken the place of a dead or slow machine of the tree
TRIES = 12  # neighbours that a machine asks in a slot
SEEDS = (1, 2, 3)
TREE_SEEDS = tuple(range(1, 41))  # a death near the root weighs much, so many trees are drawn
MOST_SLOTS = 20 * CHUNKS

RESULTS_FILE = RESULTS / "weights.json"
FIGURE_FILE = FIGURES / "weights-completion.svg"


@dataclass(frozen=True)
class Model:
    """One set-up. `racks`: none, blind or aware. `slow`, `dying`: shares of the machines.

    `mirrors`: how many of the machines have ten times the rate, and are fed first.
    `repaired`: a tree in which what is dead or slow is replaced.
    """

    machines: int
    pick: str = "rarest"
    neighbours: int = 20
    slow: float = 0.0
    dying: float = 0.0
    racks: str = "none"
    mirrors: int = 0
    uplink: int = UPLINK
    repaired: bool = False

    def check(self) -> None:
        """Raise ValueError if the set-up has no meaning."""
        if self.pick not in ("rarest", "random", "in_order"):
            raise ValueError(f"unknown pick {self.pick!r}")
        if self.racks not in ("none", "blind", "aware"):
            raise ValueError(f"unknown racks {self.racks!r}")
        if not 1 <= self.neighbours < self.machines or not 0 <= self.mirrors < self.machines:
            raise ValueError("need 1 <= neighbours < machines and 0 <= mirrors < machines")
        if self.racks != "none" and (self.machines % RACK or self.mirrors):
            raise ValueError(f"racks need whole racks of {RACK} machines and no mirrors")
        if not 0 <= self.slow + self.dying < 1:
            raise ValueError("shares of slow and dying machines lie between 0 and 1")


@dataclass(frozen=True)
class Run:
    """Seconds until each machine that lives is complete, and the share of bytes that crossed racks."""

    done: np.ndarray
    crossed: float = 0.0


class Swarm:
    """The state of one swarm. Bits of `has` are chunks, 64 to a word."""

    def __init__(self, model: Model, rng: np.random.Generator):
        model.check()
        self.model, self.rng = model, rng
        n = model.machines
        self.words = math.ceil(CHUNKS / 64)
        self.has = np.zeros((n, self.words), dtype=np.uint64)
        self.counts = np.zeros(CHUNKS, dtype=np.int64)
        self.left = np.full(n, CHUNKS)
        self.peers = self._peers()
        self.rack = np.arange(n) // RACK if model.racks != "none" else np.zeros(n, dtype=int)
        self.in_rack = np.zeros((int(self.rack[-1]) + 1, self.words), dtype=np.uint64)
        order = rng.permutation(n)
        slow, dying = round(model.slow * n), round(model.dying * n)
        self.slow = np.zeros(n, dtype=bool)
        self.slow[order[:slow]] = True
        self.phase = rng.integers(0, SLOW_EVERY, n)
        self.dies = np.full(n, MOST_SLOTS + 1)
        self.dies[order[slow : slow + dying]] = rng.integers(0, CHUNKS, dying)
        self.rate = np.ones(n, dtype=int)
        self.rate[: model.mirrors] = 10
        self.done = np.full(n, np.inf)
        self.crossed = self.moved = 0

    def _peers(self) -> np.ndarray:
        """Neighbours of each machine, none of them itself; the rest of its rack too if aware."""
        n, degree = self.model.machines, self.model.neighbours
        far = (np.arange(n)[:, None] + self.rng.integers(1, n, (n, degree))) % n
        if self.model.racks != "aware":
            return far
        base = np.arange(n)[:, None] // RACK * RACK
        near = base + (np.arange(n)[:, None] % RACK + self.rng.integers(1, RACK, (n, degree))) % RACK
        return np.concatenate([near, far], axis=1)

    def bits(self, words: np.ndarray) -> np.ndarray:
        """Rows of words as rows of CHUNKS booleans."""
        return np.unpackbits(words.view(np.uint8), axis=1, bitorder="little")[:, :CHUNKS].astype(bool)

    def choose(self, useful: np.ndarray) -> np.ndarray:
        """A chunk for each row of useful words, by the model's rule."""
        bits = self.bits(np.ascontiguousarray(useful))
        noise = self.rng.random(bits.shape, dtype=np.float32)
        if self.model.pick == "rarest":
            noise += self.counts.astype(np.float32)
        elif self.model.pick == "in_order":
            noise = np.broadcast_to(np.arange(CHUNKS, dtype=np.float32), bits.shape)
        return np.where(bits, noise, np.inf).argmin(axis=1)

    def give(self, to: np.ndarray, chunk: np.ndarray, slot: int) -> None:
        """Hand chunks over at the end of a slot; a machine gets at most one of each."""
        bit = np.left_shift(np.uint64(1), (chunk % 64).astype(np.uint64))
        new = (self.has[to, chunk // 64] & bit) == 0
        to, chunk, bit = to[new], chunk[new], bit[new]
        np.bitwise_or.at(self.has, (to, chunk // 64), bit)
        np.bitwise_or.at(self.in_rack, (self.rack[to], chunk // 64), bit)
        np.add.at(self.counts, chunk, 1)
        np.subtract.at(self.left, to, 1)
        self.done[to[self.left[to] == 0]] = (slot + 1) * SLOT_S

    def source(self, alive: np.ndarray, slot: int) -> tuple[np.ndarray, np.ndarray]:
        """The one chunk that the source sends in this slot, and to whom."""
        wants = np.flatnonzero(alive & (self.left > 0))
        if self.model.mirrors and (self.left[self.rate > 1] > 0).any():
            wants = wants[(self.rate > 1)[wants]]
        if not wants.size:
            return wants, wants
        full = np.full((1, self.words), ~np.uint64(0))
        to = wants[self.rng.integers(0, wants.size, 1)]
        if self.model.pick == "rarest":
            rare = self.counts == self.counts.min()
            word = np.packbits(rare, bitorder="little")
            rare_words = np.zeros(self.words * 8, dtype=np.uint8)
            rare_words[: word.size] = word
            fresh = rare_words.view(np.uint64)[None] & ~self.has[to]
            if fresh.any():
                return to, self.choose(fresh)
        return to, self.choose(full & ~self.has[to])

    def step(self, slot: int) -> None:
        """One slot: match askers and senders, choose chunks, hand them over."""
        alive = slot < self.dies
        moves = alive & (~self.slow | ((slot + self.phase) % SLOW_EVERY == 0))
        up = np.where(moves, self.rate, 0)
        down = np.where(moves & (self.left > 0), self.rate, 0)
        into = np.full(len(self.in_rack), self.model.uplink)
        out = np.full(len(self.in_rack), self.model.uplink)
        to, chunk = self.source(moves, slot)
        down[to] -= 1
        lots = [(to, chunk)]
        pledged = self.in_rack.copy()
        for attempt in range(TRIES):
            asks = np.flatnonzero(down > 0)
            if not asks.size:
                break
            asks = self.rng.permutation(asks)
            givers, far = self.ask(asks, attempt)
            if self.model.racks != "none":  # a full uplink is not asked for
                free = ~far | ((into[self.rack[asks]] > 0) & (out[self.rack[givers]] > 0))
                asks, givers, far = asks[free], givers[free], far[free]
            useful = self.has[givers] & ~self.has[asks]
            if self.model.racks == "aware":
                useful[far] &= ~pledged[self.rack[asks[far]]]
            good = (up[givers] > 0) & useful.any(axis=1)
            asks, givers, useful = asks[good], givers[good], useful[good]
            keep = first_of(givers, up)
            asks, givers, useful = asks[keep], givers[keep], useful[keep]
            if self.model.racks != "none":
                crossing = self.rack[asks] != self.rack[givers]
                fits = ~crossing | (
                    within(self.rack[asks], into, crossing) & within(self.rack[givers], out, crossing)
                )
                asks, givers, useful, crossing = asks[fits], givers[fits], useful[fits], crossing[fits]
                np.subtract.at(into, self.rack[asks[crossing]], 1)
                np.subtract.at(out, self.rack[givers[crossing]], 1)
                self.crossed += int(crossing.sum())
            if not asks.size:
                continue
            up -= np.bincount(givers, minlength=len(up))
            down[asks] -= 1
            chunk = self.choose(useful)
            bit = np.left_shift(np.uint64(1), (chunk % 64).astype(np.uint64))
            np.bitwise_or.at(pledged, (self.rack[asks], chunk // 64), bit)
            lots.append((asks, chunk))
            self.moved += asks.size
        for to, chunk in lots:
            self.give(to, chunk, slot)

    def ask(self, asks: np.ndarray, attempt: int) -> tuple[np.ndarray, np.ndarray]:
        """Whom each machine asks, and which of them are asked across racks.

        An aware machine asks within its rack in even attempts, across it in odd ones.
        """
        degree = self.model.neighbours
        column = self.rng.integers(0, degree, asks.size)
        across = self.model.racks == "aware" and attempt % 2 == 1
        givers = self.peers[asks, column + degree * across]
        return givers, self.rack[asks] != self.rack[givers]

    def run(self) -> Run:
        """Run until every machine that will not die is complete."""
        waits = self.dies > MOST_SLOTS
        for slot in range(MOST_SLOTS):
            self.step(slot)
            if not (self.left[waits] > 0).any():
                break
        else:
            raise ValueError("the swarm did not finish")
        return Run(self.done[waits], self.crossed / max(self.moved, 1))


def first_of(givers: np.ndarray, up: np.ndarray) -> np.ndarray:
    """Of askers in random order, those whom each giver can still serve."""
    return place(givers) < up[givers]


def within(racks: np.ndarray, room: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """Which of the counted transfers still fit the room of their rack."""
    fits = np.ones(len(racks), dtype=bool)
    fits[counted] = place(racks[counted]) < room[racks[counted]]
    return fits


def place(keys: np.ndarray) -> np.ndarray:
    """The place of each entry among those with the same key, from 0."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    first = np.ones(keys.size, dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    starts = np.flatnonzero(first)
    sizes = np.diff(starts, append=keys.size)
    places = np.empty(keys.size, dtype=int)
    places[order] = np.arange(keys.size) - np.repeat(starts, sizes)
    return places


def tree(model: Model, rng: np.random.Generator) -> Run:
    """A static tree of two children to a machine; those cut off are never done."""
    n = model.machines
    order = rng.permutation(n)
    slow, dying = round(model.slow * n), round(model.dying * n)
    every, dies = np.ones(n), np.full(n, np.inf)
    every[order[:slow]] = SLOW_EVERY
    dies[order[slow : slow + dying]] = rng.uniform(0, CHUNKS, dying)
    # Machine v has the children 2v + 1 and 2v + 2; machine 0 is fed by the source.
    has = np.full((n, CHUNKS), np.inf)
    has[0] = np.arange(1, CHUNKS + 1) * every[0]
    level = np.array([0])
    while level.size:
        left, right = 2 * level + 1, 2 * level + 2
        clock = np.zeros(level.size)
        for chunk in range(CHUNKS):
            for child in (left, right):
                real = child < n
                kids, parents = child[real], level[real]
                pace = np.maximum(every[kids], every[parents])
                # A machine that dies sends nothing after.
                ends = np.maximum(clock[real], has[parents, chunk]) + pace
                has[kids, chunk] = np.where(ends <= dies[parents], ends, np.inf)
                clock[real] = ends
        level = np.r_[left[left < n], right[right < n]]
    lives = np.isinf(dies)
    return Run(has[lives, -1] * SLOT_S)


def repaired(model: Model, rng: np.random.Generator) -> Run:
    """The same tree, repaired: those below a dead or slow machine wait, and slow ones move to its edge."""
    n = model.machines
    order = rng.permutation(n)
    slow, dying = round(model.slow * n), round(model.dying * n)
    bad = np.zeros(n, dtype=bool)
    bad[order[: slow + dying]] = True
    held = np.zeros(n)
    for machine in range(1, n):
        parent = (machine - 1) // 2
        held[machine] = held[parent] + REPAIR_S * bad[parent]
    done = tree(Model(n), rng).done + held
    done[order[:slow]] = held[order[:slow]] + SLOW_EVERY * CHUNKS * SLOT_S
    return Run(np.delete(done, order[slow : slow + dying]))


def doubling(machines: int) -> np.ndarray:
    """Seconds until each machine has a whole file, when whoever has one sends one on."""
    rounds = np.ceil(np.log2(np.arange(2, machines + 2)))
    return rounds * CHUNKS * SLOT_S


def one_by_one(machines: int) -> np.ndarray:
    """Seconds until each machine is served, one at a time."""
    return np.arange(1, machines + 1) * CHUNKS * SLOT_S


FLEET, SAMPLE = 10_000, 1_000
ROUGH = {"slow": 0.005, "dying": 0.02}
SMALL = Model(SAMPLE)
SWARMS = {
    "rarest_10000": Model(FLEET),
    "rarest": SMALL,
    "random": replace(SMALL, pick="random"),
    "in_order": replace(SMALL, pick="in_order"),
    "five_known": replace(SMALL, neighbours=5),
    "rough": replace(SMALL, **ROUGH),
    "random_rough": replace(SMALL, pick="random", **ROUGH),
    "mirrors": replace(SMALL, mirrors=2),
    "mirrors_rough": replace(SMALL, mirrors=2, **ROUGH),
    "racks_blind": Model(FLEET, racks="blind"),
    "racks_aware": Model(FLEET, racks="aware", uplink=LENT),
    "racks_aware_rough": Model(FLEET, racks="aware", uplink=LENT, **ROUGH),
}
DRAWN = "rarest_10000"  # its first seed is the swarm of the figure
TREES = {
    "tree": Model(FLEET),
    "tree_slow": Model(FLEET, slow=0.005),
    "tree_dying": Model(FLEET, dying=0.02),
    "tree_repaired": Model(FLEET, repaired=True, **ROUGH),
}


def measures(done: np.ndarray) -> dict[str, float]:
    """Mean, median, 99th percentile and last of the machines that finished."""
    ends = done[np.isfinite(done)]
    p50, p99 = np.percentile(ends, (50, 99))
    return {"mean": ends.mean(), "p50": p50, "p99": p99, "max": ends.max()}


def words(name: str, model: Model) -> str:
    """The set-up in words."""
    mending = f"repaired in {REPAIR_S:g} s" if model.repaired else "never repaired"
    kind = f"binary tree, pipelined, {mending}" if name in TREES else f"swarm, picks {model.pick}"
    parts = [f"{model.machines:,} machines", kind]
    if name in SWARMS:
        parts.append(f"{model.neighbours} neighbours known")
    if model.slow:
        parts.append(f"{model.slow:.1%} slow")
    if model.dying:
        parts.append(f"{model.dying:.0%} die")
    if model.racks != "none":
        parts.append(f"racks of {RACK}, uplink {model.uplink} chunks a slot, {model.racks}")
    if model.mirrors:
        parts.append(f"{model.mirrors} mirrors of ten times the rate")
    return "; ".join(parts) + "."


def simulate(name: str, seed: int) -> Run:
    """One run of the entry `name`. Raises KeyError for an unknown name."""
    rng = np.random.default_rng([seed, 17])
    if name in TREES:
        grow = repaired if TREES[name].repaired else tree
        return grow(TREES[name], rng)
    return Swarm(SWARMS[name], rng).run()


def run_entry(name: str) -> dict:
    """The results entry `name`, and what is quoted from it beside times."""
    model = TREES.get(name) or SWARMS[name]
    seeds = TREE_SEEDS if name in TREES else SEEDS
    runs = [simulate(name, seed) for seed in seeds]
    rows = [measures(run.done) for run in runs]
    about = {"model": words(name, model), "seeds": list(seeds)}
    times = {key: spread([row[key] for row in rows]) for key in rows[0]}
    entries = {f"weights.{name}": about | {"unit": "s"} | times}
    if name == DRAWN:
        entries[f"weights.{name}"]["curve"] = curve(runs[0])
    if name == "tree_dying":
        cuts = [100 * float(np.isinf(run.done).mean()) for run in runs]
        shares = {"mean": spread(cuts), "max": spread([max(cuts)])}
        entries["weights.tree_dying.cut"] = about | {"unit": "%"} | shares
    if model.racks != "none":
        share = spread([100 * run.crossed for run in runs])
        entries[f"weights.{name}.crossed"] = about | {"unit": "%", "mean": share}
    return entries


def curve(run: Run) -> dict[str, int]:
    """How many machines were done at the end of each slot, by seconds."""
    ends, machines = np.unique(run.done, return_counts=True)
    return {f"{end:.1f}": int(count) for end, count in zip(ends, machines, strict=True)}


def figure_times(swarm_curve: dict[str, int]) -> dict[str, np.ndarray]:
    """Sorted completion times in s of 10,000 machines for each scheme of the figure."""
    swarm = np.repeat([float(end) for end in swarm_curve], list(swarm_curve.values()))
    return {"one": one_by_one(FLEET), "doubling": np.sort(doubling(FLEET)), "swarm": swarm}


def main() -> None:
    """Write the results file and the figure."""
    import weights_figure  # beside this file; only the script needs it

    results = {}
    for name in [*SWARMS, *TREES]:
        results |= run_entry(name)
    write_results(results, RESULTS_FILE)
    write_text(weights_figure.draw(figure_times(results[f"weights.{DRAWN}"]["curve"])), FIGURE_FILE)


if __name__ == "__main__":
    main()
