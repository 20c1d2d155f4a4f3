"""Names of revisions, resolved to commits."""

from bot.adapters.git.clone import Clone
from bot.adapters.git.history import History
from bot.adapters.git.name_forms import check_revision_name, is_resolvable, is_sha, quote_name
from bot.adapters.git.object_store import ObjectStore
from bot.errors import GitError
from bot.pull_request.event import Commit

_DEFAULT_BRANCHES = ("origin/HEAD", "origin/main", "origin/master", "main", "master")


class RevisionFinder:
    """Finds the commits of names in a clone, and fetches those of its remote."""

    def __init__(self, clone: Clone, store: ObjectStore, history: History) -> None:
        self._clone, self._store, self._history = clone, store, history

    def find_sha(self, name: str) -> str | None:
        """Return the commit of a name, as far as the clone or what was fetched has it."""
        if not is_resolvable(name):
            return None
        # The clone knows the names; a commit may also be among what was fetched.
        git = self._store.local
        if not is_sha(name):
            git = self._clone.command.with_variables(
                GIT_OBJECT_DIRECTORY=self._store.objects, GIT_NO_LAZY_FETCH="1"
            )
        options = ("--verify", "--quiet", "--end-of-options")
        result = git.attempt("rev-parse", *options, f"{name}^{{commit}}")
        return result.text if result.status == 0 else None

    def resolve(self, name: str) -> Commit:
        """Return the commit of a revision's name; GitError if the clone has none."""
        sha = self.find_sha(name)
        if sha is None:
            reason = "a shallow clone lacks most of them" if self._store.is_shallow() else ""
            fix = "check the spelling; `git log` and `git branch -a` list what there is"
            raise GitError(f"The repository has no revision {quote_name(name)}.", reason, fix)
        return self._history.read_commit(sha)

    def fetch(self, name: str) -> Commit:
        """Return the commit of a branch, a tag, a reference or a SHA, fetched where it is missing.

        GitError if the name is none of them.
        """
        check_revision_name(name)
        for revision in (name, f"origin/{name}"):
            if sha := self.find_sha(revision):
                return self._history.read_commit(sha)
        sha = self._fetch_from_remote(name)
        if sha is None:
            raise GitError(
                f"{quote_name(name)} is no branch, tag or commit of the repository.",
                "the clone has no such name, and the remote has none either",
                "check the spelling; of a commit that the clone lacks, give the whole SHA",
            )
        return self._history.read_commit(sha)

    def find_default_base(self, head: Commit) -> Commit:
        """Return the commit at which `head` forked off the default branch."""
        for branch in _DEFAULT_BRANCHES:
            tip = self.find_sha(branch)
            merge_base = tip and self._history.find_merge_base(head.sha, tip)
            if merge_base:
                return self._history.read_commit(merge_base)
        raise GitError(
            "There is no default branch to compare with.",
            f"none of {', '.join(_DEFAULT_BRANCHES)} shares history with the head",
            "name the revision to compare with: --base REV",
        )

    def _fetch_from_remote(self, name: str) -> str | None:
        """Fetch a branch, a tag, a reference or a SHA; None if the remote has no such thing.

        GitError if the remote does not answer.
        """
        names = [f"refs/heads/{name}", f"refs/tags/{name}"]
        if is_sha(name) or name.startswith("refs/"):
            names = [name]
        problems = []
        for full_name in names:
            try:
                return self._history.fetch(full_name)
            except GitError as problem:
                problems.append(problem)
        if all(_says_no_such_name(problem) for problem in problems):
            return None
        raise problems[0]


def _says_no_such_name(problem: GitError) -> bool:
    """Return True if the remote answers, and has no reference or object of that name."""
    words = ("couldn't find remote ref", "not our ref", "unadvertised object")
    return any(word in problem.why for word in words)
