"""An image's config: its platform, its history, and the layers that it must have."""

from dataclasses import dataclass
from typing import Any

from bot.image.archives.descriptor import digest_of, parse, reading
from bot.image.archives.platforms import show_platform
from bot.image.layers.streams import Unreadable


@dataclass(frozen=True, slots=True)
class History:
    """An entry of the image's history."""

    created_by: str
    empty: bool


@dataclass(frozen=True, slots=True)
class Config:
    """What the config says; its own digest is the image's ID."""

    image_id: str
    platform: str
    diff_ids: tuple[str, ...]
    history: tuple[History, ...]


def read_config(data: bytes) -> Config:
    """The config of an image; Unreadable if it is none."""
    document = parse(data, "the image's config")
    with reading("the image's config"):
        if "rootfs" not in document:
            raise Unreadable("it is no container image: its config names no layers")
        return Config(
            image_id=digest_of(data),
            platform=show_platform(document),
            diff_ids=tuple(map(str, document["rootfs"].get("diff_ids") or ())),
            history=tuple(_history(entry) for entry in document.get("history") or ()),
        )


def _history(entry: Any) -> History:
    text = entry.get("created_by") or entry.get("comment") or ""
    return History(str(text), bool(entry.get("empty_layer")))
