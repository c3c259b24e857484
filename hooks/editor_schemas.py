"""JSON Schemas for editors, from the same data as the rules: `python hooks/editor_schemas.py` writes them.

They know what one field may hold; what the rules know of fields together and of the pages, the check says.
"""

from __future__ import annotations

import json
from pathlib import Path

from guide import ROOT
from page_contract import HEADLINES, MAX_SUMMARY, PLACES, PROSE, SURE, Kind
from read_sources import ABOUT, FACT_FIELDS, KINDS, SOURCE_FIELDS

FOLDER = ".vscode"
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_WHEN = rf"^([0-9]{{4}}(-(0[1-9]|1[0-2]))?|{_DAY})$"
_ID = "^[a-z0-9]+(-[a-z0-9]+)*$"


def _text(description: str, **limits) -> dict:
    return {"type": "string", "description": description, "pattern": r"\S", **limits}


def _table(fields: dict, required: tuple[str, ...] | list[str], **more) -> dict:
    return {
        "type": "object",
        "properties": fields,
        "required": list(required),
        "additionalProperties": False,
    } | more


def _when(description: str) -> dict:
    """A day, a month or a year; a year alone is a number to YAML."""
    return {"type": ["string", "integer"], "description": description, "pattern": _WHEN}


def _fields() -> dict[str, dict]:
    """Every field of front matter."""
    asked = {
        "source": _text("an id of docs/sources.yml", pattern=_ID),
        "date": _when("when it was asked: a day, a month or a year"),
        "sure": {"enum": list(SURE), "description": "a prep site's word is a report"},
    }
    plain = r"^[^<>]*[^<>\s][^<>]*$"
    return {
        "title": _text("the page's name", pattern=plain),
        "summary": _text("one sentence", maxLength=MAX_SUMMARY, pattern=r"^[^<>]*[.?!]\s*$"),
        "asked": {"type": "array", "minItems": 1, "items": _table(asked, list(asked))},
        "tags": {"type": "array", "minItems": 1, "items": _text("a word of the subject", pattern=plain)},
        "headline": {
            "type": "object",
            "description": "symbols of the envelope, each with a label",
            "minProperties": HEADLINES,
            "maxProperties": HEADLINES,
            "additionalProperties": _text("what the number is", pattern=plain),
        },
        "reviewed": _text("the day on which somebody read it all", format="date", pattern=f"^{_DAY}$"),
    }


def front_matter(kind: Kind) -> dict:
    """The schema of a kind's front matter; pages without a contract need none of their fields."""
    fields = {name: field for name, field in _fields().items() if name in kind.fields}
    return _table(fields, kind.fields if kind.sections else (), title=f"Front matter of a {kind.name} page")


def register() -> dict:
    """The schema of docs/sources.yml."""
    fact = {name: _text("see the entries above") for name in FACT_FIELDS}
    fact |= {
        "value": {"type": ["string", "number"], "description": "exactly as pages print it"},
        "as_of": _when("when it was so: a day, a month or a year"),
        "review_by": _text("when to look again", format="date", pattern=f"^{_DAY}$"),
        "about": {
            "enum": list(ABOUT),
            "description": "a price, limit, policy or result needs a primary source",
        },
    }
    source = {name: _text("see the entries above") for name in SOURCE_FIELDS}
    source |= {
        "address": _text("of the original, as you opened it", pattern="^https://"),
        "published": _when("a day, a month or a year"),
        "read": _text("the day on which you opened it", format="date", pattern=f"^{_DAY}$"),
        "kind": {"enum": list(KINDS), "description": "a candidate's or a prep site's word is a report"},
        "note": _text("what is not seen from the rest"),
        "facts": {"type": "object", "minProperties": 1, "additionalProperties": _table(fact, list(fact))},
    }
    return {
        "type": "object",
        "additionalProperties": _table(source, SOURCE_FIELDS),
        "title": "Register of sources",
    }


def schemas() -> dict[str, str]:
    """Each schema's place and its text."""
    kinds = {kind.name: kind for kind in (*PLACES.values(), PROSE) if kind.sections or kind is PROSE}
    made = {f"{FOLDER}/front-matter-{name}.json": front_matter(kind) for name, kind in kinds.items()}
    made[f"{FOLDER}/sources.json"] = register()
    dialect = {"$schema": "http://json-schema.org/draft-07/schema#"}
    return {place: json.dumps(dialect | schema, indent=2) + "\n" for place, schema in made.items()}


if __name__ == "__main__":
    for place, text in schemas().items():
        Path(ROOT / place).write_text(text, encoding="utf-8")
