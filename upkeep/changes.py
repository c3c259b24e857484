"""What changed between two trees of the guide, as its own gate reads them, in Markdown.

    python upkeep/changes.py BEFORE AFTER                 for who reviews a pull request
    python upkeep/changes.py --for readers BEFORE AFTER   the changelog of an edition; empty without a change

A tree is a revision of the repository that one stands in, or a folder; BEFORE may be `nothing`.
Exit 0 when all was said, 2 for misuse.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import read_trees
from compare import Change, Changes, compare
from literal import MOST_ROWS, code, more, table, words
from read_inline import plain
from read_trees import NoTree, Tree

ANNOTATED = 10  # findings that GitHub shows beside their lines
MOST_BYTES = {"reviewer": 1_000_000, "readers": 120_000}  # what GitHub takes of a summary, and of a release
MOST_VALUES = 20  # of a page in a changelog
SEEN_BY_READERS = ("docs", "overrides", "book", "mkdocs.yml")
_RANK = {"given": 0, "assumed": 1, "chosen": 2, "cited": 3, "measured": 4, "simulated": 5, "formula": 6}
_SAID = {"formula": "worked", "": "no provenance"}


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="changes.py", description="What changed between two trees.")
    parser.add_argument("before", metavar="BEFORE", help="a revision, a folder, or `nothing`")
    parser.add_argument("after", metavar="AFTER", help="a revision or a folder")
    parser.add_argument("--for", dest="whom", choices=("reviewer", "readers"), default="reviewer")
    options = parser.parse_args(arguments)
    here = Path.cwd()
    start = read_trees.NOTHING if options.before == "nothing" else options.before
    try:
        before, after = read_trees.read(start, here), read_trees.read(options.after, here)
    except NoTree as fault:
        parser.error(str(fault))
    changes = compare(before, after)
    if options.whom == "readers":
        lines = for_readers(changes, _subjects(here, start, options.after))
    else:
        lines = for_reviewer(changes, after)
    if lines:
        print(within(MOST_BYTES[options.whom], lines))
    return 0


def within(most: int, lines: list[str]) -> str:
    """The lines as a text of so many bytes; what does not fit is left out from the end, and said so."""
    text = "\n".join(lines)
    if len(text.encode()) <= most:
        return text
    kept = text.encode()[:most].decode(errors="ignore").rpartition("\n")[0]
    return f"{kept}\n\n… and more than fits here: run `upkeep/changes.py` to see it."


def for_reviewer(changes: Changes, after: Tree) -> list[str]:
    """The summary of a pull request: what a person must judge, then everything that changed."""
    return [
        "## What changed, as main's own gate reads it",
        "",
        "Both trees were read by the readers of the branch this goes to, not by the pull request's. The list "
        "says what changed, not whether it is so.",
        *_part("To judge by eye", [f"- [ ] {line}" for line in to_judge(changes)]),
        *_part("Hosts that the guide did not name before", _hosts(changes)),
        *_part("Numbers", _numbers(changes)),
        *_part("Harms and guards", _harms(changes)),
        *_part("Sources and dated facts", _register(changes)),
        *_part("Pages", _pages(changes)),
        *_part("Files that are no pages", _files(changes)),
        *_part("Findings", _findings(after)),
    ]


def _part(title: str, lines: list[str]) -> list[str]:
    return ["", f"### {title}", "", *lines] if lines else []


def to_judge(changes: Changes) -> list[str]:
    """What no rule can know, as far as this change touches it; each a sentence."""
    computed = ("formula", "simulated", "measured")
    inputs = [c for c in changes.numbers if c.after and c.after.origin not in computed]
    entries = [c for c in [*changes.sources, *changes.facts] if c.after]
    new = [change for change in changes.pages if not change.before]
    asked = (
        (changes.code, "file", "**Not only pages.** {} outside `docs/`: both maintainers, line by line. "
         "Until then do not open the preview or run the branch; this code made it."),
        (changes.hosts, "host", "**New hosts.** {} named for the first time: whose, and why?"),
        (inputs, "number", "**Inputs.** {} given, assumed, chosen or cited: plausible? Sums are checked."),
        (entries, "entry", "**Register.** {} new or changed: open the address, find the value there."),
        (changes.harms, "harm", "**Harms.** {} new or changed: is an edge missing in the drawing, is a guard "
         "none, is a harm left out?"),
        (changes.policies, "guard", "**When guards fail.** {} new or changed: would it really do that?"),
        (changes.assets, "file", "**Pictures and the like.** {} below `docs/`: no rule sees what one shows."),
        (new, "page", "**New pages.** {}: nothing under a non-disclosure agreement, no name, no copy?"),
        (changes.pages, "page", "**Words.** {} to read: what is said without a number needs no source."),
    )
    return [text.format(_count(len(which), noun)) for which, noun, text in asked if which]


def _count(number: int, noun: str) -> str:
    many = noun.removesuffix("y") + "ies" if noun.endswith("y") else noun + "s"
    return f"{number:,} {noun if number == 1 else many}"


def _findings(after: Tree) -> list[str]:
    if not after.found:
        return []
    rows = [
        (code(f"{f.path}:{f.line}"), code(f.rule), code(f.message, 300), code(f.fix, 200))
        for f in after.found
    ]
    shown = f" GitHub shows at most {ANNOTATED} beside their lines." if len(rows) > ANNOTATED else ""
    return [f"{_count(len(rows), 'finding')}.{shown}", "", *table("Where | Rule | What | Fix", rows)]


def _hosts(changes: Changes) -> list[str]:
    rows = [(code(host), code(place)) for host, place in changes.hosts.items()]
    return _headed("Host | First named", rows)


def _numbers(changes: Changes) -> list[str]:
    """Inputs before what follows from them: the former are for a person, the latter for the gate."""

    def rank(change: Change) -> int:
        return _RANK.get((change.after or change.before).origin, -1)

    rows = [
        (_page(c), code(c.what), _number(c.before), _number(c.after))
        for c in sorted(changes.numbers, key=rank)
    ]
    return _headed("Page | Symbol | Before | After", rows)


def _number(row) -> str:
    if row is None:
        return "–"
    origin = _SAID.get(row.origin, row.origin)
    return f"{code(plain(row.value), 40)} {origin}: {code(row.working.strip('`'), 120)}"


def _harms(changes: Changes) -> list[str]:
    harms = [(_page(c), code(c.what), _depth(c.before), _depth(c.after), _shift(c)) for c in changes.harms]
    policies = [(_page(c), code(c.what), code(c.before or ""), code(c.after or "")) for c in changes.policies]
    return [
        *_headed("Page | Harm | Before | After | Depth", harms),
        *([""] if harms and policies else []),
        *_headed("Page | Guard | When it failed before | When it fails now", policies),
    ]


def _page(change: Change) -> str:
    return code(change.place.removeprefix("docs/"))


def _headed(header: str, rows: list) -> list[str]:
    return table(header, rows) if rows else []


def _depth(state: tuple | None) -> str:
    if state is None:
        return "–"
    depth, starts, landings, guards = state
    way = f"{', '.join(starts)} → {', '.join(landings)}, stopped by {', '.join(guards)}"
    return f"depth {'none' if depth is None else depth}: {code(way, 160)}"


def _shift(change: Change) -> str:
    """How the guard depth moved; what became shallower, or can no longer be told, stands out."""
    if not change.before or not change.after:
        return "new" if change.after else "gone"
    one, other = change.before[0], change.after[0]
    if one == other:
        return "same"
    return "deeper" if one is not None and other is not None and other > one else "**shallower**"


def _register(changes: Changes) -> list[str]:
    rows = [("source", code(c.what), _source(c.before), _source(c.after)) for c in changes.sources]
    rows += [("fact", code(c.what), _fact(c.before), _fact(c.after)) for c in changes.facts]
    return _headed("Kind | Id | Before | After", rows)


def _source(source) -> str:
    if source is None:
        return "–"
    told = f"{source.kind}, published {source.published}, read {source.read}"
    note = f" {code(source.note, 200)}" if source.note else ""
    return f"{code(source.title)} {code(source.publisher, 60)} {code(source.address, 160)} {code(told)}{note}"


def _fact(fact) -> str:
    if fact is None:
        return "–"
    dated = f"as of {fact.as_of}, again by {fact.review_by}"
    return f"{code(fact.value)} {code(dated)} {code(f'{fact.source}: {fact.where}', 200)}"


def _pages(changes: Changes) -> list[str]:
    lines = []
    for change in changes.pages[:MOST_ROWS]:
        if not change.before or not change.after:
            lines.append(f"- {'new' if change.after else 'gone'}: {code(change.place)}")
        else:
            named = [code(name or "its beginning") for name in changes.sections[change.place]]
            lines.append(f"- {code(change.place)}: {', '.join(named) or 'spacing alone'}")
    return lines + more(changes.pages)


def _files(changes: Changes) -> list[str]:
    listed = [*changes.code, *changes.assets]
    said = {(True, False): "new", (False, True): "gone", (False, False): "changed"}
    lines = [f"- {said[c.before is None, c.after is None]}: {code(c.place, 160)}" for c in listed[:MOST_ROWS]]
    return lines + more(listed)


def for_readers(changes: Changes, subjects: list[str]) -> list[str]:
    """The changelog of an edition; no line where a reader would see no change."""
    new = [f"- **{words(c.after.title)}.** {words(_summary(c.after))}" for c in changes.pages if not c.before]
    gone = [f"- {words(c.before.title)}" for c in changes.pages if not c.after]
    changed = [_changed(c, changes) for c in changes.pages if changes.sections.get(c.place)]
    facts = [
        f"- {code(c.before.value)} is {code(c.after.value)} now: {words(c.after.where)}"
        for c in changes.facts
        if c.before and c.after and c.before.value != c.after.value
    ]
    commits = [f"- {words(subject)}" for subject in subjects[:MOST_ROWS]] + more(subjects)
    return [
        *_part("New pages", new),
        *_part("Pages that changed", changed),
        *_part("Pages that are gone", gone),
        *_part("Facts that changed", facts),
        *_part("All that changed, as its authors put it", commits),
    ]


def _summary(page) -> str:
    summary = page.front.get("summary") if page.front else None
    return summary.text() if summary else ""


def _changed(change: Change, changes: Changes) -> str:
    named = ", ".join(words(name or "its beginning") for name in changes.sections[change.place])
    rows = [(c.before, c.after) for c in changes.numbers if c.place == change.place and c.before and c.after]
    values = [(row.quantity, plain(old.value), plain(row.value)) for old, row in rows]
    moved = [f"  - {words(what)}: {code(old)} is {code(new)} now" for what, old, new in values if old != new]
    hidden = [f"  - and {len(moved) - MOST_VALUES} more numbers"] if len(moved) > MOST_VALUES else []
    return "\n".join([f"- **{words(change.after.title)}:** {named}", *moved[:MOST_VALUES], *hidden])


def _subjects(repository: Path, before: str, after: str) -> list[str]:
    """The subjects of the commits between two revisions that a reader can see; none between folders."""
    which = after if before == read_trees.NOTHING else f"{before}..{after}"
    command = ["git", "-C", str(repository), "log", "--no-merges", "--format=%s", which, "--"]
    done = subprocess.run([*command, *SEEN_BY_READERS], capture_output=True, text=True)
    return done.stdout.splitlines() if done.returncode == 0 else []


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(main())
