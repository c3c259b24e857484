"""How building grows: `make bench-build`. Seconds and memory for 10, 50, 200 and 1,000 questions.

The same text is built by plain Material, which leaves diagrams as code, by Material with mermaid2, which
leaves them to the browser, and by the guide, which checks and draws them. These are seconds of processor
time, which a busy machine does not stretch. An edit is the wait from saving a page until `make serve`
answers with it; a search the slowest of some words on an emulated phone. Nothing is asserted: times depend
on the machine, ratios less. Numbers behind the command are taken as sizes.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import first_visit
import generated
import reader
from browser import chromium
from playwright.sync_api import sync_playwright

SIZES = (10, 50, 200, 1000)
MOST_FOR_MERMAID2 = 200  # beyond it, minutes for a figure whose growth is known by then
EDITED = "docs/questions/generated-0.md"
PEER = """
site_name: Peer
docs_dir: docs
exclude_docs: |
  _*.md
  *.yml
theme: {name: material, font: false}
markdown_extensions:
  - attr_list
  - tables
  - toc: {permalink: true}
  - pymdownx.quotes: {callouts: true}
"""
PLAIN = f"{PEER}  - pymdownx.superfences\nplugins: [search]\n"
MERMAID2 = f"""{PEER}
  - pymdownx.superfences:
      custom_fences:
        - {{name: mermaid, class: mermaid, format: !!python/name:mermaid2.fence_mermaid_custom }}
plugins:
  - search
  - mermaid2: {{version: "11.17.2", javascript: assets/vendor/mermaid.min.js}}
"""
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
QUIET = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}


def run(tree: Path, *command: str) -> tuple[float, float]:
    """Processor seconds that a command takes, and the memory of its largest process in MB."""
    process = subprocess.Popen([sys.executable, *command], cwd=tree, env=QUIET, stdout=subprocess.PIPE)
    said = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    assert status == 0, said
    return used.ru_utime + used.ru_stime, used.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def build(tree: Path, config: str = "mkdocs.yml") -> tuple[float, float]:
    """A build of the tree with one of its configurations."""
    return run(tree, "-m", "mkdocs", "build", "-q", "-f", config, "-d", str(tree / "site"))


def peer(tree: Path, config: str) -> tuple[float, float]:
    """A build of the same pages by somebody else."""
    (tree / "peer.yml").write_text(config, encoding="utf-8")
    return build(tree, "peer.yml")


def edit(tree: Path) -> float:
    """Seconds from saving a page until the preview answers with it; the median of three."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{probe.getsockname()[1]}"
    serve = [sys.executable, "-m", "mkdocs", "serve", "-q", "--dev-addr", place]
    server = subprocess.Popen(serve, cwd=tree, env=QUIET)
    try:
        waits = []
        for number in range(4):
            word = f"edited{number}"
            page = tree / EDITED
            page.write_text(page.read_text(encoding="utf-8") + f"\nHere is {word}.\n", encoding="utf-8")
            waits.append(_until(f"http://{place}/questions/generated-0/", word, server))
            time.sleep(1)
        return sorted(waits[1:])[1]  # the first is the server's own start
    finally:
        server.terminate()
        server.wait()


def _until(url: str, word: str, server) -> float:
    begun = time.perf_counter()
    while server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=60) as answer:
                if word in answer.read().decode():
                    return time.perf_counter() - begun
        except OSError:
            pass
        time.sleep(0.01)
    raise SystemExit("the preview has ended")


def search(tree: Path) -> float:
    """Milliseconds from a letter typed on an emulated phone until the hits stand there: the slowest word."""
    with sync_playwright() as playwright, reader.served(tree / "site") as address:
        browser = playwright.chromium.launch(executable_path=chromium())
        page = browser.new_context(**first_visit.PHONE).new_page()
        page.goto(address)
        page.locator("[data-opens-search]:visible").first.click()
        page.locator("#__words").fill("queue")
        page.locator("#__hits a").first.wait_for(timeout=60_000)
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 4})
        slowest = max(page.evaluate(TYPE, words) for words in WORDS)
        browser.close()
    return slowest


def row(count: int) -> str:
    """The line of the table for so many questions."""
    with tempfile.TemporaryDirectory() as name:
        tree = generated.tree(Path(name), count)
        plain, plain_memory = peer(tree, PLAIN)
        mermaid2 = peer(tree, MERMAID2)[0] if count <= MOST_FOR_MERMAID2 else 0
        cold, memory = build(tree)
        check, _ = run(tree, "hooks/check_page.py", "--all")
        cells = [
            f"{count:,}",
            f"{plain:.1f} s ({plain_memory:.0f} MB)",
            f"{mermaid2:.1f} s = {mermaid2 / plain:.1f} ×" if mermaid2 else "–",
            f"{cold:.1f} s = {cold / plain:.1f} × ({memory:.0f} MB)",
            f"{check:.1f} s",
            f"{edit(tree):.1f} s",
            f"{search(tree):.0f} ms",
        ]
        return f"| {' | '.join(cells)} |"


def main() -> None:
    names = ("Questions", "Plain Material", "Material + mermaid2", "The guide", "Check", "Edit", "Search")
    print(f"| {' | '.join(names)} |\n|{' ---: |' * len(names)}", flush=True)
    for count in map(int, sys.argv[1:]) if len(sys.argv) > 1 else SIZES:
        print(row(count), flush=True)


if __name__ == "__main__":
    main()
