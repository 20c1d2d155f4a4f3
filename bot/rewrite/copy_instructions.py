"""The instructions that copy files into the last stage with their owners and modes."""

import json
import posixpath
import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from bot.image.open_image import collect_folders
from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.copy_choice import CopyItem
from bot.rewrite.copy_plan import SHARED_FOLDERS
from bot.rewrite.folder_modes import is_mode_needed, runs_other_users
from bot.rewrite.user_commands import list_created_users

# glibc searches /lib and /usr/lib by itself. /usr/local/lib it finds by its cache alone, which the
# last stage has to write anew.
_LOADER_PATHS = re.compile(r"usr/local/lib(?:64)?/[^/]*\.so|etc/ld\.so\.conf")
_LOADER_FOLDERS = ("usr/local/lib", "usr/local/lib64", "etc")
_ROOT = (0, 0)
# Of paths in COPY, BuildKit expands variables and the escape character, which may be a backtick.
_EXPANDED = re.compile(r"[\\$`]")
_NEEDS_JSON = re.compile(r"[\s\"'\[\]$\\`]")


@dataclass(frozen=True, slots=True)
class _Copy:
    """One `COPY --from`: its place in the order of change, its target, and who gets that."""

    order: tuple[bool, int]
    folder: str
    owner: tuple[int, int]
    line: str


def render_copies(
    facts: BuildFacts, items: Sequence[CopyItem], stage_name: str, workdir: str = ""
) -> Iterator[str]:
    """Yield a `COPY --from` for each folder, and one for the single files of each folder.

    Targets below `workdir`, a path without a leading slash, are relative to it.
    """
    copies = sorted(
        [
            *_plan_folder_copies(facts, items, stage_name, workdir),
            *_plan_file_copies(facts, items, stage_name, workdir),
        ],
        key=lambda copy: copy.order,
    )
    new_folders = [*_build_link_folders(facts, items, [workdir, *(x.folder for x in copies)])]
    runs = list(_plan_link_runs(facts, items, copies, can_be_early=not new_folders))
    for number, copy in enumerate(copies, 1):
        yield copy.line
        yield from (line for above, line in runs if above == number < len(copies))
    folder_commands = [*new_folders, *_build_metadata_commands(facts, items, copies, workdir)]
    if folder_commands:
        yield render_run(facts, folder_commands)
    yield from (line for above, line in runs if above == len(copies))


def _plan_link_runs(
    facts: BuildFacts, items: Sequence[CopyItem], copies: Sequence[_Copy], *, can_be_early: bool
) -> Iterator[tuple[int, str]]:
    """Yield the `RUN`s for links and the loader's cache, with the number of copies above each.

    Below the dependencies and the folders that it needs, a `RUN` is not repeated after each change
    of a source.
    """
    links = [item for item in items if item.link_target]
    above = 0
    if links:
        folders = {posixpath.dirname(item.path) for item in links} - set(SHARED_FOLDERS)
        above = _count_copies_above(copies, folders) if can_be_early else len(copies)
        # COPY of a link as a source would bring the file that it points to.
        commands = (
            f"ln -sf {shlex.quote(item.link_target)} {shlex.quote(f'/{item.path}')}"
            for item in links
        )
        yield above, render_run(facts, commands)
    if _needs_loader_cache(facts, items):
        yield max(above, _count_copies_above(copies, _LOADER_FOLDERS)), "RUN ldconfig"


def _count_copies_above(copies: Sequence[_Copy], folders: Iterable[str]) -> int:
    """Return how many copies come above a `RUN` that needs some folders; all if none has to."""
    needed = [f"{folder}/" for folder in folders]
    numbers = (
        number
        for number, copy in enumerate(copies, 1)
        if not copy.order[0] or any(_overlaps(f"{copy.folder}/", folder) for folder in needed)
    )
    return max(numbers, default=len(copies))


def _overlaps(folder: str, other: str) -> bool:
    return folder.startswith(other) or other.startswith(folder)


def _plan_folder_copies(
    facts: BuildFacts, items: Iterable[CopyItem], stage_name: str, workdir: str
) -> Iterator[_Copy]:
    """Yield the `COPY` of each folder."""
    for item in items:
        if item.is_folder:
            below = f"{item.path}/"
            own_files = facts.built.own_files
            owner = _find_owner(facts, item.path, (x for x in own_files if x.startswith(below)))
            target = _format_target(item.path, workdir)
            # Without a slash, BuildKit takes `/srv/shop.git` for the address of a repository.
            source = f"/{item.path}/" if item.path.endswith(".git") else f"/{item.path}"
            operands = _format_operands(facts, source, target)
            yield _Copy(item.order, item.path, owner, _format_copy(stage_name, owner, operands))


def _plan_file_copies(
    facts: BuildFacts, items: Iterable[CopyItem], stage_name: str, workdir: str
) -> Iterator[_Copy]:
    """Yield one `COPY` for the files of each folder, at the place of what changes most often."""
    files = sorted(
        (item for item in items if not item.is_folder and not item.link_target),
        key=lambda item: (posixpath.dirname(item.path), item.path),
    )
    for folder, group in groupby(files, lambda item: posixpath.dirname(item.path)):
        members = list(group)
        owner = _find_owner(facts, folder, (item.path for item in members))
        # With a slash at its end, COPY takes the target for a folder even with a single source.
        target = f"{_format_target(folder, workdir).rstrip('/')}/"
        operands = _format_operands(facts, *(f"/{item.path}" for item in members), target)
        order = max(item.order for item in members)
        yield _Copy(order, folder, owner, _format_copy(stage_name, owner, operands))


def _format_copy(stage_name: str, owner: tuple[int, int], operands: str) -> str:
    # Numbers, since the last stage's /etc/passwd need not have the user's name.
    chown = "" if owner == _ROOT else f" --chown={owner[0]}:{owner[1]}"
    return f"COPY --from={stage_name}{chown} {operands}"


def _format_target(path: str, workdir: str) -> str:
    """Return a target as a human writes it: relative to the working directory, if it is in it."""
    if workdir and path == workdir:
        return "./"
    return f"./{path[len(workdir) + 1 :]}" if path.startswith(f"{workdir}/") else f"/{path}"


def _needs_loader_cache(facts: BuildFacts, items: Iterable[CopyItem]) -> bool:
    """Return True if a copied library is found by the loader's cache alone; musl has none."""
    copied = tuple(f"{item.path}/" for item in items)
    libraries = (x for x in facts.built.own_files if _LOADER_PATHS.match(x))
    is_copied = any(f"{path}/".startswith(copied) for path in libraries)
    return is_copied and facts.built.os_release.package_manager != "apk"


def _find_owner(facts: BuildFacts, folder: str, paths: Iterable[str]) -> tuple[int, int]:
    """Return the owner for `--chown`: of a folder and of all its copied files, else root.

    COPY gives a folder that it creates to that owner, and a file its own one without the flag.
    """
    entry = facts.built.image.directories.get(folder)
    if entry is None:
        return _ROOT
    entries = (facts.built.tree[path] for path in paths)
    has_one_owner = all((x.uid, x.gid) == (entry.uid, entry.gid) for x in entries)
    return (entry.uid, entry.gid) if has_one_owner else _ROOT


def _build_link_folders(
    facts: BuildFacts, items: Iterable[CopyItem], created: Iterable[str]
) -> Iterator[str]:
    """Yield a command that creates the folders that hold links and nothing that is copied."""
    folders = {posixpath.dirname(item.path) for item in items if item.link_target}
    # `ln` creates no folder, and may not find one that the old base image had; -p if it does.
    missing = sorted(folders - collect_folders(created) - {"", *SHARED_FOLDERS})
    if missing:
        yield facts.text_style.wrap_words(["mkdir -p", *(shlex.quote(f"/{x}") for x in missing)])


def _build_metadata_commands(
    facts: BuildFacts, items: Sequence[CopyItem], copies: Iterable[_Copy], workdir: str
) -> Iterator[str]:
    """Yield commands that set owner and mode of the folders, which COPY does not keep."""
    has_other_users = runs_other_users(facts)
    owners = _find_created_owners(facts, copies, workdir)
    folders = _list_created_folders(facts, items)
    changed: dict[tuple[int, int], list[str]] = {}
    for folder in folders:
        entry = facts.built.image.directories[folder]
        owner = (entry.uid, entry.gid)
        if owner not in (_ROOT, owners.get(folder, _ROOT)):
            changed.setdefault(owner, []).append(shlex.quote(f"/{folder}"))
    for (uid, gid), paths in changed.items():
        yield facts.text_style.wrap_words([f"chown {uid}:{gid}", *paths])
    for folder in folders:
        is_common = folder in SHARED_FOLDERS
        if has_other_users and is_mode_needed(facts, folder, is_common=is_common):
            mode = facts.built.image.directories[folder].mode & 0o7777
            yield f"chmod {mode:o} {shlex.quote(f'/{folder}')}"


def _find_created_owners(
    facts: BuildFacts, copies: Iterable[_Copy], workdir: str
) -> dict[str, tuple[int, int]]:
    """Return the owners that folders have after all copies.

    `useradd` makes homes, WORKDIR folders of root, and COPY what its target lacks.
    """
    users = (user for user in list_created_users(facts) if user.creates_home)
    owners = {user.home.strip("/"): (user.uid, user.gid) for user in users}
    for folder, owner in [(workdir, _ROOT), *((copy.folder, copy.owner) for copy in copies)]:
        above = folder
        # The first that creates a folder gives it its owner: later ones find it there.
        while above:
            owners.setdefault(above, owner)
            above = posixpath.dirname(above)
    return owners


def _list_created_folders(facts: BuildFacts, items: Iterable[CopyItem]) -> Sequence[str]:
    """Return the folders that the Dockerfile created, among the copied ones and those above."""
    paths = (x.path if x.is_folder else posixpath.dirname(x.path) for x in items)
    return sorted(collect_folders(paths) & facts.built.own_folders.keys())


def _format_operands(facts: BuildFacts, *paths: str) -> str:
    """Return the operands of a COPY, as JSON where a path needs it.

    All operands but the last are patterns, and variables are expanded in all of them.
    """
    # A blank separates operands, and `[` begins a pattern or, as the first character, a JSON list.
    if not any(_NEEDS_JSON.search(path) for path in paths):
        return facts.text_style.wrap_words(paths) if len(paths) > 3 else " ".join(paths)
    escape = facts.rule_input.dockerfile.escape
    escaped = [_EXPANDED.sub(lambda match: _escape(match[0], escape), path) for path in paths]
    operands = [*(path.replace("[", "[[]") for path in escaped[:-1]), escaped[-1]]
    return json.dumps(operands, ensure_ascii=False)


def _escape(character: str, escape: str) -> str:
    """Escape a character that a Dockerfile expands: `$`, and the one escape that is in use."""
    return f"{escape}{character}" if character in ("$", escape) else character


def render_run(facts: BuildFacts, commands: Iterable[str]) -> str:
    """Return one `RUN` of several commands in the style of the file."""
    return facts.text_style.join_commands(commands)
