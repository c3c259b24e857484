"""Pictures of a rendered page get their size, and come when they are near: nothing moves when they do."""

from __future__ import annotations

import re
import struct
from pathlib import Path

_PICTURE = re.compile(r'<img\b(?![^>]*\bwidth=)([^>]*?\bsrc="([^":]+\.(?:svg|png))"[^>]*?) ?/?>')
_LENGTH = r"(\d{1,5}(?:\.\d+)?)"
_SIZE = re.compile(rf'<svg\b[^>]*?\bviewBox="[\d.-]+[ ,]+[\d.-]+[ ,]+{_LENGTH}[ ,]+{_LENGTH}"')


def with_sizes(html: str, page: str, docs: Path) -> str:
    """The page's HTML; `page` is its address in the site, from which pictures are named."""

    def sized(match: re.Match) -> str:
        file = (docs / page / match.group(2)).resolve()
        size = _size(file) if file.is_relative_to(docs.resolve()) and file.is_file() else None
        if not size:
            return match.group(0)
        return f'<img{match.group(1)} width="{size[0]}" height="{size[1]}" loading="lazy">'

    return _PICTURE.sub(sized, html)


def _size(file: Path) -> tuple[int, int] | None:
    if file.suffix == ".png":
        head = file.read_bytes()[:24]
        return struct.unpack(">8x8xII", head) if len(head) == 24 else None  # a preview shows bad ones, too
    match = _SIZE.search(file.read_text(encoding="utf-8"))
    return (round(float(match.group(1))), round(float(match.group(2)))) if match else None
