"""The harms table and the failure table or line -> harms, policies, which guards hold when some fail."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from graphlib import CycleError, TopologicalSorter

from page_contract import FAILURES, HARMS
from read_inline import code_in, plain, spoken

_POLICY = re.compile(r"(?:fails closed|fails open|degrades to|retries \d+|sheds|voids)\b", re.IGNORECASE)
# A denial, and the rest of its clause; followed by an exception it denies nothing.
_DENIAL = re.compile(r"(?:\b(?:never|not|cannot|no longer|nor)|n['’]t)\b")
_REST = re.compile(r"(?:(?!\b(?:and|but|so|yet|then)\b)[^,.;:()–—])*")
_NEVER = re.compile(rf"{_DENIAL.pattern}(?![^.;]*(?:unless|except|until)){_REST.pattern}", re.IGNORECASE)
_UNCLOSED = re.compile(
    rf"(?:{_DENIAL.pattern}{_REST.pattern}?|without |instead of |rather than )fail(?:s|ing) closed",
    re.IGNORECASE,
)
_OPEN = re.compile(
    r"\b(?:open(?:s|ed|ly|ing)?\b|bypass|let(?:s|ting)? [^,.;:]*through|unchecked|skip)", re.IGNORECASE
)
_SHORT = re.compile(r"fails?[- ](?=closed|open)", re.IGNORECASE)
_LESS = re.compile(
    r"(?:degrad(?:es?|ed|ing)|f(?:alls?|ell|alling) back)(?: \w+){0,3}? (?:to|on)", re.IGNORECASE
)
_POLICIES = ("fails closed", "degrades to", "fails open")  # of a guard, the most open last
_CLAUSE = re.compile(r"((?:`[^`]+`(?:, and |, | and |\s))+)(.*)", re.DOTALL)
_TARGETS = re.compile(r"(?: `[^`]+`(?:,? (?:or|and|then)(?: to)?|,)?)*")
_WHEN = "**When it fails:**"
_TOGETHER = "**Fall together:**"
NOT_A_NODE = "–"


@dataclass
class Harm:
    """One row of Harms: what happens, and the node ids where it starts, lands and is stopped."""

    number: int
    line: int
    text: str
    starts: list[str]
    landings: list[str]
    guards: list[str]


@dataclass
class Failure:
    """One node of a row of the failure table, or of a clause of the line *When it fails*.

    `policies` are the (policy, degraded-to node) it names, in order.
    """

    line: int
    component: str
    node: str
    cells: list[str]
    policies: list[tuple[str, str]]

    @property
    def opening(self) -> str:
        """The policy that the cell begins with, or an empty text."""
        match = _POLICY.match(policy_text(self.cells[2]))
        return match.group().lower() if match else ""


@dataclass
class Safety:
    """A page's harms, failure rows, and groups of guards that fall together."""

    harms: list[Harm] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    groups: list[tuple[int, list[str]]] = field(default_factory=list)

    def guards(self) -> list[str]:
        """Every guard that some harm names, in order, once."""
        return list(dict.fromkeys(g for harm in self.harms for g in harm.guards))

    @cached_property
    def _groups(self) -> dict[str, frozenset[str]]:
        """Each guard that stands in a group, with all that it falls together with, however indirectly."""
        joined: dict[str, set[str]] = {}
        for _, ids in self.groups:
            merged = set(ids).union(*(joined[id] for id in ids if id in joined))
            for id in merged:
                joined[id] = merged
        return {id: frozenset(merged) for id, merged in joined.items()}

    def together(self, guard: str) -> frozenset[str]:
        """The guards that fall with this one, itself among them."""
        return self._groups.get(guard, frozenset((guard,)))

    def policies(self, guard: str) -> list[tuple[str, str]]:
        """What the guard and those that fall with it do when they fail, in every case: (policy, target)."""
        group = self.together(guard)
        stated = [p for f in self.failures if f.node in group for p in f.policies if p[0] in _POLICIES]
        return stated or [("fails closed", "")]

    def policy(self, guard: str) -> tuple[str, str]:
        """The most open of a guard's policies."""
        return max(self.policies(guard), key=lambda p: _POLICIES.index(p[0]))

    def standing(self, harm: Harm) -> set[str]:
        """The guards of a harm that still stand once everything that may fail open has done so.

        One that degrades stands if every node that it may degrade to is such a guard; in a circle none is.
        """
        targets = {
            g: {target for policy, target in self.policies(g) if policy != "fails closed"}
            for g in harm.guards
        }
        sorter, standing = TopologicalSorter(targets), set()
        with suppress(CycleError):
            sorter.prepare()
        while ready := sorter.get_ready():
            standing |= {g for g in ready if g in targets and targets[g] <= standing}
            sorter.done(*ready)
        return standing


def read(page) -> Safety:
    """Read the harms and the failure policies of a page (read_page.Page)."""
    safety = Safety()
    for table in page.tables(*HARMS):
        for line, cells in table.rows:
            ids = [code_in(cell) for cell in cells[1:4]]
            safety.harms.append(Harm(len(safety.harms) + 1, line, plain(cells[0]), *ids))
    for table in page.tables(*FAILURES):
        safety.failures += [failure for line, cells in table.rows for failure in _failures(line, cells)]
    for block in (b for b in page.blocks if b.kind in ("paragraph", "item")):
        safety.groups += _groups(block)
        if block.text.startswith(_WHEN):
            safety.failures += _line_of_failures(block.line, block.text.removeprefix(_WHEN))
    return safety


def _groups(block) -> Iterator[tuple[int, list[str]]]:
    """The guards behind each *Fall together* of a block, up to a colon; none if written otherwise."""
    lines = block.text.split("\n")
    for at, text in enumerate(lines):
        said = spoken(text).lower()
        if said.startswith("fall together") or (block.section == "Failure modes" and "fall together" in said):
            behind = "\n".join(lines[at:]).split(_TOGETHER)[1 : 1 + text.count(_TOGETHER)]
            yield from ((block.line + at, code_in(ids.partition(":")[0])) for ids in behind or [""])


def _line_of_failures(line: int, text: str) -> list[Failure]:
    """The line *When it fails* as rows: each of its clauses begins with guards in code marks.

    A clause that does not is a row of no node, which is a finding of its own.
    """
    rows = []
    for clause in re.split(r"[;.]\s+(?=`)", text.strip()):
        match = _CLAUSE.match(clause)
        named, policy = match.groups() if match else (clause, clause)
        rows += _failures(line, [named, "", policy, "", ""])
    return rows


def policy_text(cell: str) -> str:
    """A policy cell as read aloud, on single spaces: `fails *open*` and `fail-open` say the same.

    So do falling back and degrading.
    """
    text = " ".join(spoken(cell).split())
    return _LESS.sub("degrades to", _SHORT.sub("fails ", text))


def _failures(line: int, cells: list[str]) -> list[Failure]:
    """A row of the failure table, once for each node that it names, or once for none."""
    policies, said = [], policy_text(cells[2])
    text = _NEVER.sub("", said)  # what a cell denies is no case
    for match in _POLICY.finditer(text):
        name, targets = match.group().lower(), []
        if name == "degrades to":
            targets = code_in(_TARGETS.match(text, match.end()).group())
        policies += [(name, target) for target in targets or [""]]
    if _UNCLOSED.search(said) or _OPEN.search(text):  # the most open case counts, however it is worded
        policies.append(("fails open", ""))
    return [Failure(line, plain(cells[0]), id, cells, policies) for id in code_in(cells[0]) or [""]]
