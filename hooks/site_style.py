"""One small style sheet for the whole site: the theme's and our own, without what no page can match.

A rule stays when every tag, class, id and attribute that its selector asks for occurs somewhere in the
built pages or in our scripts. Where on a page, and in which state, is not looked at: so nothing a reader
can bring about (a hover, a fold, a found word) is ever lost, and nothing needs a list of exceptions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

import tinycss2

_TAG = re.compile(r"<([a-zA-Z][\w-]*)")
_ATTRIBUTE = re.compile(r'\s([\w:-]+)="([^"]*)"')
_BARE = re.compile(r"\s([a-z-]+)(?=[\s>])")
_WORD = re.compile(r"[\w-]+")
_VARIABLE = re.compile(r"var\(\s*(--[\w-]+)")
_NOT_INSIDE = re.compile(r"""</style|@import|url\((?!["']?(?:data:|#))[^)]*""")
_ANY_OF = {"is", "where", "matches", "-webkit-any", "-moz-any"}
_HOLDS_RULES = {"media", "supports", "layer", "container"}


@dataclass(frozen=True)
class Marks:
    """What a page holds that a selector may ask for: tags, `.class`, `#id`, `[attribute`, their values."""

    known: set[str]
    values: set[tuple[str, str]]
    variables: set[str]


def marks(page: str) -> Marks:
    """Read the HTML of a page or of a template."""
    values = {(name.lower(), value) for name, value in set(_ATTRIBUTE.findall(page))}
    known = {tag.lower() for tag in set(_TAG.findall(page))}
    known |= {f".{one}" for name, value in values if name == "class" for one in value.split()}
    known |= {f"[{name}" for name, _ in values} | {f"[{name}" for name in set(_BARE.findall(page))}
    known |= {f"#{value}" for name, value in values if name == "id"}
    return Marks(known, values, set(_VARIABLE.findall(page)))


class Names:
    """What a selector may ask for: everything that the pages and scripts of the site name."""

    def __init__(self, pages: Iterable[Marks] = (), scripts: Iterable[str] = ()):
        self.known: set[str] = {"html", "body", "*"}
        self.values: set[tuple[str, str]] = set()
        self.words: set[str] = set()
        self.variables: set[str] = set()
        for page in pages:
            self.known |= page.known
            self.values |= page.values
            self.variables |= page.variables
        for script in scripts:
            self.words.update(_WORD.findall(script))

    def as_key(self) -> tuple:
        """All of it, to be compared with other names."""
        return tuple(map(frozenset, (self.known, self.values, self.words, self.variables)))

    def has(self, mark: str, name: str) -> bool:
        """Whether a tag (no mark), class `.`, id `#` or attribute `[` of this name can occur."""
        return mark + name in self.known or name in self.words

    def has_value(self, attribute: str, value: str) -> bool:
        """Whether an attribute can have this very value."""
        return (attribute, value) in self.values or value in self.words


@dataclass
class _Rule:
    """A rule that stays: declarations by name, or further rules inside."""

    head: str
    declarations: list[tuple[str, str]] = field(default_factory=list)
    inner: list[_Rule] = field(default_factory=list)


def used(sheets: Iterable[str], names: Names) -> str:
    """The sheets, one behind the other, without the rules and properties that nothing uses."""
    rules = [rule for sheet in sheets for rule in _kept(_parsed(sheet), names)]
    wanted = _wanted(rules, names.variables) | _moving(rules)
    style = "".join(_written(rule, wanted) for rule in rules)
    if stray := _NOT_INSIDE.search(style):
        raise ValueError(f"a style that stands in pages of every depth cannot hold {stray.group(0)!r}")
    return style


@lru_cache(maxsize=8)  # the theme's sheet stays the same from preview to preview
def _parsed(sheet: str) -> list:
    return tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True)


def _kept(rules: list, names: Names) -> Iterator[_Rule]:
    for rule in rules:
        if rule.type == "error":
            raise ValueError(f"a style sheet cannot be read, line {rule.source_line}: {rule.message}")
        if rule.type == "qualified-rule":
            selectors = [_text(one) for one in _alternatives(rule.prelude) if _can_match(one, names)]
            if selectors:
                yield _Rule(",".join(selectors), _declarations(rule.content))
        elif rule.lower_at_keyword in _HOLDS_RULES and rule.content is not None:
            inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
            yield _Rule(f"@{rule.at_keyword} {_text(rule.prelude)}", inner=list(_kept(inner, names)))
        elif rule.lower_at_keyword != "charset":  # a page has said so already
            head = f"@{rule.at_keyword} {_text(rule.prelude)}"
            yield _Rule(head, [("", _text(rule.content or []))])


def _declarations(content: list) -> list[tuple[str, str]]:
    parts = [_text(part) for part in _split(content, ";")]
    return [(part.partition(":")[0], part) for part in parts if part]


def _wanted(rules: list[_Rule], variables: set[str]) -> set[str]:
    """The custom properties that something reads which is not itself a property nobody reads."""
    readers: dict[str, set[str]] = {}
    wanted = set(variables)
    for name, text in _all_declarations(rules):
        read = set(_VARIABLE.findall(text))
        if name.startswith("--"):
            readers.setdefault(name, set()).update(read)
        else:
            wanted |= read
    todo = list(wanted)
    while todo:
        further = readers.get(todo.pop(), set()) - wanted
        wanted |= further
        todo += further
    return wanted


def _moving(rules: list[_Rule]) -> set[str]:
    """The heads of the key frames that an animation names."""
    texts = [text for name, text in _all_declarations(rules) if name.startswith(("animation", "--"))]
    return {f"@keyframes {word}" for text in texts for word in _WORD.findall(text)}


def _all_declarations(rules: list[_Rule]) -> Iterator[tuple[str, str]]:
    for rule in rules:
        yield from rule.declarations
        yield from _all_declarations(rule.inner)


def _written(rule: _Rule, wanted: set[str]) -> str:
    if rule.head.startswith("@keyframes") and rule.head not in wanted:
        return ""
    body = ";".join(text for name, text in rule.declarations if not name.startswith("--") or name in wanted)
    body += "".join(_written(inner, wanted) for inner in rule.inner)
    return f"{rule.head}{{{body}}}" if body else ""


def _text(tokens: list) -> str:
    """Tokens as CSS, without comments, and with white space only where it means something."""
    kept = [token for token in tokens if token.type != "comment"]
    pieces = []
    for before, token, after in zip([None, *kept], kept, [*kept[1:], None], strict=False):
        if token.type == "function":
            pieces.append(f"{token.name}({_text(token.arguments)})")
        elif token.type == "() block":
            pieces.append(f"({_text(token.content)})")
        elif token.type != "whitespace":
            pieces.append(tinycss2.serialize([token]))
        elif None not in (before, after) and after not in (",", ">") and before not in (":", ",", ">"):
            pieces.append(" ")
    return "".join(pieces)


def _alternatives(tokens: list) -> list[list]:
    """The selectors of a list."""
    return _split(tokens, ",")


def _split(tokens: list, at: str) -> list[list]:
    parts: list[list] = [[]]
    for token in tokens:
        if token == at:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _can_match(selector: list, names: Names) -> bool:
    before = None
    for token in selector:
        if not _occurs(token, before, names):
            return False
        before = token
    return True


def _occurs(token, before, names: Names) -> bool:
    """Whether one part of a selector can occur; a pseudo-class is a state, and every state can."""
    if token.type == "ident" and before != ":":
        return names.has(".", token.value) if before == "." else names.has("", token.value.lower())
    if token.type == "hash":
        return names.has("#", token.value)
    if token.type == "[] block":
        return _attribute_occurs(token.content, names)
    if token.type == "function" and token.lower_name in _ANY_OF:
        return any(_can_match(one, names) for one in _alternatives(token.arguments))
    return True


def _attribute_occurs(tokens: list, names: Names) -> bool:
    parts = [token for token in tokens if token.type != "whitespace"]
    name = parts[0].value.lower()
    if not names.has("[", name):
        return False
    exact = len(parts) == 3 and parts[1] == "="
    return not exact or names.has_value(name, parts[2].value)
