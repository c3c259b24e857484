"""How fast a question opens on a phone: `make bench`. Medians of five first visits, and of a bare file's.

The bare file is one HTML file with the same text and drawings, the system's type, and nothing else: nobody
can be faster. The link is Chromium's emulation of 1.6 Mbit/s and 150 ms, on a processor slowed four times;
to it the server adds two round trips before it answers, for a connection's two handshakes, which the
emulation leaves out. Nothing is asserted: times depend on the machine. A folder named behind the command
is measured in place of a fresh build.
"""

import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

import first_visit
import reader
from browser import chromium
from playwright.sync_api import sync_playwright

TIMES = 5
HANDSHAKES = 0.3
BARE_HEAD = """<!doctype html><meta charset="utf-8"><title>Bare</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">"""
BARE_STYLE = """body{font:17px/1.6 serif;margin:1em auto;max-width:40em;padding:0 1em}
.guide-diagram svg{font:16px sans-serif;height:auto;max-width:100%}.guide-diagram--wide{display:none}
:root{--_bg:#fff;--_fg:#222;--_l:#555;--_m:#555;--_s:#fff;--_a:#eee;--_b:#555;--_c:#06c}
@media(min-width:45em){.guide-diagram--wide{display:block}.guide-diagram--narrow{display:none}}"""


class FarAway(reader.Server):
    """The same server behind two handshakes."""

    def send_head(self):
        if self.path.endswith(("/", ".html")):
            time.sleep(HANDSHAKES)
        return super().send_head()


def write_bare(page: Path, bare: Path) -> None:
    """The page's article in a file of its own."""
    text = page.read_text(encoding="utf-8")
    article = re.search(r"<article.*?>(.*?)</article>", text, re.DOTALL).group(1)
    article = re.sub(r'<a class="headerlink".*?</a>', "", article)
    bare.write_text(f"{BARE_HEAD}<style>{BARE_STYLE}</style>{article}", encoding="utf-8")


def median(visits: list, name: str) -> float:
    return statistics.median(each.seen[name] for each in visits)


def row(name: str, visits: list, floor: float) -> str:
    kinds = " ".join(f"{kind} {size / 1000:.1f}" for kind, size in sorted(visits[0].sizes.items()))
    drawing = median(visits, "drawing")
    return (
        f"{name:32} {visits[0].total / 1000:5.1f} kB ({kinds}), {len(visits[0].asked)} requests; "
        f"text {median(visits, 'fcp') / 1000:.2f} s, largest {median(visits, 'lcp') / 1000:.2f} s, "
        f"first drawing {drawing / 1000:.2f} s = {drawing / floor:.2f} x bare, "
        f"blocked {median(visits, 'blocked'):.0f} ms, shift {median(visits, 'shift'):.3f}"
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        site = Path(sys.argv[1]) if len(sys.argv) > 1 else reader.build(name)
        browser = playwright.chromium.launch(executable_path=chromium())
        with reader.served(site, FarAway) as address:
            for question in reader.QUESTIONS:
                bare = site / question / "bare.html"
                write_bare(site / question / "index.html", bare)
                urls = {"bare": f"{address}{question}bare.html", question: f"{address}{question}"}
                # In turn, so that a busy moment of the machine falls on both.
                visits = {key: [] for key in urls}
                for _ in range(TIMES):
                    for key, url in urls.items():
                        visits[key].append(first_visit.visit(browser, url, slow=True))
                floor = median(visits["bare"], "drawing")
                for key in urls:
                    print(row(key, visits[key], floor), flush=True)
                bare.unlink()
        browser.close()


if __name__ == "__main__":
    main()
