"""Skeletons: half a page on a prompt that nobody has worked out, as far as twenty minutes get you."""

from __future__ import annotations

import re
from collections.abc import Iterator

from finding import Problem

_QUESTION = re.compile(r"\*\*[^*]+\?\*\*")


def check_skeleton_drawing_not_one(page) -> Iterator[Problem]:
    """A skeleton has exactly one drawing, in its section Design.

    Why: on an unseen prompt there is time for one; a second is a question page that is not finished.
    Bad: a normal and an overload diagram; a Design in prose.
    Good: one flowchart that draws the way round that overload would take, too.
    Not an error when: the section is missing; that is its own finding.
    """
    charts = [(chart.section, chart.line) for chart in page.flowcharts]
    if any(h.text == "Design" for h in page.headings) and [section for section, _ in charts] != ["Design"]:
        line = charts[-1][1] if charts else page.line_of("Design")
        message = f"a skeleton has one drawing, in Design; this has {len(charts)}"
        yield line, message, "draw one mermaid flowchart"


def check_skeleton_dives_not_two(page) -> Iterator[Problem]:
    """Two dives are two items of a list, each beginning with its question in bold.

    Why: choosing two is the skill; a list of six says that nothing was weighed.
    Bad: three items; an item that begins `**Caching.**`.
    Good: `- **Who pays for a job that expires half done?** We do, because ...`
    Not an error when: the section is missing; that is its own finding.
    """
    items = [b for b in page.section("Two dives") if b.kind == "item"]
    if any(h.text == "Two dives" for h in page.headings) and len(items) != 2:
        message = f"there are {len(items)} dives"
        yield page.line_of("Two dives"), message, "keep the two that decide the design"
    for item in items:
        if not _QUESTION.match(item.text):
            fix = "write - **Why ...?** and what you would say"
            yield item.line, "the dive does not begin with a question in bold", fix


def check_skeleton_bottleneck_unmeasured(page) -> Iterator[Problem]:
    """The bottleneck is one paragraph that argues with the page's own numbers.

    Why: a bottleneck without a number is a guess about where to look.
    Bad: "the database will be the bottleneck"; three paragraphs.
    Good: "the screen, with [27.8 req/s](#steady) of work, not the disk".
    Not an error when: the section is missing; that is its own finding.
    """
    blocks = [b for b in page.section("Bottleneck") if b.kind in ("paragraph", "item")]
    line = page.line_of("Bottleneck")
    if len(blocks) > 1:
        yield blocks[1].line, f"the bottleneck takes {len(blocks)} paragraphs", "say it in one"
    if blocks and not any(page.envelope.row(link.target.lstrip("#")) for b in blocks for link in b.links):
        yield line, "the bottleneck uses no number of the page", "link one: [27.8 req/s](#steady)"


RULES = (
    check_skeleton_drawing_not_one,
    check_skeleton_dives_not_two,
    check_skeleton_bottleneck_unmeasured,
)
