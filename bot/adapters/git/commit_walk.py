"""The commits of a branch itself since a revision or a date, for which a shallow clone fetches."""

import re
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from bot.adapters.git.history import DEEPEN_OPTIONS, History
from bot.adapters.git.name_forms import is_ref_name, quote_name
from bot.adapters.git.object_store import ObjectStore
from bot.adapters.git.revision_names import RevisionFinder
from bot.errors import GitError, InputError
from bot.model.since import WalkedCommit
from bot.project.date_forms import normalize_date
from bot.pull_request.merge_message import find_pull_request

MAX_COMMITS = 10_000
# Null characters between the fields: a message can hold anything else.
_FORMAT = "--format=%H%x00%P%x00%ct%x00%an%x00%s%x00%b%x00"
_FIELDS = 6
_OPTIONS = ("--first-parent", "--no-show-signature", "--end-of-options")
_ANCESTOR = re.compile(r"([^~^]+)((?:[~^][0-9]{0,6})+)")
# What `git rev-parse --since=DATE` prints: the date as seconds since 1970.
_AGE = re.compile(r"--max-age=(\d{1,12})")
_FIX = (
    "name a branch, a tag, a commit, or a date such as 2026-01-31 or '30 days ago'; `git log "
    "--first-parent` lists the commits"
)
_DEEPEN_FIX = (
    "fetch the whole history (`fetch-depth: 0` with actions/checkout, `GIT_DEPTH: 0` in GitLab "
    "CI, `git fetch --unshallow`)"
)


class CommitWalk:
    """Lists the first parents of a commit back to a revision or a date."""

    def __init__(self, store: ObjectStore, history: History, revisions: RevisionFinder) -> None:
        self._store, self._history, self._revisions = store, history, revisions

    def walk(self, since: str, head: str) -> tuple[WalkedCommit, ...]:
        """Return the commits from the start to `head`, the oldest first.

        The start is the newest commit of the branch that a revision contains, or that was there at
        a date; the first commit of a younger history. GitError or InputError for what is neither,
        and for a history that cannot be fetched.
        """
        sha = self._revisions.find_sha(since)
        if sha is None and (date := normalize_date(since)) is not None:
            return self._list_since_date(since, date, head)
        if sha is None:
            sha = self._find_ancestor(since, head) or self._fetch(since)
        return self._list_since_commit(since, sha, head)

    def _find_ancestor(self, name: str, head: str) -> str | None:
        """Return the commit of a name such as `HEAD~7` that a shallow clone is too short for."""
        match = _ANCESTOR.fullmatch(name)
        newer = self._revisions.find_sha(match[1]) if match else None
        if match is None or newer is None or not self._store.is_shallow():
            return None
        for _ in self._deepen(head):
            revision = f"{newer}{match[2]}^{{commit}}"
            result = self._store.local.attempt("rev-parse", "--verify", "--quiet", revision)
            if result.status == 0:
                return result.text
        return None

    def _fetch(self, name: str) -> str:
        """Return the commit of a name that the clone lacks; GitError if it is none anywhere."""
        if is_ref_name(name) and self._store.is_shallow():
            try:
                return self._revisions.fetch(name).sha
            except GitError as problem:
                raise _explain_unknown(name, problem.reason) from problem
        raise _explain_unknown(name, "there is no such revision, and git knows no such date")

    def _list_since_commit(self, name: str, sha: str, head: str) -> tuple[WalkedCommit, ...]:
        if not self._has_common_history(sha, head):
            raise GitError(
                f"{quote_name(name)} shares no history with {head[:12]}.",
                fix="name a commit that the audited revision is based on",
            )
        # One more than allowed, so that too many are noticed.
        limit = f"--max-count={MAX_COMMITS + 1}"
        for is_last in self._deepen(head):
            rows = self._log(limit, *_OPTIONS, head, f"^{sha}")
            if not rows:
                return (self._read(head),)
            parents = rows[-1][1].split()
            if parents or is_last:
                _check_number(len(rows))
                start = (self._read(parents[0]),) if parents else ()
                return (*start, *(_parse(row) for row in reversed(rows)))
        raise AssertionError("the last turn returns")

    def _list_since_date(self, text: str, date: str, head: str) -> tuple[WalkedCommit, ...]:
        seconds = self._read_date(text, date)
        if seconds > time.time():
            raise InputError(f"{quote_name(text)} is in the future.", fix=_FIX)
        for is_last in self._deepen(head):
            rows: list[Sequence[str]] = []
            for row in self._log(f"--max-count={MAX_COMMITS + 2}", *_OPTIONS, head):
                rows.append(row)
                if int(row[2]) <= seconds:
                    is_last = True  # noqa: PLW2901 - what is older is not needed
                    break
            if is_last:
                _check_number(len(rows) - 1)
                return tuple(_parse(row) for row in reversed(rows))
        raise AssertionError("the last turn returns")

    def _deepen(self, head: str) -> Iterator[bool]:
        """Yield as long as there is more history to fetch; True for the last time."""
        for depth in DEEPEN_OPTIONS:
            if not self._store.is_shallow():
                break
            yield False
            try:
                self._history.fetch(head, depth=depth)
            except GitError as problem:
                what = "The history of this shallow clone could not be fetched."
                raise GitError(what, problem.why or problem.what, _DEEPEN_FIX) from problem
        yield True

    def _has_common_history(self, sha: str, head: str) -> bool:
        return any(self._history.find_merge_base(sha, head) for _ in self._deepen(head))

    def _read_date(self, text: str, date: str) -> int:
        match = _AGE.search(self._store.local.run("rev-parse", f"--since={date}").text)
        if match is None:
            raise _explain_unknown(text, "git cannot read it as a date")
        return int(match[1])

    def _read(self, sha: str) -> WalkedCommit:
        (row,) = self._log("--max-count=1", *_OPTIONS, sha)
        return _parse(row)

    def _log(self, *arguments: str) -> list[Sequence[str]]:
        # A replaced or grafted commit has the parents that the clone sees: a shallow one has none.
        listing = self._store.local.run("log", _FORMAT, *arguments).stdout
        fields = listing.decode(errors="replace").split("\0")[:-1]
        rows = [fields[start : start + _FIELDS] for start in range(0, len(fields), _FIELDS)]
        return [(row[0].lstrip("\n"), *row[1:]) for row in rows]


def _parse(row: Sequence[str]) -> WalkedCommit:
    sha, _, seconds, author, subject, body = row
    date = f"{datetime.fromtimestamp(int(seconds), UTC):%Y-%m-%dT%H:%M:%SZ}"
    number = find_pull_request(f"{subject}\n{body}")
    return WalkedCommit(sha, date, author[:200], subject[:200], number)


def _check_number(commits: int) -> None:
    if commits > MAX_COMMITS:
        raise InputError(
            f"There are more than {MAX_COMMITS:,} commits since then.", fix="name a later start"
        )


def _explain_unknown(name: str, reason: str) -> GitError:
    return GitError(f"{quote_name(name)} is no revision and no date.", reason, _FIX)
