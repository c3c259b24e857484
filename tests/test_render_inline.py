"""Texts that hold nothing to read are passed over, and what a page says does not change by a letter."""

import markdown
import pytest
import render_inline
from markdown.treeprocessors import InlineProcessor
from reader import QUESTIONS, ROOT

EXTENSIONS = ["attr_list", "tables", "smarty"]
OPTIONS = {"smarty": {"smart_dashes": False}}
PLAIN = "Nothing to read here, 70 % of it in round words (and a dash – or two).\n\nNor here: 1 < 2? No.\n"
TRICKS = (
    "Ends with two spaces  \n"
    + r"""
*a* _b_ `c` \* [d](e) ![f](g) <https://h.example> <i@j.example> &amp; &#65; <b>k</b>
"l" 'm' ... `n"o` [p"q"](r "s") *t "u" v* it's '90s "w"x

| a "b" | c's |
| --- | --- |
| ... | \| |
"""
)


def both(text):
    plain = markdown.Markdown(extensions=EXTENSIONS, extension_configs=OPTIONS)
    hastened = markdown.Markdown(extensions=EXTENSIONS, extension_configs=OPTIONS)
    render_inline.hasten(hastened)
    return plain.convert(text), hastened.convert(text)


@pytest.mark.parametrize("text", [PLAIN, TRICKS, *QUESTIONS[:2]], ids=["plain", "tricks", *QUESTIONS[:2]])
def test_a_page_says_the_same(text):
    place = ROOT / f"docs/{text.rstrip('/')}.md" if text in QUESTIONS else None
    slow, quick = both(place.read_text(encoding="utf-8") if place else text)
    assert slow == quick
    assert len(slow) > 50


def test_what_holds_nothing_to_read_is_not_read(monkeypatch):
    read = []
    note = lambda _, text, *__: read.append(text) or text  # noqa: E731
    monkeypatch.setattr(InlineProcessor, "_InlineProcessor__handleInline", note)
    md = markdown.Markdown(extensions=EXTENSIONS, extension_configs=OPTIONS)
    render_inline.hasten(md)
    md.convert("Nothing to read.\n\nBut *this*, and 'this'.")
    assert read == ["But *this*, and 'this'."] * 2


def test_a_converter_that_knows_more_is_left_alone():
    md = markdown.Markdown(extensions=[*EXTENSIONS, "wikilinks"], extension_configs=OPTIONS)
    render_inline.hasten(md)
    assert "_InlineProcessor__handleInline" not in vars(md.treeprocessors["inline"])
    assert "_InlineProcessor__handleInline" in vars(md.treeprocessors["smarty"])
