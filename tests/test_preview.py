"""A machine without QuickJS: a preview leaves the drawing to the browser, and nothing can be published."""

import os
import subprocess
import sys

import pytest
from reader import DESK, PHONE, QUESTION, ROOT, contrast, entered, fences, previewed

ROLES = ("hazard", "guard", "exposed")
LOOKS = """role => [...document.querySelectorAll(`div.mermaid .node.${role}`)].map(node => {
    const shape = [...node.querySelectorAll("rect, circle, ellipse, polygon, path")]
      .find(shape => shape.getBoundingClientRect().width && !shape.closest(".label"));
    const look = getComputedStyle(shape), label = getComputedStyle(node.querySelector(".nodeLabel"));
    return {fill: look.fill, stroke: look.stroke, width: parseFloat(look.strokeWidth),
            dashed: look.strokeDasharray !== "none", text: label.color};
  })"""


@pytest.fixture
def without_engine(tmp_path):
    """The environment of a machine where QuickJS cannot be imported."""
    folder = tmp_path / "no-engine"
    folder.mkdir()
    (folder / "quickjs.py").write_text("raise ImportError('no wheel for this machine')\n")
    return {
        **os.environ,
        "NO_MKDOCS_2_WARNING": "1",
        "PYTHONPATH": str(folder),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def test_preview_draws_in_the_browser(browser, without_engine, tmp_path):
    with previewed(ROOT, without_engine, tmp_path / "log") as address:
        for scheme, width in (("light", DESK), ("dark", PHONE)):
            with entered(browser, width, scheme) as context:
                roles_are_told_apart(*drawn(context.new_page(), address, width))


def drawn(page, address, width):
    """The ground of a question's page, and how its drawings look."""
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address + QUESTION)
    all_drawn = "count => document.querySelectorAll('div.mermaid svg').length === count"
    page.wait_for_function(all_drawn, arg=1 + fences(QUESTION))  # the card's is drawn, too
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert all(url.startswith(address) for url in asked)
    assert [url for url in asked if url.endswith("mermaid.min.js")]
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return ground, {role: page.evaluate(LOOKS, role) for role in ROLES}


def roles_are_told_apart(ground, looks):
    for role in ROLES:
        assert looks[role], f"no {role}"
        for look in looks[role]:
            assert contrast(look["text"], look["fill"]) >= 4.5
            assert contrast(look["stroke"], ground) >= 3
    assert all(look["dashed"] for look in looks["hazard"])
    assert all(look["width"] >= 4 and not look["dashed"] for look in looks["guard"])
    assert all(contrast(look["fill"], ground) >= 4.5 for look in looks["exposed"])


def test_a_build_is_refused(without_engine, tmp_path):
    site = tmp_path / "site"
    command = [sys.executable, "-m", "mkdocs", "build", "--site-dir", str(site)]
    done = subprocess.run(command, cwd=ROOT, env=without_engine, capture_output=True, text=True)
    assert done.returncode != 0
    assert "QuickJS is not installed" in done.stderr
    assert not [path for path in site.rglob("*") if path.is_file()]
