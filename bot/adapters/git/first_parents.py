"""The commits of a branch itself, without those that were merged into it."""

from collections.abc import Callable
from dataclasses import replace

from bot.adapters.git.name_forms import check_sha
from bot.adapters.git.object_store import ObjectStore
from bot.errors import GitError

_TIMEOUT_S = 300
# Commits alone, where the server can leave out their files.
_FETCH_OPTIONS = ("--quiet", "--no-tags", "--filter=tree:0")


class FirstParents:
    """Lists first parents; `create_store` makes an empty store for what a shallow clone lacks.

    A store of its own, since a fetch with a depth cuts the history of the store that it is for.
    """

    def __init__(self, store: ObjectStore, create_store: Callable[[], ObjectStore]) -> None:
        self._store, self._create_store = store, create_store
        self._fetched: ObjectStore | None = None

    def list(self, sha: str, most: int) -> tuple[str, ...]:
        """Return a commit and its first ancestors, the newest first; GitError without them."""
        check_sha(sha)
        options = ("--first-parent", f"--max-count={most}", sha)
        own = self._store.local.run("rev-list", *options).text.split("\n")
        if len(own) == most or not self._store.is_shallow():
            return tuple(own)
        if self._fetched is None:
            self._fetched = self._create_store()
        remote = replace(self._fetched.remote, timeout_s=_TIMEOUT_S)
        try:
            remote.run("fetch", *_FETCH_OPTIONS, f"--depth={most}", "origin", sha)
        except GitError as problem:
            raise GitError(
                "The history of the base could not be fetched.",
                problem.why,
                "fetch the whole history (`fetch-depth: 0` with actions/checkout)",
            ) from problem
        return tuple(self._fetched.local.run("rev-list", *options).text.split("\n"))
