"""The members of an archive by name, through whatever links lead to them."""

import posixpath
import tarfile
from typing import TypeVar

from bot.image.layers.streams import Unreadable

_MAX_MEMBERS = 100_000

MemberContent = TypeVar("MemberContent")


class ArchiveMembers(dict[str, MemberContent]):
    """What was kept of each member, under the one spelling of its name."""

    def __init__(self) -> None:
        """Begins empty."""
        super().__init__()
        self._links: dict[str, str] = {}
        self._member_count = 0

    def register(self, member: tarfile.TarInfo) -> str:
        """The name of the next member; a link is kept here and needs nothing more."""
        self._member_count += 1
        if self._member_count > _MAX_MEMBERS:
            raise Unreadable("the archive has more members than any that holds an image")
        name = posixpath.normpath(member.name)
        if member.issym() or member.islnk():
            folder = posixpath.dirname(name) if member.issym() else ""
            self._links[name] = posixpath.normpath(posixpath.join(folder, member.linkname))
        return name

    def resolve(self, name: str) -> MemberContent | None:
        """What a chain of links ends at; None if that is nothing."""
        name = posixpath.normpath(name)
        for _ in range(len(self._links) + 1):
            if name not in self._links:
                return self.get(name)
            name = self._links[name]
        raise Unreadable(f"the links of {name} go round in a circle")
