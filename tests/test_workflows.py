"""The workflows are valid, no audit of zizmor finds anything in them, and no job may do more than it must."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


def _run(*command):
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_zizmor_finds_nothing():
    zizmor = Path(sys.executable).with_name("zizmor")
    _run(zizmor, "--offline", "--no-progress", "--persona=pedantic", ".github")


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_workflow_matches_its_schema(workflow):
    _run(sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", workflow)


def test_dependabot_matches_its_schema():
    schema = ("--builtin-schema", "vendor.dependabot")
    _run(sys.executable, "-m", "check_jsonschema", *schema, ".github/dependabot.yml")


def read(workflow):
    text = workflow.read_text(encoding="utf-8")
    return text, yaml.load(text, Loader=yaml.BaseLoader)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_no_job_has_a_right_or_an_action_that_nobody_gave_it(workflow):
    text, told = read(workflow)
    assert told["permissions"] == {}
    assert "pull_request_target" not in text and "workflow_run" not in text and "secrets." not in text
    for name, job in told["jobs"].items():
        assert "permissions" in job and int(job["timeout-minutes"]) <= 60, name
    actions = re.findall(r"uses: (.*)", text)
    assert actions
    for action in actions:
        assert re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40} # v[\d.]+", action), action


def test_what_strangers_set_in_motion_may_only_read():
    for workflow in WORKFLOWS:
        _, told = read(workflow)
        if "pull_request" in told["on"]:
            assert workflow.name == "pull-request.yml" and list(told["on"]) == ["pull_request"]
            rights = [right for job in told["jobs"].values() for right in job["permissions"].items()]
            assert set(rights) == {("contents", "read")}


def test_a_job_that_may_write_runs_no_package():
    """Whoever poisons a package finds a token that can only read."""
    seen = 0
    for workflow in WORKFLOWS:
        for name, job in read(workflow)[1]["jobs"].items():
            if "write" in job["permissions"].values():
                seen += 1
                lines = " ".join(step.get("run", "") for step in job["steps"])
                assert not re.search(r"\b(?:make|pip|uv|npm)\b|\.venv|\.ci/", lines), name
    assert seen == 3


def test_the_guide_tells_the_truth_about_its_limits():
    """*How this guide stays true* reckons with the time limits of these jobs."""
    page = (ROOT / "docs/stays-true.md").read_text(encoding="utf-8")
    jobs = read(ROOT / ".github/workflows/publish.yml")[1]["jobs"] | {
        "gate": read(ROOT / ".github/workflows/pull-request.yml")[1]["jobs"]["gate"]
    }
    said = dict(re.findall(r"\| `(\w+)_limit` \|.*?\| (\d+) min \|.*in the workflow", page))
    assert jobs["edition"]["timeout-minutes"] == said["gate"]
    assert said == {name: jobs[name]["timeout-minutes"] for name in ("check", "gate", "build", "deploy")}
