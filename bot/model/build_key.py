"""The key of a build: all that goes into an image."""

from dataclasses import dataclass
from typing import NamedTuple


class BaseDigest(NamedTuple):
    """An image from outside by the name that the build takes it by, and the digest that it had."""

    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class BuildKey:
    """All that goes into an image: builds with equal keys get the same files and settings.

    `inputs` is a digest of what its revision and the caller give the build; `bases` are the images
    from outside, sorted by name. What commands of the build download is in neither.
    """

    inputs: str
    bases: tuple[BaseDigest, ...] = ()

    @property
    def digests(self) -> dict[str, str]:
        """The digests of the images from outside, by their names."""
        return dict(self.bases)


class RecordedCommit(NamedTuple):
    """The commit that an image was measured at, and the date of it in UTC."""

    sha: str
    date: str
