"""Images spread over jobs, so that each job has as many as the others.

Images that are built on each other stay together: the job that builds one has its base, too.
"""

from collections.abc import Sequence
from dataclasses import replace

from bot.model.image_list import ListedImage


def spread_images(images: Sequence[ListedImage], count: int) -> tuple[ListedImage, ...]:
    """Return the images with their shards: at most `count`, and none without an image."""
    loads: list[list[int]] = [[] for _ in range(count)]
    # The longest first, each to the shortest load: that leaves small ones to even the loads out.
    for chain in sorted(_list_chains(images), key=len, reverse=True):
        min(loads, key=len).extend(chain)
    numbers = {index: number for number, load in enumerate(loads, 1) for index in load}
    return tuple(replace(image, shard=numbers[index]) for index, image in enumerate(images))


def _list_chains(images: Sequence[ListedImage]) -> list[list[int]]:
    """Return the positions of images that belong together: by name, or by a base image."""
    chains: dict[int, list[int]] = {}
    chain_of_name: dict[str, int] = {}
    for index, image in enumerate(images):
        names = (image.spec.name, *image.based_on)
        # An image may connect chains that were apart until now.
        joined = sorted({chain_of_name[name] for name in names if name in chain_of_name})
        chain = joined[0] if joined else index
        members = [member for number in joined for member in chains.pop(number)]
        chains[chain] = [*members, index]
        for member in chains[chain]:
            for name in (images[member].spec.name, *images[member].based_on):
                chain_of_name[name] = chain
    return list(chains.values())
