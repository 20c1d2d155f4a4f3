"""A git repository, read with the git command.

No library: git itself knows worktrees, submodules, LFS filters and the credentials that a checkout
has left.
"""

import base64
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bot.adapters.certificates import find_ca_bundle
from bot.adapters.environment import make_child_environment
from bot.adapters.process import ProcessResult, run_program
from bot.errors import GitError, InputError
from bot.line.ports import Worktree
from bot.project.image_plan import GitTree
from bot.project.renames import Rename
from bot.pull_request.event import Commit, ComparisonPair

WORKING_TREE = "working tree"

_DEEPEN_OPTIONS = ("--deepen=50", "--deepen=500", "--unshallow")
_DEFAULT_BRANCHES = ("origin/HEAD", "origin/main", "origin/master", "main", "master")
# -l0: no limit on the number of files, beyond which git compares none; -M50% is its own default.
_RENAME_OPTIONS = ("-r", "-z", "--name-status", "--diff-filter=R", "-M50%", "-l0")
_LFS_POINTER_PREFIX = b"version https://git-lfs.github.com/spec/"
# With fixed author and dates, a snapshot of the same files is always the same commit.
_SNAPSHOT_IDENTITY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "image-size-review"), ("EMAIL", "-"), ("DATE", "@0 +0000"))
}


class GitRepository:
    """The port `Git`: reads a repository, fetches missing commits, adds temporary worktrees."""

    def __init__(
        self, folder: Path, environment: Mapping[str, str], server_url: str = "", token: str = ""
    ) -> None:
        """Find the repository; raise GitError if `folder` is in none.

        With `token`, fetches from `server_url` may use it.
        """
        if not folder.is_dir():
            raise InputError(
                f"There is no folder {str(folder)!r}.", fix="give --repo an existing folder"
            )
        root = _find_root(folder.resolve())
        if root is None:
            raise GitError(
                f"{str(folder)!r} is not in a git repository.",
                fix="give --repo the folder of a clone; in a workflow, run actions/checkout first",
            )
        self.root = root
        self._environment = _make_git_environment(environment, root)
        self._credentials = self._make_credentials(server_url, token)

    def resolve_revision(self, name: str) -> Commit:
        """Return the commit of a revision's name."""
        sha = self._resolve_sha(name)
        if sha is None:
            reason = "a shallow clone lacks most of them" if self._is_shallow() else ""
            fix = "check the spelling; `git log` and `git branch -a` list what there is"
            raise GitError(f"The repository has no revision {name!r}.", reason, fix)
        return self._read_commit(sha)

    def resolve_head(self) -> Commit:
        """Return the commit that is checked out."""
        return self.resolve_revision("HEAD")

    def snapshot_working_tree(self) -> Commit:
        """Return the working tree, without ignored files, as a commit on no branch."""
        head = self._resolve_sha("HEAD")
        with tempfile.TemporaryDirectory(prefix="image-size-review-") as folder:
            index = {"GIT_INDEX_FILE": f"{folder}/index"}
            if head:
                self._run_git("read-tree", head, extra_environment=index)
            self._run_git("add", "--all", "--", ".", extra_environment=index)
            tree = self._run_git("write-tree", extra_environment=index).text
        if head and tree == self._run_git("rev-parse", f"{head}^{{tree}}").text:
            return self._read_commit(head)
        parents = ["-p", head] if head else []
        result = self._run_git(
            "commit-tree", tree, *parents, "-m", WORKING_TREE, extra_environment=_SNAPSHOT_IDENTITY
        )
        return self._read_commit(result.text)

    def fetch_ref(self, name: str) -> Commit:
        """Return the commit of a revision's name, fetched where the clone lacks it."""
        for revision in (name, f"origin/{name}"):
            if self._resolve_sha(revision):
                return self.resolve_revision(revision)
        try:
            self._fetch(name)
        except GitError:
            return self.resolve_revision(name)  # raises the error that names the revision
        return self.resolve_revision("FETCH_HEAD")

    def resolve_pair(self, pair: ComparisonPair) -> tuple[Commit, Commit | None]:
        """Return head and base of a pair, fetched where a shallow clone lacks them."""
        head = self._ensure_commit(pair.head)
        if pair.merge_base_with:
            return head, self._find_fork_point(head.sha, pair.merge_base_with)
        if pair.base is None:
            return head, None
        try:
            return head, self._ensure_commit(pair.base)
        except GitError:
            if pair.base_may_be_missing:
                return head, None
            raise

    def find_default_base(self, head: Commit) -> Commit:
        """Return the commit at which `head` forked off the default branch."""
        for branch in _DEFAULT_BRANCHES:
            tip = self._resolve_sha(branch)
            merge_base = tip and self._find_merge_base(head.sha, tip)
            if merge_base:
                return self._read_commit(merge_base)
        raise GitError(
            "There is no default branch to compare with.",
            f"none of {', '.join(_DEFAULT_BRANCHES)} shares history with the head",
            "name the revision to compare with: --base REV",
        )

    def is_ancestor(self, older: Commit, newer: Commit) -> bool:
        """Return True if one commit is part of the other's history."""
        result = self._try_git("merge-base", "--is-ancestor", older.sha, newer.sha)
        return result.status == 0

    def list_files(self, sha: str) -> GitTree:
        """Return every file of a commit: POSIX path to mode and object ID."""
        listing = self._run_git("ls-tree", "-r", "-z", "--full-tree", sha).stdout
        files = {}
        for entry in listing.decode(errors="surrogateescape").split("\0"):
            if entry:
                metadata, _, path = entry.partition("\t")
                mode, _, object_id = metadata.split(" ")
                files[path] = f"{mode} {object_id}"
        return files

    def find_renames(self, old: str, new: str, paths: Sequence[str]) -> tuple[Rename, ...]:
        """Return the renames between two commits, of these paths alone; each path is in one."""
        listing = self._run_git(
            "diff-tree",
            *_RENAME_OPTIONS,
            *("--end-of-options", old, new, "--", *paths),
            extra_environment={"GIT_LITERAL_PATHSPECS": "1"},
        )
        fields = listing.stdout.decode(errors="surrogateescape").split("\0")
        triples = zip(fields[::3], fields[1::3], fields[2::3], strict=False)
        return tuple(Rename(int(status[1:]), source, target) for status, source, target in triples)

    def read_file(self, sha: str, path: str) -> bytes | None:
        """Return a file of a commit; None if it has no such file."""
        result = self._try_git("cat-file", "blob", f"{sha}:{path}")
        return result.stdout if result.status == 0 else None

    @contextmanager
    def temporary_worktree(self, sha: str) -> Iterator[Worktree]:
        """Yield a folder with a commit's files, submodules included, and remove it afterwards.

        `.git` is not among them, as in BuildKit's own git contexts: a worktree has a
        pointer file there, which would end up in images that copy everything.
        """
        with tempfile.TemporaryDirectory(prefix="image-size-review-") as folder:
            path, pointer = Path(folder, "tree"), Path(folder, "pointer")
            self._run_git("worktree", "add", "--quiet", "--detach", "--force", path, sha)
            try:
                self._add_submodules(path)
                pointers = self._find_lfs_pointers(path)
                (path / ".git").rename(pointer)
                yield Worktree(path, pointers)
            finally:
                if pointer.exists():
                    pointer.rename(path / ".git")
                self._try_git("worktree", "remove", "--force", "--force", path)

    def _find_lfs_pointers(self, folder: Path) -> tuple[str, ...]:
        """Return the files of a worktree that are Git LFS pointers instead of content."""
        listing = self._run_git("ls-files", "-z", ":(attr:filter=lfs)", folder=folder)
        names = listing.stdout.decode(errors="surrogateescape").split("\0")
        return tuple(name for name in names if name and _is_lfs_pointer(folder / name))

    def _add_submodules(self, path: Path) -> None:
        """Check out the submodules that the user's own checkout has.

        Their clones in the repository are tried first, then the remote.
        """
        if not (path / ".gitmodules").exists():
            return
        status = self._try_git("submodule", "status", folder=self.root)
        if not any(line and not line.startswith("-") for line in status.text.split("\n")):
            return
        update = ("submodule", "update", "--init", "--recursive", "--quiet")
        if self._try_git(
            *update, folder=path, extra_environment=self._make_local_submodule_config(path)
        ).status:
            self._run_git(*update, folder=path, extra_environment=self._credentials)
        for pointer in path.rglob(".git"):
            if pointer.is_file() and pointer.parent != path:
                pointer.unlink()

    def _make_local_submodule_config(self, path: Path) -> dict[str, str]:
        """Return settings that clone submodules from the repository's own clones."""
        listing = self._try_git(
            "config", "--file", path / ".gitmodules", "--get-regexp", r"\.path$"
        )
        names = [
            line.split(".path ")[0].removeprefix("submodule.") for line in listing.text.split("\n")
        ]
        git_directory = self._run_git(
            "rev-parse", "--path-format=absolute", "--git-common-dir"
        ).text
        urls = {f"submodule.{name}.url": f"{git_directory}/modules/{name}" for name in names}
        # Off by default since git 2.38.1 (CVE-2022-39253); here the clones are our own.
        settings = {"protocol.file.allow": "always", **urls}
        return _make_config_variables(
            settings, first_number=int(self._environment["GIT_CONFIG_COUNT"])
        )

    def _find_fork_point(self, head: str, branch: str) -> Commit:
        """Return the merge base with a branch of the remote, with as much history as that takes."""
        self._fetch(f"refs/heads/{branch}")
        tip = self._run_git("rev-parse", "FETCH_HEAD").text
        merge_base = self._find_merge_base(head, tip)
        for depth in _DEEPEN_OPTIONS:
            if merge_base or not self._is_shallow():
                break
            self._fetch(f"refs/heads/{branch}", head, depth=depth)
            merge_base = self._find_merge_base(head, tip)
        if not merge_base:
            fix = "use `fetch-depth: 0` with actions/checkout, or set the input base-ref"
            raise GitError(f"{head[:12]} shares no history with the branch {branch!r}.", fix=fix)
        return self._ensure_commit(merge_base)

    def _ensure_commit(self, sha: str) -> Commit:
        if self._resolve_sha(sha) is None:
            self._fetch(sha, depth="--depth=1" if self._is_shallow() else "")
        return self.resolve_revision(sha)

    def _fetch(self, *names: str, depth: str = "") -> None:
        shallow = depth or ("--depth=1" if self._is_shallow() else "")
        options = [option for option in ("--no-tags", "--quiet", shallow) if option]
        self._run_git("fetch", *options, "origin", *names, extra_environment=self._credentials)

    def _find_merge_base(self, first: str, second: str) -> str | None:
        result = self._try_git("merge-base", first, second)
        return result.text if result.status == 0 else None

    def _is_shallow(self) -> bool:
        return self._run_git("rev-parse", "--is-shallow-repository").text == "true"

    def _resolve_sha(self, name: str) -> str | None:
        result = self._try_git(
            "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"
        )
        return result.text if result.status == 0 else None

    def _read_commit(self, sha: str) -> Commit:
        """Return a commit with the parents of its object, which a shallow clone still has."""
        lines = self._run_git("cat-file", "commit", sha).text.split("\n\n", 1)[0].split("\n")
        parents = (line.removeprefix("parent ") for line in lines if line.startswith("parent "))
        return Commit(sha, tuple(parents))

    def _make_credentials(self, server_url: str, token: str) -> dict[str, str]:
        """Return the token for fetches, unless actions/checkout has left its own."""
        configured = self._try_git("config", "--get-regexp", r"^http\..*\.extraheader$")
        if not token or configured.status == 0:
            return {}
        secret = base64.b64encode(f"x-access-token:{token}".encode()).decode()
        header = {f"http.{server_url}/.extraheader": f"AUTHORIZATION: basic {secret}"}
        return _make_config_variables(
            header, first_number=int(self._environment["GIT_CONFIG_COUNT"])
        )

    def _run_git(
        self,
        *arguments: str | Path,
        extra_environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> ProcessResult:
        result = self._try_git(*arguments, extra_environment=extra_environment, folder=folder)
        if result.status:
            raise GitError(
                f"git {arguments[0]} failed in {str(self.root)!r}.",
                "\n".join(result.stderr_lines[-5:]) or f"exit status {result.status}",
                "run the same git command by hand to see more",
            )
        return result

    def _try_git(
        self,
        *arguments: str | Path,
        extra_environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> ProcessResult:
        environment = {**self._environment, **(extra_environment or {})}
        try:
            return run_program(["git", "-C", folder or self.root, *arguments], environment)
        except FileNotFoundError:
            raise GitError("git is not installed.", fix="install git, 2.31 or newer") from None


def _find_root(folder: Path) -> Path | None:
    return next((path for path in (folder, *folder.parents) if (path / ".git").exists()), None)


def _make_git_environment(environment: Mapping[str, str], root: Path) -> dict[str, str]:
    """Return git's environment: no prompts, no hooks, no GIT_ variables from outside.

    The repository is trusted by its exact path, since its owner may be another user.
    """
    inherited = {
        k: v for k, v in make_child_environment(environment).items() if not k.startswith("GIT_")
    }
    ca_bundle = find_ca_bundle(environment)
    certificates = {"GIT_SSL_CAINFO": ca_bundle} if ca_bundle else {}
    certificates |= {k: v for k, v in environment.items() if k.startswith("GIT_SSL_")}
    settings = {
        "safe.directory": str(root),
        "core.hooksPath": "/dev/null",
        "core.fsmonitor": "false",
        "gc.auto": "0",
    }
    return {
        **inherited,
        **certificates,
        "GIT_TERMINAL_PROMPT": "0",
        **_make_config_variables(settings),
    }


def _make_config_variables(settings: Mapping[str, str], first_number: int = 0) -> dict[str, str]:
    """Return git configuration as environment variables, numbered from `first_number`."""
    variables = {"GIT_CONFIG_COUNT": str(first_number + len(settings))}
    for number, (key, value) in enumerate(settings.items(), first_number):
        variables[f"GIT_CONFIG_KEY_{number}"] = key
        variables[f"GIT_CONFIG_VALUE_{number}"] = value
    return variables


def _is_lfs_pointer(path: Path) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_LFS_POINTER_PREFIX)) == _LFS_POINTER_PREFIX
