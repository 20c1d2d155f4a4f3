"""Records on a branch of the remote that holds nothing else.

Files are only added: a writer fetches the branch, adds its files in one commit, and pushes that if
the branch is still where it was; else it does so again. Git writes the objects into a store of our
own, so that neither the user's checkout nor its index is touched.
"""

import random
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

from bot.adapters.git.blob_reader import BlobReader
from bot.adapters.git.history import says_no_such_name
from bot.adapters.git.name_forms import is_ref_name, quote_name
from bot.adapters.git.object_store import ObjectStore
from bot.adapters.git.tree_listing import TreeEntry, list_tree
from bot.adapters.process import ProcessResult
from bot.doc_links import doc_url
from bot.errors import GitError, InputError

_FETCH_TIMEOUT_S, _PUSH_TIMEOUT_S = 180, 180
_RETRY_TIME_S = 300
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 5.0
_TIP = "refs/records/tip"
# The file that marks a branch as one of records.
_VERSION_PATH = "records/VERSION"
_README = """\
# Records of image sizes

Image Size Review wrote this branch: one file for each image of a commit of the default branch. It
shares no history with other branches. {url} says how to read, prune and remove it.
"""
_AUTHOR = {
    f"GIT_{role}_{key}": value
    for role in ("AUTHOR", "COMMITTER")
    for key, value in (("NAME", "image-size-review"), ("EMAIL", "image-size-review@localhost"))
}
# `! [rejected] <commit> -> data (stale info)`: the reason is in the last brackets.
_REJECTION = re.compile(r"rejected\].*\((.+?)\)\s*$", re.MULTILINE)
# The reasons if another writer was faster; on a disk, one may still hold the lock.
_RACE_WORDS = (
    "stale info",
    "fetch first",
    "non-fast-forward",
    "cannot lock ref",
    "incorrect old value",
    "reference already exists",
    "remote ref does not match",
    "failed to update ref",
)
# GH006 and GH013 are GitHub's for a protected branch and a ruleset.
_DENIED_WORDS = (
    "error: 403",
    "denied",
    "not granted",
    "protected branch",
    "GH006",
    "GH013",
    "hook declined",
)


@dataclass(frozen=True, slots=True)
class Addition:
    """A commit to push, and the state of the branch that it is on (None: there was no branch)."""

    tip: str | None
    commit: str


class RecordBranch:
    """The port `RecordStore` on a branch of the remote."""

    def __init__(self, store: ObjectStore, name: str) -> None:
        if not is_ref_name(name) or name.startswith("refs/"):
            raise InputError(
                f"{quote_name(name)} is not the name of a branch.",
                fix="write `history: branch:NAME`",
            )
        self._store, self._reference = store, f"refs/heads/{name}"
        self._files: Mapping[str, TreeEntry] | None = None

    def list_paths(self) -> Sequence[str]:
        """Return the paths of all files; none if there is no such branch yet."""
        return tuple(self._list_files())

    def read_files(self, paths: Sequence[str], max_bytes: int) -> Iterator[bytes | None]:
        """Yield the content of each file; None for a larger one, and for what is no file."""
        files = self._list_files()
        with ExitStack() as stack:
            blobs = stack.enter_context(BlobReader(self._store.local, self._store.remote))
            for path in paths:
                entry = files.get(path)
                is_file = entry is not None and entry.is_regular_file
                yield blobs.read_short(entry.object_id, max_bytes) if entry and is_file else None

    def add_files(self, files: Mapping[str, bytes], message: str) -> None:
        """Add files in one commit, whatever else is written meanwhile; GitError if it fails."""
        self._files = None
        end, pause = time.monotonic() + _RETRY_TIME_S, _FIRST_PAUSE_S
        while addition := self.prepare(files, message):
            if self.push(addition, is_last=time.monotonic() > end):
                return
            # Not all of those that lost at once should try again at once.
            time.sleep(random.uniform(0, pause))  # noqa: S311 - no secret
            pause = min(2 * pause, _LONGEST_PAUSE_S)

    def prepare(self, files: Mapping[str, bytes], message: str) -> Addition | None:
        """Commit files on the newest state of the branch; None if it has them already."""
        tip = self._fetch_tip()
        commit = self._commit(tip, files, message)
        return Addition(tip, commit) if commit else None

    def push(self, addition: Addition, *, is_last: bool = False) -> bool:
        """Push what was prepared; False if the branch has changed since, unless it `is_last`.

        GitError for any other failure. A push that has begun goes on if this process is killed: one
        that is killed in the middle can leave the lock of a remote on a disk.
        """
        # An empty expectation means that there is no such branch yet: git-push(1).
        lease = f"--force-with-lease={self._reference}:{addition.tip or ''}"
        remote = replace(self._store.remote, timeout_s=_PUSH_TIMEOUT_S, is_ended=False)
        refspec = f"{addition.commit}:{self._reference}"
        result = remote.attempt("push", "--quiet", "--no-verify", lease, "origin", refspec)
        if result.status and (is_last or not _is_race(result)):
            raise _explain_refusal(self._store, self._reference, result)
        return result.status == 0

    def _list_files(self) -> Mapping[str, TreeEntry]:
        if self._files is None:
            tip = self._fetch_tip()
            self._files = list_tree(self._store.local, tip) if tip else {}
        return self._files

    def _fetch_tip(self) -> str | None:
        """Fetch the newest commit of the branch; None if there is no such branch."""
        remote = replace(self._store.remote, timeout_s=_FETCH_TIMEOUT_S)
        # Only the newest state is needed; somebody may have pruned the branch, so that it is no
        # descendant.
        options = ("--quiet", "--no-tags", "--depth=1", "--force")
        try:
            remote.run("fetch", *options, "origin", f"{self._reference}:{_TIP}")
        except GitError as problem:
            if says_no_such_name(problem):
                return None
            raise
        return self._store.local.run("rev-parse", "--verify", f"{_TIP}^{{commit}}").text

    def _commit(self, tip: str | None, files: Mapping[str, bytes], message: str) -> str | None:
        """Return a commit on the tip with the files added; None if it has them already."""
        if tip:
            self._check_branch(tip)
        index = self._store.folder / "records-index"
        git = self._store.local.with_variables(GIT_INDEX_FILE=index, **_AUTHOR)
        git.run("read-tree", *([tip] if tip else ["--empty"]))
        new = dict(files) if tip else {**_make_first_files(), **files}
        lines = []
        for path, content in new.items():
            blob = git.run("hash-object", "-w", "--stdin", stdin=content).text
            lines.append(f"100644 {blob}\t{path}\0")
        git.run("update-index", "-z", "--index-info", stdin="".join(lines).encode())
        tree = git.run("write-tree").text
        if tip and git.run("rev-parse", f"{tip}^{{tree}}").text == tree:
            return None
        parents = ("-p", tip) if tip else ()
        return git.run("commit-tree", tree, *parents, "-m", message).text

    def _check_branch(self, tip: str) -> None:
        """Raise InputError for a branch that was not made for records: nothing is added to it."""
        if _VERSION_PATH in list_tree(self._store.local, tip):
            return
        branch = self._reference.removeprefix("refs/heads/")
        raise InputError(
            f"The branch {branch!r} is not a branch of records.",
            f"it has no file {_VERSION_PATH}, which the first record adds",
            "name a branch of its own, which need not exist: `history: branch:image-sizes`",
        )


def _make_first_files() -> dict[str, bytes]:
    readme = _README.format(url=doc_url("history"))
    return {"README.md": readme.encode(), _VERSION_PATH: b"1\n"}


def _is_race(result: ProcessResult) -> bool:
    reasons = _REJECTION.findall("\n".join(result.stderr_lines))
    return any(word in reason for reason in reasons for word in _RACE_WORDS)


def _explain_refusal(store: ObjectStore, reference: str, result: ProcessResult) -> GitError:
    branch = reference.removeprefix("refs/heads/")
    problem = store.remote.make_error(f"The branch {branch!r} could not be written.", result)
    if not any(word in problem.why for word in _DENIED_WORDS):
        return problem
    fix = (
        "give this job `permissions: contents: write`, and exclude that branch from branch "
        f"protection and rulesets; see {doc_url('history')}"
    )
    return GitError(problem.what, problem.why, fix)
