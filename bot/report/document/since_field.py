"""The field `since` of an audit: which commits changed the sizes, as JSON."""

from collections.abc import Mapping
from typing import Any

from bot.model.image_identity import ImageIdentity
from bot.model.since import (
    ImageSizes,
    MovedSource,
    RangeReason,
    SinceFacts,
    SizeChange,
    SizePoint,
    UnexaminedRange,
    WalkedCommit,
)
from bot.report.document.json_types import Document, JsonObject, read_integer

_RECORDED, _MEASURED = "recorded", "measured"


def write_since(since: SinceFacts | None) -> Document:
    """Write the field; nothing for a report that did not ask for it."""
    if since is None:
        return {}
    return {
        "since": {
            "ref": since.since,
            "start": _write_commit(since.start),
            "walked": since.commits,
            "all": since.covers_all,
            "interrupted": since.is_interrupted,
            "problem": since.problem or None,
            "builds": since.builds,
            "recorded": since.recorded,
            "reused": since.reused,
            "commits": [_write_change(change) for change in since.changes],
            "moved": [_write_move(move) for move in since.moved],
            "unexamined": [_write_range(part) for part in since.unexamined],
            "images": [_write_sizes(image) for image in since.images],
        }
    }


def read_since(document: JsonObject) -> SinceFacts | None:
    """Read the field; None for a report without it."""
    data = document.get("since")
    if data is None:
        return None
    # The net change of an image is not read: it is that of its oldest and newest size.
    return SinceFacts(
        data["ref"],
        _read_commit(data["start"]),
        int(data["walked"]),
        images=tuple(map(_read_sizes, data["images"])),
        changes=tuple(map(_read_change, data["commits"])),
        moved=tuple(map(_read_move, data["moved"])),
        unexamined=tuple(map(_read_range, data["unexamined"])),
        builds=int(data["builds"]),
        recorded=int(data["recorded"]),
        reused=int(data["reused"]),
        covers_all=data["all"],
        is_interrupted=data["interrupted"],
        problem=data.get("problem") or "",
    )


def sum_parts(since: SinceFacts, image: ImageSizes) -> int:
    """Return what the parts of an image's net change add up to."""
    return (
        sum(change.bytes for change in since.changes if change.image == image.image)
        + sum(move.bytes for move in since.moved if move.image == image.image)
        # Without a number at one of its ends, nobody knows what a range holds; then the net change
        # is unknown, too.
        + sum(part.bytes or 0 for part in since.unexamined if part.image == image.image)
    )


def _write_image(image: ImageIdentity) -> Document:
    return {"image": image.name, "dockerfile": image.dockerfile, "platform": image.platform}


def _read_image(data: Mapping[str, Any]) -> ImageIdentity:
    return ImageIdentity(data["image"], data["dockerfile"], data["platform"])


def _write_commit(commit: WalkedCommit) -> Document:
    return {
        "sha": commit.sha,
        "date": commit.date,
        "author": commit.author,
        "subject": commit.subject,
        "pull_request": commit.pull_request,
    }


def _read_commit(data: Mapping[str, Any]) -> WalkedCommit:
    return WalkedCommit(
        data["sha"],
        data["date"],
        data["author"],
        data["subject"],
        read_integer(data["pull_request"]),
    )


def _write_change(change: SizeChange) -> Document:
    return {
        **_write_commit(change.commit),
        **_write_image(change.image),
        "delta_bytes": change.bytes,
        "line": change.line_start,
        "line_end": change.line_end,
        "text": change.text,
        "owner": change.owner or None,
        "owner_kind": change.owner_kind or None,
    }


def _read_change(data: JsonObject) -> SizeChange:
    return SizeChange(
        _read_image(data),
        _read_commit(data),
        int(data["delta_bytes"]),
        read_integer(data["line"]),
        read_integer(data["line_end"]),
        data["text"],
        data["owner_kind"] or "",
        data["owner"] or "",
    )


def _write_move(move: MovedSource) -> Document:
    return {
        **_write_image(move.image),
        "from": _write_commit(move.older),
        "to": _write_commit(move.newer),
        "delta_bytes": move.bytes,
        "owner": move.owner or None,
        "base_image": move.is_base_image,
    }


def _read_move(data: JsonObject) -> MovedSource:
    return MovedSource(
        _read_image(data),
        _read_commit(data["from"]),
        _read_commit(data["to"]),
        int(data["delta_bytes"]),
        data["owner"] or "",
        is_base_image=data["base_image"],
    )


def _write_range(part: UnexaminedRange) -> Document:
    return {
        **_write_image(part.image),
        "from": _write_commit(part.older),
        "to": _write_commit(part.newer),
        "commits": part.commits,
        "delta_bytes": part.bytes,
        "reason": part.reason.value,
        "problem": part.problem or None,
    }


def _read_range(data: JsonObject) -> UnexaminedRange:
    return UnexaminedRange(
        _read_image(data),
        _read_commit(data["from"]),
        _read_commit(data["to"]),
        int(data["commits"]),
        read_integer(data["delta_bytes"]),
        RangeReason(data["reason"]),
        data["problem"] or "",
    )


def _write_sizes(image: ImageSizes) -> Document:
    return {
        **_write_image(image.image),
        "title": image.title,
        "oldest_bytes": image.oldest_bytes,
        "newest_bytes": image.newest_bytes,
        "delta_bytes": image.change_bytes,
        "added_by": _write_commit(image.added_by) if image.added_by else None,
        "points": [
            {
                "commit": point.commit,
                "date": point.date,
                "bytes": point.bytes,
                "source": _RECORDED if point.is_recorded else _MEASURED,
            }
            for point in image.points
        ],
    }


def _read_sizes(data: JsonObject) -> ImageSizes:
    return ImageSizes(
        _read_image(data),
        data["title"],
        tuple(
            SizePoint(
                point["commit"],
                point["date"],
                int(point["bytes"]),
                point["source"] == _RECORDED,
            )
            for point in data["points"]
        ),
        read_integer(data["oldest_bytes"]),
        read_integer(data["newest_bytes"]),
        _read_commit(data["added_by"]) if data["added_by"] else None,
    )
