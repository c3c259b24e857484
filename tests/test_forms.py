"""What GitHub shows around issues and pull requests: its own schema accepts it, its links lead on."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

GITHUB = Path(__file__).parent.parent / ".github"
FORMS = sorted(GITHUB.glob("ISSUE_TEMPLATE/*-*.yml"))


@pytest.mark.parametrize(
    "schema, files",
    [("issue-forms", FORMS), ("issue-config", [GITHUB / "ISSUE_TEMPLATE/config.yml"])],
    ids=["forms", "config"],
)
def test_issue_forms_match_their_schema(schema, files):
    command = [
        sys.executable,
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        f"vendor.github-{schema}",
        *files,
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert files and done.returncode == 0, done.stdout + done.stderr


def test_there_is_a_form_for_each_kind_of_report():
    assert [form.stem for form in FORMS] == ["dead-link", "new-question", "stale-fact", "wrong-number"]


def test_the_pull_request_leads_to_every_template_by_kind():
    linked = re.findall(r"\?expand=1&template=([\w.-]+)\)", (GITHUB / "pull_request_template.md").read_text())
    assert sorted(linked) == sorted(path.name for path in GITHUB.glob("PULL_REQUEST_TEMPLATE/*.md")) != []


@pytest.mark.parametrize("name", ["README", "CONTRIBUTING", "SECURITY", "CODE_OF_CONDUCT"])
def test_a_link_of_a_page_for_github_leads_to_a_file(name):
    text = (GITHUB.parent / f"{name}.md").read_text(encoding="utf-8")
    links = {link.partition("#")[0] for link in re.findall(r"\]\(([^)]+)\)", text)}
    files = {
        link for link in links if not link.startswith(("https://", "../../"))
    }  # ../../ is the repository
    assert links and [link for link in files if not (GITHUB.parent / link).is_file()] == []
