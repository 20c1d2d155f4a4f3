"""Reports about images that exist, kept from one run to the next.

Neither an image nor what one version of this program says of it ever changes, so a report is kept by
the images' IDs, what was asked, and the program itself. Whatever fails its checks is not there.
"""

import hashlib
import json
import os
import platform
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import cast

from bot import __version__
from bot.adapters.cache.folder import CacheFolder, find_cache_folder
from bot.model.report import ImageState, Report
from bot.redaction import redact_report

_DIGEST_BYTES = 32


class ReportCache:
    """Kept reports, each under a key that says what it answers."""

    def __init__(self, folder: Path) -> None:
        """Makes nothing before there is something to keep."""
        self._folder = CacheFolder(folder / "reports")

    def load(self, key: tuple[object, ...]) -> Report | None:
        """The report that answers what is asked; None if it is not kept, or damaged."""
        try:
            data = self._folder.read(_hash_key(key))
            digest, body = data[:_DIGEST_BYTES], data[_DIGEST_BYTES:]
            if hashlib.sha256(body).digest() != digest:
                return None
            # Imported once there is something to check: it takes longer than to measure a small image.
            read = import_module("bot.report.document.reader").from_document
            return cast(Report, read(json.loads(body)))
        except (OSError, ValueError):
            return None

    def save(self, key: tuple[object, ...], report: Report) -> None:
        """Keeps a report, unless it is of a failure: that may not happen again."""
        if any(image.state is ImageState.MEASURE_FAILED for image in report.images):
            return
        body = (
            import_module("bot.report.document.writer").render_json(redact_report(report)).encode()
        )
        self._folder.write(_hash_key(key), hashlib.sha256(body).digest() + body)


def open_report_cache(environment: Mapping[str, str]) -> ReportCache | None:
    """The reports of earlier runs; None where nothing is to be kept."""
    folder = find_cache_folder(environment)
    return ReportCache(folder) if folder else None


def _hash_key(key: tuple[object, ...]) -> str:
    told = json.dumps([key, platform.machine(), __version__, _get_newest_source_mtime_ns()])
    return hashlib.sha256(told.encode()).hexdigest()


def _get_newest_source_mtime_ns() -> int:
    """When this program was changed last: one that is being worked on keeps its version."""
    folders = os.walk(Path(__file__).parents[2])
    files = (
        Path(at, name) for at, _, names in folders for name in names if "__pycache__" not in at
    )
    return max(file.stat().st_mtime_ns for file in files)
