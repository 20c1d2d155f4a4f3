"""Users and groups of an image, as the engine reads them for `USER`."""

from collections.abc import Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class User:
    """A user: its name, its numbers, its supplementary groups and its home directory."""

    name: str
    uid: int
    gid: int
    home: str = "/"
    groups: frozenset[int] = frozenset()

    def has_permission(self, permission: int, mode: int, owner_uid: int, owner_gid: int) -> bool:
        """Return True if the mode grants a permission: 4 to read, 2 to write, 1 to execute."""
        if self.uid == 0:
            return permission != 1 or bool(mode & 0o111)
        if owner_uid == self.uid:
            return bool(mode >> 6 & permission)
        if owner_gid == self.gid or owner_gid in self.groups:
            return bool(mode >> 3 & permission)
        return bool(mode & permission)


Groups = Mapping[str, tuple[int, frozenset[str]]]


def read_users(text: str) -> Mapping[str, User]:
    """Parse a passwd file (passwd(5)); lines that the engine skips are left out."""
    users: dict[str, User] = {}
    for line in text.splitlines():
        fields = line.split(":")
        if len(fields) >= 6 and fields[2].isdecimal() and fields[3].isdecimal():
            user = User(fields[0], int(fields[2]), int(fields[3]), fields[5] or "/")
            users.setdefault(user.name, user)
    return users


def read_groups(text: str) -> Groups:
    """Parse a group file (group(5)): the number and the members of each group by name."""
    groups: dict[str, tuple[int, frozenset[str]]] = {}
    for line in text.splitlines():
        fields = line.split(":")
        if len(fields) >= 4 and fields[2].isdecimal():
            groups.setdefault(fields[0], (int(fields[2]), frozenset(fields[3].split(","))))
    return groups


def resolve_user(setting: str, users: Mapping[str, User], groups: Groups) -> User | None:
    """Return the user of a `USER` setting: a name or number, optionally `:` and a group.

    None if the image has no such user or group. With a group, there are no supplementary ones.
    """
    name, _, group_name = setting.partition(":")
    user = _find_user(name or "0", users)
    if user is None:
        return None
    if not group_name:
        supplementary = (gid for gid, members in groups.values() if user.name in members)
        return replace(user, groups=frozenset(supplementary))
    if group_name in groups:
        return replace(user, gid=groups[group_name][0])
    return replace(user, gid=int(group_name)) if group_name.isdecimal() else None


def _find_user(name: str, users: Mapping[str, User]) -> User | None:
    """Return the user of a name or number; a number need not be in the passwd file."""
    if name in users or not name.isdecimal():
        return users.get(name)
    number = int(name)
    return next((x for x in users.values() if x.uid == number), User(name, number, 0))
