"""Reports on existing images, kept between runs.

Neither an image nor the report of one version of this program on it ever changes. So a report is
stored under the IDs of its images, the options that it was made with, and the program's version.
A file that fails its checks counts as missing.
"""

import hashlib
import json
import os
import platform
from collections.abc import Mapping
from pathlib import Path

from bot import __version__
from bot.adapters.cache.folder import CacheFolder, find_cache_folder
from bot.model.report import ImageState, Report

_DIGEST_BYTES = 32  # a SHA-256 precedes every stored report


class ReportCache:
    """Reports in a folder, each under the hash of a key."""

    def __init__(self, folder: Path) -> None:
        self._folder = CacheFolder(folder / "reports")

    def load(self, key: tuple[object, ...]) -> Report | None:
        """Return the report with this key, redacted; None if there is none, or it is damaged."""
        try:
            data = self._folder.read(_hash_key(key))
            digest, body = data[:_DIGEST_BYTES], data[_DIGEST_BYTES:]
            # Against damage, not against an attacker, who can compute it as well.
            if hashlib.sha256(body).digest() != digest:
                return None
            from bot.report.document.report_document import from_document

            return from_document(json.loads(body))
        except (OSError, ValueError, RecursionError):
            return None

    def save(self, key: tuple[object, ...], report: Report) -> None:
        """Store a report, unless an image could not be measured: the next try may succeed."""
        if any(image.state is ImageState.MEASURE_FAILED for image in report.images):
            return
        from bot.redaction import redact_report
        from bot.report.document.report_document import render_json

        body = render_json(redact_report(report)).encode()
        self._folder.write(_hash_key(key), hashlib.sha256(body).digest() + body)


def open_report_cache(environment: Mapping[str, str]) -> ReportCache | None:
    """Return the reports of earlier runs; None where the user has switched the cache off."""
    folder = find_cache_folder(environment)
    return ReportCache(folder) if folder else None


def _hash_key(key: tuple[object, ...]) -> str:
    # The machine, since `measure` picks the image of its platform.
    parts = [key, platform.machine(), __version__, _get_newest_source_mtime_ns()]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _get_newest_source_mtime_ns() -> int:
    """Return the time of the last change to this program, in nanoseconds.

    A working copy keeps its version while its code changes.
    """
    files = (
        Path(folder, name)
        for folder, _, names in os.walk(Path(__file__).parents[2])
        for name in names
        if "__pycache__" not in folder
    )
    return max(file.stat().st_mtime_ns for file in files)
