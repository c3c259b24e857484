"""Which small damages to the gate's code no test notices: `make mutate`, or ONLY=hooks/paths.py for one file.

Each is tried in a process of its own and in memory: nothing in the tree is written. What rests on the damaged
module is imported anew, and the tests run until one fails. What passes them all is listed, but for what
`survivors.yml` explains; so is an explanation of what is noticed after all. Exit 1 with either.
"""

from __future__ import annotations

import ast
import gc
import importlib
import os
import resource
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from functools import cache, wraps
from pathlib import Path
from types import CodeType, ModuleType

import pytest
import read_page
import read_sources
import yaml
from markdown_it import MarkdownIt
from mutants import Mutant, mutants

ROOT = Path(__file__).parent.parent
# What is damaged, what matters most first.
FILES = [
    f"hooks/{name}.py"
    for name in """paths rule_paths rule_safety read_harms rule_diagrams read_flowchart laws quantities
    read_formula read_envelope rule_envelope read_numbers rule_numbers rule_tables rule_sections
    rule_front_matter rule_sources rule_skeletons rule_vocabulary""".split()
]
TESTS = ["test_paths.py", "test_flowchart.py", "test_pages.py", "test_formula.py", "test_speak.py"]
SURVIVORS = ROOT / "tests/survivors.yml"
SECONDS = 5  # of processor time for a test: the longest takes two, and what never ends has to
MEMORY = 4 * 2**30
JOBS = 2
SURVIVED, KILLED, NO_MODULE = 0, 1, 2


# ---- the tests ---------------------------------------------------------------


class Collector:
    """Takes the tests that pytest finds."""

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        self.items = items


def collected() -> list[pytest.Item]:
    """The tests that ask for nothing but their parameters and a folder, and so can be called as they are."""
    collector, files = Collector(), [str(ROOT / "tests" / name) for name in TESTS]
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere):
        pytest.main(["--collect-only", "-p", "no:cacheprovider", *files], plugins=[collector])
    known = {"tmp_path", "tmp_path_factory", "request"}
    found = [item for item in collector.items if not set(item.fixturenames) - known - set(parameters(item))]
    return [item for item in found if not item.get_closest_marker("xfail")]


def parameters(item: pytest.Item) -> dict:
    """What a test is called with."""
    return item.callspec.params if hasattr(item, "callspec") else {}


def run(item: pytest.Item, folder: str) -> None:
    """Run a test; raises what it raises, and ends the process where it takes too long."""
    given = parameters(item)
    if "tmp_path" in item.fixturenames:
        given = given | {"tmp_path": Path(tempfile.mkdtemp(dir=folder))}
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    getattr(item.module, item.originalname)(**given)


# ---- a damaged module in the place of the good one ---------------------------

IMPORTED = {
    file.stem: {
        name
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in [getattr(node, "module", None), *(alias.name for alias in node.names)]
    }
    for folder in ("hooks", "tests")
    for file in (ROOT / folder).glob("*.py")
}


@cache
def resting_on(name: str) -> set[str]:
    """A module, and all that import it, however indirectly."""
    return {name}.union(*(resting_on(other) for other, names in IMPORTED.items() if name in names))


def original(file: str) -> CodeType:
    """The code of a file as it is."""
    return compile((ROOT / file).read_text(encoding="utf-8"), ROOT / file, "exec")


def install(file: str, code: CodeType, tests: list[pytest.Item]) -> None:
    """Put code in the place of a file's, for the tests and for all that rests on it."""
    name = Path(file).stem
    for other in resting_on(name) & set(IMPORTED) - {item.module.__name__ for item in tests}:
        sys.modules.pop(other, None)
    module = sys.modules[name] = ModuleType(name)
    module.__file__ = str(ROOT / file)
    exec(code, vars(module))
    for test in {item.module for item in tests}:
        for key, old in list(vars(test).items()):
            home = old.__name__ if isinstance(old, ModuleType) else getattr(old, "__module__", None)
            if home in resting_on(name) and home != test.__name__:
                new = importlib.import_module(home)
                setattr(test, key, new if isinstance(old, ModuleType) else getattr(new, old.__name__))


def remember(tests: list[pytest.Item]) -> None:
    """Run all tests once, and keep what damage elsewhere leaves as it is: pages, and what rules say."""
    read_sources.read = cache(read_sources.read)
    MarkdownIt.parse = kept(MarkdownIt.parse, lambda parser, text, env=None: text)
    read_page.read = kept(read_page.read, lambda path, text, guide=None: (path, text, guide and guide.root))
    for name in [name for name in IMPORTED if name.startswith("rule_") and name in sys.modules]:
        for tuple_name, rules in vars(sys.modules[name]).items():
            if tuple_name.endswith("RULES"):
                setattr(sys.modules[name], tuple_name, tuple(kept(rule, _one_page, list) for rule in rules))
    install("hooks/rule_list.py", original("hooks/rule_list.py"), tests)
    with tempfile.TemporaryDirectory() as folder:
        for item in tests:
            run(item, folder)
    signal.setitimer(signal.ITIMER_PROF, 0)
    gc.freeze()


def _one_page(facts: object, *more: object) -> int | None:
    return id(facts) if isinstance(facts, read_page.Page) and not more else None


def kept(work: Callable, key: Callable, made: Callable = lambda result: result) -> Callable:
    """Work that is done once for each key of its arguments, and each time where they have none."""
    known = {}

    @wraps(work)
    def remembered(*arguments):
        at = key(*arguments)
        if at is None:
            return work(*arguments)
        if at not in known:
            known[at] = arguments, made(work(*arguments))  # with the arguments, so that no id is used again
        return known[at][1]

    return remembered


# ---- mutants -----------------------------------------------------------------


def judge(file: str, mutant: Mutant | None, tests: list[pytest.Item], folder: str, tell: int) -> None:
    """Tell which test notices a mutant, if any, and end the process, which must be one of its own."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.dup2(nowhere, sys.stderr.fileno())
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        install(file, mutant.code(str(ROOT / file)) if mutant else original(file), tests)
    except BaseException:
        os._exit(NO_MODULE)
    for place, item in enumerate(tests):
        try:
            run(item, folder)
        except BaseException:
            os.write(tell, str(place).encode())
            os._exit(KILLED)
    os._exit(SURVIVED)


def outcomes(file: str, tests: list[pytest.Item]) -> Iterator[tuple[Mutant | None, int]]:
    """Each mutant of a file, and None for the file itself, with what became of it."""
    tests = [item for item in tests if item.module.__name__ in resting_on(Path(file).stem)]
    waiting = [None, *mutants((ROOT / file).read_text(encoding="utf-8"))]
    running = {}
    while waiting or running:
        while waiting and len(running) < JOBS:
            mutant, folder, (told, tell) = waiting.pop(0), tempfile.mkdtemp(), os.pipe()
            process = os.fork()
            if not process:
                judge(file, mutant, tests, folder, tell)
            os.close(tell)
            running[process] = mutant, folder, told, list(tests)
        process, status = os.wait()
        mutant, folder, told, order = running.pop(process)
        shutil.rmtree(folder)
        with open(told) as said:
            place = said.read()
        if place:  # what noticed this one may well notice the next
            tests.remove(order[int(place)])
            tests.insert(0, order[int(place)])
        yield mutant, os.waitstatus_to_exitcode(status)


def judged(file: str, tests: list[pytest.Item], explained: set[str]) -> tuple[int, int, list[str]]:
    """How many mutants a file has, how many are noticed, and a line for each that nothing explains."""
    results = [(mutant, outcome) for mutant, outcome in outcomes(file, tests) if outcome != NO_MODULE]
    if (None, SURVIVED) not in results:
        sys.exit(f"{file}: a test fails without any damage")
    left = {f"{file}: {mutant}": mutant.line for mutant, outcome in results if mutant and outcome == SURVIVED}
    stale = {line for line in explained if line.startswith(f"{file}: ")} - set(left)
    told = [f"line {left[line]} of {line}" for line in sorted(set(left) - explained, key=left.get)]
    told += [f"{SURVIVORS.name} explains what is noticed, or is no more: {line}" for line in sorted(stale)]
    survived = sum(outcome == SURVIVED for _, outcome in results) - 1
    return len(results) - 1, len(results) - 1 - survived, told


def main(only: list[str]) -> int:
    """Try every mutant; the exit status."""
    entries = yaml.safe_load(SURVIVORS.read_text(encoding="utf-8"))
    explained = {line for entry in entries for line in entry["left"].splitlines()}
    tests, tried, noticed, wrong = collected(), 0, 0, 0
    remember(tests)
    for file in only or FILES:
        count, found, told = judged(file, tests, explained)
        print(f"{file}: {found} of {count} noticed", *told, sep="\n  ", flush=True)
        tried, noticed, wrong = tried + count, noticed + found, wrong + len(told)
    print(f"{noticed:,} of {tried:,} mutants noticed: {noticed / tried:.1%}; {wrong} to explain or to mend")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
