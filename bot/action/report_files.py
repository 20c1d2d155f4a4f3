"""Reads the reports that other jobs made: none is believed before it is validated.

A name may be a pattern, since a job does not know how many others there were.
"""

import json
from collections.abc import Sequence
from glob import has_magic
from pathlib import Path

from bot.errors import InputError, describe_cause
from bot.model.image_list import ExpectedImage
from bot.model.report import Report
from bot.report.document.image_matrix import read_matrix
from bot.report.document.report_document import from_document

# A matrix has at most 256 jobs, and a workflow may have several.
MAX_FILES = 1_000
_MAX_REPORT_BYTES = 20_000_000  # a report of two hundred images has one or two million
_MAX_TOTAL_BYTES = 100_000_000
_MAX_PLAN_BYTES = 20_000_000


def names_parts(names: Sequence[str]) -> bool:
    """Return True for several files, or a pattern: the parts of one report."""
    return len(names) > 1 or any(map(has_magic, names))


def find_report_files(folder: Path, names: Sequence[str]) -> list[Path]:
    """Return the files of names and patterns, each once; a pattern may match none.

    A file that is there is meant, whatever its name looks like.
    """
    paths = [path for name in names for path in _expand(folder, name)]
    if len(paths) > MAX_FILES:
        raise InputError(f"There are more than {MAX_FILES:,} reports to merge.")
    return list(dict.fromkeys(paths))


def _expand(folder: Path, name: str) -> list[Path]:
    path = folder / name
    if not has_magic(name) or path.exists():
        return [path]
    # `Path.glob` takes relative patterns only.
    root = Path(path.anchor) if Path(name).is_absolute() else folder
    return sorted(root.glob(name.removeprefix(path.anchor)))


def read_reports(paths: Sequence[Path]) -> list[Report]:
    """Read the parts of a report; InputError for the first that cannot be used."""
    reports, total = [], 0
    for path in paths:
        content = _read_file(path, _MAX_REPORT_BYTES, "report")
        total += len(content)
        if total > _MAX_TOTAL_BYTES:
            raise InputError(f"The reports have more than {_MAX_TOTAL_BYTES:,} bytes together.")
        reports.append(_parse_report(path, content))
    return reports


def _parse_report(path: Path, content: bytes) -> Report:
    try:
        return from_document(json.loads(content))
    except (ValueError, ArithmeticError, RecursionError) as problem:
        what = f"The report {path} cannot be used."
        raise InputError(what, str(problem), "pass files that `review` wrote") from problem


def read_plan(path: Path) -> tuple[ExpectedImage, ...]:
    """Read the images that reports must have; InputError if the file is no plan."""
    try:
        return read_matrix(_read_file(path, _MAX_PLAN_BYTES, "plan"))
    except ValueError as problem:
        fix = "pass the output of `image-size-review images --format json`"
        raise InputError(f"The plan {path} cannot be used.", str(problem), fix) from problem


def _read_file(path: Path, limit: int, kind: str) -> bytes:
    try:
        with path.open("rb") as file:
            # One more than allowed, so that a longer file is noticed without its size being
            # believed.
            content = file.read(limit + 1)
    except OSError as problem:
        # The system's message has the path.
        fix = "check `report`" if kind == "report" else "check `--expect`"
        raise InputError(f"The {kind} cannot be read.", describe_cause(problem), fix) from problem
    if len(content) > limit:
        raise InputError(f"The {kind} {path} is larger than {limit:,} bytes.")
    return content
