"""The members of an archive by name, symbolic and hard links followed."""

import posixpath
from typing import TypeVar

from bot.image.layers.streams import Unreadable
from bot.image.layers.tar_headers import TarMember
from bot.model.files import EntryKind

# Bounds for hostile archives: one of an old engine has four members a layer, of 127 at most.
MAX_MEMBERS = 100_000
_MAX_TOTAL_NAME_LENGTH = 20_000_000  # names and links stay in memory

MemberContent = TypeVar("MemberContent")


class ArchiveMembers(dict[str, MemberContent]):
    """The content of each member, by its normalised name."""

    def __init__(self) -> None:
        super().__init__()
        self._links: dict[str, str] = {}
        self._total_name_length = 0

    def register(self, member: TarMember) -> str:
        """Return the name of the next member; remember where a link leads."""
        name, link = member.path or ".", member.link
        self._total_name_length += len(name) + len(link)
        if self._total_name_length > _MAX_TOTAL_NAME_LENGTH:
            raise Unreadable("the names in the archive are longer than those of any image")
        if member.kind is EntryKind.HARDLINK:  # its target is relative to the archive's root
            self._links[name] = posixpath.normpath(link)
        elif member.kind is EntryKind.SYMLINK:
            # Old engines wrote a repeated layer as a symbolic link to the first `layer.tar`.
            self._links[name] = posixpath.normpath(posixpath.join(posixpath.dirname(name), link))
        return name

    def resolve(self, name: str) -> MemberContent | None:
        """Return the content at the end of a chain of links; None if there is none."""
        name = posixpath.normpath(name)
        for _ in range(len(self._links) + 1):
            if name not in self._links:
                return self.get(name)
            name = self._links[name]
        raise Unreadable(f"the links of {name} form a loop")


def is_whole_file(member: TarMember) -> bool:
    """Return True for a regular file that is stored as it is, and not as a sparse one."""
    return member.kind is EntryKind.FILE and member.size == member.stored_bytes
