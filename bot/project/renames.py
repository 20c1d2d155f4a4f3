"""Files that moved between two revisions, as git sees them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Rename:
    """A file that one revision has under `old` and the other under `new`.

    `similarity` is git's, in percent: the share of the content that both have.
    """

    similarity: int
    old: str
    new: str
