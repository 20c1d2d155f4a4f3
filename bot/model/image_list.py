"""The images that a review would be about, with the sources of their limits."""

from dataclasses import dataclass

from bot.model.image_identity import ImageIdentity
from bot.model.report import GateChange, ImageState, NotReviewed
from bot.model.spec import ImageSpec


@dataclass(frozen=True, slots=True)
class LimitSource:
    """A limit of an image as it is written, and who set it."""

    name: str
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class ListedImage:
    """An image that would be reviewed; `based_on` has the names of those it is built on.

    `warnings` say what a review would warn of before any build. `shard` is the number of the job
    that it is in, from 1, if images are spread over several.
    """

    spec: ImageSpec
    state: ImageState
    limits: tuple[LimitSource, ...] = ()
    based_on: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    shard: int | None = None

    @property
    def is_affected(self) -> bool:
        """True unless both revisions build it of the same."""
        return self.state is not ImageState.UNCHANGED


@dataclass(frozen=True, slots=True)
class ExpectedImage:
    """An image of a plan; the report of some job must have it unless it `may_be_absent`."""

    identity: ImageIdentity
    context: str
    target: str | None = None
    title: str = ""
    may_be_absent: bool = False


@dataclass(frozen=True, slots=True)
class ImageListing:
    """The images of two revisions, what is left out, and what a review would say besides."""

    images: tuple[ListedImage, ...]
    not_reviewed: tuple[NotReviewed, ...] = ()
    gate_changes: tuple[GateChange, ...] = ()
    notes: tuple[str, ...] = ()
