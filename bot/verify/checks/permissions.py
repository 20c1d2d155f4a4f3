"""Rights: what could be executed, read or written by whom the command runs as still can."""

import posixpath
from collections.abc import Iterator

from bot.model.files import Entry, EntryKind
from bot.model.proof import Regression, RegressionKind
from bot.verify.build_residue import is_tool_path
from bot.verify.image_pair import ImagePair, OpenImage, is_system_directory

_PERMISSION_VERBS = {4: "read", 2: "write to", 1: "enter"}
_MAX_REGRESSIONS = 20


def check(pair: ImagePair) -> Iterator[Regression]:
    """Files and folders whose mode or owner takes something away."""
    yield from _check_temporary_folders(pair)
    found = (*_find_lost_mode_bits(pair), *_find_lost_access(pair))
    for path, what in found[:_MAX_REGRESSIONS]:
        yield Regression(RegressionKind.MODE, path, what, path=path)


def _find_lost_mode_bits(pair: ImagePair) -> Iterator[tuple[str, str]]:
    old, new = pair.old, pair.new
    for path, before in old.image.tree.items():
        after = new.image.tree.get(path)
        if after is None or EntryKind.SYMLINK in {before.kind, after.kind}:
            continue
        if before.mode & 0o111 and not after.mode & 0o111 and _is_app_path(old, path):
            yield path, f"/{path} can be executed in the old image and not in the new one."
        if before.mode & 0o6000 & ~after.mode and _is_app_path(old, path):
            yield path, f"/{path} has lost its set-user-ID or set-group-ID bit."


def _find_lost_access(pair: ImagePair) -> Iterator[tuple[str, str]]:
    """What the user could read and write, file by file and folder by folder; and whose it is, since
    a script may change to another user."""
    old, new = pair.old, pair.new
    for path, entry in (*old.image.tree.items(), *old.image.directories.items()):
        now = new.image.tree.get(path) or new.image.directories.get(path)
        if (
            now is None
            or EntryKind.SYMLINK in {entry.kind, now.kind}
            or not _is_app_path(old, path)
        ):
            continue
        if not _is_same_owner(pair, entry, now):
            yield path, f"/{path} belongs to {now.uid}:{now.gid}, not to {entry.uid}:{entry.gid}."
        elif word := _get_denied_access(pair, entry, now):
            yield path, f"Whom it runs as cannot {word} /{path} any more."


def _is_same_owner(pair: ImagePair, old_entry: Entry, new_entry: Entry) -> bool:
    """By number, or by name: a package's users get the next number that is free.

    Root's group is what `chown app` leaves as it is; `--chown=app` gives the user's own.
    """
    old, new = pair.old, pair.new
    users = {name: x.uid for name, x in new.users.items()}
    groups = {name: number for name, (number, _) in new.groups.items()}
    named = (name for name, x in old.users.items() if x.uid == old_entry.uid)
    named_groups = (name for name, (number, _) in old.groups.items() if number == old_entry.gid)
    user = old_entry.uid in (0, new_entry.uid) or any(
        users.get(name) == new_entry.uid for name in named
    )
    group = old_entry.gid in (0, new_entry.gid) or any(
        groups.get(x) == new_entry.gid for x in named_groups
    )
    return user and group


def _get_denied_access(pair: ImagePair, old_entry: Entry, new_entry: Entry) -> str:
    """What the user could do and can do no more; empty if nothing."""
    before, after = pair.old.runtime_user, pair.new.runtime_user
    wants = (4, 2, 1) if old_entry.kind is EntryKind.DIRECTORY else (4, 2)
    for want in wants if before and after and old_entry.kind is not EntryKind.OTHER else ():
        could = before is not None and before.has_permission(
            want, old_entry.mode, old_entry.uid, old_entry.gid
        )
        if (
            could
            and after is not None
            and not after.has_permission(want, new_entry.mode, new_entry.uid, new_entry.gid)
        ):
            return _PERMISSION_VERBS[want]
    return ""


def _check_temporary_folders(pair: ImagePair) -> Iterator[Regression]:
    """The folders for temporary files are everybody's."""
    for path in ("tmp", "var/tmp"):
        before = pair.old.image.directories.get(path)
        after = pair.new.image.directories.get(path)
        if before and after and before.mode & 0o1777 & ~after.mode:
            message = (
                f"/{path} has mode {after.mode & 0o7777:o} in place of {before.mode & 0o7777:o}."
            )
            yield Regression(RegressionKind.MODE, path, message, path=path)


def _is_app_path(open_image: OpenImage, path: str) -> bool:
    """Whether a path is the application's: not the system's packages', nor a tool's."""
    if path in open_image.packaged_files or is_tool_path(
        path, open_image.get_instruction_keyword(path)
    ):
        return open_image.is_in_app(path)
    if path in open_image.image.directories:
        return open_image.is_in_app(path) or (
            open_image.is_added_by_dockerfile(path) and not is_system_directory(path)
        )
    return open_image.is_added_by_dockerfile(path) or open_image.is_in_app(posixpath.dirname(path))
