"""The config of an image: its platform, its history, and the diff IDs of its layers."""

from dataclasses import dataclass
from typing import Any

from bot.image.archives.descriptor import compute_digest
from bot.image.archives.json_document import (
    get_field,
    get_texts,
    parse_json,
    raising_unreadable,
)
from bot.image.archives.platforms import format_platform
from bot.image.layers.streams import Unreadable

# Of the OCI image specification (annotations.md); the same name for labels.
REVISION_LABEL = "org.opencontainers.image.revision"


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """An entry of the image's history."""

    created_by: str
    is_empty_layer: bool


@dataclass(frozen=True, slots=True)
class ImageConfig:
    """The parsed config of an image; the digest of its bytes is the image ID.

    `triggers` are the instructions that `ONBUILD` keeps for builds on this image, and `revision` is
    the commit that its labels name.
    """

    image_id: str
    platform: str
    diff_ids: tuple[str, ...]
    history: tuple[HistoryEntry, ...]
    triggers: tuple[str, ...] = ()
    revision: str = ""


def parse_config(data: bytes) -> ImageConfig:
    """Read the config of an image; raise Unreadable if it is none."""
    document = parse_json(data, "the image's config")
    with raising_unreadable("the image's config"):
        # Helm charts and other OCI artifacts have configs too, but no layers of a file system.
        if "rootfs" not in document:
            raise Unreadable("it is not a container image: its config names no layers")
        return ImageConfig(
            image_id=compute_digest(data),
            platform=format_platform(document),
            diff_ids=get_texts(document["rootfs"], "diff_ids"),
            history=tuple(map(_parse_history_entry, get_field(document, "history", []))),
            triggers=get_texts(get_field(document, "config", {}), "OnBuild"),
            revision=read_revision(get_field(get_field(document, "config", {}), "Labels", {})),
        )


def read_revision(labels: Any) -> str:
    """Return the commit that labels or annotations name; empty without one."""
    return str(get_field(labels, REVISION_LABEL, ""))


def _parse_history_entry(entry: Any) -> HistoryEntry:
    # `docker import` writes a comment alone, "Imported from -" (docker-history(1)).
    text = get_field(entry, "created_by", "") or get_field(entry, "comment", "")
    return HistoryEntry(text, get_field(entry, "empty_layer", False))  # noqa: FBT003
