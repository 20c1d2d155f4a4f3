"""The users that a Dockerfile makes, made anew with the numbers that they had."""

import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.rewrite.build_facts import World

_MAKERS = ("useradd", "adduser")
_GROUP_MAKERS = ("groupadd", "addgroup")
_FIRST_OF_PEOPLE = 1000  # below are users of the system (man 8 useradd, login.defs)
_NO_COMMENT = (",,,", "Linux User,,,")  # what `adduser` writes where it is given none


@dataclass(frozen=True, slots=True)
class Account:
    """A line of `/etc/passwd`, with the names of its groups, the primary one first."""

    name: str
    uid: int
    gid: int
    home: str
    shell: str
    groups: tuple[str, ...] = ()
    makes_home: bool = False
    comment: str = ""


def accounts_of(world: World, extra: Iterable[str] = ()) -> tuple[Account, ...]:
    """Those that the Dockerfile's own commands make; `extra` are further names that are needed."""
    made = dict(_made(world))
    wanted = {*made, *extra}
    return tuple(
        _account(world, line.split(":"), makes_home=made.get(line.partition(":")[0], False))
        for line in world.text("etc/passwd").splitlines()
        if line.partition(":")[0] in wanted and line.count(":") == 6
    )


def groups_of(world: World, accounts: Iterable[Account]) -> tuple[tuple[str, int], ...]:
    """The names and numbers of the groups that the Dockerfile makes, and no account brings along."""
    brought = {group for account in accounts for group in account.groups[:1]}
    made = set(_groups_made(world)) - brought
    return tuple(
        (name, int(gid))
        for name, _, gid, _ in _groups(world)
        if name in made and gid.isdecimal() and _is_made(name, world)
    )


def _groups_made(world: World) -> Iterator[str]:
    """The names that `groupadd` and `addgroup` are given; where these are two, a user joins a group."""
    for step in world.subject.runs():
        for call in step.calls:
            if call.name in _GROUP_MAKERS and call.values:
                *before, name = call.values
                joins = before and not before[-1].startswith("-") and not before[-1].isdecimal()
                if not joins:
                    yield name


def group_command(name: str, gid: int, installer: str) -> str:
    """The command that makes a group."""
    if installer == "apk":
        return f"addgroup -g {gid} {name}"
    own = " --system" if gid < _FIRST_OF_PEOPLE else ""
    return f"groupadd{own} --gid {gid} {name}"


def _groups(world: World) -> list[list[str]]:
    """The lines of `/etc/group`: name, password, number, members."""
    return [x.split(":") for x in world.text("etc/group").splitlines() if x.count(":") == 3]


def commands_for(account: Account, installer: str) -> Iterator[str]:
    """The commands that make a user, with the distribution's own tools."""
    group = account.groups[0] if account.groups else str(account.gid)
    if installer == "apk":
        if account.groups:
            yield group_command(group, account.gid, installer)
        home = "" if account.makes_home else " -H"
        comment = f" -g {shlex.quote(account.comment)}" if account.comment else ""
        shape = f"-h {account.home} -s {account.shell or '/bin/sh'}{comment}"
        yield f"adduser -D{home} -u {account.uid} -G {group} {shape} {account.name}"
        yield from (f"addgroup {account.name} {other}" for other in account.groups[1:])
        return
    system = " --system" if account.uid < _FIRST_OF_PEOPLE else ""
    if account.groups:
        yield group_command(group, account.gid, installer)
    more = f" --groups {','.join(account.groups[1:])}" if account.groups[1:] else ""
    home = "--create-home" if account.makes_home else "--no-create-home"
    comment = f" --comment {shlex.quote(account.comment)}" if account.comment else ""
    shape = f"--home-dir {account.home} --shell {account.shell or '/bin/sh'}{comment}"
    numbers = f"--no-log-init --uid {account.uid} --gid {group}{more}"
    yield f"useradd{system} {numbers} {home} {shape} {account.name}"


def _made(world: World) -> Iterator[tuple[str, bool]]:
    """The names that `useradd` and `adduser` are given, and whether they make a home."""
    for step in world.subject.runs():
        for call in step.calls:
            if call.name in _MAKERS and call.values:
                is_debian = call.name == "adduser" and world.release.installer != "apk"
                makes = call.has("-m", "--create-home") or (call.name == "adduser")
                bare = call.has("-M", "-H", "--no-create-home")
                name = call.values[-1] if not call.values[-1].startswith("-") else call.values[0]
                yield name, (makes or is_debian) and not bare


def _account(world: World, fields: list[str], *, makes_home: bool) -> Account:
    name, _, uid, gid, comment, home, shell = fields
    groups = _groups(world)
    primary = [x[0] for x in groups if x[2] == gid and int(gid) != 0 and _is_made(x[0], world)]
    others = [x[0] for x in groups if name in x[3].split(",") and x[2] != gid]
    return Account(
        name,
        int(uid),
        int(gid),
        home,
        shell,
        (*primary, *others) if primary else (),
        makes_home,
        "" if comment in _NO_COMMENT else comment,
    )


def _is_made(group: str, world: World) -> bool:
    """Whether a group is no one of those that every image of the distribution has."""
    return group not in ("root", "users", "nogroup", "nobody", "www-data", "daemon", "staff", "adm")
