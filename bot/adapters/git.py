"""A git repository, by way of git itself."""

import base64
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bot.adapters.certificates import bundle
from bot.adapters.environment import for_programs
from bot.adapters.process import Finished, run
from bot.errors import BadInput, GitFailed
from bot.line.ports import Worktree
from bot.project.image_plan import Tree
from bot.pull_request.event import Commit, Sides

WORKING_TREE = "working tree"

_DEEPEN = ("--deepen=50", "--deepen=500", "--unshallow")
_DEFAULT_BRANCHES = ("origin/HEAD", "origin/main", "origin/master", "main", "master")
_LFS_POINTER = b"version https://git-lfs.github.com/spec/"
# A snapshot of the same files is the same commit, whoever makes it and whenever.
_NOBODY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "image-size-review"), ("EMAIL", "-"), ("DATE", "@0 +0000"))
}


class GitRepository:
    """The port `Git`: reads a repository, fetches what is missing, makes worktrees of its own."""

    def __init__(
        self, folder: Path, environment: Mapping[str, str], server: str = "", token: str = ""
    ) -> None:
        """GitFailed if `folder` is in no repository. With `token`, fetches from `server` may use it."""
        if not folder.is_dir():
            raise BadInput(
                f"There is no folder {str(folder)!r}.", fix="give --repo an existing folder"
            )
        root = _root_of(folder.resolve())
        if root is None:
            raise GitFailed(
                f"{str(folder)!r} is not in a git repository.",
                fix="give --repo the folder of a clone; in a workflow, run actions/checkout first",
            )
        self.root = root
        self._environment = _git_environment(environment, root)
        self._credentials = self._make_credentials(server, token)

    def resolve(self, name: str) -> Commit:
        """The commit of a revision's name."""
        sha = self._sha_of(name)
        if sha is None:
            why = "a shallow clone lacks most of them" if self._is_shallow() else ""
            fix = "check the spelling; `git log` and `git branch -a` list what there is"
            raise GitFailed(f"The repository has no revision {name!r}.", why, fix)
        return self._commit(sha)

    def checkout(self) -> Commit:
        """The commit that is checked out."""
        return self.resolve("HEAD")

    def snapshot(self) -> Commit:
        """The work tree as it stands, without what git ignores, as a commit that no branch holds."""
        head = self._sha_of("HEAD")
        with tempfile.TemporaryDirectory(prefix="image-size-review-") as folder:
            index = {"GIT_INDEX_FILE": f"{folder}/index"}
            if head:
                self._git("read-tree", head, extra=index)
            self._git("add", "--all", "--", ".", extra=index)
            tree = self._git("write-tree", extra=index).text
        if head and tree == self._git("rev-parse", f"{head}^{{tree}}").text:
            return self._commit(head)
        parents = ["-p", head] if head else []
        made = self._git("commit-tree", tree, *parents, "-m", WORKING_TREE, extra=_NOBODY)
        return self._commit(made.text)

    def fetch_ref(self, name: str) -> Commit:
        """The commit of a revision's name, asked of the remote where the clone lacks it."""
        for known in (name, f"origin/{name}"):
            if self._sha_of(known):
                return self.resolve(known)
        try:
            self._fetch(name)
        except GitFailed:
            return self.resolve(name)  # which says in plain words that there is none
        return self.resolve("FETCH_HEAD")

    def settle(self, sides: Sides) -> tuple[Commit, Commit | None]:
        """Head and base of a pair, fetched where a shallow clone lacks them."""
        head = self._fetched(sides.head)
        if sides.fork_of:
            return head, self._fork_point(head.sha, sides.fork_of)
        if sides.base is None:
            return head, None
        try:
            return head, self._fetched(sides.base)
        except GitFailed:
            if sides.base_may_be_gone:
                return head, None
            raise

    def default_base(self, head: Commit) -> Commit:
        """Where `head` forked off the default branch."""
        for branch in _DEFAULT_BRANCHES:
            tip = self._sha_of(branch)
            found = tip and self._merge_base(head.sha, tip)
            if found:
                return self._commit(found)
        raise GitFailed(
            "There is no default branch to compare with.",
            f"none of {', '.join(_DEFAULT_BRANCHES)} shares history with the head",
            "name the revision to compare with: --base REV",
        )

    def is_ancestor(self, older: Commit, newer: Commit) -> bool:
        """Whether one commit is part of the other's history."""
        asked = self._try("merge-base", "--is-ancestor", older.sha, newer.sha)
        return asked.status == 0

    def tree(self, sha: str) -> Tree:
        """Every file of a commit: POSIX path -> mode and object ID."""
        listing = self._git("ls-tree", "-r", "-z", "--full-tree", sha).stdout
        files = {}
        for entry in listing.decode(errors="surrogateescape").split("\0"):
            if entry:
                about, _, path = entry.partition("\t")
                mode, _, object_id = about.split(" ")
                files[path] = f"{mode} {object_id}"
        return files

    def read(self, sha: str, path: str) -> bytes | None:
        """A file of a commit; None if it has none of that path."""
        found = self._try("cat-file", "blob", f"{sha}:{path}")
        return found.stdout if found.status == 0 else None

    @contextmanager
    def worktree(self, sha: str) -> Iterator[Worktree]:
        """A commit's files, submodules too, in a folder of their own, gone afterwards.

        `.git` is not among them, as in BuildKit's own git contexts: the pointer that stands there
        in a worktree would end up in images that copy everything.
        """
        with tempfile.TemporaryDirectory(prefix="image-size-review-") as folder:
            path, pointer = Path(folder, "tree"), Path(folder, "pointer")
            self._git("worktree", "add", "--quiet", "--detach", "--force", path, sha)
            try:
                self._add_submodules(path)
                pointers = self._lfs_pointers(path)
                (path / ".git").rename(pointer)
                yield Worktree(path, pointers)
            finally:
                if pointer.exists():
                    pointer.rename(path / ".git")
                self._try("worktree", "remove", "--force", "--force", path)

    def _lfs_pointers(self, folder: Path) -> tuple[str, ...]:
        """Files of a worktree that are Git LFS pointers where the content should be."""
        listed = self._git("ls-files", "-z", ":(attr:filter=lfs)", at=folder)
        names = listed.stdout.decode(errors="surrogateescape").split("\0")
        return tuple(name for name in names if name and _is_pointer(folder / name))

    def _add_submodules(self, path: Path) -> None:
        """Submodules only where the user's own checkout has them too: from there, or else from afar."""
        if not (path / ".gitmodules").exists():
            return
        status = self._try("submodule", "status", at=self.root)
        if not any(line and not line.startswith("-") for line in status.text.split("\n")):
            return
        update = ("submodule", "update", "--init", "--recursive", "--quiet")
        if self._try(*update, at=path, extra=self._local_modules(path)).status:
            self._git(*update, at=path, extra=self._credentials)
        for pointer in path.rglob(".git"):
            if pointer.is_file() and pointer.parent != path:
                pointer.unlink()

    def _local_modules(self, path: Path) -> dict[str, str]:
        """Settings that let submodules be cloned from the clones that the repository already has."""
        listed = self._try("config", "--file", path / ".gitmodules", "--get-regexp", r"\.path$")
        names = [
            line.split(".path ")[0].removeprefix("submodule.") for line in listed.text.split("\n")
        ]
        common = self._git("rev-parse", "--path-format=absolute", "--git-common-dir").text
        urls = {f"submodule.{name}.url": f"{common}/modules/{name}" for name in names}
        settings = {"protocol.file.allow": "always", **urls}
        return _configuration(settings, first=int(self._environment["GIT_CONFIG_COUNT"]))

    def _fork_point(self, head: str, branch: str) -> Commit:
        """The merge base with a branch of the remote, history fetched as far as it takes."""
        self._fetch(f"refs/heads/{branch}")
        tip = self._git("rev-parse", "FETCH_HEAD").text
        found = self._merge_base(head, tip)
        for depth in _DEEPEN:
            if found or not self._is_shallow():
                break
            self._fetch(f"refs/heads/{branch}", head, depth=depth)
            found = self._merge_base(head, tip)
        if not found:
            fix = "use `fetch-depth: 0` with actions/checkout, or set the input base-ref"
            raise GitFailed(f"{head[:12]} shares no history with the branch {branch!r}.", fix=fix)
        return self._fetched(found)

    def _fetched(self, sha: str) -> Commit:
        if self._sha_of(sha) is None:
            self._fetch(sha, depth="--depth=1" if self._is_shallow() else "")
        return self.resolve(sha)

    def _fetch(self, *names: str, depth: str = "") -> None:
        shallow = depth or ("--depth=1" if self._is_shallow() else "")
        options = [option for option in ("--no-tags", "--quiet", shallow) if option]
        self._git("fetch", *options, "origin", *names, extra=self._credentials)

    def _merge_base(self, one: str, other: str) -> str | None:
        found = self._try("merge-base", one, other)
        return found.text if found.status == 0 else None

    def _is_shallow(self) -> bool:
        return self._git("rev-parse", "--is-shallow-repository").text == "true"

    def _sha_of(self, name: str) -> str | None:
        asked = self._try(
            "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"
        )
        return asked.text if asked.status == 0 else None

    def _commit(self, sha: str) -> Commit:
        """A commit with its parents as its object names them, which a shallow clone still knows."""
        lines = self._git("cat-file", "commit", sha).text.split("\n\n", 1)[0].split("\n")
        parents = (line.removeprefix("parent ") for line in lines if line.startswith("parent "))
        return Commit(sha, tuple(parents))

    def _make_credentials(self, server: str, token: str) -> dict[str, str]:
        """The token for fetches, where actions/checkout has not left one of its own."""
        configured = self._try("config", "--get-regexp", r"^http\..*\.extraheader$")
        if not token or configured.status == 0:
            return {}
        secret = base64.b64encode(f"x-access-token:{token}".encode()).decode()
        header = {f"http.{server}/.extraheader": f"AUTHORIZATION: basic {secret}"}
        return _configuration(header, first=int(self._environment["GIT_CONFIG_COUNT"]))

    def _git(
        self,
        *arguments: str | Path,
        extra: Mapping[str, str] | None = None,
        at: Path | None = None,
    ) -> Finished:
        finished = self._try(*arguments, extra=extra, at=at)
        if finished.status:
            raise GitFailed(
                f"git {arguments[0]} failed in {str(self.root)!r}.",
                "\n".join(finished.lines[-5:]) or f"exit status {finished.status}",
                "run the same git command by hand to see more",
            )
        return finished

    def _try(
        self, *arguments: str | Path, extra: Mapping[str, str] | None = None, at: Path | None = None
    ) -> Finished:
        environment = {**self._environment, **(extra or {})}
        try:
            return run(["git", "-C", at or self.root, *arguments], environment)
        except FileNotFoundError:
            raise GitFailed("git is not installed.", fix="install git, 2.31 or newer") from None


def _root_of(folder: Path) -> Path | None:
    return next((path for path in (folder, *folder.parents) if (path / ".git").exists()), None)


def _git_environment(environment: Mapping[str, str], root: Path) -> dict[str, str]:
    """No prompts, no hooks, no leftovers of an outer git; the repository trusted by its exact path."""
    kept = {k: v for k, v in for_programs(environment).items() if not k.startswith("GIT_")}
    instead = bundle(environment)
    certificates = {"GIT_SSL_CAINFO": instead} if instead else {}
    certificates |= {k: v for k, v in environment.items() if k.startswith("GIT_SSL_")}
    settings = {
        "safe.directory": str(root),
        "core.hooksPath": "/dev/null",
        "core.fsmonitor": "false",
        "gc.auto": "0",
    }
    return {**kept, **certificates, "GIT_TERMINAL_PROMPT": "0", **_configuration(settings)}


def _configuration(settings: Mapping[str, str], first: int = 0) -> dict[str, str]:
    """git configuration through the environment, from number `first` on."""
    variables = {"GIT_CONFIG_COUNT": str(first + len(settings))}
    for number, (key, value) in enumerate(settings.items(), first):
        variables[f"GIT_CONFIG_KEY_{number}"] = key
        variables[f"GIT_CONFIG_VALUE_{number}"] = value
    return variables


def _is_pointer(path: Path) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_LFS_POINTER)) == _LFS_POINTER
