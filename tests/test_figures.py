"""Every figure of a simulation can be heard, needs no style of its own, and shares no id with another."""

from xml.etree import ElementTree

import pytest
from reader import ROOT

FIGURES = sorted((ROOT / "docs/assets/figures").glob("*.svg"))


@pytest.mark.parametrize("file", FIGURES, ids=lambda file: file.stem)
def test_figure_is_accessible_and_needs_no_inline_style(file):
    source = file.read_text(encoding="utf-8")
    root = ElementTree.fromstring(source)
    assert root.get("role") == "img"
    assert "style" not in source and "nan" not in source
    ids = [node.get("id") for node in root.iter() if node.get("id")]
    assert ids and all(name.startswith(f"{file.stem}-") for name in ids)
    assert root.get("aria-labelledby").split() == ids


def test_there_are_figures():
    assert len(FIGURES) >= 8
