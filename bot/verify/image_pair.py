"""The two images that the checks compare, old and new, and the candidate between them."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from bot.dockerfile.build_context import BuildContext
from bot.image.open_image import OpenImage
from bot.model.candidate import Candidate
from bot.model.files import Entry, EntryKind
from bot.verify.app_files import AppFiles


@dataclass(frozen=True)
class ImagePair:
    """The old and the new image, open, and the candidate that the new one was built from.

    `context` is the folder that both were built from.
    """

    old: OpenImage
    new: OpenImage
    candidate: Candidate
    context: BuildContext = field(default_factory=BuildContext)

    @cached_property
    def old_app(self) -> AppFiles:
        """The application in the image as it was."""
        return AppFiles(self.old, self.context)

    @cached_property
    def new_app(self) -> AppFiles:
        """The application in the image as it would be."""
        return AppFiles(self.new)

    @cached_property
    def new_folders(self) -> Mapping[str, list[str]]:
        """The files of the new image by their folder."""
        paths: defaultdict[str, list[str]] = defaultdict(list)
        for path in self.new.image.tree:
            paths[path.rpartition("/")[0]].append(path)
        return paths

    def is_accepted_change(self, setting: str) -> bool:
        """Return True if the candidate gives a reason for changing a setting."""
        reasons = self.candidate.accepted_changes
        return setting in reasons or setting.removeprefix("ENV ") in reasons

    @property
    def starts_other_program(self) -> bool:
        """True if the candidate starts another program on purpose, as nginx for `serve`."""
        return self.is_accepted_change("CMD")

    def is_dropped(self, path: str) -> bool:
        """Return True if the candidate drops a path, or a folder above it, on purpose."""
        name = path.strip("/")
        while name and name not in self._dropped_names:
            name = name.rpartition("/")[0]
        return bool(name)

    @cached_property
    def _dropped_names(self) -> frozenset[str]:
        return frozenset(path.strip("/") for path in self.candidate.dropped_paths)


def is_file_entry(entry: Entry) -> bool:
    """Return True if an entry has content."""
    return entry.kind in {EntryKind.FILE, EntryKind.HARDLINK}
