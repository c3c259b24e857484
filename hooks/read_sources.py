"""The register of sources: titles, addresses, dates, and the dated facts that pages cite."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import read_yaml

SOURCE_FIELDS = ("title", "publisher", "address", "published", "read", "kind")
FACT_FIELDS = ("value", "as_of", "review_by", "where")
KINDS = ("primary", "secondary", "report")
PRIMARY_ONLY = ("price", "limit", "policy", "result")
ABOUT = (*PRIMARY_ONLY, "hardware", "practice", "definition")
_ADDRESS = re.compile(r"https://(?!\S*\bxn--)[\w.-]+\.[a-z]+(?:/[\w./%~:@?&=+,;#!-]*)?", re.ASCII)
MAX_BYTES = 500_000
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass
class Fact:
    """A dated fact: its value as printed, when it was so, when to look again, where it stands."""

    id: str
    line: int
    source: str
    value: str
    as_of: str
    review_by: str
    where: str
    about: str


@dataclass
class Source:
    """A source and its line in the register; texts are empty where the register lacks them."""

    id: str
    line: int
    title: str
    publisher: str
    address: str
    published: str
    read: str
    kind: str
    note: str
    facts: list[Fact] = field(default_factory=list)


@dataclass
class Register:
    """All sources and facts by id, and what was wrong with the file as (line, rule, message, fix)."""

    path: str
    sources: dict[str, Source] = field(default_factory=dict)
    facts: dict[str, Fact] = field(default_factory=dict)
    faults: list[tuple[int, str, str, str]] = field(default_factory=list)


def parse_date(text: str) -> date | None:
    """A day as YYYY-MM-DD; None for anything else."""
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else None
    except ValueError:
        return None


def is_date_or_month(text: str) -> bool:
    """True for a day, a month (2022-07) or a year (2022)."""
    return bool(parse_date(text) or re.fullmatch(r"\d{4}(-(0[1-9]|1[0-2]))?", text))


def overdue(register: Register, today: date) -> list[Fact]:
    """The facts whose day to be looked at again has passed."""
    return [f for f in register.facts.values() if (day := parse_date(f.review_by)) and day < today]


def read(path: Path, shown: str) -> Register:
    """Read the register; faults are kept in it, none is raised."""
    register = Register(shown)
    try:
        data = path.read_bytes()
        if len(data) > MAX_BYTES:
            raise OSError(f"{len(data):,} bytes, at most {MAX_BYTES:,} are read")
        root = read_yaml.read(data.decode("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        register.faults.append(
            (1, "source-register-invalid", f"cannot be read: {error}", "restore the register")
        )
        return register
    except read_yaml.YamlFault as fault:
        register.faults.append((fault.line, "source-register-invalid", fault.message, "correct the YAML"))
        return register
    for id, node in root.items():
        _source(register, id, node, root.key_lines.get(id, node.line))
    return register


def _source(register: Register, id: str, node: read_yaml.Node, line: int) -> None:
    texts = {key: value.text() for key, value in node.items()}
    allowed = (*SOURCE_FIELDS, "facts", "note")
    _names(register, id, node, line, SOURCE_FIELDS, allowed)
    source = Source(id, line, *(texts.get(key, "") for key in (*SOURCE_FIELDS, "note")))
    register.sources[id] = source
    _invalid(
        register,
        line,
        source.kind in KINDS,
        f"`{id}`: the kind `{source.kind}` is none of {', '.join(KINDS)}",
    )
    plain = bool(_ADDRESS.fullmatch(source.address))
    _invalid(register, line, plain, f"`{id}`: the address `{source.address}` is not a plain https:// address")
    facts = node.get("facts")
    _invalid(register, line, facts is None or bool(facts.items()), f"`{id}`: facts are written as id: fields")
    for name in ("published", "read"):
        _dated(register, line, id, name, texts.get(name, ""), day=name == "read")
    for fact_id, fact in (node.get("facts") or read_yaml.Node({}, line)).items():
        _fact(register, source, fact_id, fact, node.get("facts").key_lines.get(fact_id, fact.line))


def _fact(register: Register, source: Source, id: str, node: read_yaml.Node, line: int) -> None:
    _names(register, id, node, line, (*FACT_FIELDS, "about"), (*FACT_FIELDS, "about"))
    texts = [(node.get(key) or read_yaml.Node("", line)).text() for key in (*FACT_FIELDS, "about")]
    fact = Fact(id, line, source.id, *texts)
    if id in register.facts or id in register.sources:
        _invalid(register, line, False, f"the id `{id}` stands twice")
    register.facts[id] = fact
    source.facts.append(fact)
    _invalid(
        register, line, fact.about in ABOUT, f"`{id}`: about `{fact.about}` is none of {', '.join(ABOUT)}"
    )
    _dated(register, line, id, "as_of", fact.as_of)
    _dated(register, line, id, "review_by", fact.review_by, day=True)
    if fact.about in PRIMARY_ONLY and source.kind != "primary":
        message = f"`{id}` is a {fact.about}, and `{source.id}` is a {source.kind} source"
        fix = "open the original and cite it; a price, limit, policy or paper's result takes a primary source"
        register.faults.append((line, "source-secondary", message, fix))


def _names(
    register: Register, id: str, node: read_yaml.Node, line: int, required: tuple, allowed: tuple
) -> None:
    _invalid(
        register, line, bool(_ID.fullmatch(id)), f"the id `{id}` is not small letters, digits and hyphens"
    )
    for name in required:
        if name not in ("published", "read", "as_of", "review_by"):
            value = node.get(name)
            _invalid(register, line, bool(value and value.text()), f"`{id}` has no `{name}`")
    for name, value in node.items():
        _invalid(register, value.line, name in allowed, f"`{id}` has an unknown field `{name}`")


def _invalid(register: Register, line: int, ok: bool, message: str) -> None:
    if not ok:
        register.faults.append(
            (line, "source-register-invalid", message, "see the fields of the other entries")
        )


def _dated(register: Register, line: int, id: str, name: str, text: str, day: bool = False) -> None:
    if not (parse_date(text) if day else is_date_or_month(text)):
        fix = f"write {name}: YYYY-MM-DD" + ("" if day else ", a month or a year")
        register.faults.append(
            (line, "source-undated", f"`{id}` has no date in `{name}` (found `{text}`)", fix)
        )
