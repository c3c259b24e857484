"""Ways to damage a good page, by the rule that must catch each. A sabotage yields damaged texts.

Each takes a page that has been read (read_page.Page) and works on its text, so that whatever is
published next is damaged in the same ways at no cost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

import quantities
import read_vocabulary
from laws import LAWS
from page_contract import ASK, FAILURES, FOLK, HARMS, OPERATION_PARTS, ROWS, TRADE_OFFS
from paths import reachable, ways
from read_inline import links_in
from rule_sections import CONTRACT_TABLES

Damaged = Iterator[str]
SABOTAGES = {}


def breaks(rule_id):
    """Registers a sabotage under the id of the rule that must catch it."""

    def register(function):
        SABOTAGES.setdefault(rule_id, []).append(function)
        return function

    return register


# Tools


def with_line(page, number: int, new: str | None) -> str:
    """The page with one line replaced, or taken out where `new` is None."""
    lines = list(page.lines)
    lines[number - 1 : number] = [] if new is None else [new]
    return "\n".join(lines)


def edited(page, number: int, pattern: str, new) -> str | None:
    """The page with a pattern replaced once in one line; None where the line has no such thing."""
    line, count = re.subn(pattern, new, page.lines[number - 1], count=1)
    return with_line(page, number, line) if count else None


def bounds(page, title: str) -> tuple[int, int]:
    """First and last line of a section, its heading included."""
    lines = [h.line for h in page.headings]
    start = page.line_of(title)
    later = [line for line in lines if line > start]
    return start, (later[0] - 1 if later else len(page.lines))


def without(page, first: int, last: int) -> str:
    """The page without these lines."""
    return "\n".join(page.lines[: first - 1] + page.lines[last:])


def inserted(page, after: int, *new: str) -> str:
    """The page with lines put in behind a line."""
    return "\n".join([*page.lines[:after], *new, *page.lines[after:]])


def rows_of(page, *header: str) -> list[tuple[int, list[str]]]:
    """All rows of the tables with this header, with their lines."""
    return [row for table in page.tables(*header) for row in table.rows]


def with_cell(page, line: int, column: int, new: str) -> str:
    """The page with one cell of the table row on a line replaced."""
    cells = re.split(r"(?<!\\)\|", page.lines[line - 1])
    cells[column + 1] = f" {new} "
    return with_line(page, line, "|".join(cells))


def other_number(text: str) -> str:
    """The text with the first digit of its first number changed."""
    return re.sub(r"\d", lambda m: str((int(m.group(0)) + 3) % 9 + 1), text, count=1)


def formula_rows(page) -> list:
    return [row for row in page.envelope.rows if row.origin == "formula"]


def with_number(page, row) -> str:
    """The page with another number in a row's value."""
    changed = row.value.replace(row.printed.number, other_number(row.printed.number))
    return with_cell(page, row.line, 2, changed)


def in_each_section(page, *new: str) -> Damaged:
    """The page with lines added at the end of each section."""
    for heading in page.headings:
        yield inserted(page, bounds(page, heading.text)[1], "", *new, "")


# Files


@breaks("file-overloaded")
def page_nested(page) -> Damaged:
    yield from in_each_section(page, "> " * 30 + "deep")


# Front matter


@breaks("front-matter-missing")
def field_taken_out(page) -> Damaged:
    keys = list(page.front.key_lines.items())
    for (_, line), following in zip(keys, [*[k[1] for k in keys[1:]], page.body_line - 1], strict=True):
        yield without(page, line, following - 1)
    yield without(page, 1, page.body_line - 1)


@breaks("front-matter-unknown")
def field_misspelt(page) -> Damaged:
    for name, line in page.front.key_lines.items():
        yield with_line(page, line, page.lines[line - 1].replace(name, f"{name}s", 1))


@breaks("front-matter-malformed")
def field_malformed(page) -> Damaged:
    lines = page.front.key_lines
    yield with_line(page, lines["summary"], f"summary: {'a word ' * 40}.")
    yield with_line(page, lines["title"], "title: &a Name")
    yield with_line(page, lines["title"], "title: !!python/name:os.system x")
    if page.kind.sections:
        yield with_line(page, lines["reviewed"], "reviewed: last week")
        yield with_line(page, lines["tags"], "tags: inference")
        if "asked" in lines:
            yield inserted(page, lines["asked"], "  - {source: exponent, date: 2026, sure: verified}")


@breaks("front-matter-headline-undefined")
def headline_renamed(page) -> Damaged:
    for symbol, label in page.front.get("headline").items():
        yield with_line(page, label.line, page.lines[label.line - 1].replace(symbol, f"{symbol}_x", 1))


# Sections


@breaks("section-missing")
def section_taken_out(page) -> Damaged:
    for section in page.kind.sections:
        yield without(page, *bounds(page, section.title))
        first, last = bounds(page, section.title)
        hidden = ["<!--", *page.lines[first - 1 : last], "-->"]
        yield "\n".join([*page.lines[: first - 1], *hidden, *page.lines[last:]])


@breaks("section-misspelt")
def heading_misspelt(page) -> Damaged:
    for heading in page.headings:
        yield with_line(page, heading.line, f"## {heading.text[:-1]}")


@breaks("section-repeated")
def heading_repeated(page) -> Damaged:
    for heading in page.headings:
        yield "\n".join([*page.lines, "", f"## {heading.text}", ""])


@breaks("section-out-of-order")
def sections_swapped(page) -> Damaged:
    titles = [h.text for h in page.headings]
    for one, two in pairwise(titles):
        (a, b), (c, d) = bounds(page, one), bounds(page, two)
        lines = page.lines
        yield "\n".join([*lines[: a - 1], *lines[c - 1 : d], *lines[a - 1 : b], *lines[d:]])


@breaks("section-empty")
def section_emptied(page) -> Damaged:
    for heading in page.headings:
        first, last = bounds(page, heading.text)
        yield without(page, first + 1, last)


@breaks("section-quotation-missing")
def quotation_unmarked(page) -> Damaged:
    for block in [b for b in page.section("Prompt") if b.quote]:
        yield with_line(page, block.line, page.lines[block.line - 1].removeprefix("> "))


@breaks("section-part-missing")
def part_unnamed(page) -> Damaged:
    for section in page.kind.sections:
        for part in section.parts:
            yield page.text.replace(f"**{part}", "**Note", 1)


@breaks("section-table-missing")
def table_renamed(page) -> Damaged:
    for section in page.kind.sections:
        for header in section.tables:
            yield page.text.replace(f"| {header[0]} | {header[1]} |", f"| {header[0]} | Remark |")


@breaks("section-table-misspelt")
def header_emphasised(page) -> Damaged:
    for table in page.blocks:
        if table.kind == "table" and tuple(table.header) in CONTRACT_TABLES:
            yield edited(page, table.line, r"\| (\w[^|]*\w) \|", r"| **\1** |")


@breaks("section-table-uneven")
def cell_added(page) -> Damaged:
    for table in page.blocks:
        for line, _ in table.rows:
            yield with_line(page, line, f"{page.lines[line - 1]} one too many |")


@breaks("section-dives-missing")
def dive_unasked(page) -> Damaged:
    dives = [b for b in page.section("Deep dives") if b.kind == "heading"]
    for dive in dives:
        yield with_line(page, dive.line, page.lines[dive.line - 1].replace("?", ""))
    yield without(page, dives[1].line, dives[-1].line)


@breaks("section-placeholder")
def placeholder_left(page) -> Damaged:
    yield from in_each_section(page, "TODO write this.")


@breaks("section-unwritten")
def guidance_left(page) -> Damaged:
    if not page.is_template:
        yield from in_each_section(page, "<!-- Guidance: say it. -->")


@breaks("section-template-left")
def template_left(page) -> Damaged:
    if not page.is_template:
        yield from in_each_section(
            page,
            "Question, articles and draft together, because a sentence that is harmless alone "
            "can be false beside its source.",
        )


@breaks("section-too-long")
def page_padded(page) -> Damaged:
    yield from list(in_each_section(page, ("and so on " * 90 + "\n\n") * 10))[:2]


@breaks("section-title-differs")
def title_changed(page) -> Damaged:
    heading = next(b for b in page.blocks if b.kind == "heading" and b.level == 1)
    yield with_line(page, heading.line, "# Another title")
    yield "\n".join([*page.lines, "# A second title", ""])


@breaks("section-id-taken")
def id_taken(page) -> Damaged:
    for row in page.envelope.rows[:3]:
        if "_" not in row.symbol:
            yield "\n".join([*page.lines, f"### {row.symbol}", ""])


@breaks("section-list-unknown")
def list_misspelt(page) -> Damaged:
    for mark in ("<!-- list: unsene -->", "<!--list: unseen-->", "Here: <!-- list: unseen -->"):
        yield "\n".join([*page.lines, mark, ""])


# Safety


@breaks("safety-callout-missing")
def callout_taken_out(page) -> Damaged:
    for block in [b for b in page.blocks if b.kind == "callout"]:
        yield with_line(page, block.line, "> A quotation.")
        yield with_line(page, block.line, f"> [!{block.info}] Safety")


@breaks("safety-callout-unknown")
def callout_misnamed(page) -> Damaged:
    for block in [b for b in page.blocks if b.kind == "callout"]:
        yield with_line(page, block.line, f"> [!danger] {block.text}")


@breaks("safety-callout-hollow")
def callout_hollowed(page) -> Damaged:
    for block in [b for b in page.blocks if b.kind == "callout"]:
        yield with_line(page, block.line + 1, "> Safety matters.")
        for id in re.findall(r"`(\w+)`", page.lines[block.line]):
            yield with_line(page, block.line + 1, page.lines[block.line].replace(f"`{id}`", "it"))


@breaks("safety-harm-incomplete")
def harm_cell_emptied(page) -> Damaged:
    for line, cells in rows_of(page, *HARMS):
        for column in range(1, len(cells)):
            yield with_cell(page, line, column, "somewhere")
        yield with_cell(page, line, 0, "Harm")


@breaks("safety-operation-missing")
def operation_cut(page) -> Damaged:
    for part in OPERATION_PARTS:
        yield page.text.replace(f"**{part}.**", "", 1)


# Envelope


@breaks("envelope-row-unreadable")
def symbol_unmarked(page) -> Damaged:
    for line, cells in rows_of(page, *ROWS):
        yield with_cell(page, line, 0, cells[0].strip("`"))


@breaks("envelope-value-unreadable")
def value_abbreviated(page) -> Damaged:
    for line, _ in rows_of(page, *ROWS):
        yield with_cell(page, line, 2, "10K req/s")
        yield with_cell(page, line, 2, "1-2 s")


@breaks("envelope-unit-unknown")
def unit_invented(page) -> Damaged:
    for row in formula_rows(page):
        yield with_cell(page, row.line, 2, f"{row.printed.number} zork")
    for row in page.envelope.rows:
        yield with_cell(page, row.line, 2, f"{row.printed.number} secs")


@breaks("envelope-symbol-duplicate")
def row_doubled(page) -> Damaged:
    for row in page.envelope.rows:
        yield inserted(page, row.line, page.lines[row.line - 1])


@breaks("envelope-symbol-undefined")
def symbol_lost(page) -> Damaged:
    for row in page.envelope.rows:
        if any(row.symbol in f.symbols for f in page.envelope.formulas()):
            yield with_cell(page, row.line, 0, "`lost_row`")  # taken out, its count noun would go with it


@breaks("envelope-unit-mismatch")
def unit_swapped(page) -> Damaged:
    for row in formula_rows(page):
        yield with_cell(page, row.line, 2, f"{row.printed.number} USD")
        yield with_cell(page, row.line, 3, f"`{row.formula.text} + 1 USD`")


@breaks("envelope-kinds-mixed")
def kind_swapped(page) -> Damaged:
    for check in page.envelope.checks:
        if "headroom" in check.formula.functions:
            load = page.envelope.row(check.formula.symbols[0])
            if load and load.origin != "formula":
                yield with_cell(page, load.line, 2, f"{load.printed.number} {load.printed.unit} mean")


@breaks("envelope-formula-invalid")
def formula_exploded(page) -> Damaged:
    for row in formula_rows(page):
        yield with_cell(page, row.line, 3, "`9^9^9`")
        yield with_cell(page, row.line, 3, "`__import__('os').getcwd()`")
        yield with_cell(page, row.line, 3, f"`({row.formula.text}`")


@breaks("envelope-result-wrong")
def result_changed(page) -> Damaged:
    for row in formula_rows(page):
        yield with_number(page, row)
        yield with_cell(page, row.line, 3, f"`1.7 * ({row.formula.text})`")


@breaks("envelope-result-coarse")
def result_blunted(page) -> Damaged:
    for row in formula_rows(page):
        number = quantities.in_unit(row.exact, row.printed.unit, page.envelope.nouns)
        whole = quantities.rounded(number, 0)
        if 0 < whole < 10 and row.printed.decimals > 0 and quantities.snap(number) != whole:
            yield with_cell(page, row.line, 2, f"{whole} {row.printed.unit}".strip())


@breaks("envelope-origin-missing")
def origin_withheld(page) -> Damaged:
    for row in page.envelope.rows:
        if row.origin != "formula":
            yield with_cell(page, row.line, 3, "it is well known")
            yield with_cell(page, row.line, 3, "assumed")


@breaks("envelope-given-absent")
def given_unsaid(page) -> Damaged:
    asked = " ".join(block.text for block in page.section("Prompt"))
    for row in page.envelope.rows:
        if row.origin == "given":
            yield with_cell(page, row.line, 2, row.value.replace(row.printed.number, "123,457"))
        if row.origin == "chosen" and row.printed.number not in asked:
            yield with_cell(page, row.line, 3, "given")


@breaks("envelope-simulation-differs")
def simulation_misquoted(page) -> Damaged:
    for row in page.envelope.rows:
        if row.origin == "simulated":
            yield with_number(page, row)
            yield with_cell(page, row.line, 2, f"{row.printed.number} {row.printed.unit}")
            yield with_cell(page, row.line, 3, "simulated: `nothing.at_all`")


@breaks("envelope-citation-differs")
def citation_misquoted(page) -> Damaged:
    for row in page.envelope.rows:
        if row.origin == "cited":
            yield with_number(page, row)


@breaks("envelope-row-unused")
def row_idle(page) -> Damaged:
    for row in page.envelope.rows[:3]:
        yield inserted(page, row.line, "| `idle_row` | Nothing | 5 s | assumed: for no reason at all |")


@breaks("envelope-check-fails")
def check_broken(page) -> Damaged:
    for check in page.envelope.checks:
        if check.formula.tree[0] == "compare":
            opposite = check.formula.text.replace("<=", ">").replace(">=", "<")
            yield with_cell(page, check.line, 1, f"`{opposite}`")
            continue
        law, _, arguments = check.formula.text.partition("(")
        first, _, rest = _split_argument(arguments)
        if law == "fanout":  # its first is a share, and no share is 99 times another
            second, _, rest = _split_argument(rest)
            yield with_cell(page, check.line, 1, f"`{law}({first}, 99 * ({second}),{rest}`")
        else:
            yield with_cell(page, check.line, 1, f"`{law}(99 * ({first}),{rest}`")


def _split_argument(text: str) -> tuple[str, str, str]:
    depth = 0
    for place, mark in enumerate(text):
        depth += (mark == "(") - (mark == ")")
        if mark == "," and depth == 0:
            return text[:place], mark, text[place + 1 :]
    return text, "", ""


@breaks("envelope-check-trivial")
def check_emptied(page) -> Damaged:
    for check in page.envelope.checks:
        yield with_cell(page, check.line, 1, "`1 <= 2`")


@breaks("envelope-law-misnamed")
def law_renamed(page) -> Damaged:
    for check in page.envelope.checks:
        for _, name in LAWS.values():
            if not check.law.startswith(name):
                yield with_cell(page, check.line, 0, name)


@breaks("envelope-reads-differs")
def reading_changed(page) -> Damaged:
    for check in page.envelope.checks:
        if re.search(r"\d", check.reads):
            yield with_cell(page, check.line, 2, re.sub(r"\d+", "987", check.reads, count=1))


@breaks("envelope-headroom-missing")
def headroom_forgotten(page) -> Damaged:
    lines = {c.line for c in page.envelope.checks if "headroom" in c.formula.functions}
    yield "\n".join(text for n, text in enumerate(page.lines, 1) if n not in lines)
    yield re.sub(r"\| chosen:", "| assumed:", page.text)


@breaks("envelope-checks-idle")
def checks_idle(page) -> Damaged:
    lines = {c.line for c in page.envelope.checks if "headroom" not in c.formula.functions}
    yield "\n".join(text for n, text in enumerate(page.lines, 1) if n not in lines)


@breaks("envelope-folk-differs")
def folk_misquoted(page) -> Damaged:
    for line, cells in rows_of(page, *FOLK):
        yield with_cell(page, line, 0, other_number(cells[0]))


@breaks("envelope-folk-unbroken")
def folk_unbroken(page) -> Damaged:
    for line, _ in rows_of(page, *FOLK):
        yield with_cell(page, line, 2, "`1 <= 2`")


# Numbers


def symbol_links(page) -> Iterator[tuple]:
    """(block, link, row) of each link to a symbol outside tables."""
    for block in page.blocks:
        if block.kind in ("paragraph", "item"):
            for link in block.links:
                row = page.envelope.row(link.target.removeprefix("#")) if link.target[:1] == "#" else None
                if row:
                    yield block, link, row


def swapped(page, link, text: str, target: str) -> str:
    old = f"[{link.text}]({link.target})"
    new = text if not target else f"[{text}]({target})"
    return with_line(page, link.line, page.lines[link.line - 1].replace(old, new, 1))


@breaks("number-link-differs")
def link_misquoted(page) -> Damaged:
    for _, link, row in symbol_links(page):
        yield swapped(page, link, other_number(link.text), link.target)
        yield swapped(page, link, "the value", link.target)
        stranger = next(r for r in page.envelope.rows if r.printed.number != row.printed.number)
        yield swapped(page, link, link.text, f"#{stranger.symbol}")


@breaks("number-symbol-unknown")
def link_astray(page) -> Damaged:
    for _, link, _row in symbol_links(page):
        yield swapped(page, link, link.text, f"{link.target}_x")


@breaks("number-bare")
def link_dropped(page) -> Damaged:
    for row in page.envelope.rows:
        yield with_cell(page, row.line, 1, f"{row.quantity}, after 30 s")
    if not page.kind.sections:
        return
    for block, link, row in symbol_links(page):
        cited = "sources.md#" in block.text
        weak = "**Weak" in block.text
        if row.printed.unit and re.search(r"[A-Za-z%]", link.text) and not cited and not weak:
            yield swapped(page, link, link.text, "")
    for chart in page.flowcharts:
        yield inserted(page, chart.line, "  extra_label[Waits 30 s]")


@breaks("number-fact-differs")
def fact_misquoted(page) -> Damaged:
    for block in page.blocks:
        for link in block.links if block.kind in ("paragraph", "item") else ():
            if link.target.partition("#")[2] in page.guide.register.facts:
                yield swapped(page, link, other_number(link.text), link.target)


@breaks("number-undated")
def undated_word(page) -> Damaged:
    yield from in_each_section(page, "The industry currently does it another way.")


# Diagrams and paths


@breaks("diagram-unreadable")
def diagram_garbled(page) -> Damaged:
    for chart in page.flowcharts:
        yield inserted(page, chart.line, "  a --> [")
        yield with_line(page, chart.line, "sequenceDiagram")


@breaks("diagram-missing")
def diagram_taken_out(page) -> Damaged:
    asked = ("normal", "overload")  # a third drawing may go
    for block in [b for b in page.blocks if b.is_mermaid and any(word in b.text.lower() for word in asked)]:
        yield without(page, block.line, block.line + block.text.count("\n") + 1)


@breaks("diagram-text-missing")
def diagram_muted(page) -> Damaged:
    for number, text in enumerate(page.lines, 1):
        if re.match(r"\s*acc(Title|Descr):", text):
            yield with_line(page, number, None)
            yield edited(page, number, r":.*", ": Picture")


@breaks("diagram-too-wide")
def diagram_widened(page) -> Damaged:
    for chart in page.flowcharts:
        wide = "".join(f" & w{n}[A rather long label]" for n in range(12))
        yield inserted(page, chart.line, f"  w[One] --> v[Two]{wide}")


@breaks("diagram-role-disagrees")
def role_dropped(page) -> Damaged:
    for chart in page.flowcharts:
        for number in range(chart.line, chart.line + chart.source.count("\n")):
            text = page.lines[number - 1]
            for match in re.finditer(r":::\w+", text):
                yield with_line(page, number, text[: match.start()] + text[match.end() :])
        plain = [n.id for n in chart.nodes.values() if not n.classes]
        for id in plain[:2]:
            yield inserted(page, chart.line, f"  {id}:::guard")


@breaks("diagram-role-twice")
def role_doubled(page) -> Damaged:
    for chart in page.flowcharts:
        for node in chart.nodes.values():
            if node.classes:
                other = "exposed" if "exposed" not in node.classes else "hazard"
                yield inserted(page, chart.line, f"  {node.id}:::{other}")


@breaks("diagram-role-on-subgraph")
def role_boxed(page) -> Damaged:
    for chart in page.flowcharts:
        yield inserted(page, chart.line, "  subgraph box", "    inner[Inner]", "  end", "  class box guard")


@breaks("diagram-styled")
def diagram_painted(page) -> Damaged:
    for chart in page.flowcharts:
        id = next(iter(chart.nodes))
        yield inserted(page, chart.line, f"  style {id} fill:#f00")
        yield inserted(page, chart.line, "  classDef guard fill:#f00")
        yield inserted(page, chart.line, f"  {id}:::important")
        yield inserted(page, chart.line, "  linkStyle default stroke:#f00")


@breaks("diagram-harm-not-drawn")
def harm_undrawn(page) -> Damaged:
    for line, cells in rows_of(page, *HARMS):
        for column in (1, 2, 3):
            yield with_cell(page, line, column, re.sub(r"`(\w+)`", r"`\1_x`", cells[column], count=1))


@breaks("diagram-start-stranded")
def arrows_reversed(page) -> Damaged:
    for block in [b for b in page.blocks if b.is_mermaid]:
        starts = {id for harm in page.safety.harms for id in harm.starts}
        first, last = block.line + 1, block.line + block.text.count("\n")
        for start in starts:
            kept = [
                text if not re.search(rf"\b{start}\b.*--", text) or not (first <= n <= last) else f"  {start}"
                for n, text in enumerate(page.lines, 1)
            ]
            if kept != page.lines:
                yield "\n".join(kept)


@breaks("diagram-guard-off-path")
def guard_sidelined(page) -> Damaged:
    for line, cells in rows_of(page, *HARMS):
        damaged = with_cell(page, line, 3, f"{cells[3]}, `monitor`").split("\n")
        for chart in page.flowcharts:
            start = page.safety.harms[0].starts[0]
            if start in chart.nodes:
                drawn = f"  {start} --> monitor:::guard"
                yield "\n".join([*damaged[: chart.line], drawn, *damaged[chart.line :]])


@breaks("diagram-guard-without-policy")
def policy_row_dropped(page) -> Damaged:
    guards = page.safety.guards()
    for failure in page.safety.failures:
        if failure.node in guards:
            yield with_line(page, failure.line, None)


@breaks("path-unguarded")
def way_round(page) -> Damaged:
    """A new edge from anything a start reaches unguarded to anything that reaches a landing unguarded."""
    for chart in page.flowcharts:
        for harm in page.safety.harms:
            graph = ways([e for e in chart.edges if e.end not in harm.guards and e.start not in harm.guards])
            back = ways([type(e)(e.end, e.start, e.line) for edges in graph.values() for e in edges])
            sources = {n for s in harm.starts if s in chart.nodes for n in {s} | reachable(graph, s)}
            sinks = {n for x in harm.landings if x in chart.nodes for n in {x} | reachable(back, x)}
            last = chart.line + chart.source.count("\n") - 1
            for one in sorted(sources - sinks):
                for two in sorted(sinks - sources):
                    yield inserted(page, last, f"  {one} --> {two}")
                    yield inserted(page, last, f"  {two} --- {one}")


@breaks("path-unguarded")
def guards_all_open(page) -> Damaged:
    text = page.text
    for line, cells in rows_of(page, *FAILURES):
        if re.search(r"fails closed|degrades to", cells[2]):
            text = text.replace(page.lines[line - 1], page.lines[line - 1].replace(cells[2], "fails open"))
    yield text


@breaks("path-unguarded")
def guard_cut_out(page) -> Damaged:
    """All guards of a harm bridged at once, in one diagram: what comes before them leads to what follows."""
    for chart in page.flowcharts:
        for harm in page.safety.harms:
            drawn = [g for g in harm.guards if g in chart.nodes]
            if not drawn or not set(harm.starts) & set(chart.nodes):
                continue
            bridges = [
                f"  {a.start} --> {b.end}"
                for g in drawn
                for a in chart.edges
                for b in chart.edges
                if a.end == g and b.start == g
            ]
            hops = [f"  {harm.starts[0]} --> {harm.landings[0]}"]
            yield inserted(page, chart.line + chart.source.count("\n") - 1, *bridges, *hops)


@breaks("path-unguarded")
def line_of_guards_all_open(page) -> Damaged:
    for number, text in enumerate(page.lines, 1):
        if text.startswith("**When it fails:**"):
            yield with_line(page, number, re.sub(r"fails? closed|degrades? to", "fails open", text))
            skipped = re.sub(r"` fails? closed", "` fails closed and then is skipped", text)
            yield with_line(page, number, skipped)


@breaks("diagram-guard-without-policy")
def guard_left_out_of_line(page) -> Damaged:
    for number, text in enumerate(page.lines, 1):
        for id in page.safety.guards() if text.startswith("**When it fails:**") else ():
            yield with_line(page, number, text.replace(f"`{id}`", "it"))


# Skeletons


@breaks("skeleton-drawing-not-one")
def drawing_doubled(page) -> Damaged:
    for block in [b for b in page.blocks if b.is_mermaid]:
        last = block.line + block.text.count("\n") + 1
        yield inserted(page, last, "", *page.lines[block.line - 1 : last])
        yield without(page, block.line, last)


@breaks("skeleton-dives-not-two")
def dive_added_or_unasked(page) -> Damaged:
    for item in [b for b in page.section("Two dives") if b.kind == "item"]:
        yield with_line(page, item.line, None)
        yield inserted(page, item.line - 1, "- **Why not?** Because.")
        yield with_line(page, item.line, page.lines[item.line - 1].replace("?**", ".**"))


@breaks("skeleton-bottleneck-unmeasured")
def bottleneck_unlinked(page) -> Damaged:
    for block in page.section("Bottleneck"):
        if block.kind == "paragraph":
            yield with_line(page, block.line, re.sub(r"\]\(#\w+\)", "]", page.lines[block.line - 1]))
            yield inserted(page, block.line, "", "And another thing.")


# Vocabulary


@breaks("vocabulary-definition-wrong")
def term_undefined(page) -> Damaged:
    for term in read_vocabulary.read(page):
        line = term.said[0][0]
        yield with_line(page, line, None)
        yield with_line(page, line, f"{page.lines[line - 1]} And more. And more.")


@breaks("vocabulary-id-missing")
def term_unnamed(page) -> Damaged:
    for term in read_vocabulary.read(page):
        yield edited(page, term.line, r" \{#[^}]*\}", "")


@breaks("vocabulary-out-of-order")
def term_misplaced(page) -> Damaged:
    first, *_, last = read_vocabulary.read(page)
    yield edited(page, first.line, "## ", "## Zebra ")
    yield edited(page, last.line, "## ", "## Aardvark ")


@breaks("vocabulary-name-taken")
def name_taken(page) -> Damaged:
    for one, two in pairwise(read_vocabulary.read(page)):
        yield inserted(page, two.said[-1][0], "", f"*Also:* {one.names[0].lower()}")


# Tables and lists


@breaks("table-cell-empty")
def cell_emptied(page) -> Damaged:
    for header in (ASK, FAILURES, TRADE_OFFS, HARMS):
        for line, cells in rows_of(page, *header):
            for column in range(len(cells)):
                yield with_cell(page, line, column, "–" if column else "")


@breaks("table-policy-missing")
def policy_blurred(page) -> Damaged:
    for line, _ in rows_of(page, *FAILURES):
        yield with_cell(page, line, 2, "we page someone")
        yield with_cell(page, line, 2, "degrades to something simpler")


@breaks("table-component-unknown")
def component_misspelt(page) -> Damaged:
    for failure in page.safety.failures:
        if failure.node:
            text = page.lines[failure.line - 1]
            yield with_line(page, failure.line, text.replace(f"`{failure.node}`", f"`{failure.node}_x`", 1))
            if text.startswith("|"):
                yield with_cell(page, failure.line, 0, failure.node)


@breaks("table-together-unknown")
def group_of_one(page) -> Damaged:
    for guard in page.safety.guards():
        line = f"**Fall together:** `{guard}`: the same deploy"
        yield inserted(page, bounds(page, "Failure modes")[1], line, "")


@breaks("table-ask-short")
def one_question_left(page) -> Damaged:
    rows = rows_of(page, *ASK)
    yield without(page, rows[1][0], rows[-1][0])
    for line, cells in rows:
        yield with_cell(page, line, 2, cells[1])


@breaks("pushback-few")
def pushbacks_cut(page) -> Damaged:
    headings = [b.line for b in page.section("Pushback") if b.kind == "heading"]
    yield without(page, headings[4], bounds(page, "Pushback")[1])


@breaks("pushback-answer-missing")
def answer_dropped(page) -> Damaged:
    for block in page.section("Pushback"):
        if block.kind == "item":
            yield with_line(page, block.line, None)


@breaks("pushback-answer-long")
def answer_padded(page) -> Damaged:
    for block in page.section("Pushback"):
        if block.kind == "item" and not block.text.startswith("**Good"):
            yield with_line(page, block.line, f"{page.lines[block.line - 1]} {'and more ' * 26}")


@breaks("pushback-id-missing")
def card_unnamed(page) -> Damaged:
    for block in page.section("Pushback"):
        if block.kind == "heading":
            yield edited(page, block.line, r" \{#[^}]*\}", "")


@breaks("level-missing")
def level_dropped(page) -> Damaged:
    for block in page.section("Level bar"):
        if block.kind == "item":
            yield with_line(page, block.line, None)
            yield with_line(page, block.line, re.sub(r":\*\*.*", ":** good.", page.lines[block.line - 1]))


# Sources


@breaks("source-unknown")
def citation_misspelt(page) -> Damaged:
    for block in page.blocks:
        for line, text in block.lines_of_text() if block.kind not in ("fence", "html") else []:
            for link in links_in(text, line):
                if "sources.md#" in link.target:
                    yield with_line(
                        page, link.line, page.lines[link.line - 1].replace(link.target, f"{link.target}x", 1)
                    )
    if "asked" in page.front.key_lines:
        line = page.front.key_lines["asked"] + 1
        yield edited(page, line, r"source: [\w-]+", "source: nobody")


# Active content

ATTACKS = {
    "active-html": (
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<iframe src=//x>", "text <b onclick=x>",
    ),
    "active-url": (
        "[x](javascript:alert(1))", "[x](JaVa&#83;cript:x)", "[x](//elsewhere.example/)",
        "[x](data:text/html,y)",
    ),
    "active-image-remote": ("![x](https://elsewhere.example/x.png)",),
    "active-attribute-list": (
        "[x](https://x.example){onclick=alert(1)}", "Words.\n{: style='position:fixed' }",
    ),
    "active-id-reserved": ("### __config", "### Any {#__search}"),
    "active-fence-attributes": ("```python onclick=x\npass\n```",),
    "active-diagram-directive": (
        '```mermaid\nflowchart TD\n  a --> b\n  click a "https://x.example"\n```',
        "```mermaid\n%%{init: {'theme': 'dark'}}%%\nflowchart TD\n  a --> b\n```",
    ),
    "active-snippet": ('--8<-- "/etc/passwd"',),
    "active-mark-of-build": ("The script is @@script@@ here.", "`@@edition@@`"),
    "active-invisible": ("Words\u202e turned.", "Words\u200b hidden.", "A NUL \0 byte."),
}  # fmt: skip


def _attack(texts):
    def sabotage(page) -> Damaged:
        for text in texts:
            yield from in_each_section(page, *text.split("\n"))

    return sabotage


@breaks("active-fence-attributes")
def fence_left_open(page) -> Damaged:
    yield "\n".join([*page.lines, "```text", "never closed"])


for _rule, _texts in ATTACKS.items():
    breaks(_rule)(_attack(_texts))
