"""The sizes of an image that can be limited.

Apart from the image, so that limits are read without its model.
"""

from enum import StrEnum
from typing import Protocol


class Sizes(Protocol):
    """A size, or a change of it, by each metric, in bytes."""

    @property
    def unpacked_bytes(self) -> int:
        """The size by `Metric.UNPACKED`."""

    @property
    def compressed_bytes(self) -> int:
        """The size by `Metric.COMPRESSED`."""

    @property
    def filesystem_bytes(self) -> int:
        """The size by `Metric.FILESYSTEM`."""

    @property
    def pull_bytes(self) -> int:
        """The size by `Metric.PULL`."""


class Metric(StrEnum):
    """The size that a budget limits; the value is its name in the configuration."""

    UNPACKED = "unpacked"  # the sum of all layers' regular files
    COMPRESSED = "compressed"  # the sum of all layers as a registry stores them
    FILESYSTEM = "filesystem"  # the files that a container sees
    PULL = "pull"  # of an image, all of its compressed layers; of a growth, those that are new

    @property
    def of_sizes(self) -> "Metric":
        """The metric of the sizes that it is about, which have a difference."""
        return Metric.COMPRESSED if self is Metric.PULL else self

    def choose(self, sizes: Sizes) -> int:
        """Return the one of several sizes that it is about."""
        return {
            Metric.UNPACKED: sizes.unpacked_bytes,
            Metric.COMPRESSED: sizes.compressed_bytes,
            Metric.FILESYSTEM: sizes.filesystem_bytes,
            Metric.PULL: sizes.pull_bytes,
        }[self]
