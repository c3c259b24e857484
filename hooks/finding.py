"""What a rule has to say, and the two ways it is printed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

# What GitHub obeys in a log: `::command::` where a line begins, `##[command]` anywhere.
_COMMAND = re.compile(r"\A\s*:(?=:)|##\[")


def printable(text: str) -> str:
    """Text with control, bidirectional and other invisible characters spelt out.

    A page can hold an escape sequence or a right-to-left override; a message that
    repeats it must not be able to rewrite the terminal it is shown on, nor to command
    the machine of the host that keeps what is printed as a log.
    """
    shown = "".join(c if c.isprintable() else _spelt(c) for c in text)
    return _COMMAND.sub(lambda mark: mark[0][:-1] + _spelt(mark[0][-1]), shown)


def _spelt(character: str) -> str:
    return f"\\u{{{ord(character):x}}}"


def shorten(text: str, limit: int = 70) -> str:
    """Text cut to `limit` characters on one line, for use inside a message."""
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


# What a rule yields: line, what is wrong, how to mend it, and lines of evidence where it has some.
Problem = tuple[int, str, str] | tuple[int, str, str, tuple[str, ...]]


def rule_id(rule: Callable) -> str:
    """A rule's id, from its function's name: check_path_unguarded -> path-unguarded."""
    return rule.__name__.removeprefix("check_").replace("_", "-")


@dataclass(frozen=True, order=True)
class Finding:
    """One defect: where it is, which law it breaks, the evidence and the cure."""

    path: str
    line: int
    rule: str
    message: str
    fix: str
    evidence: tuple[str, ...] = ()

    def as_text(self) -> str:
        """The message grammar: path, line, rule, what is wrong; evidence; fix."""
        proof = [f"    {printable(line)}" for line in self.evidence]
        return "\n".join([self._head(), *proof, f"  Fix: {printable(self.fix)}"])

    def as_line(self) -> str:
        """The same on one line, as an editor's list of problems takes it."""
        return " ".join([self._head(), *map(printable, self.evidence), f"Fix: {printable(self.fix)}"])

    def _head(self) -> str:
        return f"{printable(self.path)}:{self.line}: {self.rule}: {printable(self.message)}"

    def as_github(self, level: str = "error") -> str:
        """The same as a GitHub workflow command, which annotates the line in a pull request."""
        body = "\n".join([self.message, *self.evidence, f"Fix: {self.fix}"])
        where = f"file={_property(self.path)},line={self.line},title={_property(self.rule)}"
        return f"::{level} {where}::{_data(body)}"


def findings(rule: Callable, path: str, problems: Iterable[Problem]) -> Iterator[Finding]:
    """A rule's problems on a page as findings, which also bear the path and the rule's id."""
    for line, message, fix, *evidence in problems:
        yield Finding(path, line, rule_id(rule), message, fix, *evidence)


def _data(text: str) -> str:
    kept = "\n".join(printable(line) for line in text.split("\n"))
    return kept.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
