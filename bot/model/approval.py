"""The growth that an approval is given for, and the record of it. All sizes are bytes."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from bot.model.metric import Metric
from bot.model.spec import ImageSpec


@dataclass(frozen=True, slots=True)
class GrowthAtCommit:
    """The growth of a pull request's images at one of its commits.

    `growth` has the bytes by each metric, `unmeasured` the images whose growth could not be
    measured; both name images by `digest_image`.
    """

    head_sha: str
    growth: Mapping[str, Mapping[Metric, int]]
    unmeasured: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ApprovalRecord:
    """An approval, by GitHub's number of the event that set the label, and its growth."""

    event_id: int
    given_at: GrowthAtCommit


@dataclass(frozen=True, slots=True)
class CommentRecord:
    """The growth that our comment shows, the approval that it knows of, and when it was written.

    Times are GitHub's, `2026-01-02T03:04:05Z`, which compare as texts. `step` is the digest of the
    inputs that the growth was measured and judged with.
    """

    current: GrowthAtCommit
    approval: ApprovalRecord | None = None
    written_at: str = ""
    step: str = ""


def digest_image(spec: ImageSpec) -> str:
    """Return a short name for an image that holds no character of its own name."""
    return hashlib.sha256(repr(spec.key).encode(errors="surrogatepass")).hexdigest()[:16]
