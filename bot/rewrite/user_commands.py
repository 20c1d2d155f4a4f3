"""Users and groups that a Dockerfile creates, created again with the same numbers."""

import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.rewrite.build_facts import BuildFacts

_USER_COMMANDS = ("useradd", "adduser")
_GROUP_COMMANDS = ("groupadd", "addgroup")
_FIRST_REGULAR_ID = 1000  # below are users of the system (man 8 useradd, login.defs)
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


def list_created_users(
    facts: BuildFacts, extra_names: Iterable[str] = ()
) -> tuple[CreatedUser, ...]:
    """Return the users that the Dockerfile creates, and those of `extra_names`."""
    created = dict(_find_created_users(facts))
    names = {*created, *extra_names}
    return tuple(
        _parse_user(facts, line.split(":"), creates_home=created.get(line.partition(":")[0], False))
        for line in facts.built.read_text("etc/passwd").splitlines()
        if line.partition(":")[0] in names and line.count(":") == 6
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
        if name in created and gid.isdecimal() and _is_custom_group(name, facts)
    )


def _find_created_groups(facts: BuildFacts) -> Iterator[str]:
    """Yield the names that `groupadd` and `addgroup` create.

    With two operands `addgroup` adds a user to a group.
    """
    for step in facts.rule_input.iter_runs():
        for call in step.calls:
            if call.name in _GROUP_COMMANDS and call.known_arguments:
                *before, name = call.known_arguments
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
    group = user.groups[0] if user.groups else str(user.gid)
    if package_manager == "apk":
        if user.groups:
            yield build_group_command(group, user.gid, package_manager)
        home = "" if user.creates_home else " -H"
        comment = f" -g {shlex.quote(user.comment)}" if user.comment else ""
        settings = f"-h {user.home} -s {user.shell or '/bin/sh'}{comment}"
        yield f"adduser -D{home} -u {user.uid} -G {group} {settings} {user.name}"
        yield from (f"addgroup {user.name} {other}" for other in user.groups[1:])
        return
    system = " --system" if user.uid < _FIRST_REGULAR_ID else ""
    if user.groups:
        yield build_group_command(group, user.gid, package_manager)
    other_groups = f" --groups {','.join(user.groups[1:])}" if user.groups[1:] else ""
    home = "--create-home" if user.creates_home else "--no-create-home"
    comment = f" --comment {shlex.quote(user.comment)}" if user.comment else ""
    settings = f"--home-dir {user.home} --shell {user.shell or '/bin/sh'}{comment}"
    ids = f"--no-log-init --uid {user.uid} --gid {group}{other_groups}"
    yield f"useradd{system} {ids} {home} {settings} {user.name}"


def _find_created_users(facts: BuildFacts) -> Iterator[tuple[str, bool]]:
    """Yield the names that `useradd` and `adduser` create, and whether with a home directory."""
    for step in facts.rule_input.iter_runs():
        for call in step.calls:
            if call.name in _USER_COMMANDS and call.known_arguments:
                is_debian = (
                    call.name == "adduser" and facts.built.os_release.package_manager != "apk"
                )
                makes_home = call.has_option("-m", "--create-home") or (call.name == "adduser")
                skips_home = call.has_option("-M", "-H", "--no-create-home")
                first, last = call.known_arguments[0], call.known_arguments[-1]
                name = first if last.startswith("-") else last
                yield name, (makes_home or is_debian) and not skips_home


def _parse_user(facts: BuildFacts, fields: list[str], *, creates_home: bool) -> CreatedUser:
    name, _, uid, gid, comment, home, shell = fields
    groups = _read_groups(facts)
    primary = [
        group
        for group, _, number, _ in groups
        if number == gid and int(gid) != 0 and _is_custom_group(group, facts)
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


def _is_custom_group(group: str, facts: BuildFacts) -> bool:
    """Return True unless every image of the distribution has the group."""
    return group not in ("root", "users", "nogroup", "nobody", "www-data", "daemon", "staff", "adm")
