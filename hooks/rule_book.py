"""Docstrings of the rules -> the page *Rules*, one entry for each, grouped by family."""

from __future__ import annotations

import inspect
import re
import sys

from finding import rule_id
from rule_list import ALL

LABELS = ("Why", "Bad", "Good", "Not an error when")
_HEAD = """# Rules

Every page of the guide is held to these rules before it is published; a page that breaks one is not built.
Each names its defect; a message begins with the path, the line and the rule's name, and ends with the cure.
This page is made from the rules' own docstrings.
"""


def parts_of(rule) -> dict[str, str]:
    """A rule's docstring by part: 'law' and the four labelled parts, each on one line."""
    text = inspect.getdoc(rule) or ""
    pieces = re.split(rf"^({'|'.join(LABELS)}):", text, flags=re.MULTILINE)
    parts = {"law": pieces[0]} | dict(zip(pieces[1::2], pieces[2::2], strict=True))
    return {name: " ".join(part.split()) for name, part in parts.items()}


def rules_page() -> str:
    """The page of all rules as Markdown."""
    entries, family = [], None
    for rule in ALL:
        module = sys.modules[rule.__module__]
        if module is not family:
            family = module
            title = inspect.getdoc(module).split(":")[0]
            entries.append(f"## {title}\n\n{inspect.getdoc(module).partition(':')[2].strip().capitalize()}")
        entries.append(_entry(rule))
    return _HEAD + "\n" + "\n\n".join(entries) + "\n"


def _entry(rule) -> str:
    parts = parts_of(rule)
    lines = [f"### {rule_id(rule)} {{#{rule_id(rule)}}}", parts["law"]]
    lines += [f"- **{label}:** {_literal(parts[label])}" for label in LABELS]
    return "\n\n".join([lines[0], _literal(lines[1]), "\n".join(lines[2:])])


def _literal(text: str) -> str:
    """Text whose angle brackets outside code marks are shown, not read as HTML."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(p if p.startswith("`") else re.sub(r"([<>\[\]*|])", r"\\\1", p) for p in parts)
