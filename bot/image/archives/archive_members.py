"""The members of an archive by name, symbolic and hard links followed."""

import posixpath
import tarfile
from typing import TypeVar

from bot.image.layers.streams import Unreadable

# A legacy archive has four members a layer, and engines run at most 127 layers.
_MAX_MEMBERS = 100_000

MemberContent = TypeVar("MemberContent")


class ArchiveMembers(dict[str, MemberContent]):
    """The content of each member, by its normalised name."""

    def __init__(self) -> None:
        super().__init__()
        self._links: dict[str, str] = {}
        self._member_count = 0

    def register(self, member: tarfile.TarInfo) -> str:
        """Return the normalised name of the next member; remember where a link leads."""
        self._member_count += 1
        if self._member_count > _MAX_MEMBERS:
            raise Unreadable("the archive has more members than any that holds an image")
        name = posixpath.normpath(member.name)
        if member.issym() or member.islnk():
            # Old engines wrote a repeated layer as a symbolic link to the first `layer.tar`. A hard
            # link's target is relative to the root of the archive.
            folder = posixpath.dirname(name) if member.issym() else ""
            self._links[name] = posixpath.normpath(posixpath.join(folder, member.linkname))
        return name

    def resolve(self, name: str) -> MemberContent | None:
        """Return the content at the end of a chain of links; None if there is none."""
        name = posixpath.normpath(name)
        for _ in range(len(self._links) + 1):
            if name not in self._links:
                return self.get(name)
            name = self._links[name]
        raise Unreadable(f"the links of {name} form a loop")
