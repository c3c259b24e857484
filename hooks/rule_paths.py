"""The law of the guide: no path from where a harm starts to where it lands without a guard."""

from __future__ import annotations

from collections.abc import Iterator

from finding import Problem, shorten
from paths import guard_depth, unguarded_path, ways
from read_flowchart import Edge, Flowchart
from read_harms import Harm


def check_path_unguarded(page) -> Iterator[Problem]:
    """Every path from a harm's start to its landing passes a guard that the harm names.

    In every diagram, and in all diagrams of the page taken as one; and again with every guard
    that fails open gone at once, one that degrades replaced by the node it degrades to, and
    guards that fall together counted as one. Every visible line is a way; a line without a
    head goes both ways; a line to a subgraph goes to every node in it.
    Why: a harmful answer needs only one way out, and overload opens the forgotten one.
    Bad: `gpu --> cache --> reply` beside `gpu --> check --> reply`.
    Good: `cache --> check`.
    Not an error when: the path ends in a log, a metric or a reviewer; they are no landings.
    """
    for harm in page.safety.harms:
        yield from _first(page, harm, set(harm.guards), "")
        standing = page.safety.standing(harm)
        fallen = [g for g in harm.guards if g not in standing]
        if fallen:
            named = ", ".join(f"`{g}`" for g in fallen)
            yield from _first(
                page, harm, standing, f" once {named} {'has' if len(fallen) == 1 else 'have'} failed open"
            )


def _first(page, harm: Harm, guards: set[str], when: str) -> Iterator[Problem]:
    """The shortest unguarded path per start, in the first diagram that has one, or in their union."""
    reported = set()
    for edges in _graphs(page.flowcharts):
        graph = ways(edges)
        for start in harm.starts:
            path = unguarded_path(graph, start, harm.landings, guards) if start not in reported else None
            if path:
                reported.add(start)
                yield _problem(harm, path, when)


def _graphs(charts: list[Flowchart]) -> Iterator[list[Edge]]:
    for chart in charts:
        yield chart.edges
    yield [edge for chart in charts for edge in chart.edges]


def _problem(harm: Harm, path: list[Edge], when: str) -> Problem:
    landing = path[-1].end
    guards = " or ".join(f"`{g}`" for g in harm.guards) or "any guard"
    way = f"gets from `{path[0].start}` to `{landing}` without {guards}{when}"
    message = f"harm {harm.number} ({shorten(harm.text, 60)}) {way}."
    hops = [f"{path[0].start} (line {path[0].line})", *(f"{edge.end} (line {edge.line})" for edge in path)]
    last = path[-1]
    if when:
        fix = "let one guard on this path fail closed, or add a guard that does."
    else:
        route = f"route {last.start} -> {landing} through {guards}"
        fix = f"{route}, name another guard in Harms, or remove the edge."
    return (last.line, message, fix, (" -> ".join(hops),))


def depths(page) -> list[int | None]:
    """Guard depth of each harm: the fewest distinct guards on any path from start to landing.

    Guards that fall together count once; the smallest over the page's diagrams counts.
    """
    found = []
    for harm in page.safety.harms:
        group_of = {g: page.safety.together(g) for g in harm.guards}
        all_ways = [ways(chart.edges) for chart in page.flowcharts]
        counts = [guard_depth(graph, s, harm.landings, group_of) for graph in all_ways for s in harm.starts]
        found.append(min((c for c in counts if c is not None), default=None))
    return found


RULES = (check_path_unguarded,)
