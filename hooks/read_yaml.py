"""A small, strict part of YAML, with the line of every key and value.

Mappings, lists and plain text only: no anchors, aliases, tags or duplicate keys, so a
stranger's front matter can neither run code nor grow a thousandfold while it is read.
Every scalar stays text: `no`, `50e6` and `2026-11-21` mean what they say.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import yaml

MAX_DEPTH = 8


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
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            _refuse(event, first_line)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = first_line + (mark.line if mark else 0)
        raise YamlFault(line, getattr(error, "problem", None) or "not YAML") from None
    except RecursionError:
        raise YamlFault(first_line, "nested too deeply") from None
    if root is None:
        return Node({}, first_line)
    return _convert(root, first_line, 0)


def _refuse(event: yaml.Event, first_line: int) -> None:
    line = first_line + event.start_mark.line
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        raise YamlFault(line, "anchors and aliases are not part of the strict YAML used here")
    if getattr(event, "tag", None):
        raise YamlFault(line, f"the tag {event.tag} is not part of the strict YAML used here")


def _convert(node: yaml.Node, first_line: int, depth: int) -> Node:
    line = first_line + node.start_mark.line
    if depth > MAX_DEPTH:
        raise YamlFault(line, f"nested more than {MAX_DEPTH} levels deep")
    if isinstance(node, yaml.ScalarNode):
        return Node(node.value, line)
    if isinstance(node, yaml.SequenceNode):
        return Node([_convert(child, first_line, depth + 1) for child in node.value], line)
    return _convert_mapping(node, first_line, depth)


def _convert_mapping(node: yaml.MappingNode, first_line: int, depth: int) -> Node:
    result = Node({}, first_line + node.start_mark.line)
    for key, value in node.value:
        line = first_line + key.start_mark.line
        if not isinstance(key, yaml.ScalarNode):
            raise YamlFault(line, "a key must be plain text")
        if key.value in result.value:
            raise YamlFault(line, f"the key `{key.value}` stands twice")
        result.value[key.value] = _convert(value, first_line, depth + 1)
        result.key_lines[key.value] = line
    return result
