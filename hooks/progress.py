"""A line on how far it has come, for whoever waits longer than two seconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

PATIENCE = 2  # seconds


def told(items: Sequence, what: str, tell: Callable[[str], Any]) -> Iterator:
    """The items one by one; every two seconds tells how many of them are done."""
    said = time.monotonic()
    for done, item in enumerate(items):
        if time.monotonic() - said >= PATIENCE:
            said = time.monotonic()
            tell(f"{done} of {len(items)} {what} …")
        yield item
