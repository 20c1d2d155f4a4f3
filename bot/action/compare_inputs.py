"""The inputs that name images which were built elsewhere: `image`, `base-image`, `images`."""

import re
from collections.abc import Iterator, Mapping
from itertools import zip_longest

from bot.line.comparison_subjects import ComparedImage


def split_list(text: str) -> tuple[str, ...]:
    """Return the items of a list that commas or newlines separate."""
    return tuple(item.strip() for item in re.split(r"[,\n]", text) if item.strip())


def pair_images(values: Mapping[str, str]) -> tuple[ComparedImage, ...]:
    """Return the images of the inputs, each with the one to compare it with, line by line."""
    images, bases = (split_list(values[name]) for name in ("image", "base-image"))
    # Without images to compare, the same input selects images of the repository.
    names = split_list(values["images"]) if images else ()
    triples = zip_longest(images, bases[: len(images)], names[: len(images)])
    return tuple(ComparedImage(image, base, name) for image, base, name in triples)


def find_compare_mistakes(values: Mapping[str, str], *, verifies: bool) -> Iterator[str]:
    """Yield the mistakes in the inputs of `mode: compare`, and in these in another mode."""
    mode = values["mode"].lower()
    images, bases, names = (split_list(values[name]) for name in ("image", "base-image", "images"))
    if mode == "compare" and not images:
        yield "image: it is missing; `mode: compare` compares the image that it names"
    is_publishing = mode == "publish" or values["report"]
    if mode != "compare" and not is_publishing and (images or bases):
        name = "image" if images else "base-image"
        yield f"{name}: it needs `mode: compare`; a review builds its images itself"
    if bases and images and len(bases) != len(images):
        yield f"base-image: it has {len(bases)} images for the {len(images)} of `image`"
    if mode != "compare":
        return
    if names and images and len(names) != len(images):
        yield f"images: it has {len(names)} names for the {len(images)} images of `image`"
    if verifies:
        yield "verify-suggestions: `mode: compare` builds and starts nothing; leave it out"
    if len(images) > 1 and (values["dockerfile"] or values["context"] or values["target"]):
        yield "dockerfile: it is for one image; name images of the configuration with `images`"
