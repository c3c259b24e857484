"""The named functions of a formula, and the laws that a check may call.

Each is one tested function with its source. A function gives a Quantity; a law gives a
Verdict: whether it holds, its two sides, and the numbers that the check may print.
"""

from __future__ import annotations

import inspect
import math
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import combinations

from quantities import UNITS, Quantity, QuantityFault, divide, floor_of, multiply, same_dims, same_kind, snap


@dataclass(frozen=True)
class Verdict:
    """The outcome of a law: does it hold, what stands on both sides, what may be printed of it."""

    holds: bool
    left: Quantity
    mark: str
    right: Quantity
    reads: tuple[Quantity, ...]


def _require_dims(name: str, quantity: Quantity, dims: tuple, what: str) -> None:
    if quantity.dims != dims:
        raise QuantityFault("envelope-unit-mismatch", f"{name} takes {what}", f"give {name} {what}")


def _require_counts(name: str, quantity: Quantity) -> None:
    reserved = {dim for _, dim in UNITS.values()}
    if any(dim in reserved for dim, _ in quantity.dims):
        raise QuantityFault(
            "envelope-unit-mismatch",
            f"{name} takes a count, such as GPUs or requests, or a pure number",
            f"reduce the value inside {name} to a count unit first",
        )


def ceil(value: Quantity) -> Quantity:
    """The least whole count not below the value, of its kind."""
    _require_counts("ceil", value)
    return replace(value, value=-floor_of(-value.value) + 0.0)


def floor(value: Quantity) -> Quantity:
    """The greatest whole count not above the value, of its kind."""
    _require_counts("floor", value)
    return replace(value, value=floor_of(value.value))


def _pick(chooser, values: tuple[Quantity, ...]) -> Quantity:
    for one, other in combinations(values, 2):
        same_dims(one, other, "compared")
        same_kind(one, other, "compared")
    return chooser(values, key=lambda v: v.value)


def minimum(*values: Quantity) -> Quantity:
    """The smallest of values of one unit and kind."""
    return _pick(min, values)


def maximum(*values: Quantity) -> Quantity:
    """The largest of values of one unit and kind."""
    return _pick(max, values)


def log2(value: Quantity) -> Quantity:
    """The logarithm to base 2 of a positive pure number."""
    _require_dims("log2", value, (), "a pure number")
    if value.value <= 0:
        raise QuantityFault(
            "envelope-formula-invalid", "log2 of a number that is not positive", "check the argument"
        )
    return Quantity(math.log2(value.value))


def sqrt(value: Quantity) -> Quantity:
    """The square root; every dimension must have an even exponent."""
    if value.value < 0 or any(e % 2 for _, e in value.dims):
        raise QuantityFault(
            "envelope-formula-invalid", "sqrt of a negative or of an odd unit", "check the argument"
        )
    return Quantity(math.sqrt(value.value), tuple((name, e // 2) for name, e in value.dims), value.kind)


def kv_bytes(layers: Quantity, kv_heads: Quantity, head_dim: Quantity, bytes: Quantity) -> Quantity:
    """KV cache of one token in B/tok: keys and values, 2 x layers x KV heads x head size x bytes.

    KV heads, not attention heads: under grouped-query attention they differ by the group size
    (Ainslie et al. 2023, GQA; Llama 3.1 8B: 32 layers, 8 KV heads of 128, BF16 -> 131,072 B).
    """
    for name, value in (("layers", layers), ("kv_heads", kv_heads), ("head_dim", head_dim), ("bytes", bytes)):
        _require_dims(f"kv_bytes {name}", value, (), "a pure number")
    product = 2 * layers.value * kv_heads.value * head_dim.value * bytes.value
    return Quantity(product, (("B", 1), ("tok", -1)))


def fanout_tail(share: Quantity, shards: Quantity) -> Quantity:
    """Share of queries that meet no slow shard: share ^ shards, shards independent.

    Dean and Barroso, The Tail at Scale, CACM 56(2), 2013: 0.99 ^ 100 = 36.6 %.
    """
    _require_dims("fanout_tail share", share, (), "a share, such as 99 %")
    _require_counts("fanout_tail", shards)
    if not 0 < share.value <= 1 or shards.value < 0:
        message = "fanout_tail takes a share above 0 % and a count"
        raise QuantityFault("envelope-formula-invalid", message, "check both")
    return Quantity(share.value**shards.value)


def peak_of(mean: Quantity, factor: Quantity) -> Quantity:
    """A peak from a mean and a stated peak-to-mean factor."""
    _require_dims("peak_of factor", factor, (), "a pure number")
    if mean.kind not in (None, "mean"):
        raise QuantityFault(
            "envelope-kinds-mixed", f"peak_of takes a mean, not a {mean.kind}", "give it the mean"
        )
    return Quantity(mean.value * factor.value, mean.dims, "peak")


def _compared(left: Quantity, right: Quantity, reads: tuple[Quantity, ...]) -> Verdict:
    same_dims(left, right, "compared")
    same_kind(left, right, "compared")
    return Verdict(snap(left.value) <= snap(right.value), left, "<=", right, reads)


def little(in_flight: Quantity, rate: Quantity, time: Quantity) -> Verdict:
    """Little's law: what is in the system is arrival rate times time in it, here within 1 %.

    Little, A Proof for the Queuing Formula L = λW, Operations Research 9(3), 1961.
    """
    product = multiply(rate, time)
    same_dims(in_flight, product, "compared")
    close = math.isclose(in_flight.value, product.value, rel_tol=0.01)
    return Verdict(close, in_flight, "=", product, (in_flight, product, rate, time))


def headroom(load: Quantity, capacity: Quantity, target: Quantity) -> Verdict:
    """Utilisation stays at or below its target: load / capacity <= target, the load a peak.

    At a utilisation of 1 an open queue with random arrivals has no bounded mean
    (Kingman, The Single Server Queue in Heavy Traffic, 1961).
    """
    _require_dims("headroom target", target, (), "a share, such as 70 %")
    if not 0 < target.value < 1:
        raise QuantityFault(
            "envelope-formula-invalid", "a headroom target lies between 0 and 100 %", "leave room"
        )
    if load.kind in ("mean", "p50"):
        raise QuantityFault(
            "envelope-kinds-mixed", f"headroom takes a peak load, not a {load.kind}", "use the peak"
        )
    same_dims(load, capacity, "compared")
    utilisation = Quantity(divide(load, capacity).value)
    return _compared(utilisation, Quantity(target.value), (utilisation, target, load, capacity))


def fits(sum: Quantity, room: Quantity) -> Verdict:
    """Everything that must be held at once fits the room: weights and cache, rows and index."""
    return _compared(sum, room, (sum, room, Quantity(room.value - sum.value, room.dims)))


def deadline(time: Quantity, limit: Quantity) -> Verdict:
    """A time, all its parts added, ends before its limit."""
    _require_dims("deadline", time, (("s", 1),), "times")
    return _compared(time, limit, (time, limit, Quantity(limit.value - time.value, limit.dims)))


def bandwidth(size: Quantity, rate: Quantity, limit: Quantity) -> Verdict:
    """Moving a size at a rate ends before its limit: size / rate <= limit."""
    time = divide(size, rate)
    return _compared(time, limit, (time, limit, size, rate))


def fanout(share: Quantity, shards: Quantity, target: Quantity) -> Verdict:
    """Enough queries meet no slow shard: target <= share ^ shards (see fanout_tail)."""
    whole = fanout_tail(share, shards)
    return _compared(target, whole, (whole, target))


def budget(sum: Quantity, limit: Quantity) -> Verdict:
    """What is spent, in dollars or in a share of a budget, stays at or below its limit."""
    return _compared(sum, limit, (sum, limit, Quantity(limit.value - sum.value, limit.dims)))


FUNCTIONS = {
    "ceil": ceil, "floor": floor, "min": minimum, "max": maximum, "log2": log2, "sqrt": sqrt,
    "kv_bytes": kv_bytes, "fanout_tail": fanout_tail, "peak_of": peak_of,
}  # fmt: skip
LAWS = {
    "little": (little, "Little's law"), "headroom": (headroom, "Headroom"), "fits": (fits, "Fit"),
    "deadline": (deadline, "Deadline"), "bandwidth": (bandwidth, "Bandwidth"),
    "fanout": (fanout, "Fan-out tail"), "budget": (budget, "Budget"),
}  # fmt: skip


def _named(name: str):
    if name in FUNCTIONS:
        return FUNCTIONS[name]
    if name in LAWS:
        return LAWS[name][0]
    near = get_close_matches(name, [*FUNCTIONS, *LAWS], n=1)
    hint = f"did you mean `{near[0]}`? " if near else ""
    known = ", ".join([*FUNCTIONS, *LAWS])
    raise QuantityFault(
        "envelope-formula-invalid", f"there is no function `{name}`", f"{hint}known are {known}"
    )


def parameters(name: str) -> list[str]:
    """The parameter names of a function or law; `*values` where it takes any number."""
    declared = inspect.signature(_named(name)).parameters.values()
    return [str(p.replace(annotation=inspect.Parameter.empty)) for p in declared]


def call(name: str, arguments: list[Quantity], named: dict[str, Quantity]) -> Quantity | Verdict:
    """Call a function or law by name; raises QuantityFault where it refuses its arguments."""
    return _named(name)(*arguments, **named)
