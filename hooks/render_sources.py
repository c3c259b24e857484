"""Markdown made from the register: its own page, and what each question cites at its end."""

from __future__ import annotations

import posixpath
import re

import read_sources
from rule_paths import depths
from rule_sources import cited_ids

KIND_WORDS = {
    "primary": "primary source",
    "secondary": "secondary source",
    "report": "a candidate's or prep site's report",
}
KIND_HEADINGS = {
    "primary": "## Primary sources\n\nThe original: the paper, the data sheet, the documentation itself.",
    "secondary": "## Secondary sources\n\nOriginals that were read as others quote them.",
    "report": "## Reports\n\nA candidate's or a prep site's word on what was asked; nobody has confirmed it.",
}


def escape(text: str) -> str:
    """Text with everything that Markdown or HTML would read as markup made literal."""
    text = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_{}\[\]#|!~])", r"\\\1", text)


def register_page(guide) -> str:
    """The register as Markdown: a section for each kind, a heading for each source, its facts as a list."""
    cited = _citing(guide)
    parts = []
    for kind, heading in KIND_HEADINGS.items():
        sources = [source for source in guide.register.sources.values() if source.kind == kind]
        if sources:
            ordered = sorted(sources, key=lambda source: source.title.casefold())
            parts += [heading, *(_entry(source, cited) for source in ordered)]
    return "\n\n" + "\n\n".join(parts) + "\n"


def _citing(guide) -> dict[str, str]:
    """The pages that cite each id, as links in the order of their titles."""
    pages: dict[str, set[tuple[str, str]]] = {}
    for page in guide.pages:
        for _, id in cited_ids(page) if "/_" not in page.path else ():
            pages.setdefault(id, set()).add((page.title, page.path.removeprefix("docs/")))
    return {
        id: ", ".join(f"[{escape(title)}]({path})" for title, path in sorted(citing))
        for id, citing in pages.items()
    }


def _entry(source: read_sources.Source, cited: dict[str, str]) -> str:
    lines = [
        f"### {escape(source.title)} {{#{source.id}}}",
        f"{escape(source.publisher)}, published {source.published}. <{source.address}> "
        f"Read on {source.read}. {escape(source.note)}"
        + (f" Cited by {cited[source.id]}." if source.id in cited else ""),
    ]
    facts = [
        f"- **{escape(fact.value)}**{{ #{fact.id} }} as of {fact.as_of}, to be looked at again by "
        f"{fact.review_by}. {escape(fact.where)}. Cited by {cited.get(fact.id, 'no page')}."
        for fact in source.facts
    ]
    return "\n\n".join(lines + (["\n".join(facts)] if facts else []))


def page_footer(page) -> str:
    """The generated end of a question or a skeleton: its sources, what was checked, what cannot be."""
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
    address = _address("sources.md", page)
    return [_line(register.sources[id], cited, address) for id, cited in facts.items()]


def _line(source: read_sources.Source, facts: list[read_sources.Fact], address: str) -> str:
    link = f'[{escape(source.title)}]({address}#{source.id}){{ title="{source.address}" }}'
    dated = "; ".join(f"{escape(fact.value)} as of {fact.as_of}" for fact in facts)
    kind = "" if source.kind == "primary" else f" ({KIND_WORDS.get(source.kind, source.kind)})"
    return f"- {link}, {escape(source.publisher)}, {source.published}{kind}{f': {dated}' if dated else ''}"


def _checked(page) -> str:
    envelope, counts = page.envelope, [str(d) for d in depths(page) if d is not None]
    depth = " and ".join([", ".join(counts[:-1]), counts[-1]] if len(counts) > 1 else counts)
    counted = [(len(envelope.rows), "envelope row"), (len(envelope.checks), "law")]
    counted += [(len(envelope.folks), "folk figure")] if envelope.folks else []
    sums = ", ".join(f"{count} {noun}{'' if count == 1 else 's'}" for count, noun in counted)
    sums += " broken" if envelope.folks else ""
    rules = _address("rules.md", page)
    return (
        f"**Checked by machine:** {len(page.safety.harms)} harms on every drawn path, with a guard depth "
        f"of {depth}; {sums}. **What no check knows:** it sees the drawn graph; "
        f"roles are people's claims, and the strength of a guard is not measured. [All rules]({rules})."
    )


def _address(name: str, page) -> str:
    """A file of docs/ as a page links to it."""
    return posixpath.relpath(f"docs/{name}", posixpath.dirname(page.path))
