"""The hidden last lines of a comment: what a later run needs to know of this one.

The record has numbers and digests alone, so that no text of a pull request is in it. The stored
report is the one before its approval, for an event that changes labels and no commit.
"""

import base64
import json
import lzma
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.model.approval import ApprovalRecord, CommentRecord, GrowthAtCommit
from bot.model.metric import Metric
from bot.model.report import Report
from bot.report.document.report_document import from_document, to_document
from bot.report.formats.comment_marker import read_marker
from bot.report.formats.compact_report import list_smaller_forms
from bot.report.formats.json_columns import from_columns, to_columns

_RECORD = re.compile(r"^<!-- image-size-review record=(\{[^<>]*\}) -->\r?$", re.MULTILINE)
_REPORT = re.compile(
    r"^<!-- image-size-review report=([0-9a-f]{16}):([A-Za-z0-9+/=]+) -->\r?$", re.MULTILINE
)
_SHA = re.compile(r"[0-9a-f]{7,64}")
_DIGEST = re.compile(r"[0-9a-f]{16}")
_METRICS = tuple(Metric)  # the order of an image's numbers
_MAX_RECORDED_IMAGES = 100  # 60 characters each
_MAX_REPORT_CHARACTERS = 38_000  # a hundred images that changed; the page has the rest
_MAX_REPORT_BYTES = 5_000_000
_MAX_MEMORY_BYTES = 64 << 20
_PRESET = 6 | lzma.PRESET_EXTREME
_READ_ERRORS = (
    ArithmeticError,
    EOFError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
    lzma.LZMAError,
)


def render_record(record: CommentRecord) -> str:
    """Return the line with the record; the images that grew most are kept."""
    document = {"step": record.step, **_write_growth(record.current)}
    if record.approval:
        given_at = record.approval.given_at
        document["approval"] = {
            "event": record.approval.event_id,
            "head": given_at.head_sha,
            **_write_growth(given_at),
        }
    return f"<!-- image-size-review record={json.dumps(document, separators=(',', ':'))} -->"


def read_record(body: str) -> CommentRecord | None:
    """Read the record of a comment; None if it has none, or none that is well-formed."""
    marker, lines = read_marker(body), _RECORD.findall(body)
    # The last line: text of a pull request above it may look like a record, as it is shown.
    if marker is None or not lines:
        return None
    try:
        document = json.loads(lines[-1])
        approval = document.get("approval")
        return CommentRecord(
            _read_growth(document, marker.head_sha),
            ApprovalRecord(
                _read_integer(approval["event"]), _read_growth(approval, approval["head"])
            )
            if approval
            else None,
            step=_read_digest(document["step"]),
        )
    # People may edit a comment: without a record, an approval is asked for once more.
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def list_stored_reports(report: Report, review: str) -> Iterator[str]:
    """Yield the line with the report, then with less and less of it, as far as a comment has room.

    `review` is a digest of what made the report besides its commits, of sixteen hexadecimal digits.
    """
    for form in list_smaller_forms(report):
        text = json.dumps(to_columns(to_document(form)), separators=(",", ":")).encode()
        packed = lzma.compress(text, check=lzma.CHECK_NONE, preset=_PRESET)
        line = f"<!-- image-size-review report={review}:{base64.b64encode(packed).decode()} -->"
        if len(line) <= _MAX_REPORT_CHARACTERS and len(text) <= _MAX_REPORT_BYTES:
            yield line


def read_stored_report(body: str, head_sha: str, review: str) -> Report | None:
    """Read the report that a comment stores about a commit and of a review, by its digest.

    None if the comment has none that is valid.
    """
    marker, lines = read_marker(body), _REPORT.findall(body)
    if marker is None or marker.head_sha != head_sha or not lines:
        return None
    digest, packed = lines[-1]
    if digest != review:
        return None
    try:
        # At most so much: a few kilobytes can unpack to gigabytes. What was cut is no JSON.
        decompressor = lzma.LZMADecompressor(lzma.FORMAT_XZ, _MAX_MEMORY_BYTES)
        text = decompressor.decompress(base64.b64decode(packed), _MAX_REPORT_BYTES)
        return from_document(from_columns(json.loads(text)))
    except _READ_ERRORS:
        return None


def _write_growth(at_commit: GrowthAtCommit) -> dict[str, Any]:
    largest = sorted(at_commit.growth.items(), key=lambda item: (-max(item[1].values()), item[0]))
    return {
        "growth": {
            name: [growth[metric] for metric in _METRICS if metric in growth]
            for name, growth in largest[:_MAX_RECORDED_IMAGES]
        },
        "unmeasured": sorted(at_commit.unmeasured)[:_MAX_RECORDED_IMAGES],
    }


def _read_growth(data: Mapping[str, Any], head_sha: str) -> GrowthAtCommit:
    if not _SHA.fullmatch(head_sha):
        raise ValueError("the record names no commit")
    return GrowthAtCommit(
        head_sha,
        {_read_digest(name): _read_numbers(numbers) for name, numbers in data["growth"].items()},
        frozenset(_read_digest(name) for name in data["unmeasured"]),
    )


def _read_numbers(numbers: Sequence[object]) -> dict[Metric, int]:
    """Read the growth of an image by each metric; an older record lacks the last one."""
    if len(numbers) not in (len(_METRICS) - 1, len(_METRICS)):
        raise ValueError("a growth of the record has not one number a metric")
    return dict(zip(_METRICS, map(_read_integer, numbers), strict=False))


def _read_digest(name: str) -> str:
    if not _DIGEST.fullmatch(name):
        raise ValueError("a digest of the record is none")
    return name


def _read_integer(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError("a number of the record is none")
    return value
