"""Sizes of images at commits, kept between runs of a search that takes many builds.

What a build takes from outside changes with time, so that a size counts for some days only. A file
that fails its checks counts as missing.
"""

import time
from collections.abc import Mapping
from pathlib import Path

from bot.adapters.cache.folder import CacheFolder, find_cache_folder
from bot.line.commit_builds import Measurement
from bot.records.image_detail import parse_detail
from bot.records.record import Record
from bot.records.record_reader import read_record
from bot.records.record_writer import render_record

_MAX_AGE_S = 7 * 86_400


class FolderMeasurements:
    """The port `MeasurementStore` on a folder of the cache; without one, nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = CacheFolder(folder / "commits-v2") if folder else None

    def load(self, key: str) -> Measurement | None:
        """Return what was measured; None if there is nothing, or it is too old to compare."""
        if self._folder is None:
            return None
        try:
            header, _, content = self._folder.read(key).partition(b"\n")
            made_at, length = map(int, header.split())
            # Not of the future either: a clock that was set back would keep a size for ever.
            if not 0 <= time.time() - made_at <= _MAX_AGE_S:
                return None
            record = read_record(content[:length])
            detail = content[length:]
            image = parse_detail(detail, record) if detail else None
            return Measurement(record, image)
        except (OSError, ValueError):
            return None

    def save(self, key: str, record: Record, detail: bytes) -> None:
        """Keep a record, and the detail of its image, with the time."""
        if self._folder is not None:
            content = render_record(record)
            header = f"{int(time.time())} {len(content)}\n".encode("ascii")
            self._folder.write(key, header + content + detail)


def open_measurements(environment: Mapping[str, str]) -> FolderMeasurements:
    """Return the sizes of earlier runs."""
    return FolderMeasurements(find_cache_folder(environment))
