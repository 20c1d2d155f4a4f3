"""Records in tests: `recorded("api", "110MB")` is one that our own writer makes."""

from dataclasses import replace
from typing import Any

from bot.model.image import Image
from bot.model.image_identity import ImageIdentity
from bot.model.report import ImageState
from bot.records.record import Record
from bot.records.record_writer import make_record
from tests.support.image_world import compared, image

COMMIT = "c0ffee" * 6 + "c0de"
DATE = "2026-11-26T15:52:50Z"


def measured(size: str, **fields: Any) -> Image:
    """Build an image with a layer of `size`, and 10 MB in others."""
    world = f"FROM alpine:3.20 8MB / RUN apt 2MB waste 1MB (deb gcc 12 2MB) / COPY . {size}"
    return replace(image(world), image_id="sha256:" + "ab" * 32, **fields)


def recorded(
    name: str = "api",
    size: str = "110MB",
    commit: str = COMMIT,
    date: str = DATE,
    renamed_from: str = "",
    **fields: Any,
) -> Record:
    """Build the record of an image of `size` and 10 MB more; `fields` are fields of it."""
    old = ImageIdentity(renamed_from, "Dockerfile") if renamed_from else None
    report = compared(None, measured(size), name=name, state=ImageState.NEW, renamed_from=old)
    record = make_record(report, commit, date)
    assert record is not None
    return replace(record, **fields)
