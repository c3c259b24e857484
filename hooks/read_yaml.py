"""A small, strict part of YAML, with the line of every key and value.

Mappings, lists and plain text only: no anchors, aliases, tags or duplicate keys, so a
stranger's front matter can neither run code nor grow a thousandfold while it is read.
Every scalar stays text: `no`, `50e6` and `2026-11-21` mean what they say. None holds an invisible character,
not even one that is spelt with a backslash.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import yaml
from page_contract import INVISIBLE

MAX_DEPTH = 8
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class YamlFault(Exception):
    """YAML that is malformed or uses more than the strict part; `line` counts from 1."""

    def __init__(self, line: int, message: str):
        super().__init__(message)
        self.line = line
        self.message = message


@dataclass
class Node:
    """A value, the line it stands on, and the lines of its keys when it is a mapping."""

    value: str | list[Node] | dict[str, Node]
    line: int
    key_lines: dict[str, int] = field(default_factory=dict)

    def text(self) -> str:
        """The scalar's text, or an empty text for a list or a mapping."""
        return self.value if isinstance(self.value, str) else ""

    def get(self, key: str) -> Node | None:
        """The value under a key, or None where there is no such key or no mapping."""
        return self.value.get(key) if isinstance(self.value, dict) else None

    def items(self) -> list[tuple[str, Node]]:
        """The pairs of a mapping in their order, none for anything else."""
        return list(self.value.items()) if isinstance(self.value, dict) else []

    def entries(self) -> list[Node]:
        """The entries of a list, none for anything else."""
        return self.value if isinstance(self.value, list) else []


def read(text: str, first_line: int = 1) -> Node:
    """Read strict YAML whose first line is `first_line` of its file; raises YamlFault."""
    if match := INVISIBLE.search(text):  # some are ends of lines to YAML, and to nobody else
        raise YamlFault(first_line + text.count("\n", 0, match.start()), _unseen(match))
    builder = _Builder(first_line)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = first_line + (mark.line if mark else 0)
        raise YamlFault(line, getattr(error, "problem", None) or "not YAML") from None
    return builder.root or Node({}, first_line)


def _unseen(match: re.Match) -> str:
    return f"an invisible character U+{ord(match[0]):04X}"


class _Builder:
    """Builds nodes from YAML's events, and refuses what the strict part leaves out."""

    def __init__(self, first_line: int):
        self.first_line = first_line
        self.root: Node | None = None
        self.open: list[Node] = []
        self.keys: list[tuple[str, int] | None] = []

    def take(self, event: yaml.Event) -> None:
        """Take the next event, in the order of the text."""
        line = self.first_line + event.start_mark.line
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise YamlFault(line, "anchors and aliases are not part of the strict YAML used here")
        if getattr(event, "tag", None):
            raise YamlFault(line, f"the tag {event.tag} is not part of the strict YAML used here")
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event.value, line)
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            self._start(Node({} if isinstance(event, yaml.MappingStartEvent) else [], line))
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            self.open.pop()
            self.keys.pop()

    def _scalar(self, value: str, line: int) -> None:
        if match := INVISIBLE.search(value):
            raise YamlFault(line, _unseen(match))
        parent = self.open[-1] if self.open else None
        if parent and isinstance(parent.value, dict) and self.keys[-1] is None:
            if value in parent.value:
                raise YamlFault(line, f"the key `{value}` stands twice")
            self.keys[-1] = (value, line)
        else:
            self._place(Node(value, line))

    def _start(self, node: Node) -> None:
        if len(self.open) >= MAX_DEPTH:
            raise YamlFault(node.line, f"nested more than {MAX_DEPTH} levels deep")
        if self.open and isinstance(self.open[-1].value, dict) and self.keys[-1] is None:
            raise YamlFault(node.line, "a key must be plain text")
        self._place(node)
        self.open.append(node)
        self.keys.append(None)

    def _place(self, node: Node) -> None:
        if not self.open:
            if self.root is not None:
                raise YamlFault(node.line, "more than one document")
            self.root = node
        elif isinstance(self.open[-1].value, list):
            self.open[-1].value.append(node)
        else:
            key, line = self.keys[-1]
            self.open[-1].value[key] = node
            self.open[-1].key_lines[key] = line
            self.keys[-1] = None
