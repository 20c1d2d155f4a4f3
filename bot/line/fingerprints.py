"""Fingerprints of the images of one revision: equal ones are built of the same files.

Whatever is in doubt counts: then an image is built that need not have been.
"""

from collections.abc import Iterable
from pathlib import PurePosixPath

from bot.dockerfile.dockerignore import (
    DockerIgnore,
    IllegalIgnoreFileError,
    TooCostlyError,
    parse_dockerignore,
)
from bot.dockerfile.frontends import has_known_frontend
from bot.line.ports import Git
from bot.model.spec import ImageSpec
from bot.project.context_digest import digest_context
from bot.project.git_tree import GitTree, resolve_below
from bot.project.image_plan import compute_fingerprint, is_behind_symlink

_MAX_IGNORE_FILE_BYTES = 100_000
_MAX_DOCKERFILE_BYTES = 1_000_000


class Fingerprints:
    """Computes fingerprints; images that share a context and its ignore file share the work."""

    def __init__(self, git: Git, sha: str, tree: GitTree) -> None:
        self._git = git
        self._sha = sha
        self._tree = tree
        self._paths = sorted(tree)
        self._digests: dict[tuple[str, str], str] = {}
        self._known_frontends: dict[object, bool] = {}

    def compute(self, spec: ImageSpec) -> str:
        """Return the fingerprint of an image, the files of which the revision has."""
        if is_behind_symlink(spec, self._tree):
            # The target of a link may be anywhere in the repository: all of it counts.
            return compute_fingerprint(spec, self._tree, self._digest(".", ""))
        ignore_file = self._find_obeyed_ignore_file(spec)
        return compute_fingerprint(spec, self._tree, self._digest(spec.context, ignore_file))

    def select_sent(self, spec: ImageSpec, folders: Iterable[str]) -> tuple[str, ...]:
        """Return the folders of which a build can read something."""
        if is_behind_symlink(spec, self._tree):
            return tuple(folders)
        prefix = "" if spec.context == "." else f"{spec.context}/"
        below = tuple(path for path in folders if path.startswith(prefix))
        ignore_file = self._find_obeyed_ignore_file(spec)
        try:
            rules = self._read_rules(ignore_file) if ignore_file else None
            return tuple(x for x in below if not (rules and rules.is_pruned(x[len(prefix) :])))
        except (TooCostlyError, IllegalIgnoreFileError):
            return below

    def _find_obeyed_ignore_file(self, spec: ImageSpec) -> str:
        """Return the ignore file of a build; empty if none is sure to be obeyed."""
        ignore_file = self._find_ignore_file(spec)
        return ignore_file if ignore_file and self._has_known_frontend(spec) else ""

    def _find_ignore_file(self, spec: ImageSpec) -> str:
        """Return the ignore file of a build; empty if there is none, or none that can be read.

        BuildKit takes the Dockerfile's own before that of the context, and follows links inside of
        the folder that either is in.
        """
        own = f"{spec.dockerfile}.dockerignore"
        name = own if own in self._tree else str(PurePosixPath(spec.context, ".dockerignore"))
        folder = str(PurePosixPath(name).parent) if name == own else spec.context
        relative = str(PurePosixPath(name).relative_to(folder))
        return resolve_below(self._tree, folder, relative, self._read_link) or ""

    def _has_known_frontend(self, spec: ImageSpec) -> bool:
        key = (self._tree[spec.dockerfile], tuple(sorted(spec.build_args.items())))
        if key not in self._known_frontends:
            text = self._git.read_plain_file(self._sha, spec.dockerfile, _MAX_DOCKERFILE_BYTES)
            is_known = text is not None and has_known_frontend(text, spec.build_args)
            self._known_frontends[key] = is_known
        return self._known_frontends[key]

    def _read_link(self, path: str) -> str:
        target = self._git.read_plain_file(self._sha, path, _MAX_IGNORE_FILE_BYTES) or b"?"
        return target.decode(errors="surrogateescape")

    def _digest(self, context: str, ignore_file: str) -> str:
        key = (context, ignore_file)
        if key not in self._digests:
            self._digests[key] = self._compute_digest(context, ignore_file)
        return self._digests[key]

    def _compute_digest(self, context: str, ignore_file: str) -> str:
        try:
            rules = self._read_rules(ignore_file) if ignore_file else None
            return digest_context(self._tree, self._paths, context, rules)
        except TooCostlyError:
            return digest_context(self._tree, self._paths, context)
        except IllegalIgnoreFileError:
            # No build works with it, which the builder must say: this is like no other revision.
            return f"{self._sha} does not build"

    def _read_rules(self, path: str) -> DockerIgnore | None:
        """Return the rules of a file; None if there are too many, or the build may have others."""
        text = self._git.read_plain_file(self._sha, path, _MAX_IGNORE_FILE_BYTES)
        if text is None:
            return None
        rules = parse_dockerignore(text)
        rules.check_buildable()
        return rules
