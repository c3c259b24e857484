"""Walks over a diagram's ways: the guard depth, which no page's findings show."""

import pytest
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
    assert guard_depth(graph("a>c c>d d>e e>f f>g g>h h>i i>b"), "a", ["b"], together("c d e f g h i")) == 7


@pytest.mark.parametrize("pairs, depth", [(6, 6), (7, 7), (8, 7)])
def test_beyond_six_groups_those_left_count_as_one(pairs, depth):
    chain = [f"{side}{n}" for n in range(pairs) for side in "gh"]
    text = " ".join(f"{a}>{b}" for a, b in zip(["a", *chain], [*chain, "b"], strict=True))
    assert (
        guard_depth(graph(text), "a", ["b"], together(" ".join(f"g{n},h{n}" for n in range(pairs)))) == depth
    )


def test_the_depths_of_a_page_are_the_smallest_over_its_diagrams():
    assert depths(read_page.read("docs/x.md", PAGE)) == [1, 0, None]
