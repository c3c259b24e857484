"""How fast the guide opens on a phone: `make bench`. Medians of five visits to home and to every question.

A first visit has an empty cache; a repeat visit is a second one within the ten minutes for which GitHub
Pages lets a browser keep what it has. The floor is a bare file: the same text and drawings, the system's
type, and nothing else; nobody can be faster. Page and floor take turns, so that a busy moment falls on both.

The phone is Chromium's emulation of a middling one: 390 x 844 px, a processor slowed four times, a link of
1.6 Mbit/s and 150 ms. To the link the server adds two round trips before it answers, for a connection's two
handshakes, which the emulation leaves out. Bytes, requests and shift are held to the guide's budget, and the
command fails beyond it; times depend on the machine and are compared with the floor's. The table and the plot
go to .github/, for the README; a folder named behind the command is measured in place of a fresh build, and
then nothing is written there.
"""

import os
import re
import statistics
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import first_visit
import generated
import reader
from browser import chromium
from playwright.sync_api import sync_playwright

TIMES = 5
HANDSHAKES = 0.3
TABLE, PLOT = reader.ROOT / ".github/bench.md", reader.ROOT / ".github/bench.svg"
BARE_HEAD = """<!doctype html><meta charset="utf-8"><title>Bare</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">"""
BARE_STYLE = """body{font:17px/1.6 serif;margin:1em auto;max-width:40em;padding:0 1em}
.guide-diagram svg{font:16px sans-serif;height:auto;max-width:100%}.guide-diagram--wide{display:none}
:root{--_bg:#fff;--_fg:#222;--_l:#555;--_m:#555;--_s:#fff;--_a:#eee;--_b:#555;--_c:#06c}
@media(min-width:45em){.guide-diagram--wide{display:block}.guide-diagram--narrow{display:none}}"""
COLUMNS = """Page | kB (html, font, other) | Requests | Text, s | Largest, s | Drawing, s | of the floor
| Blocked, ms | Shift | Again: kB | Text, s | of the floor"""
KINDS = ("floor", "first")  # the bars of the plot
MANY = 50  # questions of the guide that is searched
WORDS = ("a", "qu", "queue", "throughput of a serv", "what may be sent")
TYPE = """words => {
  const field = document.getElementById("__words"), taken = [];
  for (let time = 0; time < 3; time++) {
    const begun = performance.now();
    field.value = words;
    field.dispatchEvent(new Event("input"));
    document.getElementById("__hits").getBoundingClientRect();   // the hits are laid out
    taken.push(performance.now() - begun);
  }
  return Math.min(...taken);
}"""


class FarAway(reader.Keeping):
    """The same server behind two handshakes."""

    def send_head(self):
        if self.path.endswith(("/", ".html")):
            time.sleep(HANDSHAKES)
        return super().send_head()


class Whole(FarAway):
    """The same, with the part that brings the guide onto a device."""

    def send_head(self):
        return reader.Server.send_head(self)


def write_bare(page: Path, bare: Path) -> None:
    """The page's article in a file of its own."""
    text = page.read_text(encoding="utf-8")
    article = re.search(r"<article.*?>(.*?)</article>", text, re.DOTALL).group(1)
    article = re.sub(r'<a class="headerlink".*?</a>', "", article)
    bare.write_text(f"{BARE_HEAD}<style>{BARE_STYLE}</style>{article}", encoding="utf-8")


def median(visits: list, name: str) -> float:
    return statistics.median(each.seen[name] for each in visits)


def measure(browser, site: Path, address: str, path: str) -> dict:
    """Both visits to a page and to its floor."""
    bare = site / path / "bare.html"
    write_bare(site / path / "index.html", bare)
    found = {"path": path, "first": [], "again": [], "floor": [], "floor again": []}
    for _ in range(TIMES):
        for kind, url in (("first", f"{address}{path}"), ("floor", f"{address}{path}bare.html")):
            first, again = first_visit.visits(browser, url)
            found[kind].append(first)
            found["again" if kind == "first" else "floor again"].append(again)
    bare.unlink()
    return found


def name(page: dict) -> str:
    return page["path"].removeprefix("questions/").rstrip("/") or "home"


def shown(page: dict) -> str:
    """What a reader waits for: the first drawing; home has none, so its text."""
    return "drawing" if median(page["floor"], "drawing") else "fcp"


def row(page: dict) -> str:
    """A page's line of the table."""
    first, again = page["first"], page["again"]
    sizes = first[0].sizes
    ratio = median(first, shown(page)) / median(page["floor"], shown(page))
    other = first[0].total - sizes.get("html", 0) - sizes.get("font", 0)
    parts = ", ".join(f"{size / 1000:.0f}" for size in (sizes["html"], sizes.get("font", 0), other))
    cells = [
        name(page),
        f"{first[0].total / 1000:.0f} ({parts})",
        str(len(first[0].asked)),
        *(f"{median(first, seen) / 1000:.2f}" for seen in ("fcp", "lcp", shown(page))),
        f"{ratio:.2f} ×",
        f"{median(first, 'blocked'):.0f}",
        f"{median(first, 'shift'):.3f}",
        f"{again[0].total / 1000:.0f}",
        f"{median(again, 'fcp') / 1000:.2f}",
        f"{median(again, 'fcp') / median(page['floor again'], 'fcp'):.2f} ×",
    ]
    return f"| {' | '.join(cells)} |"


def plot(pages: list[dict]) -> str:
    """First drawing of each page and of its floor, as bars, in seconds."""
    step, left, longest = 34, 170, max(median(page[kind], shown(page)) for page in pages for kind in KINDS)
    bars = []
    for place, page in enumerate(pages):
        top = 40 + place * step
        bars.append(f'<text x="{left - 8}" y="{top + 14}" text-anchor="end">{name(page)}</text>')
        for kind, at in zip(KINDS, (0, 11), strict=True):
            taken = median(page[kind], shown(page))
            wide = 400 * taken / longest
            size = f'width="{wide:.0f}" height="10"'
            bars.append(f'<rect class="{kind}" x="{left}" y="{top + at}" {size}/>')
            end = f'x="{left + 6 + wide:.0f}" y="{top + at + 9}"'
            bars.append(f'<text class="value" {end}>{taken / 1000:.2f} s</text>')
    height = 50 + len(pages) * step
    size = f'viewBox="0 0 640 {height}" width="640" height="{height}"'
    return f"""<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">
<title>Seconds until the first drawing is painted on an emulated phone, beside a bare file</title>
<style>text{{font:13px sans-serif;fill:#333}}.value{{font-size:10px}}
.first{{fill:#2f5d8a}}.floor{{fill:#b8b8b8}}
@media(prefers-color-scheme:dark){{text{{fill:#ddd}}.first{{fill:#8ab8e6}}.floor{{fill:#777}}}}</style>
<text x="{left}" y="22">First drawing on a phone: a bare file (grey), the guide (blue)</text>
{"".join(bars)}
</svg>
"""


def search(browser) -> float:
    """Milliseconds from a letter typed until the hits stand there, of many questions: the slowest word."""
    with tempfile.TemporaryDirectory() as folder:
        tree = generated.tree(Path(folder), MANY)
        site = reader.build(tree / "site", tree)
        with reader.served(site) as address, browser.new_context(**first_visit.PHONE) as context:
            page = context.new_page()
            page.goto(address)
            page.locator("[data-opens-search]:visible").first.click()
            page.locator("#__words").fill("queue")
            page.locator("#__hits a").first.wait_for(timeout=60_000)
            page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 4})
            return max(page.evaluate(TYPE, words) for words in WORDS)


def waits(browser, address: str) -> str:
    """What a reader waits for later: the next question, and what a search finds."""
    url = f"{address}{reader.QUESTION}"
    opened = [first_visit.following(browser, url, 3 * TIMES, offline) for offline in (False, True)]
    online, offline = map(statistics.median, opened)
    return (
        f"\nThe next question from a link: painted after {online:.0f} ms, offline after {offline:.0f} ms. "
        f"Search among {MANY} questions: hits {search(browser):.0f} ms after a letter, at the slowest.\n"
    )


def head(browser) -> list[str]:
    """When and where this was measured, and the first lines of the table."""
    columns = [column.strip() for column in COLUMNS.split("|")]
    load = f"{os.cpu_count()} cores with a load of {os.getloadavg()[0]:.1f} when it began"
    said = f"Measured on {date.today()} with Chromium {browser.version}, on {load}, by `make bench`."
    phone = "A phone of 390 x 844, a processor slowed four times, 1.6 Mbit/s, 150 ms; medians of five visits."
    return [said, f"{phone}\n", f"| {' | '.join(columns)} |", f"| --- |{' ---: |' * (len(columns) - 1)}"]


def main() -> int:
    """Measure, print, write; 1 if bytes, requests or shift are beyond the budget."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        site = Path(sys.argv[1]) if len(sys.argv) > 1 else reader.build(folder)
        browser = playwright.chromium.launch(executable_path=chromium())
        lines, pages = head(browser), []
        print(*lines, sep="\n", flush=True)
        with reader.served(site, FarAway) as address:
            for path in ["", *reader.QUESTIONS]:
                pages.append(measure(browser, site, address, path))
                lines.append(row(pages[-1]))
                print(lines[-1], flush=True)
        with reader.served(site, Whole) as address:
            lines.append(waits(browser, address))
            print(lines[-1])
        browser.close()
    if len(sys.argv) == 1:
        TABLE.write_text("\n".join(lines), encoding="utf-8")
        PLOT.write_text(plot(pages), encoding="utf-8")
    faults = [f"{name(page)}: {fault}" for page in pages for fault in beyond(page)]
    print(*faults, sep="\n")
    return bool(faults)


def beyond(page: dict) -> list[str]:
    """What of a page's visits is beyond the budget."""
    first = [fault for visit in page["first"] for fault in visit.beyond()]
    needed = [visit.total - visit.sizes.get("other", 0) for visit in page["again"]]  # but for the icon
    again = [f"{size} bytes again, where none is needed" for size in needed if size]
    return list(dict.fromkeys(first + again))


if __name__ == "__main__":
    sys.exit(main())
