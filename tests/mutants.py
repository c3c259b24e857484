"""Small damages to a module's code: each a mutant, which some test ought to tell from the original.

Comparisons shift, conditions hold always or never or lose a part, numbers move by one; statements, parts of
a pattern and words of a list are left out. What a message says is left alone: it is wording, no verdict.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from types import CodeType

SHIFTED = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.Add: ast.Sub,
    ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult,
    ast.Pow: ast.Mult, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr,
}  # fmt: skip
SWAPPED = {"min": "max", "any": "all", "partition": "rpartition", "startswith": "endswith"}
SWAPPED |= {new: old for old, new in SWAPPED.items()}
NEEDLESS = {"strip", "lstrip", "rstrip", "lower", "casefold", "removeprefix", "removesuffix", "replace"}
NAMED = ast.FunctionDef | ast.ClassDef
WORDING = {"message", "fix", "hint", "shorten", "near", "likely"}  # near and likely: what one may have meant
# Of a pattern's text: an alternative, a sign of how often, a look around, the edge of a word.
_ONE = r"(?:\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[^|()\[\]\\])"
# Looked ahead at, since the last of several alternatives shares its stroke with the one before it.
_PARTS = re.compile(
    rf"(?=((?:^|(?<=[|>])|(?<=\()(?!\?)|(?<=\(\?:)){_ONE}+\||\|{_ONE}+(?=\)|$)|(?<![(\\])[?*+]|\(\?<?[!=]{_ONE}+\)|\\b))"
)


@dataclass
class Mutant:
    """One damage to a module: its line, the function it is in, what stands there and what takes its place."""

    line: int
    within: str
    was: str
    becomes: str
    tree: ast.Module
    place: tuple
    new: ast.AST

    def __str__(self) -> str:
        return f"{self.within}: {self.was}  ->  {self.becomes}"

    def code(self, file: str) -> CodeType:
        """The damaged module, compiled. The tree stays damaged: call it in a process of its own."""
        _put(*self.place, self.new)
        return compile(ast.fix_missing_locations(self.tree), file, "exec")


def mutants(source: str) -> Iterator[Mutant]:
    """Every mutant of a module, in the order of its lines."""
    tree = ast.parse(source)
    for place, node, statement, within in _places(tree, None, ""):
        for new in _variants(node, *place[:2]):
            texts = _text(statement), _text(new)
            if node is not statement:
                _put(*place, new)
                texts = texts[0], _text(statement)
                _put(*place, node)
            if texts[0] != texts[1]:
                yield Mutant(node.lineno, within, *_told(*texts), tree, place, new)


def _put(holder: ast.AST, field: str, index: int | None, node: ast.AST) -> None:
    if index is None:
        setattr(holder, field, node)
    else:
        getattr(holder, field)[index] = node


def _text(node: ast.AST) -> str:
    """A statement as one line; of one that holds others, its head."""
    text = ast.unparse(node)
    return text.partition("\n")[0] if hasattr(node, "body") else " ".join(text.split())


def _told(was: str, becomes: str) -> tuple[str, str]:
    """Both texts, with what is far from where they differ left out."""
    first = max(0, _same(was, becomes) - 30)
    last = max(0, _same(was[: first + 29 : -1], becomes[: first + 29 : -1]) - 30)
    return tuple(
        f"{'…' if first else ''}{text[first : len(text) - last]}{'…' if last else ''}"
        for text in (was, becomes)
    )


def _same(one: str, other: str) -> int:
    """With how many equal characters two texts begin."""
    return next(
        (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def _places(holder: ast.AST, statement: ast.stmt | None, within: str) -> Iterator[tuple]:
    """(place, node, the statement it is in, the function it is in) of all that may be damaged."""
    for field, value in ast.iter_fields(holder):
        children = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
        for index, node in children if field not in ("annotation", "returns", "decorator_list") else ():
            if isinstance(node, ast.AST) and not _is_wording(node):
                around = node if isinstance(node, ast.stmt) else statement
                name = f"{within}.{node.name}".strip(".") if isinstance(node, NAMED) else within
                if hasattr(node, "lineno"):
                    yield (holder, field, index), node, around, name
                yield from _places(node, around, name)


def _is_wording(node: ast.AST) -> bool:
    match node:
        case ast.JoinedStr() | ast.Expr(value=ast.Constant()):
            return True
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.Call(func=ast.Name(id=name)):
            return name in WORDING
    return False


def _variants(node: ast.AST, holder: ast.AST, field: str) -> Iterator[ast.AST]:
    """What may come in the place of a node."""
    if isinstance(holder, ast.If | ast.IfExp) and field == "test":
        yield ast.Constant(True)
        yield ast.Constant(False)
    if field == "ifs":
        yield ast.Constant(True)
    match node:
        case ast.Compare(ops=[op]) if type(op) in SHIFTED:
            yield _changed(node, ops=[SHIFTED[type(op)]()])
        case ast.BoolOp(values=values):
            rests = [values[:i] + values[i + 1 :] for i in range(len(values))]
            yield from (_changed(node, values=rest) if rest[1:] else rest[0] for rest in rests)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield operand
        case ast.BinOp(op=op) | ast.AugAssign(op=op) if type(op) in SHIFTED:
            yield _changed(node, op=SHIFTED[type(op)]())
        case ast.Constant(value=bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(value=int() as value):
            yield from (ast.Constant(value + 1), ast.Constant(value - 1))
        case ast.Constant(value=float() as value):
            yield ast.Constant(value * 2)
        case ast.Constant(value=str() as value) if isinstance(holder, ast.Compare):
            yield ast.Constant(f"{value} ")
        case ast.Tuple(elts=words) | ast.List(elts=words) | ast.Set(elts=words) if len(words) > 1 and all(
            isinstance(word, ast.Constant) and isinstance(word.value, str) for word in words
        ):
            yield from (_changed(node, elts=words[:i] + words[i + 1 :]) for i in range(len(words)))
        case ast.Call():
            yield from _calls(node)
        case ast.Return(value=ast.Constant(value=None | False)):
            pass  # None is as false as False
        case ast.Return(value=None) | ast.Continue() | ast.Break() | ast.Raise():
            yield ast.Pass()
        case ast.Return():
            yield ast.Return(None)
        case ast.Expr() | ast.AugAssign() | ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
            yield ast.Pass()
    if isinstance(node, ast.AugAssign):
        yield ast.Pass()


def _calls(call: ast.Call) -> Iterator[ast.AST]:
    match call.func:
        case ast.Name(id=name) if name in SWAPPED:
            yield _changed(call, func=ast.Name(SWAPPED[name], ast.Load()))
        case ast.Name(id="sorted" | "list" | "set" | "frozenset") if call.args:
            yield call.args[0]
        case ast.Attribute(value=ast.Name(id="re")):
            yield from _patterns(call)
        case ast.Attribute(value=value, attr=name) if name in SWAPPED:
            yield _changed(call, func=ast.Attribute(value, SWAPPED[name], ast.Load()))
        case ast.Attribute(value=value, attr=name) if name in NEEDLESS:
            yield value
    for keyword in call.keywords:
        yield _changed(call, keywords=[other for other in call.keywords if other is not keyword])


def _patterns(call: ast.Call) -> Iterator[ast.AST]:
    if call.args[1:] and "re." in ast.unparse(call.args[-1]):
        yield _changed(call, args=call.args[:-1])
    for number, piece in enumerate(ast.walk(call.args[0])):
        if isinstance(piece, ast.Constant) and isinstance(piece.value, str):
            for part in _PARTS.finditer(piece.value):
                left = piece.value[: part.start(1)] + piece.value[part.end(1) :]
                with suppress(re.error):
                    if isinstance(call.args[0], ast.Constant):
                        re.compile(left)
                    new = deepcopy(call)
                    list(ast.walk(new.args[0]))[number].value = left
                    yield new


def _changed(node: ast.AST, **fields) -> ast.AST:
    """A node as it is but for some fields."""
    return type(node)(**{**dict(ast.iter_fields(node)), **fields})
