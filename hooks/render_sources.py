"""Markdown made from the register: its own page, and what each question cites at its end."""

from __future__ import annotations

import re

import read_sources
from rule_paths import depths
from rule_sources import cited_ids

KIND_WORDS = {
    "primary": "primary source",
    "secondary": "secondary source",
    "report": "a candidate's or prep site's report",
}


def escape(text: str) -> str:
    """Text with everything that Markdown or HTML would read as markup made literal."""
    text = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_{}\[\]#|!~])", r"\\\1", text)


def register_page(register: read_sources.Register) -> str:
    """The register as Markdown: a heading for each source, its facts as a list with their ids."""
    ordered = sorted(register.sources.values(), key=lambda source: source.title.lower())
    return "\n\n" + "\n\n".join(_entry(source) for source in ordered) + "\n"


def _entry(source: read_sources.Source) -> str:
    lines = [
        f"## {escape(source.title)} {{#{source.id}}}",
        f"{escape(source.publisher)}, published {source.published}. <{source.address}> "
        f"Read on {source.read}; {KIND_WORDS.get(source.kind, source.kind)}. {escape(source.note)}",
    ]
    for fact in source.facts:
        lines.append(f"### {escape(fact.value)} {{#{fact.id}}}")
        lines.append(f"{escape(fact.where)}. As of {fact.as_of}; to be looked at again by {fact.review_by}.")
    return "\n\n".join(lines)


def page_footer(page) -> str:
    """The generated end of a question page: its sources, what was checked, what cannot be."""
    return "\n\n## Sources\n\n" + "\n".join(_cited(page)) + "\n\n" + _checked(page) + "\n"


def _cited(page) -> list[str]:
    register = page.guide.register
    facts: dict[str, list[read_sources.Fact]] = {}
    for _, id in sorted(cited_ids(page)):
        fact = register.facts.get(id)
        source = register.sources.get(fact.source if fact else id)
        if source:
            known = facts.setdefault(source.id, [])
            if fact and fact not in known:
                known.append(fact)
    return [_line(register.sources[id], cited) for id, cited in facts.items()]


def _line(source: read_sources.Source, facts: list[read_sources.Fact]) -> str:
    link = f"[{escape(source.title)}](../sources.md#{source.id})"
    dated = "; ".join(f"{escape(fact.value)} as of {fact.as_of}" for fact in facts)
    kind = "" if source.kind == "primary" else f" ({KIND_WORDS.get(source.kind, source.kind)})"
    return f"- {link}, {escape(source.publisher)}, {source.published}{kind}{f': {dated}' if dated else ''}"


def _checked(page) -> str:
    envelope, counts = page.envelope, [str(d) for d in depths(page) if d is not None]
    depth = " and ".join([", ".join(counts[:-1]), counts[-1]] if len(counts) > 1 else counts)
    return (
        f"**Checked by machine:** {len(page.safety.harms)} harms on every drawn path, with a guard depth "
        f"of {depth}; {len(envelope.rows)} envelope rows, {len(envelope.checks)} laws, "
        f"{len(envelope.folks)} folk figures broken. **What no check knows:** it sees the drawn graph; "
        "roles are people's claims, and the strength of a guard is not measured. [All rules](../rules.md)."
    )
