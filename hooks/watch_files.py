"""Wait for a file to be saved, for `check_page.py --watch`: alone to need watchdog, which MkDocs brings."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

CHANGES = {"created", "modified", "moved", "deleted"}  # to open and to read a file are events, too
READ = (".md", ".yml", ".json", ".svg")
SETTLES = 0.1  # seconds in which an editor that saves by renaming is done


class _Saved(FileSystemEventHandler):
    def __init__(self):
        self.since_last = threading.Event()

    def on_any_event(self, event: FileSystemEvent) -> None:
        names = (str(event.src_path), str(event.dest_path))
        if event.event_type in CHANGES and any(name.endswith(READ) for name in names):
            self.since_last.set()


def changes(folders: Iterable[Path]) -> Iterator[None]:
    """Yields at once, then each time after files below the folders were changed; never ends by itself."""
    saved, observer = _Saved(), Observer()
    for folder in folders:
        observer.schedule(saved, str(folder), recursive=True)
    observer.start()
    try:
        yield
        while True:
            saved.since_last.wait()
            time.sleep(SETTLES)
            saved.since_last.clear()
            yield
    finally:
        observer.stop()
        observer.join()
