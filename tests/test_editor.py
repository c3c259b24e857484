"""What an editor is given: schemas that agree with the gate, findings as lines, a check at each save."""

import json
import re
import subprocess
import sys
import threading
from pathlib import Path

import check_page
import editor_schemas
import pytest
import read_page
import read_yaml
import yaml
from finding import rule_id
from page_contract import kind_of
from rule_list import ALL
from test_pages import BAD, TEMPLATE, edited

ROOT = Path(__file__).parent.parent
TASKS = json.loads((ROOT / ".vscode/tasks.json").read_text(encoding="utf-8"))["tasks"]
MATCHER = TASKS[0]["problemMatcher"]
WRITTEN = re.sub(
    r"<!-- Guidance:.*?-->\n\n", "", TEMPLATE, flags=re.DOTALL
)  # each part is claimed as one's own


# ---- schemas -------------------------------------------------------------------------------------------


def plain(node):
    """A value of strict YAML as JSON has it; all its words are text."""
    if isinstance(node.value, dict):
        return {key: plain(value) for key, value in node.items()}
    return [plain(entry) for entry in node.entries()] if isinstance(node.value, list) else node.value


def refused(schema, values, folder):
    """The indices of those values that a schema does not accept, by the real checker in one run."""
    for number, value in enumerate(values):
        (folder / f"{number}.json").write_text(json.dumps(value), encoding="utf-8")
    files = [folder / f"{number}.json" for number in range(len(values))]
    command = [sys.executable, "-m", "check_jsonschema", "--output-format", "json", "--schemafile"]
    done = subprocess.run([*command, ROOT / schema, *files], capture_output=True, text=True)
    said = json.loads(done.stdout)
    assert not said.get("parse_errors")
    return {int(Path(error["filename"]).stem) for error in said.get("errors", [])}


def test_the_schemas_are_those_of_the_rules():
    kept = {
        path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in ROOT.glob(".vscode/*.json")
    }
    others = {f".vscode/{name}.json" for name in ("extensions", "settings", "tasks")}
    assert {place: text for place, text in kept.items() if place not in others} == editor_schemas.schemas(), (
        "run python hooks/editor_schemas.py"
    )


@pytest.mark.parametrize("name", ["question", "skeleton", "prose", "design"])
def test_a_schema_accepts_every_page(name, tmp_path):
    paths = [path.relative_to(ROOT).as_posix() for path in sorted(ROOT.glob("docs/**/*.md"))]
    pages = [
        read_page.read(path, (ROOT / path).read_text("utf-8")) for path in paths if kind_of(path).name == name
    ]
    fronts = [plain(page.front) for page in pages if page.front]
    assert fronts
    assert refused(f".vscode/front-matter-{name}.json", fronts, tmp_path) == set()


def test_the_schema_of_the_register_accepts_it(tmp_path):
    text = (ROOT / "docs/sources.yml").read_text(encoding="utf-8")
    assert refused(".vscode/sources.json", [plain(read_yaml.read(text))], tmp_path) == set()


def test_the_schema_refuses_what_the_gate_refuses(tmp_path):
    """Every bad page of front matter that is YAML at all; whether a symbol is defined no schema can know."""
    fields = ("front-matter-missing", "front-matter-unknown", "front-matter-malformed")
    stories, fronts = [], []
    for family, entry in BAD:
        if family == "front_matter" and entry["rule"] in fields:
            page = read_page.read("docs/questions/x.md", edited(entry, TEMPLATE))
            if page.front:
                stories.append(entry["story"])
                fronts.append(plain(page.front))
    assert len(fronts) > 15
    caught = refused(".vscode/front-matter-question.json", fronts, tmp_path)
    assert [story for number, story in enumerate(stories) if number not in caught] == []


# ---- problems ------------------------------------------------------------------------------------------


def test_an_editor_reads_each_finding_from_its_line(tmp_path, capsys):
    page = tmp_path / "docs/questions/my page.md"
    page.parent.mkdir(parents=True)
    page.write_text(WRITTEN.replace("| 12 server |", "| 8 server |"), encoding="utf-8")
    assert check_page.main([str(page), "--format", "line"]) == 1
    lines = capsys.readouterr().out.splitlines()
    found = [re.fullmatch(MATCHER["pattern"]["regexp"], line) for line in lines]
    assert found and all(found)
    for match in found:
        assert match[MATCHER["pattern"]["file"]] == str(page)
        assert 0 < int(match[MATCHER["pattern"]["line"]]) <= WRITTEN.count("\n")
        assert match[MATCHER["pattern"]["code"]] in {rule_id(rule) for rule in ALL}
        assert " Fix: " in match[MATCHER["pattern"]["message"]]


def test_a_finding_leads_to_the_page_of_its_rule(tmp_path, capsys, monkeypatch):
    page = tmp_path / "page.md"
    page.write_text(WRITTEN.replace("## Wrap", "## Warp"), encoding="utf-8")
    for address, site in (
        ("", "http://127.0.0.1:8000/"),
        ("https://guide.example/", "https://guide.example/"),
    ):
        monkeypatch.setenv("SITE_URL", address)
        check_page.main([str(page)])
        assert f"\n  Rule: {site}rules/#section-misspelt\n" in capsys.readouterr().out


# ---- at each saved file --------------------------------------------------------------------------------


def test_a_saved_file_is_checked_at_once(tmp_path):
    """The real command on a small tree; each round begins and ends with the words that the task waits for."""
    for folder in ("docs/questions", "simulations"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "docs/sources.yml").write_text("", encoding="utf-8")
    page = tmp_path / "docs/page.md"
    page.write_text("# A page\n", encoding="utf-8")
    root = "import sys, pathlib, check_page; check_page.ROOT = pathlib.Path(sys.argv[1])"
    run = f"{root}; check_page.main(sys.argv[2:])"
    command = [sys.executable, "-c", run, tmp_path, "--watch", "--format", "line"]
    watcher = subprocess.Popen(
        command, cwd=ROOT / "hooks", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    alarm = threading.Timer(60, watcher.kill)
    alarm.start()
    try:
        assert rounds_to(watcher, "1 page checked (0 questions): no findings.")
        page.write_text("# A page\n\n<video>\n", encoding="utf-8")
        said = rounds_to(watcher, "1 finding.")
        assert said[-2].startswith("docs/page.md:3: active-html: ")
        page.write_text("# A page\n", encoding="utf-8")
        assert rounds_to(watcher, "1 page checked (0 questions): no findings.")
    finally:
        alarm.cancel()
        watcher.kill()
        watcher.communicate()


def rounds_to(watcher, last):
    """What is said up to the end of a round that ends so: a file that is saved slowly may take two."""
    said = []
    while not said or said[-1] != last:
        said.append(watcher.stdout.readline().rstrip("\n"))
        assert said[-1], said
    begun = [re.match(MATCHER["background"]["beginsPattern"], line) for line in said]
    ended = [re.match(MATCHER["background"]["endsPattern"], line) for line in said]
    assert begun[0] and ended[-1]
    return said


# ---- before a commit -----------------------------------------------------------------------------------


def test_the_hook_before_a_commit_is_local_and_runs_the_check():
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [repo["repo"] for repo in config["repos"]] == ["local"]
    (hook,) = config["repos"][0]["hooks"]
    assert hook["language"] == "system" and hook["entry"] == "make --silent check"
    assert re.search(hook["files"], "docs/questions/x.md") and not re.search(hook["files"], "README.md")


def test_every_task_is_a_target_of_the_makefile():
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    for task in TASKS:
        assert task["command"] == "make"
        assert next(word for word in task["args"] if "=" not in word and word[0] != "-") in targets
