"""Names of revisions, resolved to commits."""

from bot.adapters.git.clone import Clone
from bot.adapters.git.history import History, says_no_such_name
from bot.adapters.git.name_forms import check_revision_name, is_resolvable, is_sha, quote_name
from bot.adapters.git.object_store import ObjectStore
from bot.errors import GitError
from bot.pull_request.event import Commit


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
        # A store that is out of reach is another error than a name that is misspelt.
        if result.status and any("alternate" in line for line in result.stderr_lines):
            raise git.make_error(f"The revision {quote_name(name)} cannot be read.", result)
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
        # actions/checkout leaves the branches of the remote below `origin/`.
        for revision in (name, f"origin/{name}"):
            if sha := self.find_sha(revision):
                return self._history.read_commit(sha)
        sha = self._fetch_from_remote(name)
        if sha is None:
            raise GitError(
                f"{quote_name(name)} is not a branch, tag or commit of the repository.",
                "the clone has no such name, and the remote has none either",
                "check the spelling; of a commit that the clone lacks, give the whole SHA",
            )
        return self._history.read_commit(sha)

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
        if all(says_no_such_name(problem) for problem in problems):
            return None
        raise problems[0]
