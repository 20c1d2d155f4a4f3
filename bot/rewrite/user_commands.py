"""Users and groups that a Dockerfile creates, created again with the same numbers."""

import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.rewrite.build_facts import BuildFacts

_USER_COMMANDS = ("useradd", "adduser")
_GROUP_COMMANDS = ("groupadd", "addgroup")
# Below are users of the system (login.defs). Without --system, useradd warns of such a number.
_FIRST_REGULAR_ID = 1000
_NUMBER = re.compile(r"[0-9]{1,10}")  # of a user or a group: 32 bits
_DEFAULT_COMMENTS = (",,,", "Linux User,,,")  # what `adduser` writes where it is given none


@dataclass(frozen=True, slots=True)
class CreatedUser:
    """A line of `/etc/passwd`, with the user's groups, the primary one first."""

    name: str
    uid: int
    gid: int
    home: str
    shell: str
    groups: tuple[str, ...] = ()
    creates_home: bool = False
    comment: str = ""

    @property
    def primary_group(self) -> str:
        """The name of the user's own group; its number where the base image has that group."""
        return self.groups[0] if self.groups else str(self.gid)


def list_created_users(
    facts: BuildFacts, extra_names: Iterable[str] = ()
) -> tuple[CreatedUser, ...]:
    """Return the users that the Dockerfile creates, and those of `extra_names`."""
    created = dict(_find_created_users(facts))
    names = {*created, *extra_names}
    lines = (line.split(":") for line in facts.built.read_text("etc/passwd").splitlines())
    # The file is the image's: a line that passwd(5) does not allow is no user.
    users = (line for line in lines if len(line) == 7 and all(map(_NUMBER.fullmatch, line[2:4])))
    return tuple(
        _parse_user(facts, fields, creates_home=created.get(fields[0], False))
        for fields in users
        if fields[0] in names
    )


def list_created_groups(
    facts: BuildFacts, users: Iterable[CreatedUser]
) -> tuple[tuple[str, int], ...]:
    """Return names and numbers of the groups that the Dockerfile creates without a user."""
    primary_groups = {group for user in users for group in user.groups[:1]}
    created = set(_find_created_groups(facts)) - primary_groups
    return tuple(
        (name, int(gid))
        for name, _, gid, _ in _read_groups(facts)
        if name in created and _NUMBER.fullmatch(gid) and _is_custom_group(name)
    )


def _find_created_groups(facts: BuildFacts) -> Iterator[str]:
    """Yield the names that `groupadd` and `addgroup` create.

    With two operands `addgroup` adds a user to a group.
    """
    for step in facts.rule_input.iter_runs():
        for call in step.calls:
            if call.name in _GROUP_COMMANDS and call.known_arguments:
                *before, name = call.known_arguments
                # In `addgroup -g 1000 app`, the number is the value of an option.
                joins = before and not before[-1].startswith("-") and not before[-1].isdecimal()
                if not joins:
                    yield name


def build_group_command(name: str, gid: int, package_manager: str) -> str:
    """Return the command that creates a group."""
    if package_manager == "apk":
        return f"addgroup -g {gid} {name}"
    own = " --system" if gid < _FIRST_REGULAR_ID else ""
    return f"groupadd{own} --gid {gid} {name}"


def _read_groups(facts: BuildFacts) -> list[list[str]]:
    """Return the lines of `/etc/group`: name, password, number, members."""
    lines = facts.built.read_text("etc/group").splitlines()
    return [line.split(":") for line in lines if line.count(":") == 3]


def build_user_commands(user: CreatedUser, package_manager: str) -> Iterator[str]:
    """Yield the commands that create a user, with the distribution's own tools."""
    if user.groups:
        yield build_group_command(user.groups[0], user.gid, package_manager)
    # Debian's and Ubuntu's images have useradd, not all have adduser; busybox has only adduser.
    if package_manager == "apk":
        yield _build_adduser(user)
        yield from (f"addgroup {user.name} {other}" for other in user.groups[1:])
    else:
        yield _build_useradd(user)


def _build_adduser(user: CreatedUser) -> str:
    """Return the command of busybox; -D sets no password."""
    home = "" if user.creates_home else " -H"
    comment = f" -g {shlex.quote(user.comment)}" if user.comment else ""
    settings = f"-h {shlex.quote(user.home)} -s {_quote_shell(user)}{comment}"
    return f"adduser -D{home} -u {user.uid} -G {user.primary_group} {settings} {user.name}"


def _build_useradd(user: CreatedUser) -> str:
    """Return the command of shadow."""
    system = " --system" if user.uid < _FIRST_REGULAR_ID else ""
    other_groups = f" --groups {','.join(user.groups[1:])}" if user.groups[1:] else ""
    home = "--create-home" if user.creates_home else "--no-create-home"
    comment = f" --comment {shlex.quote(user.comment)}" if user.comment else ""
    settings = f"--home-dir {shlex.quote(user.home)} --shell {_quote_shell(user)}{comment}"
    # /var/log/lastlog is as long as the highest number, and sparse: in a layer its holes are bytes.
    ids = f"--no-log-init --uid {user.uid} --gid {user.primary_group}{other_groups}"
    return f"useradd{system} {ids} {home} {settings} {user.name}"


def _quote_shell(user: CreatedUser) -> str:
    return shlex.quote(user.shell or "/bin/sh")


def _find_created_users(facts: BuildFacts) -> Iterator[tuple[str, bool]]:
    """Yield the names that `useradd` and `adduser` create, and whether with a home directory."""
    for step in facts.rule_input.iter_runs():
        for call in step.calls:
            if call.name in _USER_COMMANDS and call.known_arguments:
                # adduser of both distributions makes a home by itself, useradd on request alone.
                makes_home = call.name == "adduser" or call.has_option("-m", "--create-home")
                skips_home = call.has_option("-M", "-H", "--no-create-home")
                # The name comes last, but for `useradd app -m`.
                first, last = call.known_arguments[0], call.known_arguments[-1]
                name = first if last.startswith("-") else last
                yield name, makes_home and not skips_home


def _parse_user(facts: BuildFacts, fields: list[str], *, creates_home: bool) -> CreatedUser:
    name, _, uid, gid, comment, home, shell = fields
    groups = _read_groups(facts)
    primary = [
        group
        for group, _, number, _ in groups
        if number == gid and int(gid) != 0 and _is_custom_group(group)
    ]
    others = [x[0] for x in groups if name in x[3].split(",") and x[2] != gid]
    return CreatedUser(
        name,
        int(uid),
        int(gid),
        home,
        shell,
        (*primary, *others) if primary else (),
        creates_home,
        "" if comment in _DEFAULT_COMMENTS else comment,
    )


def _is_custom_group(group: str) -> bool:
    """Return True unless every image of a distribution has the group: to create it would fail."""
    return group not in ("root", "users", "nogroup", "nobody", "www-data", "daemon", "staff", "adm")
