"""How building grows: `make bench-build`. Seconds and memory for 10, 50, 200 and 1,000 questions.

The same text is built by plain Material, which leaves diagrams as code, by Material with mermaid2, which
leaves them to the browser, and by the guide, which checks and draws them on all cores. Seconds are those one
waits, on a machine that does nothing else; beside the guide's stand its processor's, and how these grow from
the size above. An edit is the wait from saving a page until `make serve` answers with it, and of that the
processor's. Nothing is asserted: times depend on the machine, ratios less. Numbers behind the command are
taken as sizes.
"""

import math
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import generated

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
QUIET = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}


@dataclass(frozen=True)
class Cost:
    """What a command takes: seconds of waiting and of the processors, MB of its largest process."""

    waited: float
    used: float
    memory: float


def run(tree: Path, *command: str) -> Cost:
    """What a command costs in a tree."""
    begun = time.perf_counter()
    process = subprocess.Popen([sys.executable, *command], cwd=tree, env=QUIET, stdout=subprocess.PIPE)
    said = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    assert status == 0, said
    memory = used.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    return Cost(time.perf_counter() - begun, used.ru_utime + used.ru_stime, memory)


def build(tree: Path, config: str = "mkdocs.yml") -> Cost:
    """A build of the tree with one of its configurations."""
    return run(tree, "-m", "mkdocs", "build", "-q", "-f", config, "-d", str(tree / "site"))


def peer(tree: Path, config: str) -> Cost:
    """A build of the same pages by somebody else."""
    (tree / "peer.yml").write_text(config, encoding="utf-8")
    return build(tree, "peer.yml")


def edit(tree: Path) -> tuple[float, float]:
    """Seconds from saving a page until the preview answers with it, and the processor's: medians of three."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{probe.getsockname()[1]}"
    serve = [sys.executable, "-m", "mkdocs", "serve", "-q", "--dev-addr", place]
    server = subprocess.Popen(serve, cwd=tree, env=QUIET)
    try:
        waits, used = [], []
        for number in range(4):
            word, before = f"edited{number}", _processor(server)
            page = tree / EDITED
            page.write_text(page.read_text(encoding="utf-8") + f"\nHere is {word}.\n", encoding="utf-8")
            waits.append(_until(f"http://{place}/questions/generated-0/", word, server))
            time.sleep(1)
            used.append(_processor(server) - before)
        return statistics.median(waits[1:]), statistics.median(used[1:])  # the first is the server's start
    finally:
        server.terminate()
        server.wait()


def _processor(server) -> float:
    """Processor seconds that a running process has used; none where the system does not tell."""
    told = Path(f"/proc/{server.pid}/stat")
    fields = told.read_text().rpartition(")")[2].split() if told.exists() else [0] * 13
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


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


def measure(count: int) -> dict:
    """Everything for so many questions."""
    with tempfile.TemporaryDirectory() as name:
        tree = generated.tree(Path(name), count)
        return {
            "count": count,
            "plain": peer(tree, PLAIN),
            "mermaid2": peer(tree, MERMAID2) if count <= MOST_FOR_MERMAID2 else None,
            "guide": build(tree),
            "check": run(tree, "hooks/check_page.py", "--all"),
            "edit": edit(tree),
        }


def row(found: dict, smaller: dict | None) -> str:
    """A line of the table; `smaller` is what was found for the line above."""
    plain, guide, mermaid2 = found["plain"], found["guide"], found["mermaid2"]
    powers = [f"N^{growth(smaller, found, whose):.2f}" for whose in ("plain", "guide")] if smaller else ["–"]
    cells = [
        f"{found['count']:,}",
        f"{plain.waited:.1f} s ({plain.memory:.0f} MB)",
        f"{mermaid2.waited:.1f} s = {mermaid2.waited / plain.waited:.1f} ×" if mermaid2 else "–",
        f"{guide.waited:.1f} s = {guide.waited / plain.waited:.1f} ×",
        f"{guide.used:.1f} s ({guide.memory:.0f} MB)",
        ", ".join(powers),
        f"{found['check'].waited:.1f} s",
        "{:.1f} s ({:.1f} s)".format(*found["edit"]),
    ]
    return f"| {' | '.join(cells)} |"


def growth(smaller: dict, larger: dict, whose: str) -> float:
    """The power of the number of questions with which somebody's seconds grow; 1 is linear."""
    return math.log(larger[whose].used / smaller[whose].used) / math.log(larger["count"] / smaller["count"])


def main() -> None:
    names = ("Questions", "Plain Material", "Material + mermaid2", "The guide")
    names += ("Processor", "Growth", "Check", "Edit")
    print(f"| {' | '.join(names)} |\n|{' ---: |' * len(names)}", flush=True)
    smaller = None
    for count in map(int, sys.argv[1:]) if len(sys.argv) > 1 else SIZES:
        found = measure(count)
        print(row(found, smaller), flush=True)
        smaller = found


if __name__ == "__main__":
    main()
