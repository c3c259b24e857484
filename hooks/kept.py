"""What was worked out before from the very same content: a preview works out only what an edit changed.

In memory, never on disk: a new process begins with nothing, so that other code, another engine or another
library can never meet an old result. What a whole build did not ask for is forgotten with the next.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import sys
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from itertools import islice
from typing import Any

from progress import told

# What the processes inherit that work ahead: pages of MkDocs cannot be sent to them.
_ahead: tuple[Kept, Sequence[Callable[[], Any]]]


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

    def ahead(self, works: Sequence[Callable[[], Any]], what: str, tell: Callable[[str], Any]) -> None:
        """Do works that will be asked for, all cores at once, and keep what they keep.

        Nothing else of them comes back, and nothing at all of one that fails: it is done again when it is
        asked for. On Linux only, for elsewhere a process cannot be split in two safely; and only by the
        first build, since a later one is a preview's, which serves meanwhile and has little to do.
        """
        global _ahead
        cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1
        if cores == 1 or self._before or not works:
            return
        _ahead = self, works
        fork = multiprocessing.get_context("fork")
        with suppress(BrokenProcessPool), ProcessPoolExecutor(min(cores, len(works)), fork) as processes:
            results = processes.map(_done, range(len(works)))
            for _ in told(works, what, tell):
                sent = next(results)
                with suppress(Exception):  # not everything that can be sent can be received
                    self._now |= pickle.loads(sent)


def _done(place: int) -> bytes:
    """What one of the works keeps; nothing where it fails, for the build will meet the failure itself."""
    kept, works = _ahead
    known = len(kept._now)
    try:
        works[place]()
        return pickle.dumps(dict(islice(kept._now.items(), known, None)))
    except Exception:
        return pickle.dumps({})
