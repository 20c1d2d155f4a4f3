"""The images that would be reviewed as a GitHub matrix: `matrix: ${{ fromJSON(…) }}`.

GitHub takes every other key beside `include` for an axis, so that there is none.
"""

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from bot.model.image_list import ListedImage


def render_matrix(images: Sequence[ListedImage], *, indent: int | None = 2) -> str:
    """Render a job for each image, or for each shard; `images` is what the input takes."""
    is_sharded = any(image.shard for image in images)
    entries = _list_shards(images) if is_sharded else map(_make_entry, images)
    return json.dumps({"include": list(entries)}, indent=indent)


def _make_entry(image: ListedImage) -> dict[str, Any]:
    return {"images": image.spec.name, **_describe(image)}


def _list_shards(images: Sequence[ListedImage]) -> Iterator[dict[str, Any]]:
    ordered = sorted(images, key=lambda image: image.shard or 0)
    for shard, group in groupby(ordered, key=lambda image: image.shard):
        members = list(group)
        yield {
            "shard": shard,
            "images": "\n".join(dict.fromkeys(image.spec.name for image in members)),
            "contents": [_describe(image) for image in members],
        }


def _describe(image: ListedImage) -> dict[str, Any]:
    spec = image.spec
    return {
        "name": spec.name,
        "title": spec.shown_name,
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
