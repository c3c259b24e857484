"""A formula as one says it: `rate / (per_gpu * target)` is "rate over the product of per gpu and target"."""

from __future__ import annotations

import laws
import read_formula
from quantities import QuantityFault

_JOINED = {"+": "{} plus {}", "-": "{} minus {}", "*": "{} times {}", "/": "{} over {}"}
_NAMED = {"+": "the sum of {} and {}", "-": "the difference of {} and {}", "*": "the product of {} and {}"}
_COMPARED = {"<=": "is at most", ">=": "is at least", "<": "is below", ">": "is above", "==": "equals"}
_CALLED = {
    "ceil": "{}, rounded up",
    "floor": "{}, rounded down",
    "min": "the smallest of {}",
    "max": "the largest of {}",
    "log2": "the logarithm to base 2 of {}",
    "sqrt": "the square root of {}",
}
_PLAIN = ("number", "symbol")
_TIGHT = "*/^"  # what binds its operands closer than a sum does


def speak(text: str) -> str:
    """The formula in words, or as it stands where it cannot be read."""
    try:
        return _say(read_formula.parse(text).tree)
    except QuantityFault:
        return text


def _say(tree: tuple) -> str:
    kind, *parts = tree
    if kind == "number":
        return _number(*parts)
    if kind == "symbol":
        return parts[0].replace("_", " ")
    if kind == "negate":
        return f"minus {_operand(parts[0], '*')}"
    if kind == "compare":
        return f"{_say(parts[1])} {_COMPARED[parts[0]]} {_say(parts[2])}"
    if kind == "call":
        return _call(*parts)
    if kind == "^":
        return _power(*parts)
    left, right = parts
    return _JOINED[kind].format(_operand(left, kind), _operand(right, kind, last=True))


def _operand(tree: tuple, outer: str, last: bool = False) -> str:
    """What stands in an operation: brackets around two plain things are said as one, others as brackets."""
    inner = tree[0]
    if not _is_bracketed(inner, outer, last):
        return _say(tree)
    if outer != "^" and inner in _NAMED and all(part[0] in _PLAIN for part in tree[1:]):
        return _NAMED[inner].format(*(_say(part) for part in tree[1:]))
    return f"open bracket {_say(tree)} close bracket"


def _is_bracketed(inner: str, outer: str, last: bool) -> bool:
    """Whether a listener could not tell where the operand ends: a call's words have no end of their own."""
    if inner in _PLAIN:
        return False
    if inner == "call" or outer == "^":
        return True
    return (inner in ("+", "-") and outer in _TIGHT) or (last and inner in _JOINED and outer in "-/")


def _power(base: tuple, exponent: tuple) -> str:
    said = _operand(base, "^")
    if exponent[0] == "number" and exponent[1] in (2, 3):
        return f"{said} {'squared' if exponent[1] == 2 else 'cubed'}"
    signed = exponent[0] == "negate" and exponent[1][0] in _PLAIN
    return f"{said} to the power {_say(exponent) if signed else _operand(exponent, '^')}"


def _number(value: float, unit: str) -> str:
    said = f"{value:,.12g}"
    return f"{said} {unit.replace('%', 'percent').replace('/', ' per ')}".strip()


def _call(name: str, arguments: list, named: dict) -> str:
    if name in _CALLED:
        return _CALLED[name].format(" and ".join(_argument(argument) for argument in arguments))
    values = [_say(argument) for argument in arguments]
    parameters = laws.parameters(name)
    given = dict(zip(parameters, values, strict=False)) | {key: _say(tree) for key, tree in named.items()}
    listed = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in given.items())
    return f"{name.replace('_', ' ')}: {listed}"


def _argument(tree: tuple) -> str:
    return f"open bracket {_say(tree)} close bracket" if tree[0] == "call" else _say(tree)
