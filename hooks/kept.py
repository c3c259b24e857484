"""What was worked out before from the very same content: a preview works out only what an edit changed.

In memory, never on disk: a new process begins with nothing, so that other code, another engine or another
library can never meet an old result. What a whole build did not ask for is forgotten with the next.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any


class Kept:
    """Results by their key, which holds everything that they were worked out from."""

    def __init__(self):
        self._now: dict[Hashable, Any] = {}
        self._before: dict[Hashable, Any] = {}

    def begin(self) -> None:
        """A new build begins."""
        self._before, self._now = self._now, {}

    def get(self, key: Hashable, work: Callable[[], Any]) -> Any:
        """What this key gave before, or else what the work gives now."""
        if key not in self._now:
            self._now[key] = self._before[key] if key in self._before else work()
        return self._now[key]

    def forget(self, key: Hashable) -> None:
        """Let the next build work this out again."""
        self._now.pop(key, None)
