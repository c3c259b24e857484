"""The gate at the door that publishes: the real `mkdocs build` of a tree with one unsafe page."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest
from reader import previewed

ROOT = Path(__file__).parent.parent
QUESTION = "docs/questions/inference-batching.md"
GUARDED = "  gpu --> match{{Match by slot}}:::guard\n"
UNSAFE = (GUARDED, f"{GUARDED}  gpu --> reply\n")


@pytest.fixture
def tree(tmp_path):
    """A copy of what a build needs."""
    for name in ("docs", "hooks", "overrides", "simulations"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    return tmp_path


def spoil(tree, name, old, new):
    path = tree / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def mkdocs(tree, *arguments):
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "mkdocs", *arguments]
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, timeout=300)


def published(tree):
    site = tree / "site"
    return [path for path in site.rglob("*") if path.is_file()] if site.exists() else []


@pytest.mark.parametrize("flags", [[], ["--strict"], ["-q"], ["--no-strict"], ["--dirty"]], ids=" ".join)
def test_unsafe_page_is_not_built(tree, flags):
    line = spoil(tree, QUESTION, *UNSAFE) + 1
    done = mkdocs(tree, "build", *flags)
    assert done.returncode != 0
    assert f"{QUESTION}:{line}: path-unguarded: harm 2" in done.stderr
    assert "gpu (line" in done.stderr
    assert "Traceback" not in done.stderr
    assert published(tree) == []


def test_all_findings_come_at_once_and_old_pages_stay_down(tree, built):
    shutil.copytree(built, tree / "site")
    spoil(tree, QUESTION, *UNSAFE)
    spoil(tree, QUESTION, "| 286 GPU |", "| 268 GPU |")
    spoil(tree, "docs/index.md", "# The Guarded Path\n", "# The Guarded Path\n\n<script>alert(1)</script>\n")
    done = mkdocs(tree, "build", "-q")
    for rule in ("path-unguarded", "envelope-result-wrong", "active-html"):
        assert rule in done.stderr
    assert done.returncode != 0
    assert not [path for path in published(tree) if path.suffix == ".html"]


def test_files_that_no_rule_reads_are_not_built(tree):
    names = ("evil.html", "questions/x.markdown", "assets/vendor/x.js", "assets/x.css")
    for name in names:
        (tree / "docs" / name).write_text("alert(1)", encoding="utf-8")
    done = mkdocs(tree, "build", "-q")
    assert done.returncode != 0
    assert all(f"docs/{name}:1: file-unexpected" in done.stderr for name in names)
    assert published(tree) == []


def add(tree, name, text, encoding="utf-8"):
    """A page more, whose name is not in a list."""
    (tree / "docs/questions" / f"{name}.md").write_text(text, encoding=encoding)


def test_a_preview_goes_on_with_broken_pages_and_says_on_each_what_is_wrong(tree, tmp_path):
    """Each kind of break on a page of its own; a row far down, because its place is not the page's top."""
    template = (tree / "docs/questions/_template.md").read_text(encoding="utf-8")
    for path in (*tree.glob("docs/unseen/[!_]*"), *tree.glob("docs/questions/[!_i]*")):
        path.unlink()  # a preview of fewer pages is there sooner
    spoil(tree, QUESTION, *UNSAFE)
    add(tree, "just-made", template)
    template = re.sub(r"<!-- Guidance:.*?-->\n\n", "", template, flags=re.DOTALL)
    add(tree, "only-begun", "# A question\n\n## Prompt\n")
    add(tree, "drawing", template.replace("flowchart TD", "flowchart TD\n  broken[", 1))
    add(tree, "front", template.replace("title:", "title: [", 1))
    add(tree, "row", template.replace("| `limit` |", "| `limit` | one too many |", 1))
    add(tree, "fence", template.replace("## Trade-offs", "```text\n\n## Trade-offs"))
    add(tree, "picture", f"{template}\n![A queue](../assets/figures/none.svg)\n")
    add(tree, "script", template.replace("Support assistant", "<script>alert(1)</script>"))
    add(tree, "bytes", "# Caf\u00e9\n", "latin-1")
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    with previewed(tree, environment, tmp_path / "log") as address:

        def page(name):
            return urlopen(f"{address}questions/{name}/").read().decode()

        for name, rule in [
            ("inference-batching", "path-unguarded"),
            ("only-begun", "section-missing"),
            ("drawing", "diagram-unreadable"),
            ("front", "front-matter-malformed"),
            ("row", "section-table-uneven"),
            ("fence", "active-fence-attributes"),
            ("picture", "file-link-broken"),
            ("script", "active-html"),
            ("bytes", "file-unreadable"),
        ]:
            html = page(name)
            assert f'href="../../rules/#{rule}">{rule}</a>' in html, name
            assert "findingsatline" not in html, name
            assert f"{name}.md:" in (tmp_path / "log").read_text()
        assert page("just-made").count('<aside class="guide-to-write">') == 13
        assert "<strong>13 parts to write</strong>" in page("just-made")
        row = page("row")
        given = row.index('id="envelope"'), row.index("section-table-uneven"), row.index('id="limit"')
        assert list(given) == sorted(given)
        assert "broken[" in page("drawing")
        for path in ("cards/", "questions/", "sources/", ""):
            assert urlopen(address + path).status == 200


def test_what_only_the_rendered_page_shows_is_refused(tree):
    """Markdown extensions could be added that make HTML of harmless text; the built page is looked at too."""
    spoil(tree, "mkdocs.yml", "markdown_extensions:\n", "markdown_extensions:\n  - def_list\n  - smarty\n")
    page = tree / "docs" / "index.md"
    page.write_text(page.read_text(encoding="utf-8") + "\n*[HTML]: onclick\n", encoding="utf-8")
    spoil(tree, "mkdocs.yml", "  - def_list\n", "  - abbr\n")
    page.write_text(page.read_text(encoding="utf-8") + "\nHTML is short.\n", encoding="utf-8")
    done = mkdocs(tree, "build")
    assert done.returncode != 0
    assert "docs/index.md:1: active-rendered: the built page holds <abbr>" in done.stderr
    assert published(tree) == []


def test_a_folder_that_leads_back_is_refused_before_it_is_walked(tree):
    """MkDocs follows links to folders: two that lead back are more ways than it could ever go."""
    for name in ("a", "b", "c"):
        (tree / "docs" / name).symlink_to(".")
    done = mkdocs(tree, "build")
    assert done.returncode != 0 and "docs/a:1: file-unexpected: this links to a folder" in done.stderr
    assert "Traceback" not in done.stderr and published(tree) == []
