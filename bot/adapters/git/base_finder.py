"""The commit that a head is compared with, also in a clone that lacks it."""

from bot.adapters.git.clone import Clone
from bot.adapters.git.history import History, says_no_such_name
from bot.adapters.git.name_forms import is_ref_name, is_sha, quote_name
from bot.adapters.git.object_store import ObjectStore
from bot.adapters.git.revision_names import RevisionFinder
from bot.errors import GitError
from bot.pull_request.event import Commit

_REMOTE_PREFIX = "origin/"
# `origin/HEAD` is what `git clone` makes of the remote's default branch; a job's checkout lacks it.
_DEFAULT_BRANCHES = ("origin/HEAD", "origin/main", "origin/master", "main", "master")


class BaseFinder:
    """Finds the bases of heads in a clone, and fetches what that takes from its remote."""

    def __init__(
        self, clone: Clone, store: ObjectStore, history: History, revisions: RevisionFinder
    ) -> None:
        self._clone, self._store = clone, store
        self._history, self._revisions = history, revisions

    def find(self, name: str, head: Commit) -> Commit:
        """Return the commit to compare `head` with.

        A branch of a remote (`origin/main`) stands for the commit at which `head` forked off it,
        any other name for its own commit. A clone that is shallow, or has no branch but its own,
        gets what it lacks from its remote.
        """
        if self._is_remote_branch(name):
            return self._find_fork_point(name, head)
        if self._revisions.find_sha(name) is None and self._may_fetch(name):
            return self._revisions.fetch(name)
        return self._revisions.resolve(name)

    def find_default(self, head: Commit) -> Commit:
        """Return the commit at which `head` forked off the default branch."""
        for branch in _DEFAULT_BRANCHES:
            tip = self._revisions.find_sha(branch)
            merge_base = tip and self._history.find_merge_base(head.sha, tip)
            if merge_base:
                return self._history.read_commit(merge_base)
        reason = f"none of {', '.join(_DEFAULT_BRANCHES)} shares history with the head"
        try:
            if self._has_remote:
                return self._history.find_fork_point(self._find_own_commit(head), "HEAD")
        except GitError as problem:
            reason += f", and the remote gives none: {problem.why or problem.what}"
        fix = "name the revision to compare with: --base REV"
        raise GitError("There is no default branch to compare with.", reason, fix)

    def _find_fork_point(self, name: str, head: Commit) -> Commit:
        """Return the commit at which `head` forked off a branch of a remote."""
        own, tip = self._find_own_commit(head), self._revisions.find_sha(name)
        if name.startswith(_REMOTE_PREFIX) and (tip is None or self._store.is_shallow()):
            try:
                return self._history.find_fork_point(own, _make_reference(name))
            except GitError as problem:
                # An older state of the branch may be there, and enough of the history.
                merge_base = tip and self._history.find_merge_base(own, tip)
                if not merge_base:
                    raise _explain_fetch(name, problem) from problem
        else:
            merge_base = tip and self._history.find_merge_base(own, tip)
        if not merge_base:
            raise GitError(
                f"The head shares no history with {quote_name(name)}.",
                fix="name a revision of the same history: --base REV",
            )
        return self._history.read_commit(merge_base)

    def _find_own_commit(self, commit: Commit) -> str:
        """Return a commit, or of a snapshot of the working tree the one that it is based on."""
        # Without a fetch: a partial clone would ask the server for a commit that only our store
        # has.
        git = self._clone.command.with_variables(GIT_NO_LAZY_FETCH="1")
        is_own = git.attempt("cat-file", "-e", f"{commit.sha}^{{commit}}").status == 0
        return commit.sha if is_own or not commit.parents else commit.parents[0]

    def _is_remote_branch(self, name: str) -> bool:
        """Return True for a branch of a remote that the clone knows, or that it may fetch."""
        if not is_ref_name(name):
            return False
        if self._revisions.find_sha(name) is None:
            return name.startswith(_REMOTE_PREFIX) and self._has_remote
        # A local branch may be called `origin/main`, too: the full name says which of them is
        # meant.
        options = ("--symbolic-full-name", "--end-of-options")
        full_name = self._clone.command.attempt("rev-parse", *options, name).text
        return any(line.startswith("refs/remotes/") for line in full_name.split("\n"))

    def _may_fetch(self, name: str) -> bool:
        """Return True for a name that a clone may lack because it was cut short."""
        has_form = is_ref_name(name) and self._has_remote
        return has_form and (is_sha(name) or self._store.is_shallow())

    @property
    def _has_remote(self) -> bool:
        return bool(self._clone.get("remote.origin.url"))


def _make_reference(name: str) -> str:
    branch = name.removeprefix(_REMOTE_PREFIX)
    return branch if branch == "HEAD" else f"refs/heads/{branch}"


def _explain_fetch(name: str, problem: GitError) -> GitError:
    """Return the error for a branch that can be compared with neither here nor from the remote."""
    if says_no_such_name(problem):
        reason = "neither the clone nor its remote has this branch"
        fix = "check the spelling; `git ls-remote --heads origin` lists the branches"
        return GitError(f"The repository has no revision {quote_name(name)}.", reason, fix)
    return GitError(
        f"The history of {quote_name(name)} is not in this clone, and could not be fetched.",
        problem.why or problem.what,
        "make `git fetch origin` work without a prompt, as in the job's own checkout, or fetch the "
        "whole history in the checkout (`GIT_DEPTH: 0` in GitLab CI)",
    )
