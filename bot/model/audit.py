"""The sums over the images of an audit, and the layers and files that they have in common."""

from dataclasses import dataclass

from bot.model.image_identity import ImageIdentity
from bot.model.suggestion import Suggestion


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums over the images of an audit; an image that could not be measured has no bytes.

    `unpacked_bytes` counts a layer for each image that has it, `unpacked_bytes_unique` once.
    `saving_bytes` is the least that the suggestions save together: of those that overlap, only the
    largest counts. `images_lacking_contents` were built without some Git LFS files or submodules:
    if there are any, the bytes are lower bounds.
    """

    images: int
    unpacked_bytes: int
    unpacked_bytes_unique: int
    saving_bytes: int
    images_lacking_contents: int = 0


@dataclass(frozen=True, slots=True)
class SharedLayers:
    """The layers that an image has in common with another one."""

    image: ImageIdentity
    layers: int
    unpacked_bytes: int


@dataclass(frozen=True, slots=True)
class Saving:
    """A suggestion that counts in the sum of all savings, and the image that it is for."""

    image: ImageIdentity
    suggestion: Suggestion
    bytes: int


@dataclass(frozen=True, slots=True)
class RepeatedGroup:
    """Files that the same layers hold, layers which no single image has all of.

    `path` is the file, or the folder of all of them in the first image; `size` is that of one set.
    """

    path: str
    files: int
    size: int
    copies: int
    images: tuple[ImageIdentity, ...]

    @property
    def bytes(self) -> int:
        """The size of all copies but one."""
        return self.size * (self.copies - 1)


@dataclass(frozen=True, slots=True)
class RepeatedFiles:
    """The contents that several images store apart: number, bytes, and the largest groups."""

    contents: int
    bytes: int
    largest: tuple[RepeatedGroup, ...] = ()


@dataclass(frozen=True, slots=True)
class AuditFacts:
    """The facts of an audit that its images do not say.

    `repository` is its full name where that is known (`octo/app`); `made_at` is in UTC, such as
    `2026-01-02T03:04:05Z`. `repeated_files` is None if the files are unknown.
    """

    repository: str = ""
    made_at: str = ""
    repeated_files: RepeatedFiles | None = None
