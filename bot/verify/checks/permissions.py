"""Rights: what could be executed, read or written by whom the command runs as still can."""

import posixpath
from collections.abc import Iterator

from bot.model.files import Entry, Kind
from bot.model.proof import Lesson, Objection
from bot.verify.build_residue import is_tool_place
from bot.verify.image_pair import Exhibit, Piece, is_system

_WORDS = {4: "read", 2: "write to", 1: "enter"}
_MAX_TOLD = 20


def check(exhibit: Exhibit) -> Iterator[Objection]:
    """Files and folders whose mode or owner takes something away."""
    yield from _sticky(exhibit)
    found = (*_executables(exhibit), *_access(exhibit))
    for path, what in found[:_MAX_TOLD]:
        yield Objection(Lesson.MODE, path, what, path=path)


def _executables(exhibit: Exhibit) -> Iterator[tuple[str, str]]:
    old, new = exhibit.old, exhibit.new
    for path, before in old.image.tree.items():
        after = new.image.tree.get(path)
        if after is None or Kind.SYMLINK in {before.kind, after.kind}:
            continue
        if before.mode & 0o111 and not after.mode & 0o111 and _counts(old, path):
            yield path, f"/{path} can be executed in the old image and not in the new one."
        if before.mode & 0o6000 & ~after.mode and _counts(old, path):
            yield path, f"/{path} has lost its set-user-ID or set-group-ID bit."


def _access(exhibit: Exhibit) -> Iterator[tuple[str, str]]:
    """What the user could read and write, file by file and folder by folder; and whose it is, since
    a script may change to another user."""
    old, new = exhibit.old, exhibit.new
    for path, entry in (*old.image.tree.items(), *old.image.directories.items()):
        now = new.image.tree.get(path) or new.image.directories.get(path)
        if now is None or Kind.SYMLINK in {entry.kind, now.kind} or not _counts(old, path):
            continue
        if not _is_same_owner(exhibit, entry, now):
            yield path, f"/{path} belongs to {now.uid}:{now.gid}, not to {entry.uid}:{entry.gid}."
        elif word := _denied(exhibit, entry, now):
            yield path, f"Whom it runs as cannot {word} /{path} any more."


def _is_same_owner(exhibit: Exhibit, entry: Entry, now: Entry) -> bool:
    """By number, or by name: a package's users get the next number that is free.

    Root's group is what `chown app` leaves as it is; `--chown=app` gives the user's own.
    """
    old, new = exhibit.old, exhibit.new
    users = {name: x.uid for name, x in new.users.items()}
    groups = {name: number for name, (number, _) in new.groups.items()}
    named = (name for name, x in old.users.items() if x.uid == entry.uid)
    named_groups = (name for name, (number, _) in old.groups.items() if number == entry.gid)
    user = entry.uid in (0, now.uid) or any(users.get(name) == now.uid for name in named)
    group = entry.gid in (0, now.gid) or any(groups.get(x) == now.gid for x in named_groups)
    return user and group


def _denied(exhibit: Exhibit, entry: Entry, now: Entry) -> str:
    """What the user could do and can do no more; empty if nothing."""
    before, after = exhibit.old.account, exhibit.new.account
    wants = (4, 2, 1) if entry.kind is Kind.DIRECTORY else (4, 2)
    for want in wants if before and after and entry.kind is not Kind.OTHER else ():
        could = before is not None and before.may(want, entry.mode, entry.uid, entry.gid)
        if could and after is not None and not after.may(want, now.mode, now.uid, now.gid):
            return _WORDS[want]
    return ""


def _sticky(exhibit: Exhibit) -> Iterator[Objection]:
    """The folders for temporary files are everybody's."""
    for path in ("tmp", "var/tmp"):
        before = exhibit.old.image.directories.get(path)
        after = exhibit.new.image.directories.get(path)
        if before and after and before.mode & 0o1777 & ~after.mode:
            message = (
                f"/{path} has mode {after.mode & 0o7777:o} in place of {before.mode & 0o7777:o}."
            )
            yield Objection(Lesson.MODE, path, message, path=path)


def _counts(piece: Piece, path: str) -> bool:
    """Whether a path is the application's: not the system's packages', nor a tool's."""
    if path in piece.packaged or is_tool_place(path, piece.keyword(path)):
        return piece.in_app(path)
    if path in piece.image.directories:
        return piece.in_app(path) or (piece.is_own(path) and not is_system(path))
    return piece.is_own(path) or piece.in_app(posixpath.dirname(path))
