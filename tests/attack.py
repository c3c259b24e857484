"""Cross-site scripting by the thousand: through the real gate; then, with the gate silenced, the real build
and the real browser, with the policy and without it.

    make attack CORPUS=folder

The folder holds public corpora, which their owners publish and this tree does not: `*.json`, a list of
texts, or `*.txt`, a text on each line. Printed is how many texts each rule refuses; what those that the gate
lets pass do in a browser when no policy stops them, which must be nothing; and what all of them do there,
with the policy and without it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

from browser import chromium
from check_page import findings_in
from guide import Guide
from playwright.sync_api import Error, sync_playwright
from reader import ROOT, Server, served

PATIENCE = 4  # seconds for a page to load, and to be looked at; of thousands, some never come to an end
TOGETHER = 20  # texts on a page: enough to be quick, few enough that what one swallows is soon over
HEAD = "# A page\n\n"
# Behind the silenced hooks: what the gate would have said goes to a file.
SILENCED = """

def _report(found):
    with open("refused.txt", "a", encoding="utf-8") as notes:
        notes.writelines(f"{finding.path} {finding.rule}\\n" for finding in found)
"""
# What is noted in a page, and what a reader's hands may set off in it, once it has loaded.
WATCH = """
for (const name of ["alert", "confirm", "prompt", "print"]) window[name] = () => deed("ran");
addEventListener("securitypolicyviolation", event => deed(`stopped by ${event.effectiveDirective}`), true);

function provoke() {
  const events = ["click", "dblclick", "mouseover", "mouseenter", "mousemove", "mousedown", "pointerover",
    "pointerenter", "keydown", "keyup", "focus", "focusin", "blur", "input", "change", "submit", "toggle",
    "wheel", "copy", "paste", "drag", "drop", "scroll", "animationstart", "animationend", "transitionend"];
  for (const each of document.querySelectorAll("article *")) {
    for (const name of events) each.dispatchEvent(new Event(name, { bubbles: name != "submit" }));
    if (each.localName == "a" && each.protocol != "http:" && each.protocol != "https:") each.click();
  }
}

function look() {
  const ours = /^(guide-|md-|__)/;
  for (const each of document.querySelectorAll("article *")) {
    const over = ["fixed", "sticky"].includes(getComputedStyle(each).position);
    if (over && !ours.test(each.className)) deed("overlaid");
  }
  const frame = ["body > header", "main", "body > footer"].map(each => document.querySelector(each));
  const seen = part => part?.getClientRects().length && getComputedStyle(part).opacity == 1;
  if (!frame.every(seen)) deed("defaced");
  deed("looked at");
}

if (window == top) addEventListener("load", () => { setTimeout(provoke); setTimeout(look, 40); });
"""


class WithoutPolicy(Server):
    """The same site as it would be without its policy."""

    policy = re.compile(rb'<meta [^>]*"Content-Security-Policy"[^>]*>')

    def read(self, path: Path) -> bytes:
        return self.policy.sub(b"", super().read(path))


def refused_by(text: str, guide: Guide) -> set[str]:
    """The rules that speak when a text stands in a page."""
    return {finding.rule for finding in findings_in("docs/attack.md", f"{HEAD}{text}\n", guide)}


def silenced_build(folder: Path, pages: dict[str, str]) -> Path:
    """The site of these pages alone, by name, as it is built when every finding is ignored."""
    for name in ("hooks", "overrides", "simulations"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "docs/attack").mkdir(parents=True)
    for name in ("index.md", "sources.md", "sources.yml", "vocabulary.md", "assets/vendor"):
        copy = shutil.copytree if (ROOT / "docs" / name).is_dir() else shutil.copy
        copy(ROOT / "docs" / name, folder / "docs" / name)
    for name, text in pages.items():
        (folder / "docs/attack" / f"{name}.md").write_text(text, encoding="utf-8")
    settings = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    nav = re.compile(r"^nav:\n.*?^(?=watch:)", re.DOTALL | re.MULTILINE)
    (folder / "mkdocs.yml").write_text(nav.sub("nav: [index.md]\n", settings), encoding="utf-8")
    with (folder / "hooks/mkdocs_events.py").open("a", encoding="utf-8") as hooks:
        hooks.write(SILENCED)
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet"]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": ""}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "site"


def refused_as_html(site: Path) -> set[str]:
    """The pages of a silenced build whose HTML would have ended it."""
    lines = (site.parent / "refused.txt").read_text(encoding="utf-8").split("\n")
    return {Path(line.split()[0]).stem for line in lines if line.endswith(" active-rendered")}


def deeds_on(context, address: str, patience: float) -> set[str]:
    """What a page does to its reader: ran, asked elsewhere, left, overlaid, defaced; and what was stopped."""
    deeds: set[str] = set()
    page = context.new_page()
    context.deed = deeds.add
    page.on("dialog", lambda dialog: (deeds.add("ran"), dialog.dismiss()))
    try:
        page.goto(address, wait_until="load")
    except Error:  # it went elsewhere before it was there
        deeds.add("left")
    end = time.monotonic() + patience
    while not deeds & {"looked at", "left"} and time.monotonic() < end:
        page.wait_for_timeout(20)
        if page.url.partition("#")[0] != address:
            deeds.add("left")
    page.close()
    if "looked at" not in deeds:
        deeds.add("left")
    return deeds - {"looked at"}


def watched(browser, home: str, patience: float):
    """A browser's context whose pages are watched; nothing outside `home` answers."""
    context = browser.new_context(service_workers="block")
    context.set_default_timeout(1000 * patience)
    context.home = home
    context.expose_binding("deed", lambda source, what: context.deed(what))
    context.add_init_script(WATCH)

    def elsewhere(route):  # what the policy stops does not come so far
        context.deed("asked elsewhere")
        route.abort()

    context.route(lambda url: not url.startswith(home), elsewhere)
    return context


def renders(text: str) -> bool:
    """Whether MkDocs can read a text at all: on some, Python's own reader of HTML gives up."""
    try:
        HTMLParser().feed(text)
    except AssertionError:
        return False
    return True


def pages_of(texts: list[str], together: int) -> dict[str, str]:
    """Pages with so many texts each, by name."""
    groups = [texts[at : at + together] for at in range(0, len(texts), together)]
    return {f"p{place}": HEAD + "\n\n".join(group) + "\n" for place, group in enumerate(groups)}


def deeds_of(browser, site: Path, names: list[str], handler=Server, patience=PATIENCE) -> dict[str, set[str]]:
    """What each page of a site does, by name."""
    with served(site, handler) as home:
        context = watched(browser, home, patience)
        found = {}
        for name in names:
            found[name] = deeds_on(context, f"{home}attack/{name}/", patience)
            print(f"\r{len(found):,} of {len(names):,} pages", end="", file=sys.stderr, flush=True)
        context.close()
    return found


def corpora(folder: Path) -> dict[str, list[str]]:
    """The texts of each corpus by its name; what stood in an earlier one is left out."""
    seen: set[str] = set()
    found = {}
    for file in sorted(folder.glob("*.json")) + sorted(folder.glob("*.txt")):
        text = file.read_text(encoding="utf-8", errors="replace")
        texts = json.loads(text) if file.suffix == ".json" else text.split("\n")
        found[file.stem] = [each for each in dict.fromkeys(texts) if each.strip() and each not in seen]
        seen.update(found[file.stem])
    return found


def main(folder: Path) -> int:
    """The command: counts, printed as they come; status 1 if a text that passed the gate does anything."""
    passed, every = through_the_gate(corpora(folder))
    shown = [text for text in every if renders(text)]
    print(f"{len(every) - len(shown):,} end the build, where the gate does not end it before", flush=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium())
        harm = through_the_browser(browser, "passed, no policy", list(filter(renders, passed)), WithoutPolicy)
        through_the_browser(browser, "all, with the policy", shown, Server)
        through_the_browser(browser, "all, no policy", shown, WithoutPolicy)
        browser.close()
    for text in harm:
        print(text)
    return 1 if harm else 0


def through_the_gate(found: dict[str, list[str]]) -> tuple[list[str], list[str]]:
    """The texts that the gate lets pass, and all of them."""
    guide, passed, every = Guide(ROOT), [], []
    rules: Counter[str] = Counter()
    for name, texts in found.items():
        spoken = [refused_by(text, guide) for text in texts]
        rules.update(rule for said in spoken for rule in said)
        passed += [text for text, said in zip(texts, spoken, strict=True) if not said]
        every += texts
        print(f"{name}: {len(texts):,} texts, {sum(map(bool, spoken)):,} refused", flush=True)
    print(f"all: {len(every):,} texts, {len(every) - len(passed):,} refused; {dict(rules.most_common())}")
    return passed, every


def through_the_browser(browser, what: str, texts: list[str], handler: type[Server]) -> list[str]:
    """The pages that do something, with what they do."""
    pages = pages_of(texts, TOGETHER)
    with tempfile.TemporaryDirectory() as tree:
        site = silenced_build(Path(tree), pages)
        looked = len(refused_as_html(site))
        found = deeds_of(browser, site, list(pages), handler)
    count = Counter(deed for deeds in found.values() for deed in deeds)
    print(f"{what}: {len(texts):,} texts on {len(pages):,} pages, {looked:,} refused as HTML; {dict(count)}")
    done = {name: {deed for deed in deeds if "stopped" not in deed} for name, deeds in found.items()}
    return [f"{sorted(deeds)}: {pages[name]!r}" for name, deeds in done.items() if deeds]


if __name__ == "__main__":
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        sys.exit("usage: make attack CORPUS=folder")
    sys.exit(main(Path(sys.argv[1])))
