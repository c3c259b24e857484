"""Front matter: the fields that the site, the cards and the review dates are made from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from finding import Problem, shorten
from page_contract import HEADLINES, MAX_SUMMARY, SURE
from read_sources import is_date_or_month, parse_date

_METADATA = re.compile(r"[A-Za-z0-9_-]+:")


def check_front_matter_missing(page) -> Iterator[Problem]:
    """A page with a contract begins with front matter that holds every field of its kind.

    Why: the card, the sources and the review date are assembled from it.
    Bad: a page that begins with its heading, or has no `reviewed`.
    Good: `---`, then title, summary, asked, tags, headline, reviewed, then `---`.
    Not an error when: the page has no contract; a skeleton has no headline, our own design no `asked`.
    """
    if page.front_fault:
        return
    if page.front is None:
        fix = "begin the page with --- on a line, the fields, and --- on a line"
        yield 1, "the page has no front matter", fix
        return
    for name in page.kind.fields:
        field = page.front.get(name)
        if field is None or field.value in ("", [], {}):
            message = f"the field `{name}` is missing or empty"
            yield field.line if field else 1, message, f"add `{name}:` to the front matter"


def check_front_matter_unknown(page) -> Iterator[Problem]:
    """Front matter holds no field that nothing of ours reads.

    Why: a misspelt field would be without effect; others, such as `template`, rebuild or redirect the page.
    Bad: `sumary: Callers block on one reply each.`, `template: redirect.html`.
    Good: `summary: Callers block on one reply each.`
    Not an error when: never; a question has six fields, a skeleton and our own design five, others two.
    """
    for name, line in page.front.key_lines.items() if page.front else ():
        if name not in page.kind.fields:
            near = get_close_matches(name, page.kind.fields)
            fields = ", ".join(page.kind.fields)
            fix = f"did you mean `{near[0]}`?" if near else f"remove it; the fields are {fields}"
            yield line, f"there is no field `{shorten(name)}` on this page", fix


def check_front_matter_malformed(page) -> Iterator[Problem]:
    """Every field has its form: text, list, mapping or date, in the strict part of YAML.

    Why: what cannot be read cannot be shown, and YAML's odd corners can run code or hang a build.
    Bad: `reviewed: last week`, a summary of 300 characters, an anchor, a tag such as !!python, a page that
    begins with `template:x`, which MkDocs takes for front matter.
    Good: `reviewed: 2026-11-21`, a summary of one sentence in 160 characters.
    Not an error when: never.
    """
    if page.front_fault:
        fix = "write plain keys, text, lists and mappings"
        yield page.front_fault.line, page.front_fault.message, fix
    elif match := _METADATA.match(page.text.lstrip()):
        yield (
            1,
            f"the page begins with `{match.group(0)}`, which is read as metadata",
            "write front matter between ---",
        )
    for line, text in _texts(page.front) if page.front else ():
        if "<" in text or ">" in text:
            yield (
                line,
                f"markup in front matter: {shorten(text, 50)}",
                "write plain text; it stands in titles",
            )
    yield from _malformed(page.front) if page.front else ()


def _texts(node) -> Iterator[tuple[int, str]]:
    yield node.line, node.text()
    for child in [*node.entries(), *(value for _, value in node.items())]:
        yield from _texts(child)


def _malformed(front) -> Iterator[tuple[int, str, str]]:
    for name in ("title", "summary", "reviewed"):
        field = front.get(name)
        if field and not isinstance(field.value, str):
            yield field.line, f"`{name}` is not one line of text", f"write `{name}: text`"
    yield from _summary(front.get("summary"))
    yield from _reviewed(front.get("reviewed"))
    yield from _tags(front.get("tags"))
    yield from _asked(front.get("asked"))
    yield from _headline(front.get("headline"))


def _summary(field) -> Iterator[tuple[int, str, str]]:
    if field and len(field.text()) > MAX_SUMMARY:
        message = f"the summary has {len(field.text())} characters, at most {MAX_SUMMARY} are shown"
        yield field.line, message, "say it in one shorter sentence"
    elif field and field.text().strip()[-1:] not in ".?!":
        yield field.line, "the summary is not a sentence", "write one sentence and end it"


def _reviewed(field) -> Iterator[tuple[int, str, str]]:
    if field and field.text() and not parse_date(field.text()):
        yield field.line, f"`reviewed` is no date: `{shorten(field.text())}`", "write reviewed: YYYY-MM-DD"


def _tags(field) -> Iterator[tuple[int, str, str]]:
    if field and not (field.entries() and all(tag.text() for tag in field.entries())):
        yield field.line, "`tags` is not a list of words", "write tags: [inference, batching]"


def _asked(field) -> Iterator[tuple[int, str, str]]:
    fix = "write - {source: id, date: 2026-06, sure: report}"
    if field and field.value and not field.entries():
        yield field.line, "`asked` is not a list", fix
    for entry in field.entries() if field else ():
        keys = sorted(name for name, _ in entry.items())
        sure = entry.get("sure")
        when = entry.get("date")
        if keys != ["date", "source", "sure"]:
            yield entry.line, "an entry of `asked` has other fields than source, date and sure", fix
        elif sure.text() not in SURE:
            yield (
                entry.line,
                f"`sure: {shorten(sure.text())}` is none of {', '.join(SURE)}",
                "a prep site's word is a report",
            )
        elif not is_date_or_month(when.text()):
            yield entry.line, f"`date: {shorten(when.text())}` is no date", "write a day, a month or a year"


def _headline(field) -> Iterator[tuple[int, str, str]]:
    pairs = field.items() if field else []
    if field and field.value and len(pairs) != HEADLINES:
        yield (
            field.line,
            f"`headline` holds {len(pairs)} symbols",
            f"name {HEADLINES}, each with a label: gpus: GPUs at peak",
        )
    for symbol, label in pairs:
        if not label.text().strip():
            yield (
                label.line,
                f"the headline `{shorten(symbol)}` has no label",
                f"write {symbol}: what the number is",
            )


def check_front_matter_headline_undefined(page) -> Iterator[Problem]:
    """Each headline symbol is a row of the envelope.

    Why: the card prints its value.
    Bad: `headline: {gpu: GPUs}` where the envelope defines `gpus`.
    Good: `headline: {gpus: GPUs}`.
    Not an error when: never.
    """
    headline = page.front.get("headline") if page.front else None
    for symbol, label in headline.items() if headline else ():
        if not page.envelope.row(symbol):
            near = get_close_matches(symbol, [r.symbol for r in page.envelope.rows])
            fix = f"did you mean `{near[0]}`?" if near else "name a symbol of the envelope"
            message = f"the headline symbol `{shorten(symbol)}` is not in the envelope"
            yield label.line, message, fix


RULES = (check_front_matter_unknown, check_front_matter_malformed)
CONTRACT_RULES = (check_front_matter_missing,)
QUESTION_RULES = (check_front_matter_headline_undefined,)
