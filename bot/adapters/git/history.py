"""The commits of a clone, and those that it lacks: they are fetched into a store of our own."""

import re
from datetime import UTC, datetime

from bot.adapters.git.name_forms import check_revision_name, check_sha
from bot.adapters.git.object_store import ObjectStore
from bot.adapters.process import ProcessResult
from bot.errors import GitError
from bot.pull_request.event import Commit, ComparisonPair

# Most branches fork off some commits ago; a large history is fetched whole at last.
DEEPEN_OPTIONS = ("--deepen=50", "--deepen=500", "--unshallow")
_REMOTE = "origin"
_COMMITTER_DATE = re.compile(r"^committer .*> ([0-9]{1,10}) [+-][0-9]{4}$", re.MULTILINE)
_FIX = (
    "fetch the whole history (`fetch-depth: 0` with actions/checkout, `GIT_DEPTH: 0` in GitLab "
    "CI, `git fetch --unshallow`), or name another base"
)


class History:
    """The history of a clone, with as much of the remote's as is needed."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def read_commit(self, sha: str) -> Commit:
        """Return a commit with the parents of its object, which a shallow clone still has."""
        text = self._store.local.run("cat-file", "commit", sha).text
        # The headers of a commit end at the first empty line; the message may say `parent`, too.
        lines = text.split("\n\n", 1)[0].split("\n")
        parents = (line.removeprefix("parent ") for line in lines if line.startswith("parent "))
        return Commit(sha, tuple(parents))

    def read_date(self, sha: str) -> str:
        """Return the date of a commit in UTC, as in `2026-11-26T15:52:50Z`."""
        head = self._store.local.run("cat-file", "commit", sha).text.split("\n\n", 1)[0]
        seconds = _COMMITTER_DATE.findall(head)[-1]
        return f"{datetime.fromtimestamp(int(seconds), UTC):%Y-%m-%dT%H:%M:%SZ}"

    def resolve_pair(self, pair: ComparisonPair) -> tuple[Commit, Commit | None]:
        """Return head and base of a pair, fetched where a shallow clone lacks them."""
        head = self._ensure_commit(pair.head)
        if pair.merge_base_with:
            # From the event's payload: the name of a branch must not become an option or a refspec.
            check_revision_name(f"refs/heads/{pair.merge_base_with}")
            return head, self.find_fork_point(head.sha, f"refs/heads/{pair.merge_base_with}")
        if pair.base is None:
            return head, None
        try:
            return head, self._ensure_commit(pair.base)
        except GitError:
            if pair.base_may_be_missing:
                return head, None
            raise

    def find_merge_base(self, first: str, second: str) -> str | None:
        """Return the merge base of two commits, as far as their history is there."""
        result = self._compare(first, second)
        return result.text.split("\n", 1)[0] if result.status == 0 else None

    def is_ancestor(self, older: str, newer: str) -> bool:
        """Return True if one commit is part of the other's history."""
        return self._compare("--is-ancestor", older, newer).status == 0

    def is_in_history(self, revision: str, newer: str) -> bool:
        """Return True if a revision is a commit in the history of another one.

        A shallow clone gets as much of that history as it takes. False for a revision that is no
        full commit hash, or of another repository, and where the history cannot be fetched.
        """
        try:
            return self._is_in_history(self._ensure_commit(revision).sha, newer)
        except (GitError, ValueError):
            return False

    def _is_in_history(self, older: str, newer: str) -> bool:
        for depth in DEEPEN_OPTIONS:
            if self.is_ancestor(older, newer):
                return True
            if not self._store.is_shallow():
                return False
            self.fetch(newer, older, depth=depth)
        return self.is_ancestor(older, newer)

    def fetch(self, *names: str, depth: str = "") -> str:
        """Fetch from the remote into the store, and return the commit of the first name."""
        # In a shallow store a fetch without a depth would bring the whole history of the name.
        shallow = depth or ("--depth=1" if self._store.is_shallow() else "")
        options = [option for option in ("--no-tags", "--quiet", shallow) if option]
        self._store.remote.run("fetch", *options, "--end-of-options", _REMOTE, *names)
        return self._store.local.run("rev-parse", "--verify", "FETCH_HEAD^{commit}").text

    def _compare(self, *arguments: str) -> ProcessResult:
        """Run `git merge-base`, which answers 1 and prints an error where a commit is damaged."""
        result = self._store.local.attempt("merge-base", *arguments)
        has_error = any(line.startswith("error:") for line in result.stderr_lines)
        if has_error or result.status not in (0, 1):
            raise self._store.local.make_error("The histories could not be compared.", result)
        return result

    def _ensure_commit(self, sha: str) -> Commit:
        check_sha(sha)
        if not self._store.has_commit(sha):
            self.fetch(sha)
        return self.read_commit(sha)

    def find_fork_point(self, head: str, reference: str) -> Commit:
        """Return the merge base with a reference of the remote.

        A shallow clone gets as much of both histories as that takes.
        """
        tip = self.fetch(reference)
        merge_base = self.find_merge_base(head, tip)
        for depth in DEEPEN_OPTIONS:
            if merge_base or not self._store.is_shallow():
                break
            self._deepen(reference, head, depth)
            merge_base = self.find_merge_base(head, tip)
        if not merge_base:
            branch = reference.removeprefix("refs/heads/")
            raise GitError(f"{head[:12]} shares no history with the branch {branch!r}.", fix=_FIX)
        return self._ensure_commit(merge_base)

    def _deepen(self, reference: str, head: str, depth: str) -> None:
        """Fetch more of two histories; not every remote has the head, or gives it by its hash."""
        try:
            self.fetch(reference, head, depth=depth)
        except GitError as problem:
            if not says_no_such_name(problem):
                raise
            self.fetch(reference, depth=depth)


def says_no_such_name(problem: GitError) -> bool:
    """Return True if the remote answers, and has no reference or object of that name."""
    words = ("couldn't find remote ref", "not our ref", "unadvertised object")
    return any(word in problem.why for word in words)
