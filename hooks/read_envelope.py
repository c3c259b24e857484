"""Envelope tables -> rows, checks and folk figures, recomputed top to bottom.

Nothing is raised to the caller: every fault is kept with the rule that it breaks, and the
rules in rule_envelope.py hand them out. A row that fails keeps its printed value, so that
one slip does not drown the page in findings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import quantities
import read_formula
from laws import LAWS, Verdict
from page_contract import CHECKS, FOLK, ROWS
from quantities import Printed, Quantity, QuantityFault
from read_inline import code_in, links_in, plain

SYMBOL = re.compile(r"[a-z][a-z0-9_]*")
_WHOLE_CODE = re.compile(r"`([^`]+)`")
SOURCE_LINK = re.compile(r"(?:\.\./)*sources\.md#([\w-]+)")
_PROVENANCE = re.compile(r"((?i:given|assumed|chosen|simulated|measured))\b:?(.*)")


@dataclass
class Fault:
    """A defect found while reading or recomputing: rule, line, message, fix, evidence."""

    rule: str
    line: int
    message: str
    fix: str
    evidence: tuple[str, ...] = ()


@dataclass
class Row:
    """One row: `origin` is formula, given, assumed, chosen, simulated, measured, cited or ''."""

    line: int
    symbol: str
    quantity: str
    value: str
    working: str
    origin: str = ""
    reason: str = ""
    formula: read_formula.Formula | None = None
    printed: Printed | None = None
    exact: Quantity | None = None


@dataclass
class Check:
    """One check: a law or a comparison, its verdict, and what is printed of it."""

    line: int
    law: str
    reads: str
    formula: read_formula.Formula | None = None
    verdict: Verdict | None = None


@dataclass
class Folk:
    """A folk figure: what they say, how they get it, and the law that it breaks."""

    line: int
    says: str
    working: read_formula.Formula | None = None
    breaks: read_formula.Formula | None = None
    verdict: Verdict | None = None


@dataclass
class Envelope:
    """A page's envelope, recomputed. `values` are exact; `nouns` the declared count units."""

    rows: list[Row] = field(default_factory=list)
    index: dict[str, Row] = field(default_factory=dict)
    checks: list[Check] = field(default_factory=list)
    folks: list[Folk] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    nouns: set[str] = field(default_factory=set)
    values: dict[str, Quantity] = field(default_factory=dict)

    def row(self, symbol: str) -> Row | None:
        """The row that defines a symbol."""
        return self.index.get(symbol)

    def formulas(self) -> list[read_formula.Formula]:
        """Every formula of the envelope that could be parsed, in the order of the page."""
        found = [r.formula for r in self.rows] + [c.formula for c in self.checks]
        found += [f for folk in self.folks for f in (folk.working, folk.breaks)]
        return [f for f in found if f]

    def rests_on(self, symbols: Iterable[str]) -> set[str]:
        """The symbols, and all that their formulas use in turn."""
        seen, todo = set(), [*symbols]
        while todo:
            symbol = todo.pop()
            if symbol not in seen:
                seen.add(symbol)
                row = self.row(symbol)
                todo += row.formula.symbols if row and row.formula else []
        return seen


def broken_by(verdict: Verdict | None, nouns: set[str]) -> str:
    """What a law that does not hold comes to, such as `100 % is more than 70 %`; empty without a verdict."""
    if not verdict:
        return ""
    said = {"<=": "is more than", ">=": "is less than", "<": "is not below", ">": "is not above"}
    left, right = (
        quantities.show(side, None if side.dims else "%", nouns) for side in (verdict.left, verdict.right)
    )
    return f"{left} {said.get(verdict.mark, 'is not')} {right}"


def read(page) -> Envelope:
    """Read and recompute the envelope of a page (read_page.Page)."""
    reader = _Reader()
    for block in page.blocks:
        reader.take(block)
    return reader.envelope


def substituted(formula: read_formula.Formula, envelope: Envelope) -> str:
    """A formula with its symbols' values put in, as evidence for a message."""

    def value(match: re.Match) -> str:
        name = match.group(0)
        row = envelope.row(name)
        if row:
            return f"{row.printed.number}{f' {row.printed.unit}' if row.printed.unit else ''}"
        return name

    return re.sub(r"(?<![\w.])[a-z_]\w*\b(?!\()", value, formula.text)


class _Reader:
    """Takes the page's tables in order; every method adds to the envelope."""

    def __init__(self):
        self.envelope = Envelope()

    def take(self, block) -> None:
        kinds = {ROWS: self._row, CHECKS: self._check, FOLK: self._folk}
        take_row = kinds.get(tuple(block.header))
        for line, cells in block.rows if take_row else []:
            take_row(line, cells)

    def _fault(self, rule: str, line: int, message: str, fix: str, *evidence: str) -> None:
        self.envelope.faults.append(Fault(rule, line, message, fix, evidence))

    def _caught(self, line: int, fault: QuantityFault, what: str) -> None:
        self._fault(fault.rule, line, f"{what}: {fault.message}", fault.fix)

    def _row(self, line: int, cells: list[str]) -> None:
        symbol = next(iter(code_in(cells[0])), "")
        row = Row(line, symbol, cells[1], cells[2], cells[3])
        if not SYMBOL.fullmatch(symbol) or cells[0] != f"`{symbol}`":
            fix = "write one name of small letters, digits and _ in code marks"
            self._fault("envelope-row-unreadable", line, f"`{cells[0]}` is not a symbol", fix)
            return
        if self.envelope.row(symbol):
            fix = "give one of them another name"
            first = self.envelope.row(symbol).line
            self._fault(
                "envelope-symbol-duplicate", line, f"`{symbol}` is already defined on line {first}", fix
            )
            return
        self.envelope.rows.append(row)
        self.envelope.index[symbol] = row
        self._provenance(row)
        self._value(row)
        if row.formula:
            self._recompute(row)
        if row.printed:
            self.envelope.values[symbol] = row.exact or row.printed.quantity

    def _provenance(self, row: Row) -> None:
        code = _WHOLE_CODE.fullmatch(row.working)
        stated = _PROVENANCE.match(row.working)
        if code:
            row.origin = "formula"
            self._parse_formula(row, code.group(1))
        elif stated:
            row.origin, row.reason = stated.group(1).lower(), stated.group(2).strip()
        elif any(SOURCE_LINK.fullmatch(link.target) for link in links_in(row.working, row.line)):
            row.origin = "cited"

    def _parse_formula(self, row: Row, text: str) -> None:
        try:
            row.formula = read_formula.parse(text)
        except QuantityFault as fault:
            self._caught(row.line, fault, f"`{row.symbol}`")

    def _value(self, row: Row) -> None:
        text = row.value
        if row.origin != "formula":
            unit = text.removeprefix("≈").strip().partition(" ")[2].partition(" ")[0]
            self.envelope.nouns.update(quantities.undeclared_nouns(unit, self.envelope.nouns))
        try:
            row.printed = quantities.parse_printed(text, self.envelope.nouns)
        except QuantityFault as fault:
            self._caught(row.line, fault, f"`{row.symbol}`")

    def _recompute(self, row: Row) -> None:
        envelope = self.envelope
        try:
            exact = read_formula.evaluate(row.formula, self._known(row.formula), envelope.nouns)
            if isinstance(exact, Verdict):
                raise read_formula.invalid(
                    "a row's formula gives a number, not a verdict", "move it to Checks"
                )
            if row.printed:
                self._compare(row, exact)
        except _Silent:
            pass
        except QuantityFault as fault:
            evidence = substituted(row.formula, envelope)
            self._fault(
                fault.rule,
                row.line,
                f"`{row.symbol}`: {fault.message}",
                fault.fix,
                f"{row.formula.text} = {evidence}",
            )

    def _known(self, formula: read_formula.Formula) -> dict[str, Quantity]:
        # A symbol whose own row cannot be read was reported there; saying it again helps nobody.
        unread = {r.symbol for r in self.envelope.rows if not r.printed}
        if unread & set(formula.symbols):
            raise _Silent
        return self.envelope.values

    def _compare(self, row: Row, exact: Quantity) -> None:
        printed, nouns = row.printed, self.envelope.nouns
        agrees = quantities.agrees(printed, exact, nouns)
        if printed.quantity.kind and printed.quantity.kind != exact.kind:
            gives = f"gives a {exact.kind or 'value without a kind'}"
            message = f"`{row.symbol}` is printed as {printed.quantity.kind}, the formula {gives}"
            self._fault("envelope-kinds-mixed", row.line, message, "print the kind that the inputs have")
        row.exact = exact
        bare = Quantity(exact.value, exact.dims)
        finer = quantities.show(bare, printed.unit, nouns)
        if not agrees:
            result = quantities.show(bare, printed.unit, nouns, printed.decimals)
            message = f"`{row.symbol}` says {plain(row.value)}; the formula gives {result}"
            fix = "correct the value, or the formula if the value is right"
            proof = f"{row.formula.text} = {substituted(row.formula, self.envelope)} = {finer}"
            self._fault("envelope-result-wrong", row.line, message, fix, proof)
        elif quantities.too_coarse(printed, exact, nouns):
            message = f"`{row.symbol}` prints one significant digit of {finer}"
            self._fault("envelope-result-coarse", row.line, message, f"print two digits at least: {finer}")

    def _check(self, line: int, cells: list[str]) -> None:
        check = Check(line, plain(cells[0]), cells[2])
        self.envelope.checks.append(check)
        check.formula, check.verdict = self._verdict(line, cells[1], "check")

    def _verdict(self, line: int, cell: str, what: str) -> tuple:
        code = _WHOLE_CODE.fullmatch(cell)
        if not code:
            fix = "write one law or comparison in code marks"
            self._fault("envelope-row-unreadable", line, f"the {what} `{plain(cell)}` is not a formula", fix)
            return None, None
        formula = None
        try:
            formula = read_formula.parse(code.group(1))
            verdict = read_formula.evaluate(formula, self._known(formula), self.envelope.nouns)
            if isinstance(verdict, Quantity):
                raise read_formula.invalid(
                    "it gives a number, not a verdict", f"call a law ({', '.join(LAWS)}) or compare"
                )
            return formula, verdict
        except _Silent:
            return formula, None
        except QuantityFault as fault:
            self._caught(line, fault, what)
            return formula, None

    def _folk(self, line: int, cells: list[str]) -> None:
        folk = Folk(line, plain(cells[0]))
        self.envelope.folks.append(folk)
        folk.working = self._folk_working(line, folk.says, cells[1])
        folk.breaks, folk.verdict = self._verdict(line, cells[2], "folk figure's law")

    def _folk_working(self, line: int, says: str, cell: str) -> read_formula.Formula | None:
        code = _WHOLE_CODE.fullmatch(cell)
        if not code:
            fix = "write the sum that gives their figure in code marks"
            self._fault("envelope-row-unreadable", line, f"the working `{plain(cell)}` is not a formula", fix)
            return None
        formula = None
        try:
            formula = read_formula.parse(code.group(1))
            exact = read_formula.evaluate(formula, self._known(formula), self.envelope.nouns)
            if isinstance(exact, Verdict):
                raise read_formula.invalid(
                    "the working gives a number, not a verdict", "move the law to Breaks"
                )
            printed = quantities.parse_printed(says, self.envelope.nouns)
            if not quantities.agrees(printed, exact, self.envelope.nouns):
                result = quantities.show(exact, printed.unit, self.envelope.nouns)
                fix = "quote the figure and its working as people give them"
                message = f"they say {says}; their working gives {result}"
                self._fault("envelope-folk-differs", line, message, fix, substituted(formula, self.envelope))
        except _Silent:
            pass
        except QuantityFault as fault:
            self._caught(line, fault, "folk figure")
        return formula


class _Silent(Exception):
    """Raised where the fault has been reported already, at the row that caused it."""
