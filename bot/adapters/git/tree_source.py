"""The repositories that trees are written from: the user's clone, and its submodules."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from pathlib import Path

from bot.adapters.git.clone import Clone
from bot.adapters.git.git_command import GitCommand, Setting
from bot.adapters.git.object_store import ObjectStore, create_object_store
from bot.adapters.git.server_access import ServerAccess
from bot.adapters.git.submodules import (
    Submodule,
    find_git_directory,
    list_checked_out,
    resolve_url,
)

# As git does for submodules: an address of a file or a program is refused, since it comes from a
# revision's .gitmodules and could name any repository of the machine.
_UNTRUSTED_ADDRESS = {"GIT_PROTOCOL_FROM_USER": "0"}
# For servers that give no commit by its hash alone (uploadpack.allowAnySHA1InWant is off).
_EVERYTHING = ("+refs/heads/*:refs/fetched/heads/*", "+refs/tags/*:refs/fetched/tags/*")


@dataclass(frozen=True)
class TreeSource:
    """A repository to write trees from.

    `url` is its remote's; `clone` and `checkout` are the user's own clone and its folder, if any.
    """

    store: ObjectStore
    url: str
    clone: Clone | None = None
    checkout: Path | None = None
    is_submodule: bool = False

    @cached_property
    def _checked_out(self) -> Mapping[str, bool]:
        if self.clone is None or self.checkout is None:
            return {}
        git = self.clone.command.with_variables(GIT_OBJECT_DIRECTORY=self.store.objects)
        return list_checked_out(git, self.checkout)

    def includes(self, submodule: Submodule) -> bool:
        """Return True for a submodule that the user's checkout has, or would have.

        One that only the other revision has belongs to the tree if the checkout has any. In a
        submodule without any the user's choice cannot be seen: git's own is to check it out.
        """
        is_checked_out = self._checked_out.get(submodule.path)
        if is_checked_out is not None:
            return is_checked_out
        if any(self._checked_out.values()):
            return True
        if self.is_submodule:
            return not self._checked_out
        return self.find_module(submodule) is not None

    def find_module(self, submodule: Submodule) -> Path | None:
        """Return the git directory of a submodule's clone in the user's clone."""
        if self.checkout and (folder := find_git_directory(self.checkout, submodule.path)):
            return folder
        if self.clone is None:
            return None
        layout = self.clone.layout
        roots = (layout.git_directory, layout.common_directory)
        folders = (root / "modules" / submodule.name for root in roots)
        return next((folder for folder in folders if (folder / "HEAD").is_file()), None)


class SubmoduleOpener:
    """Opens submodules as sources; a commit that their clone lacks is fetched from their URL."""

    def __init__(
        self, folder: Path, root: Clone, access: ServerAccess, environment: Mapping[str, str]
    ) -> None:
        """Take a new folder for the object stores of submodules."""
        self._folder, self._root, self._access = folder, root, access
        self._environment = {**environment, **_UNTRUSTED_ADDRESS}
        self._stores: dict[object, ObjectStore] = {}
        self._numbers = count()

    def open(self, parent: TreeSource, submodule: Submodule) -> TreeSource:
        """Return a source that has the submodule's commit; GitError if it cannot be had."""
        module = parent.find_module(submodule)
        url = resolve_url(submodule.url, parent.url)
        clone = self._open_clone(module) if module else None
        key = module or url
        if key not in self._stores:
            self._stores[key] = self._create_store(clone)
        _ensure_commit(self._stores[key], submodule, url)
        checkout = parent.checkout / submodule.path if parent.checkout else None
        return TreeSource(self._stores[key], url, clone, checkout, is_submodule=True)

    def _open_clone(self, module: Path) -> Clone:
        """Return a clone by its git directory, which may belong to another user."""
        variables = {"GIT_DIR": str(module), "GIT_WORK_TREE": str(module)}
        timeout_s = self._root.command.timeout_s
        return Clone(GitCommand(module, {**self._environment, **variables}, timeout_s=timeout_s))

    def _create_store(self, clone: Clone | None) -> ObjectStore:
        folder = self._folder / f"submodule-{next(self._numbers)}"
        git = GitCommand(
            self._root.command.folder, self._environment, timeout_s=self._root.command.timeout_s
        )
        if clone:
            return create_object_store(folder, git, self._access.make_settings(clone), clone.layout)
        return create_object_store(
            folder, git, self._inherit_settings(), object_format=self._root.layout.object_format
        )

    def _inherit_settings(self) -> tuple[Setting, ...]:
        """Return the settings of the user's clone, without its remotes."""
        settings = self._access.make_settings(self._root)
        return tuple(setting for setting in settings if not setting[0].startswith("remote."))


def _ensure_commit(store: ObjectStore, submodule: Submodule, url: str) -> None:
    """Fetch the commit of a submodule, alone if the server allows that."""
    if store.has_commit(submodule.commit):
        return
    options = ("--quiet", "--no-tags")
    arguments = ("--end-of-options", url)
    first = store.remote.attempt("fetch", *options, "--depth=1", *arguments, submodule.commit)
    if first.status:
        store.remote.attempt("fetch", *options, *arguments, *_EVERYTHING)
    if not store.has_commit(submodule.commit):
        raise store.remote.make_error(
            f"The commit {submodule.commit[:12]} of the submodule {submodule.path!r} cannot be "
            f"fetched from {url!r}.",
            first,
        )
