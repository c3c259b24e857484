"""Diagrams: readable, honest about direction and roles, and the same story as the harms table."""

from __future__ import annotations

from collections.abc import Iterator

from diagram_engine import MAX_WIDTH
from finding import Problem, shorten
from page_contract import QUESTION, ROLES
from paths import reachable, ways

KINDS = ("normal", "overload")
_AS = {"hazard": "a hazard", "guard": "a guard", "exposed": "exposed"}


def check_diagram_unreadable(page) -> Iterator[Problem]:
    """Every Mermaid diagram is a flowchart that can be read to the last line.

    Why: an edge that is skipped is an unguarded path.
    Bad: `gpu --> [`; a sequence diagram, whose arrows are calls and not ways of data.
    Good: `flowchart TD` with nodes and edges.
    Not an error when: never.
    """
    for chart in page.flowcharts:
        if chart.fault:
            message = f"the diagram cannot be read: {chart.fault}"
            fix = "write a flowchart; put labels with brackets in quotes"
            yield chart.fault_line, message, fix


def _readable(page) -> list:
    return [chart for chart in page.flowcharts if not chart.fault]


def check_diagram_missing(page) -> Iterator[Problem]:
    """High-level design shows two diagrams: one whose accTitle says normal, one overload.

    Why: the path that breaks the promise is the one drawn only in the head.
    Bad: one diagram; two diagrams neither of which is of the overloaded system.
    Good: `accTitle: Inference batching under overload`.
    Not an error when: a diagram could not be read; that is its own finding.
    """
    if any(chart.fault for chart in page.flowcharts):
        return
    line, found = page.line_of("High-level design"), {}
    for kind in KINDS:
        charts = [c for c in page.flowcharts if c.section == "High-level design" and kind in c.title.lower()]
        found[kind] = next((c for c in charts if c not in found.values()), None)
        if not found[kind]:
            fix = f"draw the {kind} path there in a mermaid fence of its own, and say {kind} in its accTitle"
            yield line, f"High-level design has no diagram of its own with {kind} in its accTitle", fix
    normal, overload = (found[kind] and {(e.start, e.end) for e in found[kind].edges} for kind in KINDS)
    if normal and normal == overload:
        yield (
            found["overload"].line,
            "the overload diagram is the normal one again",
            "draw what overload changes",
        )


def check_diagram_text_missing(page) -> Iterator[Problem]:
    """Each diagram has an accTitle and an accDescr of a few words.

    Why: a reader who hears the page needs the picture too.
    Bad: a flowchart without `accDescr:`.
    Good: `accDescr: A prompt passes ... the reply leaves through the release gate.`
    Not an error when: never.
    """
    for chart in _readable(page):
        for name, text, least in (("accTitle", chart.title, 2), ("accDescr", chart.description, 8)):
            if len(text.split()) < least:
                message = f"the diagram has no {name} of {least} words or more"
                yield chart.line, message, f"add `{name}: ...` as a line of the diagram"


def check_diagram_too_wide(page) -> Iterator[Problem]:
    """A diagram's phone layout is at most 520 px wide.

    Why: wider, its labels shrink below 11 px on a phone of 390.
    Bad: seven boxes side by side.
    Good: `flowchart TD`, with two or three in a row.
    Not an error when: never.
    """
    for chart in _readable(page):
        if chart.width > MAX_WIDTH:
            message = f"the diagram is {chart.width:.0f} px wide on a phone, at most {MAX_WIDTH} can be read"
            yield chart.line, message, "draw it downwards, shorten labels, or split it"


def check_diagram_role_disagrees(page) -> Iterator[Problem]:
    """Classes in the diagrams and columns of the harms table name the same nodes.

    A start is `:::hazard`, a landing `:::exposed`, a guard `:::guard`, in every diagram it
    stands in; a node with such a class stands in the table; and no other node bears a landing's name.
    Why: one marker for the reader and the check.
    Bad: `gpu` starts a harm but carries no class; a guard that no harm names.
    Good: the same ids on both sides.
    Not an error when: the node stands in only one of the diagrams; or a page without a contract has
    no harms table, as one that shows how not to draw.
    """
    said = _said_roles(page)
    if not said:
        return
    landings = [id for id, roles in said.items() if "exposed" in roles]
    labels = {id: node.text.casefold() for chart in _readable(page) for id, node in chart.nodes.items()}
    for chart in _readable(page):
        for node in chart.nodes.values():
            drawn = {c for c in node.classes if c in ROLES}
            told = said.get(node.id, set())
            for role in told - drawn:
                message = f"`{node.id}` is {_AS[role]} in Harms, but not in this diagram"
                yield node.line, message, f"write `{node.id}:::{role}`, or correct Harms"
            twin = next((x for x in landings if _same_place(labels, node, x)), None)
            if twin and "exposed" not in drawn | told:
                message = f"`{node.id}` looks like the landing `{twin}`, but is not exposed"
                yield (
                    node.line,
                    message,
                    f"use the node `{twin}`, or make it a landing too, or name it otherwise",
                )
            for role in drawn - told:
                message = f"`{node.id}` is drawn as {_AS[role]}, but Harms does not name it as one"
                fix = "name it in the harms table, or take the class away"
                yield node.line, message, fix


def _same_place(labels: dict[str, str], node, landing: str) -> bool:
    """Whether a node bears a landing's name: its id in other letters, or its label."""
    return node.id.casefold() == landing.casefold() or node.text.casefold() == labels.get(landing)


def _said_roles(page) -> dict[str, set[str]]:
    said: dict[str, set[str]] = {}
    for harm in page.safety.harms:
        for role, ids in (("hazard", harm.starts), ("guard", harm.guards), ("exposed", harm.landings)):
            for id in ids:
                said.setdefault(id, set()).add(role)
    return said


def check_diagram_role_twice(page) -> Iterator[Problem]:
    """A node has one role.

    Why: a client that both attacks and reads is two nodes, or every path begins where it ends.
    Bad: `client:::hazard` that is also a landing.
    Good: `prompt:::hazard` and `reply:::exposed`.
    Not an error when: never; until it is mended the node counts under both.
    """
    for id, roles in _said_roles(page).items():
        if len(roles) > 1:
            line = next(h.line for h in page.safety.harms if id in h.starts + h.guards + h.landings)
            message = f"`{id}` is named as {' and '.join(sorted(roles))}"
            yield line, message, "draw it twice, once for each role"
    for chart in _readable(page):
        for node in chart.nodes.values():
            drawn = [role for role in ROLES if role in node.classes]
            if len(drawn) > 1:
                message = f"`{node.id}` carries the classes {' and '.join(drawn)}"
                yield node.line, message, "draw it twice, once for each role"


def check_diagram_role_on_subgraph(page) -> Iterator[Problem]:
    """A role stands on a node, not on a subgraph.

    Why: a box around five nodes does not say which of them guards.
    Bad: `class cell guard` where `cell` is a subgraph.
    Good: the class on the node that does the guarding.
    Not an error when: never.
    """
    for chart in _readable(page):
        for id, classes in chart.subgraph_classes.items():
            if classes:
                message = f"the subgraph `{id}` carries the class {', '.join(classes)}"
                fix = "put the class on the node inside it"
                yield chart.line_of(id), message, fix


def check_diagram_styled(page) -> Iterator[Problem]:
    """A diagram holds no styling of its own: no style, linkStyle, classDef, image, or other class.

    Why: the site colours roles alike on every page, in light, dark and print.
    Bad: `style gpu fill:#f00`, `gpu:::important`.
    Good: `gpu:::hazard`.
    Not an error when: never.
    """
    for chart in _readable(page):
        for line, what in chart.extras:
            yield line, f"the diagram holds {what}", "take it out; roles give the colour"
        for node in chart.nodes.values():
            others = [c for c in node.classes if c not in (*ROLES, "clickable")]
            if others:
                message = f"`{node.id}` carries the class {', '.join(others)}"
                yield node.line, message, f"the classes are {', '.join(ROLES)}"


def check_diagram_harm_not_drawn(page) -> Iterator[Problem]:
    """Every harm is drawn: each start beside a landing in some diagram, and all that the harm names.

    Why: a harm that no diagram shows is checked against nothing.
    Bad: a harm that lands at `index`, and no node `index`.
    Good: the table's ids are the diagrams' ids.
    Not an error when: a diagram could not be read; that is its own finding.
    """
    charts = _readable(page)
    if len(charts) < len(page.flowcharts):
        return
    drawn = {id for chart in charts for id in chart.nodes}
    for harm in page.safety.harms:
        absent = [id for id in harm.starts + harm.landings + harm.guards if id not in drawn]
        beside = {id for c in charts if set(harm.landings) & set(c.nodes) for id in c.nodes}
        alone = [id for id in harm.starts if id not in beside]
        if absent:
            message = (
                f"harm {harm.number} names {', '.join(f'`{id}`' for id in absent)}, which no diagram draws"
            )
            yield harm.line, message, "draw it, or correct the id"
        elif alone and harm.landings:
            message = f"no diagram draws harm {harm.number} from {_ids(alone)} to its landing"
            yield harm.line, message, "draw both in one diagram"


def check_diagram_start_stranded(page) -> Iterator[Problem]:
    """Where a harm's start and landing are drawn together, a way leads from each start to a landing.

    Why: a harm that gets nowhere in the picture makes the law true for the wrong reason.
    Bad: `check --> gpu` drawn as who calls whom, so that nothing leaves `gpu`.
    Good: `gpu --> check`, the direction the data takes.
    Not an error when: the diagram draws only one of the two.
    """
    for chart in _readable(page):
        graph = ways(chart.edges)
        for harm in page.safety.harms:
            starts = [s for s in harm.starts if s in chart.nodes]
            landings = [x for x in harm.landings if x in chart.nodes]
            if not (starts and landings):
                continue
            for start in starts:
                if not set(landings) & reachable(graph, start):
                    message = (
                        f"harm {harm.number}: no way leads from `{start}` to {_ids(landings)} in this diagram"
                    )
                    fix = "draw the direction the data takes, or point the edge at the node it enters"
                    yield chart.nodes[start].line, message, fix
            for landing in landings:
                if not any(landing in reachable(graph, start) for start in starts):
                    message = f"harm {harm.number}: no start reaches its landing `{landing}` in this diagram"
                    fix = "draw the direction the data takes, or name another landing"
                    yield chart.nodes[landing].line, message, fix


def _ids(ids: list[str]) -> str:
    return ", ".join(f"`{id}`" for id in ids)


def check_diagram_guard_off_path(page) -> Iterator[Problem]:
    """A guard stands on a way from a start to a landing of its harm.

    Why: to watch is not to guard; a monitor beside the way stops nothing.
    Bad: `gpu --> monitor:::guard` from which no way leads on.
    Good: the guard between the two, or a plain node for the monitor.
    Not an error when: it stands on such a way in at least one of the diagrams.
    """
    charts = _readable(page)
    if len(charts) < len(page.flowcharts):
        return
    for harm in page.safety.harms:
        for guard in harm.guards:
            drawn = [c for c in charts if guard in c.nodes]
            if drawn and not any(_on_way(c, guard, harm) for c in drawn):
                message = f"`{guard}` stands on no way of harm {harm.number} ({shorten(harm.text, 40)})"
                fix = "draw the data through it, or take it out of Stopped by"
                line = drawn[0].nodes[guard].line
                yield line, message, fix


def _on_way(chart, guard: str, harm) -> bool:
    graph = ways(chart.edges)
    onward = reachable(graph, guard)
    return any(guard in reachable(graph, s) for s in harm.starts) and bool(set(harm.landings) & onward)


def check_diagram_guard_without_policy(page) -> Iterator[Problem]:
    """Every guard has a row in the failure table with fails closed, fails open or degrades to.

    A skeleton says it in its line *When it fails*.
    Why: "what happens when the safety layer fails" is step three of the round.
    Bad: a guard `match` that the failure table does not mention.
    Good: a row for `match` whose policy begins with fails closed.
    Not an error when: never; without a row the guard counts as failing closed, and is reported.
    """
    rows = {
        f.node for f in page.safety.failures if f.opening in ("fails closed", "fails open", "degrades to")
    }
    harms = {g: h for h in reversed(page.safety.harms) for g in h.guards}
    for guard, harm in harms.items():
        if guard not in rows:
            message = f"nothing says what happens when the guard `{guard}` fails"
            row = f"| `{guard}` | what fails | fails closed | what the user sees | how it is noticed |"
            short = f"**When it fails:** `{guard}` fails closed."
            fix = f"add {row if page.kind is QUESTION else short}"
            yield harm.line, message, fix


RULES = (
    check_diagram_unreadable,
    check_diagram_text_missing,
    check_diagram_too_wide,
    check_diagram_role_disagrees,
    check_diagram_role_twice,
    check_diagram_role_on_subgraph,
    check_diagram_styled,
    check_diagram_harm_not_drawn,
    check_diagram_start_stranded,
    check_diagram_guard_off_path,
)
CONTRACT_RULES = (check_diagram_guard_without_policy,)
QUESTION_RULES = (check_diagram_missing,)
