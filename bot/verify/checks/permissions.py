"""Check permissions: what the runtime user could execute, read or write, it still can."""

import posixpath
from collections.abc import Iterator

from bot.image.filesystem.users import User
from bot.model.files import Entry, EntryKind
from bot.model.proof import Regression, RegressionKind
from bot.verify.app_files import AppFiles, is_system_directory
from bot.verify.build_residue import is_tool_path
from bot.verify.image_pair import ImagePair

_PERMISSION_VERBS = {4: "read", 2: "write to", 1: "enter"}
_MAX_REGRESSIONS = 20


def check(pair: ImagePair) -> Iterator[Regression]:
    """Yield files and folders with fewer permissions or another owner, 20 at most."""
    yield from _check_temporary_folders(pair)
    findings = (*_find_lost_mode_bits(pair), *_find_lost_access(pair))
    for path, message in findings[:_MAX_REGRESSIONS]:
        yield Regression(RegressionKind.MODE, path, message, path=path)


def _find_lost_mode_bits(pair: ImagePair) -> Iterator[tuple[str, str]]:
    """Yield files that lost their executable or set-ID bits."""
    old, new = pair.old, pair.new
    for path, before in old.image.tree.items():
        after = new.image.tree.get(path)
        if after is None or EntryKind.SYMLINK in {before.kind, after.kind}:
            continue
        if before.mode & 0o111 and not after.mode & 0o111 and _is_app_path(pair.old_app, path):
            yield path, f"/{path} can be executed in the old image and not in the new one."
        # A RUN may set the bit of a package's program: `chmod u+s /usr/sbin/cron`.
        if before.mode & 0o6000 & ~after.mode and (
            _is_app_path(pair.old_app, path) or old.is_added_by_dockerfile(path)
        ):
            yield path, f"/{path} has lost its set-user-ID or set-group-ID bit."


def _find_lost_access(pair: ImagePair) -> Iterator[tuple[str, str]]:
    """Yield what the runtime user can no longer access, and what has another owner.

    The owner counts by itself, because a script may change to another user.
    """
    old, new = pair.old, pair.new
    for path, entry in (*old.image.tree.items(), *old.image.directories.items()):
        new_entry = new.image.tree.get(path) or new.image.directories.get(path)
        if (
            new_entry is None
            or EntryKind.SYMLINK in {entry.kind, new_entry.kind}
            or not _is_app_path(pair.old_app, path)
        ):
            continue
        if not _is_same_owner(pair, entry, new_entry):
            owners = f"{new_entry.uid}:{new_entry.gid}, not to {entry.uid}:{entry.gid}"
            yield path, f"/{path} belongs to {owners}."
        elif access := _get_denied_access(pair, entry, new_entry):
            yield path, f"The user it runs as can no longer {access} /{path}."


def _is_same_owner(pair: ImagePair, old_entry: Entry, new_entry: Entry) -> bool:
    """Return True if owner and group are the same, by number or by name.

    A package's users get the next free number, so that a name may have another one. Root's group is
    what `chown app` leaves unchanged; `--chown=app` sets the user's own.
    """
    old, new = pair.old, pair.new
    users = {name: user.uid for name, user in new.users.items()}
    groups = {name: number for name, (number, _) in new.groups.items()}
    user_names = (name for name, user in old.users.items() if user.uid == old_entry.uid)
    group_names = (name for name, (number, _) in old.groups.items() if number == old_entry.gid)
    is_same_user = old_entry.uid in (0, new_entry.uid) or any(
        users.get(name) == new_entry.uid for name in user_names
    )
    is_same_group = old_entry.gid in (0, new_entry.gid) or any(
        groups.get(name) == new_entry.gid for name in group_names
    )
    return is_same_user and is_same_group


def _get_denied_access(pair: ImagePair, old_entry: Entry, new_entry: Entry) -> str:
    """Return the access that the runtime user lost; empty if none."""
    old_user, new_user = pair.old.runtime_user, pair.new.runtime_user
    if old_user is None or new_user is None or old_entry.kind is EntryKind.OTHER:
        return ""
    # The executable bit of files is compared by itself, for all users.
    permissions = (4, 2, 1) if old_entry.kind is EntryKind.DIRECTORY else (4, 2)
    for permission in permissions:
        was_permitted = _may_access(old_user, permission, old_entry)
        if was_permitted and not _may_access(new_user, permission, new_entry):
            return _PERMISSION_VERBS[permission]
    return ""


def _may_access(user: User, permission: int, entry: Entry) -> bool:
    return user.has_permission(permission, entry.mode, entry.uid, entry.gid)


def _check_temporary_folders(pair: ImagePair) -> Iterator[Regression]:
    """Check that the folders for temporary files are writable for everybody."""
    for path in ("tmp", "var/tmp"):
        before = pair.old.image.directories.get(path)
        after = pair.new.image.directories.get(path)
        if before and after and before.mode & 0o1777 & ~after.mode:
            message = (
                f"/{path} has mode {after.mode & 0o7777:o} in place of {before.mode & 0o7777:o}."
            )
            yield Regression(RegressionKind.MODE, path, message, path=path)


def _is_app_path(app: AppFiles, path: str) -> bool:
    """Return True for paths of the application: neither of system packages nor of tools."""
    open_image = app.image
    if path in open_image.packaged_files or is_tool_path(
        path, open_image.get_instruction_keyword(path)
    ):
        return app.is_in_app(path)
    if path in open_image.image.directories:
        return app.is_in_app(path) or (
            open_image.is_added_by_dockerfile(path) and not is_system_directory(path)
        )
    return open_image.is_added_by_dockerfile(path) or app.is_in_app(posixpath.dirname(path))
