"""Submodules: what a revision's `.gitmodules` says, and which of them belong into its tree."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bot.adapters.git.git_command import GitCommand
from bot.adapters.git.tree_listing import TreeEntry
from bot.errors import GitError

_KEY = re.compile(r"submodule\.(.+)\.(path|url|update)", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Submodule:
    """A submodule as a revision declares it; its URL may be relative to that of its parent."""

    name: str
    path: str
    url: str
    commit: str


def read_submodules(git: GitCommand, tree: Mapping[str, TreeEntry]) -> tuple[Submodule, ...]:
    """Return the submodules of a tree that git would check out.

    Without an entry in `.gitmodules`, or with `update = none` there, git checks out none. GitError
    for a name or URL that git refuses, since it could lead anywhere.
    """
    commits = {path: entry.object_id for path, entry in tree.items() if entry.is_submodule}
    declaration = tree.get(".gitmodules")
    if not commits or declaration is None or not declaration.is_regular_file:
        return ()
    submodules = []
    for name, values in _read_declarations(git, declaration.object_id).items():
        path = values.get("path", "")
        if path in commits and values.get("url") and values.get("update") != "none":
            submodule = Submodule(name, path, values["url"], commits[path])
            _check_submodule(submodule)
            submodules.append(submodule)
    return tuple(submodules)


def resolve_url(url: str, parent_url: str) -> str:
    """Return the URL of a submodule, as git resolves one that is relative to its parent's."""
    if not url.startswith(("./", "../")):
        return url
    base, path = parent_url.rstrip("/"), url
    while path.startswith(("./", "../")):
        step, _, path = path.partition("/")
        if step == "..":
            separator = "/" if "/" in base else ":"
            base = base.rpartition(separator)[0]
            if separator == ":":
                return f"{base}:{path}"
    return f"{base}/{path}"


def find_git_directory(checkout: Path, path: str) -> Path | None:
    """Return the git directory of a checked-out submodule; None if it is not checked out.

    A link on the way to it could lead to any other clone of the machine.
    """
    folder = checkout / path
    pointer = folder / ".git"
    if folder.resolve() != checkout.resolve() / path:
        return None
    if pointer.is_dir():
        return pointer
    if not pointer.is_file():
        return None
    text = pointer.read_text("utf-8", errors="surrogateescape")
    target = folder / text.removeprefix("gitdir:").strip()
    return target.resolve() if target.is_dir() else None


def list_checked_out(git: GitCommand, checkout: Path) -> Mapping[str, bool]:
    """Return the submodules of the user's checkout by path: True for those that are checked out."""
    listing = git.run("ls-files", "--stage", "-z").stdout.decode(errors="surrogateescape")
    paths = (line.partition("\t")[2] for line in listing.split("\0") if line.startswith("160000 "))
    return {path: find_git_directory(checkout, path) is not None for path in paths}


def _read_declarations(git: GitCommand, blob: str) -> Mapping[str, Mapping[str, str]]:
    listing = git.run("config", "--blob", blob, "--list", "-z").stdout
    declarations: dict[str, dict[str, str]] = {}
    for entry in listing.decode(errors="surrogateescape").split("\0"):
        key, _, value = entry.partition("\n")
        if match := _KEY.fullmatch(key):
            declarations.setdefault(match[1], {})[match[2]] = value
    return declarations


def _check_submodule(submodule: Submodule) -> None:
    """Raise GitError for a name or URL that git refuses, for the reasons that it gives."""
    # CVE-2018-11235: such a name led out of `.git/modules`, to hooks that the commit brought along.
    # CVE-2018-17456: an address with a dash in front was an option of `git clone`.
    parts = re.split(r"[/\\]", submodule.name)
    is_bad_name = ".." in parts or PurePosixPath(submodule.name).is_absolute()
    if is_bad_name or submodule.url.startswith("-") or _CONTROL.search(submodule.url):
        raise GitError(
            f"The submodule {submodule.path!r} has a name or address that git refuses.",
            f".gitmodules calls it {submodule.name!r}, with the address {submodule.url!r}",
            "correct its entry in .gitmodules",
        )
