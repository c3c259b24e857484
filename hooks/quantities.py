"""Quantities: numbers with units, dimensions and a statistical kind.

A closed list of units; count nouns (req, GPU, ...) are dimensions that a page declares. Values
are IEEE doubles in base units (s, B, FLOP, USD, one of each noun), snapped to 12 significant
digits before they are rounded, so that another language recomputes them to the last digit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal
from difflib import get_close_matches

LARGEST = 1e60
KINDS = ("mean", "peak", "p50", "p99", "max")

_PREFIXES = {"k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18}
_BINARY = {f"{letter}i": 1024.0**step for step, letter in enumerate("KMGTPE", 1)}


def _closed_units() -> dict[str, tuple[float, str]]:
    units = {
        "ns": (1e-9, "s"), "us": (1e-6, "s"), "ms": (1e-3, "s"), "s": (1.0, "s"), "min": (60.0, "s"),
        "h": (3600.0, "s"), "day": (86400.0, "s"), "year": (365 * 86400.0, "s"),
        "B": (1.0, "B"), "b": (0.125, "B"), "FLOP": (1.0, "FLOP"), "USD": (1.0, "USD"), "%": (0.01, ""),
    }  # fmt: skip
    for prefix, factor in (_PREFIXES | _BINARY).items():
        units[f"{prefix}B"] = (factor, "B")
        units[f"{prefix}b"] = (factor / 8, "B")
    for prefix, factor in _PREFIXES.items():
        units[f"{prefix}FLOP"] = (factor, "FLOP")
    return units


UNITS = _closed_units()
_SPELT = {
    "sec": "s", "secs": "s", "second": "s", "seconds": "s", "msec": "ms", "minute": "min", "minutes": "min",
    "mins": "min", "hr": "h", "hrs": "h", "hour": "h", "hours": "h", "days": "day", "years": "year",
    "yr": "year", "week": "day", "weeks": "day", "month": "day", "months": "day", "bit": "b", "bits": "b",
    "byte": "B", "bytes": "B", "flops": "FLOP/s", "dollar": "USD", "dollars": "USD", "eur": "USD",
    "percent": "%", "pct": "%",
}  # fmt: skip
_NOT_NOUNS = {*_SPELT, *KINDS, *"million billion thousand mn bn".split(), *(unit.lower() for unit in UNITS)}

Dims = tuple[tuple[str, int], ...]


class QuantityFault(Exception):
    """A value that cannot be read or two that cannot be combined; `rule` names the defect."""

    def __init__(self, rule: str, message: str, fix: str):
        self.rule, self.message, self.fix = rule, message, fix


@dataclass(frozen=True)
class Quantity:
    """A value in base units, its dimensions (name and exponent, sorted), and its kind or None."""

    value: float
    dims: Dims = ()
    kind: str | None = None


@dataclass(frozen=True)
class Printed:
    """A value as printed on a page: its quantity and how exactly it was written.

    `unit` is the unit's text, `decimals` the digits behind the point (negative where a value
    marked ≈ ends in free zeros), `digits` the significant ones.
    """

    quantity: Quantity
    number: str
    unit: str
    decimals: int
    digits: int


_EXACT = Context(prec=400)  # holds every double, so that rounding a huge value cannot fail
_NUMBER = r"-?(?:\d{1,3}(?:,\d{3}){1,9}|\d{1,30})(?:\.\d{1,12})?"
_UNIT = r"%|[A-Za-z]+(?:/[A-Za-z]+)*"
_PRINTED = re.compile(
    rf"(≈ ?)?({_NUMBER})(?: (?!(?:{'|'.join(KINDS)})$)({_UNIT}))?(?: ({'|'.join(KINDS)}))?", re.ASCII
)


def parse_unit(text: str, nouns: set[str]) -> tuple[float, Dims]:
    """Factor to base units and dimensions of a unit such as `req/s/GPU`.

    Raises QuantityFault where a part is neither in the closed list nor a declared noun.
    """
    factor, exponents = 1.0, {}
    for place, name in enumerate(text.split("/") if text else []):
        size, dim = _unit(name, nouns)
        sign = -1 if place else 1
        factor *= size**sign
        if dim:
            exponents[dim] = exponents.get(dim, 0) + sign
    return factor, _dims(exponents)


def _unit(name: str, nouns: set[str]) -> tuple[float, str]:
    if name in UNITS:
        return UNITS[name]
    if name in nouns:
        return 1.0, name
    near = get_close_matches(name, [*UNITS, *nouns], n=1, cutoff=0.5)
    likely = _SPELT.get(name.lower()) or next(iter(near), "")
    hint = f"did you mean `{likely}`? " if likely else ""
    raise QuantityFault(
        "envelope-unit-unknown",
        f"`{name}` is not a unit of the closed list, nor a count noun that a row above declares",
        f"{hint}write a unit of the list, or declare the noun in an input row above",
    )


def undeclared_nouns(unit: str, nouns: set[str]) -> list[str]:
    """The parts of a unit that may become count nouns: unknown so far, and no misspelt unit."""
    taken = _NOT_NOUNS | _plurals(nouns)
    names = [n for n in unit.split("/") if len(n) > 1 and n.lower() not in taken]
    return [n for n in names if n[0] not in _PREFIXES or n[1:] not in nouns]  # Mtok is no noun beside tok


def _plurals(nouns: set[str]) -> set[str]:
    return {n.lower() for n in nouns} | {f"{n.lower()}s" for n in nouns}


def parse_printed(text: str, nouns: set[str]) -> Printed:
    """Read a value as printed: `≈ 17,000 req/s`, `2.28 s p99`, `70 %`. Raises QuantityFault."""
    match = _PRINTED.fullmatch(text.strip())
    if not match:
        raise QuantityFault(
            "envelope-value-unreadable",
            f"`{text[:60]}` is not a value: one number, one unit, at most one kind of {', '.join(KINDS)}",
            "write it plain, as 10,000 req/s peak: comma for thousands, space before the unit, no range",
        )
    approximate, number, unit, kind = match.groups()
    plain = number.replace(",", "")
    if "," not in number and len(plain.lstrip("-").split(".")[0]) > 3:
        grouped = f"{Decimal(plain):,}"
        raise QuantityFault(
            "envelope-value-unreadable", f"`{number}` has no comma for thousands", f"write {grouped}"
        )
    unit = unit or ""
    factor, dims = parse_unit(unit, nouns)
    decimals, digits = _precision(plain, bool(approximate))
    quantity = Quantity(float(plain) * factor, dims, kind)
    return Printed(quantity, number, unit, decimals, digits)


def _precision(number: str, approximate: bool) -> tuple[int, int]:
    whole, _, fraction = number.lstrip("-").partition(".")
    digits = (whole + fraction).lstrip("0")
    decimals = len(fraction)
    if approximate and not fraction:
        free = len(whole) - len(whole.rstrip("0"))
        return -free, len(digits.rstrip("0"))
    return decimals, len(digits)


def snap(value: float) -> Decimal:
    """The value at 12 significant digits, which hides what binary fractions add."""
    return Decimal(f"{value:.11e}")


def rounded(value: float, decimals: int) -> Decimal:
    """The snapped value rounded to so many decimals, ties away from zero."""
    return snap(value).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP, context=_EXACT)


def floor_of(value: float) -> float:
    """The greatest whole number not above the snapped value."""
    return float(snap(value).to_integral_value(rounding=ROUND_FLOOR))


def in_unit(quantity: Quantity, unit: str, nouns: set[str]) -> float:
    """The quantity's number in a unit of the same dimensions; raises QuantityFault for others."""
    factor, dims = parse_unit(unit, nouns)
    if dims != quantity.dims:
        raise QuantityFault(
            "envelope-unit-mismatch",
            f"the value is printed in {unit or 'no unit'}, the formula gives {dims_text(quantity.dims)}",
            "correct the unit, or the formula",
        )
    number = quantity.value / factor
    if not abs(number) < LARGEST:
        message = "the result is too large to be a number"
        raise QuantityFault("envelope-formula-invalid", message, "check the units")
    return number


def agrees(printed: Printed, exact: Quantity, nouns: set[str]) -> bool:
    """Whether the exact quantity, rounded at the last printed digit, is the printed value."""
    number = in_unit(exact, printed.unit, nouns)
    return rounded(number, printed.decimals) == Decimal(printed.number.replace(",", ""))


def too_coarse(printed: Printed, exact: Quantity, nouns: set[str]) -> bool:
    """Whether fewer than two significant digits are printed although the exact value has more."""
    number = in_unit(exact, printed.unit, nouns)
    whole = snap(number) == Decimal(printed.number.replace(",", ""))
    return printed.digits < 2 and not whole


def show(quantity: Quantity, unit: str | None, nouns: set[str], decimals: int | None = None) -> str:
    """A quantity as text, in the given unit (or base units, prefixed) and to so many decimals."""
    kind = f" {quantity.kind}" if quantity.kind else ""
    if unit is None:
        number, label = _prefixed(quantity.value, dims_text(quantity.dims))
    else:
        number, label = in_unit(quantity, unit, nouns), unit
    return f"{number_text(number, decimals)}{f' {label}' if label else ''}{kind}"


def _prefixed(number: float, label: str) -> tuple[float, str]:
    """Bytes and operations by the prefix with which they have at most four digits before the point."""
    if label.partition("/")[0] in ("B", "FLOP"):
        for prefix, factor in reversed(_PREFIXES.items()):
            if abs(number) >= 10 * factor:
                return number / factor, prefix + label
    return number, label


def number_text(number: float, decimals: int | None = None) -> str:
    """A number with thousands' commas: to so many decimals, or to four significant digits."""
    if decimals is None:
        decimals = max(0, 3 - snap(number).adjusted())
        text = f"{rounded(number, decimals):,f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return f"{rounded(number, decimals):,f}"


def dims_text(dims: Dims) -> str:
    """Dimensions as a unit's text in base units: `req/s/GPU`."""
    above = [name for name, exponent in dims for _ in range(exponent)]
    below = [name for name, exponent in dims for _ in range(-exponent)]
    return "/".join(["·".join(above) or ("1" if below else ""), *below])


def _dims(exponents: dict[str, int]) -> Dims:
    return tuple(sorted((name, e) for name, e in exponents.items() if e))


def multiply(a: Quantity, b: Quantity) -> Quantity:
    """a * b. A kind survives where only one side has it, or both the same."""
    exponents = dict(a.dims)
    for name, exponent in b.dims:
        exponents[name] = exponents.get(name, 0) + exponent
    kinds = {a.kind, b.kind} - {None}
    return Quantity(a.value * b.value, _dims(exponents), kinds.pop() if len(kinds) == 1 else None)


def divide(a: Quantity, b: Quantity) -> Quantity:
    """a / b, with kinds as in a product; raises QuantityFault where b is nothing."""
    if b.value == 0:
        raise QuantityFault(
            "envelope-formula-invalid", "the formula divides by zero", "divide by something else"
        )
    per_b = replace(b, dims=tuple((name, -exponent) for name, exponent in b.dims))
    return replace(multiply(a, per_b), value=a.value / b.value)


def negate(a: Quantity) -> Quantity:
    """-a."""
    return replace(a, value=-a.value)


def add(a: Quantity, b: Quantity) -> Quantity:
    """a + b; the same dimensions, and no two different kinds."""
    same_dims(a, b, "added")
    return Quantity(a.value + b.value, a.dims, same_kind(a, b, "added"))


def subtract(a: Quantity, b: Quantity) -> Quantity:
    """a - b, under the conditions of a sum."""
    return add(a, negate(b))


def same_dims(a: Quantity, b: Quantity, deed: str) -> None:
    """Raises QuantityFault unless both have the same dimensions."""
    if a.dims != b.dims:
        number = "a pure number"
        raise QuantityFault(
            "envelope-unit-mismatch",
            f"{dims_text(a.dims) or number} and {dims_text(b.dims) or number} cannot be {deed}",
            "bring both sides to the same unit; count nouns are units too (1 GPU, 1 req)",
        )


def same_kind(a: Quantity, b: Quantity, deed: str) -> str | None:
    """The kind of two quantities taken together; raises QuantityFault where they differ."""
    if a.kind and b.kind and a.kind != b.kind:
        raise QuantityFault(
            "envelope-kinds-mixed",
            f"a {a.kind} and a {b.kind} cannot be {deed}",
            "use two values of one kind, or a function that says how, such as peak_of(mean, factor)",
        )
    return a.kind or b.kind
