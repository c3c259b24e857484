"""Walks over a diagram's ways: what is reachable, the shortest unguarded path, the guard depth."""

from __future__ import annotations

import heapq
from collections import deque

from read_flowchart import Edge

Graph = dict[str, list[Edge]]
MAX_GROUPS = 6


def ways(edges: list[Edge]) -> Graph:
    """The edges by the node they leave, in the order they are drawn."""
    graph: Graph = {}
    for edge in edges:
        graph.setdefault(edge.start, []).append(edge)
    return graph


def reachable(graph: Graph, start: str) -> set[str]:
    """Every node that a way leads to from `start`, itself only if a way comes back."""
    seen, todo = set(), [start]
    while todo:
        for edge in graph.get(todo.pop(), ()):
            if edge.end not in seen:
                seen.add(edge.end)
                todo.append(edge.end)
    return seen


def unguarded_path(graph: Graph, start: str, landings: list[str], guards: set[str]) -> list[Edge] | None:
    """The shortest path from start to a landing that enters no guard; None where there is none.

    A start that is itself a guard does not excuse the path, and a landing that is a guard does
    not hide it: a node with two roles counts under both.
    """
    came: dict[str, Edge | None] = {start: None}
    todo = deque([start])
    while todo:
        node = todo.popleft()
        for edge in graph.get(node, ()):
            if edge.end in landings:
                return [*_back(came, node), edge]
            if edge.end not in came and edge.end not in guards:
                came[edge.end] = edge
                todo.append(edge.end)
    return None


def _back(came: dict[str, Edge | None], node: str) -> list[Edge]:
    path = []
    while (edge := came[node]) is not None:
        path.append(edge)
        node = edge.start
    return path[::-1]


def guard_depth(graph: Graph, start: str, landings: list[str], group_of: dict[str, frozenset]) -> int | None:
    """The fewest distinct guards on any path from start to a landing; None where no path leads.

    `group_of` maps each guard of the harm to what it falls together with: a group counts once. To know
    which groups a path has passed takes twice the time for each, so those beyond `MAX_GROUPS` count as
    one: never more guards than there are. A guard by itself is passed once on a shortest path anyway.
    """
    groups = dict.fromkeys(group for group in group_of.values() if len(group) > 1)
    name = {group: min(place, MAX_GROUPS) for place, group in enumerate(groups)}
    empty: frozenset = frozenset()
    queue = [(0, start, empty)]
    best: set[tuple[str, frozenset]] = set()
    while queue:
        depth, node, passed = heapq.heappop(queue)
        if node in landings and node != start:
            return depth
        if (node, passed) in best:
            continue
        best.add((node, passed))
        for edge in graph.get(node, ()):
            group = group_of.get(edge.end)
            further = passed | {name[group]} if group in name else passed
            alone = bool(group) and group not in name
            heapq.heappush(queue, (depth + alone + len(further) - len(passed), edge.end, further))
    return None
