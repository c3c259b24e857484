"""The harms table and the failure table -> harms, policies, and which guards hold when some fail."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from page_contract import FAILURES, HARMS
from read_inline import code_in, plain

_POLICY = re.compile(r"\b(fails closed|fails open|degrades to|retries \d+|sheds|voids)\b", re.IGNORECASE)
_OPENNESS = {"fails closed": 0, "degrades to": 1, "fails open": 2}
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
    """One row of the failure table. `policies` are the (policy, degraded-to node) it names, in order."""

    line: int
    component: str
    node: str
    cells: list[str]
    policies: list[tuple[str, str]]

    @property
    def opening(self) -> str:
        """The policy that the cell begins with, or an empty text."""
        match = _POLICY.match(self.cells[2])
        return match.group(1).lower() if match else ""


@dataclass
class Safety:
    """A page's harms, failure rows, and groups of guards that fall together."""

    harms: list[Harm] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    groups: list[tuple[int, list[str]]] = field(default_factory=list)

    def guards(self) -> list[str]:
        """Every guard that some harm names, in order, once."""
        return list(dict.fromkeys(g for harm in self.harms for g in harm.guards))

    def together(self, guard: str) -> frozenset[str]:
        """The guards that fall with this one, itself among them."""
        group = {guard}
        while True:
            larger = group.union(*(set(ids) for _, ids in self.groups if group & set(ids)))
            if larger == group:
                return frozenset(group)
            group = larger

    def policy(self, guard: str) -> tuple[str, str]:
        """The most open policy among the guard and those that fall with it: (policy, target)."""
        group = self.together(guard)
        stated = [p for f in self.failures if f.node in group for p in f.policies if p[0] in _OPENNESS]
        return max(stated, key=lambda p: _OPENNESS[p[0]], default=("fails closed", ""))

    def holds(self, guard: str, harm: Harm, seen: frozenset[str] = frozenset()) -> bool:
        """Whether a guard of a harm still stands once everything that may fail open has done so."""
        if guard not in harm.guards or guard in seen:
            return False
        policy, target = self.policy(guard)
        if policy == "degrades to":
            return self.holds(target, harm, seen | self.together(guard))
        return policy == "fails closed"


def read(page) -> Safety:
    """Read the harms and the failure policies of a page (read_page.Page)."""
    safety = Safety()
    for table in page.tables(*HARMS):
        for line, cells in table.rows:
            ids = [code_in(cell) for cell in cells[1:4]]
            safety.harms.append(Harm(len(safety.harms) + 1, line, plain(cells[0]), *ids))
    for table in page.tables(*FAILURES):
        safety.failures += [_failure(line, cells) for line, cells in table.rows]
    for block in page.section("Failure modes"):
        if block.kind == "paragraph" and block.text.startswith("**Fall together:**"):
            for offset, text in enumerate(block.text.split("\n")):
                safety.groups.append((block.line + offset, code_in(text.split(":**")[-1].partition(":")[0])))
    return safety


def _failure(line: int, cells: list[str]) -> Failure:
    ids = code_in(cells[0])
    found = list(_POLICY.finditer(cells[2]))
    policies = []
    for match in found:
        target = next(iter(code_in(cells[2][match.end() :])), "")
        policies.append((match.group(1).lower(), target if match.group(1).lower() == "degrades to" else ""))
    return Failure(line, plain(cells[0]).strip(), ids[0] if ids else "", cells, policies)
