"""A bound on the paths that the package databases of a layer make of a few long names."""

from bot.image.layers.streams import Unreadable

# A database that repeats a long folder for each of its files has more paths than bytes. The paths
# of the largest layers that were seen have 40 million characters together.
_MAX_TOTAL_LENGTH = 200_000_000


class PathBudget:
    """The characters of the paths that were read so far."""

    def __init__(self) -> None:
        self._total_length = 0

    def count(self, path: str) -> str:
        """Return a path after counting it; raise Unreadable beyond what real databases name."""
        self._total_length += len(path)
        if self._total_length > _MAX_TOTAL_LENGTH:
            raise Unreadable(
                "the package databases of a layer name files with paths of more than "
                f"{_MAX_TOTAL_LENGTH:,} characters together"
            )
        return path
