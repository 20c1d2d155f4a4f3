"""Fingerprints of the images of one revision: equal ones are built of the same files.

Whatever is in doubt counts: then an image is built that need not have been.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache, partial

from bot.dockerfile.dockerignore import (
    IllegalIgnoreFileError,
    TooCostlyError,
    parse_dockerignore,
)
from bot.dockerfile.frontends import has_known_frontend
from bot.dockerfile.source_text import MAX_DOCKERFILE_BYTES
from bot.line.committed_links import NO_TARGET, read_link
from bot.line.ports import Git
from bot.line.sent_context import SentContext, SentRules
from bot.model.spec import ImageSpec
from bot.project.file_tree import index_tree
from bot.project.followed_links import resolve_below
from bot.project.git_tree import GitTree
from bot.project.image_plan import (
    Fingerprint,
    is_out_of_tree,
    list_build_settings,
    list_context_folders,
)

# A larger one is not read, and then every file of the context counts.
_MAX_IGNORE_FILE_BYTES = 100_000
_MAX_KEPT_RULES = 256  # of different texts; both revisions have the most of them


class Fingerprints:
    """Computes fingerprints; images that share a context and its ignore file share the work.

    Nothing is read or matched before two fingerprints are compared and all else is the same.
    """

    def __init__(self, git: Git, sha: str, tree: GitTree) -> None:
        self._git = git
        self._sha = sha
        self._tree = index_tree(tree)
        self._contexts: dict[tuple[str, str], SentContext] = {}
        self._known_frontends: dict[object, bool] = {}

    def compute(self, spec: ImageSpec) -> Fingerprint:
        """Return the fingerprint of an image, the files of which the revision has."""
        settings = list_build_settings(spec, self._tree)
        if spec.needs.preparation or is_out_of_tree(spec, self._tree):
            # A link may lead anywhere in the repository, of a submodule the tree has the commit
            # alone, and commands may read anything: all of it counts.
            return Fingerprint(settings, self._share_context(".", ""))
        ignore_file = self._find_obeyed_ignore_file(spec)
        # The ignore files of named contexts are left aside: more counts than is sent.
        others = tuple(self._share_context(x, "") for x in list_context_folders(spec))
        content = self._share_context(spec.context, ignore_file)
        return Fingerprint(settings, (content, *others) if others else content)

    def select_sent(self, spec: ImageSpec, paths: Iterable[str]) -> tuple[str, ...]:
        """Return those of some files and folders of which a build can read something."""
        if spec.needs.preparation or is_out_of_tree(spec, self._tree):
            return tuple(paths)
        paths, others = tuple(paths), list_context_folders(spec)
        # Their own ignore files are left aside, as for the fingerprint.
        named = [x for x in paths if any(_is_below(x, other) for other in others)]
        return tuple(dict.fromkeys((*self._select_from_context(spec, paths), *named)))

    def _select_from_context(self, spec: ImageSpec, paths: Sequence[str]) -> tuple[str, ...]:
        prefix = "" if spec.context == "." else f"{spec.context}/"
        below = tuple(path for path in paths if path.startswith(prefix))
        ignore_file = self._find_obeyed_ignore_file(spec)
        try:
            # Not merely ignored: below an ignored folder, a pattern with `!` may ask for files
            # again.
            rules = self._read_rules(ignore_file).rules if ignore_file else None
            return tuple(x for x in below if not (rules and rules.is_pruned(x[len(prefix) :])))
        except TooCostlyError:
            return below

    def _find_obeyed_ignore_file(self, spec: ImageSpec) -> str:
        """Return the ignore file of a build; empty if none is sure to be obeyed."""
        # The frontend reads it, not buildx: one that `# syntax=` names may read another file, or
        # none.
        ignore_file = self._find_ignore_file(spec)
        return ignore_file if ignore_file and self._has_known_frontend(spec) else ""

    def _find_ignore_file(self, spec: ImageSpec) -> str:
        """Return the ignore file of a build; empty if there is none, or none that can be read.

        BuildKit takes the Dockerfile's own before that of the context, and follows links inside of
        the folder that either is in.
        """
        own = f"{spec.dockerfile}.dockerignore"
        folder, name = spec.context, ".dockerignore"
        if own in self._tree:
            folder, _, name = own.rpartition("/")
        return resolve_below(self._tree, folder or ".", name, self._read_link) or ""

    def _has_known_frontend(self, spec: ImageSpec) -> bool:
        key = (self._tree[spec.dockerfile], tuple(sorted(spec.build_args.items())))
        if key not in self._known_frontends:
            text = self._git.read_plain_file(self._sha, spec.dockerfile, MAX_DOCKERFILE_BYTES)
            is_known = text is not None and has_known_frontend(text, spec.build_args)
            self._known_frontends[key] = is_known
        return self._known_frontends[key]

    def _read_link(self, path: str) -> str:
        return read_link(self._git, self._sha, path) or NO_TARGET

    def _share_context(self, context: str, ignore_file: str) -> SentContext:
        key = (context, ignore_file)
        if key not in self._contexts:
            read_rules = partial(self._read_rules, ignore_file)
            self._contexts[key] = SentContext(self._tree, self._sha, context, read_rules)
        return self._contexts[key]

    def _read_rules(self, path: str) -> SentRules:
        """Return the rules of a file; none if there are too many, or the build may have others."""
        if not path:
            return SentRules()
        text = self._git.read_plain_file(self._sha, path, _MAX_IGNORE_FILE_BYTES)
        return SentRules() if text is None else _parse_rules(text)


def _is_below(path: str, folder: str) -> bool:
    return folder in (".", path) or path.startswith(f"{folder}/")


@lru_cache(_MAX_KEPT_RULES)
def _parse_rules(text: bytes) -> SentRules:
    try:
        rules = parse_dockerignore(text)
        rules.check_buildable()
    except IllegalIgnoreFileError:
        return SentRules(text, is_illegal=True)
    except TooCostlyError:
        return SentRules()
    return SentRules(text, rules)
