"""Formulas as data: a tokeniser, a small precedence parser, and an evaluator over quantities.

The language: numbers with an optional unit (`90 %`, `1 GPU`), symbols, + - * / ^, one
comparison, and calls of the functions in laws.py. Nothing else, and never Python.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import laws
import quantities
from quantities import LARGEST, Quantity, QuantityFault, parse_unit, same_dims, same_kind, snap

MAX_LENGTH = 400
MAX_DEPTH = 30
MAX_EXPONENT = 64

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?(?:e\d{1,2})?)(?:\s*(?P<unit>%|[A-Za-z]+(?:/[A-Za-z]+)*)(?![\w(]))?"
    r"|(?P<name>[A-Za-z_]\w*)|(?P<mark><=|>=|==|[-+*/^(),=<>]))",
    re.ASCII,
)
_COMPARE = {
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "==": lambda a, b: a == b,
}


@dataclass
class Formula:
    """A parsed formula: its tree, and the symbols and functions that it uses."""

    text: str
    tree: tuple
    symbols: list[str] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)


def invalid(
    message: str, fix: str = "write numbers, symbols, + - * / ^ and named functions only"
) -> QuantityFault:
    """The fault of a formula that cannot be read."""
    return QuantityFault("envelope-formula-invalid", message, fix)


def parse(text: str) -> Formula:
    """Parse a formula; raises QuantityFault where it is not one."""
    if len(text) > MAX_LENGTH:
        raise invalid(
            f"the formula is {len(text)} characters long", f"split it into rows of {MAX_LENGTH} at most"
        )
    formula = Formula(text, ())
    parser = _Parser(_tokens(text), formula)
    formula.tree = parser.comparison(0)
    if parser.peek() is not None:
        raise invalid(f"cannot read the formula from `{parser.peek()[1]}` on")
    return formula


def _tokens(text: str) -> list[tuple[str, str, str]]:
    tokens, at = [], 0
    text = text.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if not match:
            raise invalid(f"cannot read the formula at `{text[at : at + 12]}`")
        kind = match.lastgroup if match.lastgroup != "unit" else "number"
        tokens.append((kind, match.group(kind), match.group("unit") or ""))
        at = match.end()
    return tokens


class _Parser:
    """Recursive descent, one method a precedence level; depth is bounded."""

    def __init__(self, tokens: list, formula: Formula):
        self.tokens, self.formula, self.at = tokens, formula, 0

    def peek(self, ahead: int = 0) -> tuple | None:
        at = self.at + ahead
        return self.tokens[at] if at < len(self.tokens) else None

    def take(self, *marks: str) -> str | None:
        token = self.peek()
        if token and token[1] in marks:
            self.at += 1
            return token[1]
        return None

    def comparison(self, depth: int) -> tuple:
        left = self.sum(depth)
        mark = self.take(*_COMPARE)
        return ("compare", mark, left, self.sum(depth)) if mark else left

    def sum(self, depth: int) -> tuple:
        left = self.term(depth)
        while mark := self.take("+", "-"):
            left = (mark, left, self.term(depth))
        return left

    def term(self, depth: int) -> tuple:
        left = self.unary(depth)
        while mark := self.take("*", "/"):
            left = (mark, left, self.unary(depth))
        return left

    def unary(self, depth: int) -> tuple:
        if depth > MAX_DEPTH:
            raise invalid(f"the formula is nested more than {MAX_DEPTH} deep", "split it into rows")
        if self.take("-"):
            return ("negate", self.unary(depth + 1))
        base = self.atom(depth + 1)
        return ("^", base, self.unary(depth + 1)) if self.take("^") else base

    def atom(self, depth: int) -> tuple:
        token = self.peek()
        if token is None:
            raise invalid("the formula ends too early")
        self.at += 1
        kind, text, unit = token
        if kind == "number":
            return ("number", float(text), unit)
        if kind == "name":
            return self.call(text, depth) if self.take("(") else self.symbol(text)
        if text == "(":
            inner = self.comparison(depth)
            self.close()
            return inner
        raise invalid(f"`{text}` stands where a number, a symbol or a function is expected")

    def symbol(self, name: str) -> tuple:
        self.formula.symbols.append(name)
        return ("symbol", name)

    def call(self, name: str, depth: int) -> tuple:
        self.formula.functions.append(name)
        arguments, named = [], {}
        while not self.take(")"):
            self.argument(arguments, named, depth)
            if not self.take(","):
                self.close()
                break
        return ("call", name, arguments, named)

    def argument(self, arguments: list, named: dict, depth: int) -> None:
        following = self.peek(1)
        if following and following[1] == "=":
            name = self.peek()[1]  # `_call` refuses what is no name
            self.at += 2
            if name in named:
                raise invalid(f"`{name}` is given twice")
            named[name] = self.comparison(depth)
        else:
            arguments.append(self.comparison(depth))

    def close(self) -> None:
        if not self.take(")"):
            raise invalid("a bracket is not closed")


def evaluate(formula: Formula, values: dict[str, Quantity], nouns: set[str]):
    """Evaluate to a Quantity, or for a law or a comparison to a laws.Verdict.

    `values` holds the symbols defined above. Raises QuantityFault with the rule it breaks.
    """
    try:
        result = _evaluate(formula.tree, values, nouns)
    except OverflowError:
        raise _too_large() from None
    return _bounded(result) if isinstance(result, Quantity) else result


def _evaluate(tree: tuple, values: dict, nouns: set):
    kind, *parts = tree
    if kind == "number":
        factor, dims = parse_unit(parts[1], nouns)
        return Quantity(parts[0] * factor, dims)
    if kind == "symbol":
        return _symbol(*parts, values)
    if kind == "call":
        return _call(*parts, values, nouns)
    if kind == "compare":
        return _compare(parts[0], *(_number(p, values, nouns) for p in parts[1:]))
    return _OPERATE[kind](*(_number(part, values, nouns) for part in parts))


def _number(tree: tuple, values: dict, nouns: set) -> Quantity:
    result = _evaluate(tree, values, nouns)
    if not isinstance(result, Quantity):
        raise invalid("a law or a comparison stands where a number is expected")
    return _bounded(result)


def _bounded(result: Quantity) -> Quantity:
    if not abs(result.value) < LARGEST:
        raise _too_large()
    return result


def _too_large() -> QuantityFault:
    return invalid("the result is too large to be a number", "check the exponents")


def _symbol(name: str, values: dict) -> Quantity:
    if name not in values:
        raise QuantityFault(
            "envelope-symbol-undefined",
            f"the symbol `{name}` is not defined above",
            "define it in a row above, or correct its name",
        )
    return values[name]


def _power(base: Quantity, exponent: Quantity) -> Quantity:
    n = exponent.value
    if exponent.dims or n != int(n) or abs(n) > MAX_EXPONENT:
        raise invalid(
            f"an exponent is a whole number of at most {MAX_EXPONENT}", "write the power out, or use sqrt"
        )
    if base.value == 0 and n < 0:
        raise invalid("the formula divides by zero", "divide by something else")
    dims = tuple((name, int(e * n)) for name, e in base.dims if n)
    return Quantity(base.value ** int(n), dims, base.kind)


_OPERATE = {
    "negate": quantities.negate,
    "+": quantities.add,
    "-": quantities.subtract,
    "*": quantities.multiply,
    "/": quantities.divide,
    "^": _power,
}


def _compare(mark: str, left: Quantity, right: Quantity) -> laws.Verdict:
    same_dims(left, right, "compared")
    same_kind(left, right, "compared")
    return laws.Verdict(_COMPARE[mark](snap(left.value), snap(right.value)), left, mark, right, (left, right))


def _call(name: str, arguments: list, named: dict, values: dict, nouns: set):
    parameters = laws.parameters(name)
    evaluated = [_number(a, values, nouns) for a in arguments]
    keywords = {key: _number(a, values, nouns) for key, a in named.items()}
    given = [*parameters[: len(evaluated)], *keywords]
    if parameters == ["*values"]:
        if not evaluated or keywords:
            raise invalid(f"{name} takes one or more values")
    elif sorted(given) != sorted(parameters) or len(evaluated) > len(parameters):
        raise invalid(
            f"{name} takes {', '.join(parameters)}", "give each of them once, in this order or by name"
        )
    return laws.call(name, evaluated, keywords)
