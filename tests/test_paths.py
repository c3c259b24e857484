"""Ways, guards and what is left of them: guard depth, which no finding shows, and policies in many words."""

import pytest
import read_harms
import read_page
from paths import guard_depth, ways
from read_flowchart import Edge
from rule_paths import depths

PAGE = """\
| Harm | Starts at | Lands at | Stopped by |
| --- | --- | --- | --- |
| It has two guards in one diagram, one in the other | `a` | `z` | `g`, `h` |
| It is in the second diagram alone | `b` | `z` | `g` |
| It is in none | `c` | `z` | `g` |

```mermaid
flowchart TD
  a --> g --> h --> z
```

```mermaid
flowchart TD
  a --> g --> z
  b --> z
```
"""


def graph(text):
    """`a>b b>c` as ways."""
    return ways([Edge(*way.split(">"), 1) for way in text.split()])


def together(text):
    """What each guard falls together with: `c,d e` is two that fall as one, and one by itself."""
    return {guard: frozenset(group.split(",")) for group in text.split() for guard in group.split(",")}


@pytest.mark.parametrize(
    "text, guards, depth",
    [
        ("a>b", "", 0),
        ("a>g g>b", "g", 1),
        ("a>g g>h h>b", "g h", 2),
        ("a>g g>h h>b", "g,h", 1),
        ("a>g g>h h>b a>c c>d d>e e>h", "g h", 1),  # the longer way has the fewer guards
        ("a>g g>h h>i i>b a>j j>k k>b", "g,h,i j k", 1),
        ("a>g g>h h>b a>i i>b", "g,i h", 1),
        ("a>g g>b a>c", "g", 1),
        ("a>g b>a", "g", None),
        ("a>g g>a", "g", None),
        ("a>g g>c c>a c>b", "g", 1),
        ("a>b", "a", 0),  # a guard where harm starts excuses nothing
        ("a>c c>d d>a d>g g>b", "g", 1),
    ],
)
def test_guard_depth(text, guards, depth):
    assert guard_depth(graph(text), "a", ["b"], together(guards)) == depth


def test_a_start_that_is_a_landing_has_not_landed_yet():
    assert guard_depth(graph("a>g g>b"), "a", ["a", "b"], together("g")) == 1


def test_guards_by_themselves_are_never_taken_together():
    assert (
        guard_depth(graph("a>c c>d d>e e>f f>g g>h h>i i>j j>b"), "a", ["b"], together("c d e f g h i j"))
        == 8
    )


@pytest.mark.parametrize("pairs, depth", [(6, 6), (7, 7), (8, 7)])
def test_beyond_six_groups_those_left_count_as_one(pairs, depth):
    chain = [f"{side}{n}" for n in range(pairs) for side in "gh"]
    text = " ".join(f"{a}>{b}" for a, b in zip(["a", *chain], [*chain, "b"], strict=True))
    assert (
        guard_depth(graph(text), "a", ["b"], together(" ".join(f"g{n},h{n}" for n in range(pairs)))) == depth
    )


def test_the_depths_of_a_page_are_the_smallest_over_its_diagrams():
    assert depths(read_page.read("docs/x.md", PAGE)) == [1, 0, None]


def test_guards_of_a_page_that_fall_together_count_once():
    page = PAGE.replace("  a --> g --> z", "  a --> h --> g --> z")
    assert depths(read_page.read("docs/x.md", page)) == [2, 0, None]
    assert depths(read_page.read("docs/x.md", f"{page}\n**Fall together:** `g`, `h`\n")) == [1, 0, None]


# ---- when guards fail --------------------------------------------------------

FAILURES = (
    "| Component | What fails | Policy | What the user sees | How it is noticed |\n| - | - | - | - | - |\n"
)


def safety(*rows, below=""):
    """What a page says of guards: rows of its failure table, each `guard: policy`, and lines below."""
    cells = "".join("| `{}` | x | {} | y | z |\n".format(*row.split(": ", 1)) for row in rows)
    return read_page.read("docs/x.md", f"{FAILURES}{cells}\n{below}\n").safety


CLOSED = """
fails closed
Fails Closed
fails *closed*
fail closed
fail-closed
fails-closed
fails closed, never open
fails closed; it is not opened
fails closed and no longer opens
fails closed: is never late, nor open
retries 10, then fails closed
sheds
voids it
fails closed; never bypassed, never skipped
Fails closed. Never opens
does not wait, but fails closed
fails closed; it never falls back to `h`
fails closed; cannot be bypassed
fails closed; it doesn't open
fails closed until it reopens
fails closed: the OpenSearch host waits
fails closed; never also opens
fails closed; it does not soon open
"""
OPEN = """
fails open
Fails Open
fail-open
fails openly
fails closed, opens for staff
fails closed; opened by hand
fails closed, but open to staff
fails closed; staff bypass it
fails closed; a bypass takes two
fails closed; lets old answers through
fails closed; letting staff through
fails closed; people let it through
fails closed; staff read it unchecked
fails closed; others skip it
fails closed; skips staff
fails closed; skipped at night
fails closed, skipping staff
fails closed; not late, fails open
fails closed; not late: opens
fails closed; never waits. Opens
fails closed; never waits; opens
SKIPPED, fails closed
fails closed; does not wait and opens
fails closed; does not wait but opens
retries 10, then opens
fails closed; another opens it
fails closed; for staff it does not fail closed
fails closed; never fails closed at night
fails closed; for staff it does *not* fail closed
fails closed; for staff it does not *fail* closed
fails closed; for staff it does not fail-closed
fails closed; for staff it doesn't fail closed
fails closed; for staff it cannot fail closed
fails closed; at night it goes on without failing closed
fails closed; at night it sends instead of failing closed
fails closed; at night it sends rather than fail closed
fails closed; never opens except for staff
fails closed; never opens, unless staff ask
fails closed; it is not skipped until it is late
fails closed; never waits so it opens
fails closed; cannot wait, then opens
fails closed; never waits yet opens
fails closed; never waits then opens
fails closed; never waits (opens)
fails closed; never waits – opens
fails closed; never waits — opens
fails closed; whenever late it opens
fails closed; once someone notices it opens
fails closed. For staff it does NOT fail closed
fails closed; never opens, with the exception of staff
fails closed, opening for staff
fails closed; lets `draft` through
fails closed; lets half-checked answers through
"""


@pytest.mark.parametrize("cell", CLOSED.strip().split("\n"))
def test_what_a_policy_denies_is_no_case(cell):
    assert safety(f"g: {cell}").policy("g") == ("fails closed", "")


@pytest.mark.parametrize("cell", OPEN.strip().split("\n"))
def test_the_most_open_case_of_a_policy_counts(cell):
    assert safety(f"g: {cell}").policy("g") == ("fails open", "")


def test_to_degrade_is_less_closed_than_closed():
    assert safety("g: degrades to `h`", "g: fails closed").policy("g") == ("degrades to", "h")


def test_only_what_degrades_names_a_node_for_it():
    assert safety("g: Voids `h`, retries 2 `i`").failures[0].policies == [("voids", ""), ("retries 2", "")]


@pytest.mark.parametrize(
    "cell, targets",
    [
        ("degrades to `h`", "h"),
        ("degrades to `h`, which keeps `i`", "h"),
        ("degrades to `h` or `i`", "h i"),
        ("degrades to `h`, or to `i`", "h i"),
        ("degrades to `h`, then `i`", "h i"),
        ("degrades to `h`, `i` and `j`", "h i j"),
        ("degrades to `h`; when that is slow, degrades to `i`", "h i"),
        ("falls back to `h`", "h"),
        ("fall back on `h`, falling back to `i`", "h i"),
        ("degrades to links sent to `h`", ""),
        ("degrades at first to `h`; when that is slow, falls quietly back on `i`", "h"),
        ("degrade to `h`, degraded to `i`, degrading to `j`; fell back to `k`", "h i j k"),
        ("degrades to a list, as `h` does", ""),
        ("degrades to `h`, and never degrades to `i`", "h"),
    ],
)
def test_each_node_that_a_guard_degrades_to_counts(cell, targets):
    assert safety(f"g: {cell}").policies("g") == [("degrades to", node) for node in targets.split() or [""]]


@pytest.mark.parametrize(
    "cell, opening",
    [
        ("Fails Closed", "fails closed"),
        ("fail closed: all wait", "fails closed"),
        ("Fail-open", "fails open"),
        ("Degrades to `h`", "degrades to"),
        ("Falls back to `h`", "degrades to"),
        ("Sheds replays", "sheds"),
        ("voids it", "voids"),
        ("retries 10, then voids", "retries 10"),
        ("retries", ""),
        ("degrades tokens", ""),
        ("someone voids it", ""),
    ],
)
def test_a_policy_is_what_the_cell_begins_with(cell, opening):
    assert safety(f"g: {cell}").failures[0].opening == opening


WHEN = "**When it fails:** "


@pytest.mark.parametrize(
    "text, policies",
    [
        ("`g` fails closed, `h` too; `i` fails open.", {"g": "fails closed", "i": "fails open"}),
        ("`g` and `h` fail open", {"g": "fails open", "h": "fails open"}),
        ("`g`, `h` fail open, as `i` might", {"g": "fails open", "h": "fails open"}),
        ("`g`, `h`, and `i` fail open", {"g": "fails open", "h": "fails open", "i": "fails open"}),
        ("`g` fails closed.  `h` fails open", {"g": "fails closed", "h": "fails open"}),
        ("`g` fails closed. At night it opens", {"g": "fails open"}),
        (f"`g` fails closed. {WHEN}`g` fails open", {"g": "fails open"}),
    ],
)
def test_the_line_when_it_fails_speaks_for_the_guards_that_its_clauses_begin_with(text, policies):
    found = safety(below=WHEN + text)
    assert {failure.node: found.policy(failure.node)[0] for failure in found.failures} == policies


@pytest.mark.parametrize("text", [f"At night too: {WHEN}`g` fails open", "<!-- of `g` -->", ""])
def test_without_its_words_at_the_beginning_there_is_no_such_line(text):
    assert safety(below=text).failures == []


@pytest.mark.parametrize(
    "text, groups",
    [
        ("**Fall together:** `a`, `b`: `c`", "ab"),
        ("- **Fall together:** `a`, `b`", "ab"),
        ("**Fall together:** `a`,\n`b`: one deploy", "ab"),
        ("**Fall together:** `a`, `b`: one deploy. **Fall together:** `c`, `d`", "ab cd"),
        ("**Fall together:** `a`, `b`: one deploy.\n**Fall together:** `c`, `d`", "ab cd"),
        ("### Fall together: `a`, `b`", ""),
        ("```text\n**Fall together:** `a`, `b`\n```", ""),
        ("They **Fall together:** `a`, `b`", ""),
        ("## Failure modes\n\nThey **Fall together:** `a`, `b`", "ab"),
    ],
)
def test_each_line_fall_together_is_a_group(text, groups):
    assert ["".join(ids) for _, ids in safety(below=text).groups] == groups.split()


@pytest.mark.parametrize(
    "text", ["Fall together: `a`, `b`", "**fall together:** `a`, `b`", "*Fall* together `a`"]
)
def test_such_a_line_that_is_written_otherwise_is_a_group_of_none(text):
    assert safety(below=f"So,\n{text}").groups == [(5, [])]


@pytest.mark.parametrize(
    "rows, standing",
    [
        ("", "g h i"),
        ("g: fails closed", "g h i"),
        ("g: fails open", "h i"),
        ("g: degrades to `h`", "g h i"),
        ("g: degrades to `k`", "h i"),
        ("g: degrades to a list", "h i"),
        ("g: degrades to `g`", "h i"),
        ("g: degrades to `h` or `i`", "g h i"),
        ("g: degrades to `h` or `k`", "h i"),
        ("g: degrades to `h`\nh: degrades to `i`", "g h i"),
        ("g: degrades to `h`\nh: degrades to `i`\ni: fails open", ""),
        ("g: degrades to `h`\nh: degrades to `g`", "i"),
        ("g: degrades to `h`\nh: degrades to `i`\ni: degrades to `h`", ""),
        ("g: fails closed\ng: degrades to `h`\nh: fails open", "i"),
        ("g: fails closed\ng: retries 2", "g h i"),
    ],
)
def test_a_guard_stands_if_all_that_it_may_degrade_to_does(rows, standing):
    harm = read_harms.Harm(1, 1, "", ["a"], ["z"], ["g", "h", "i"])
    assert safety(*rows.splitlines()).standing(harm) == set(standing.split())


def test_what_falls_together_falls_with_all_of_it():
    groups = "\n\n".join(
        f"**Fall together:** {ids}: one deploy" for ids in ("`a`, `b`", "`c`, `d`", "`b`, `c`")
    )
    found = safety("d: fails open", below=groups)
    assert found.together("a") == {"a", "b", "c", "d"}
    assert found.together("e") == {"e"}
    assert (found.policy("a"), found.policy("e")) == (("fails open", ""), ("fails closed", ""))
