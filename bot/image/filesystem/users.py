"""Users and groups of an image, as the engine reads them for `USER`."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class User:
    """A user: numbers, the groups besides, and the home directory."""

    name: str
    uid: int
    gid: int
    home: str = "/"
    groups: frozenset[int] = frozenset()

    def has_permission(self, permission: int, mode: int, owner_uid: int, owner_gid: int) -> bool:
        """Whether the user may do what a bit stands for: 4 to read, 2 to write, 1 to execute."""
        if self.uid == 0:
            return permission != 1 or bool(mode & 0o111)
        if owner_uid == self.uid:
            return bool(mode >> 6 & permission)
        if owner_gid == self.gid or owner_gid in self.groups:
            return bool(mode >> 3 & permission)
        return bool(mode & permission)


Groups = Mapping[str, tuple[int, frozenset[str]]]


def read_users(text: str) -> Mapping[str, User]:
    """The users of a passwd file."""
    found: dict[str, User] = {}
    for line in text.splitlines():
        fields = line.split(":")
        if len(fields) >= 6 and fields[2].isdecimal() and fields[3].isdecimal():
            user = User(fields[0], int(fields[2]), int(fields[3]), fields[5] or "/")
            found.setdefault(user.name, user)
    return found


def read_groups(text: str) -> Groups:
    """The groups of a group file."""
    found: dict[str, tuple[int, frozenset[str]]] = {}
    for line in text.splitlines():
        fields = line.split(":")
        if len(fields) >= 4 and fields[2].isdecimal():
            found.setdefault(fields[0], (int(fields[2]), frozenset(fields[3].split(","))))
    return found


def resolve_user(setting: str, users: Mapping[str, User], groups: Groups) -> User | None:
    """The user of a `USER` setting, `name` or `number`, with a group behind a colon perhaps."""
    name, _, group = setting.partition(":")
    if not name:
        name = "0"
    user = users.get(name)
    if user is None and name.isdecimal():
        number = int(name)
        user = next((x for x in users.values() if x.uid == number), User(name, number, 0))
    if user is None:
        return None
    gid, besides = user.gid, frozenset(n for n, who in groups.values() if user.name in who)
    if group:
        found = groups.get(group)
        if found is None and not group.isdecimal():
            return None
        gid, besides = (found[0] if found else int(group)), frozenset()
    return User(user.name, user.uid, gid, user.home, besides)
