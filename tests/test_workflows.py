"""The workflows are valid, and no audit of zizmor finds anything in them."""

import subprocess
import sys
from pathlib import Path

import pytest

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
