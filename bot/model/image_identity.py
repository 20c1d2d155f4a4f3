"""The names by which the parts of a report refer to one of its images."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ImageIdentity:
    """The name of an image, the Dockerfile that it was built from, and its platform."""

    name: str
    dockerfile: str
    platform: str | None = None


@dataclass(frozen=True, slots=True)
class BaseUse:
    """An image of the repository that another one is built on.

    `reference` is the name under which that takes it; `is_from` if it starts with its layers.
    """

    image: ImageIdentity
    reference: str
    is_from: bool = False
