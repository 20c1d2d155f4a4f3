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
        # Root overrides all bits, but executes only what somebody may (path_resolution(7)).
        if self.uid == 0:
            return permission != 1 or bool(mode & 0o111)
        # The first class that matches decides, even if a later one grants more.
        if owner_uid == self.uid:
            return bool(mode >> 6 & permission)
        if owner_gid == self.gid or owner_gid in self.groups:
            return bool(mode >> 3 & permission)
        return bool(mode & permission)


Groups = Mapping[str, tuple[int, frozenset[str]]]
# Of a user or a group: moby/sys refuses others (user/user.go, "uids and gids must be in range").
_MAX_ID = 2**31 - 1
_MAX_ID_DIGITS = 10


def read_users(text: str) -> Mapping[str, User]:
    """Parse a passwd file (passwd(5)); lines that the engine skips are left out."""
    users: dict[str, User] = {}
    for line in text.splitlines():
        fields = line.split(":")
        if len(fields) < 6:
            continue
        uid, gid = _parse_id(fields[2]), _parse_id(fields[3])
        if uid is not None and gid is not None:
            # The first of two entries with one name counts, as for getpwnam(3).
            users.setdefault(fields[0], User(fields[0], uid, gid, fields[5] or "/"))
    return users


def read_groups(text: str) -> Groups:
    """Parse a group file (group(5)): the number and the members of each group by name."""
    groups: dict[str, tuple[int, frozenset[str]]] = {}
    for line in text.splitlines():
        fields = line.split(":")
        if len(fields) >= 4 and (gid := _parse_id(fields[2])) is not None:
            groups.setdefault(fields[0], (gid, frozenset(fields[3].split(","))))
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
    gid = _parse_id(group_name)
    return None if gid is None else replace(user, gid=gid)


def _find_user(name: str, users: Mapping[str, User]) -> User | None:
    """Return the user of a name or number; a number need not be in the passwd file."""
    number = _parse_id(name)
    if name in users or number is None:
        return users.get(name)
    # A user without an entry, and so without a group, runs with group 0 (Dockerfile reference).
    return next((x for x in users.values() if x.uid == number), User(name, number, 0))


def _parse_id(text: str) -> int | None:
    """Return the number of a user or group; None for text that the engine takes for none."""
    # Bounded first: int() raises ValueError for more than 4,300 digits (CPython gh-95778).
    if not (text.isascii() and text.isdecimal() and len(text) <= _MAX_ID_DIGITS):
        return None
    number = int(text)
    return number if number <= _MAX_ID else None
