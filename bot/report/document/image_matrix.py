"""The images that would be reviewed as a GitHub matrix: `matrix: ${{ fromJSON(…) }}`.

GitHub takes every other key beside `include` for an axis, so that there is none. It is read again
as the plan that the reports of the jobs are held to.
"""

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from bot.model.image_identity import ImageIdentity
from bot.model.image_list import ExpectedImage, ListedImage

_MAX_IMAGES = 100_000  # a plan is a file of another job, as a report is


def render_matrix(images: Sequence[ListedImage], *, indent: int | None = 2) -> str:
    """Render a job for each image, or for each shard; `images` is what the input takes."""
    is_sharded = any(image.shard for image in images)
    # The input `images` takes names: of two images with one name, a job has both.
    entries = _list_shards(images) if is_sharded else map(_make_entry, range(len(images)), images)
    return json.dumps({"include": list(entries)}, indent=indent)


def read_matrix(text: str | bytes) -> tuple[ExpectedImage, ...]:
    """Return the images of a matrix in the order of a report; ValueError if it is no matrix."""
    document = _parse(text)
    if not isinstance(document, dict) or not isinstance(document.get("include"), list):
        raise ValueError("it has no list `include`")
    members = [member for entry in document["include"] for member in _list_members(entry)]
    if len(members) > _MAX_IMAGES:
        raise ValueError(f"it has more than {_MAX_IMAGES:,} images")
    # Shards come one after the other, and have images from everywhere.
    members.sort(key=_read_position)  # stable: a plan without positions keeps its order
    return tuple(map(_read_image, members))


def _parse(text: str | bytes) -> Any:
    try:
        return json.loads(text)
    except RecursionError as problem:
        raise ValueError("it is nested too deeply") from problem


def _list_members(entry: Any) -> list[dict[str, Any]]:
    """Return the descriptions of an entry: of a shard's images, or of the only one."""
    members = entry.get("contents", [entry]) if isinstance(entry, dict) else [entry]
    if not isinstance(members, list) or not all(isinstance(member, dict) for member in members):
        raise ValueError("an entry of `include` is not that of an image or a shard")
    return members


def _read_position(member: dict[str, Any]) -> int:
    position = member.get("position", 0)
    if not isinstance(position, int):
        raise ValueError("the `position` of an image is not a number")
    return position


def _read_image(member: dict[str, Any]) -> ExpectedImage:
    for key in ("name", "dockerfile", "context", "title"):
        if not isinstance(member.get(key), str):
            raise ValueError(f"an image has no `{key}`")
    for key in ("target", "platform"):
        if not isinstance(member.get(key), str | None):
            raise ValueError(f"the `{key}` of an image is not a text")
    identity = ImageIdentity(member["name"], member["dockerfile"], member.get("platform"))
    # An image that a review would warn of is not known to be well.
    is_well = member.get("affected") is False and member.get("warnings") == []
    return ExpectedImage(
        identity, member["context"], member.get("target"), member["title"], may_be_absent=is_well
    )


def _make_entry(position: int, image: ListedImage) -> dict[str, Any]:
    return {"images": image.spec.name, **_describe(position, image)}


def _list_shards(images: Sequence[ListedImage]) -> Iterator[dict[str, Any]]:
    # groupby joins neighbours alone.
    ordered = sorted(enumerate(images), key=lambda item: item[1].shard or 0)
    for shard, group in groupby(ordered, key=lambda item: item[1].shard):
        members = list(group)
        yield {
            "shard": shard,
            "images": "\n".join(dict.fromkeys(image.spec.name for _, image in members)),
            "contents": [_describe(position, image) for position, image in members],
        }


def _describe(position: int, image: ListedImage) -> dict[str, Any]:
    spec = image.spec
    return {
        "name": spec.name,
        "title": spec.shown_name,
        "position": position,
        "dockerfile": spec.dockerfile,
        "context": spec.context,
        "context_source": spec.context_source.value,
        "context_reason": spec.context_reason or None,
        "target": spec.target,
        "platform": spec.platform,
        "state": image.state.value,
        "affected": image.is_affected,
        "based_on": list(image.based_on),
        "warnings": list(image.warnings),
        "limits": [
            {"name": limit.name, "value": limit.value, "source": limit.source}
            for limit in image.limits
        ],
    }
