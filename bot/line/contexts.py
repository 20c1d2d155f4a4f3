"""The build contexts that nobody declares, guessed for each revision from its own files."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from bot.dockerfile.build_plan import BuildPlan
from bot.dockerfile.copied_paths import list_copied_paths
from bot.dockerfile.frontends import has_known_frontend
from bot.dockerfile.source_text import MAX_DOCKERFILE_BYTES
from bot.dockerfile.stages import Dockerfile
from bot.line.bake_files import BuildFileReader
from bot.line.ports import BuildFilePrinter, Git, Parser
from bot.line.target_stages import TargetStages
from bot.model.copied_path import CopiedPath, MissingSource
from bot.model.spec import ContextSource, ImageSpec
from bot.project.context_inference import infer_context
from bot.project.git_tree import GitTree, resolve_below
from bot.project.path_search import PathSearch

_GUESSED = (ContextSource.DEFAULT, ContextSource.INFERRED)
_MAX_LINK_BYTES = 4096  # of Linux


class ContextFinder:
    """A finder of contexts; Dockerfiles that both revisions have are read once.

    `build_files` reads the files in which a revision declares contexts, `stages` finds the stages
    that images are built of.
    """

    def __init__(self, git: Git, parser: Parser, printer: BuildFilePrinter) -> None:
        self._git, self._parser = git, parser
        self.build_files = BuildFileReader(git, parser, printer)
        self.stages = TargetStages(git, parser)
        self._dockerfiles: dict[object, Dockerfile | None] = {}
        self._copied: dict[object, tuple[CopiedPath, ...] | None] = {}

    def add_contexts(
        self, sha: str, tree: GitTree, specs: Sequence[ImageSpec]
    ) -> tuple[ImageSpec, ...]:
        """Return the images with the contexts that nobody declares, by the files of a revision."""
        search = PathSearch(tree)
        return tuple(
            self._add_context(sha, tree, spec, search) if spec.context_source in _GUESSED else spec
            for spec in specs
        )

    def _add_context(
        self, sha: str, tree: GitTree, spec: ImageSpec, search: PathSearch
    ) -> ImageSpec:
        copied = self._list_copied(sha, tree, spec)
        if copied is None:
            return spec
        guess = infer_context(spec.dockerfile, copied, search)
        missing = tuple(self._add_ignore_rule(sha, guess.folder, x) for x in guess.missing)
        return replace(
            spec,
            context=guess.folder,
            context_source=guess.source,
            context_reason=guess.reason,
            missing_sources=missing,
            is_context_open=not guess.is_decided,
        )

    def _list_copied(
        self, sha: str, tree: GitTree, spec: ImageSpec
    ) -> tuple[CopiedPath, ...] | None:
        """Return what an image's Dockerfile copies; None if it cannot be read here."""
        path = resolve_below(tree, ".", spec.dockerfile, lambda link: self._read_link(sha, link))
        if path is None:
            return None
        key = (tree[path], spec.target, *sorted(spec.build_args.items()))
        if key not in self._copied:
            dockerfile = self._read(sha, tree, path, spec.build_args)
            plan = BuildPlan(dockerfile, spec.target, spec.build_args) if dockerfile else None
            self._copied[key] = list_copied_paths(plan) if plan else None
        return self._copied[key]

    def _read(
        self, sha: str, tree: GitTree, path: str, build_args: Mapping[str, str]
    ) -> Dockerfile | None:
        entry = (tree[path], tuple(sorted(build_args.items())))
        if entry not in self._dockerfiles:
            text = self._git.read_plain_file(sha, path, MAX_DOCKERFILE_BYTES)
            # Another frontend may copy in words of its own.
            is_known = text is not None and has_known_frontend(text, build_args)
            self._dockerfiles[entry] = self._parse(text) if text and is_known else None
        return self._dockerfiles[entry]

    def _parse(self, text: bytes) -> Dockerfile | None:
        try:
            return self._parser.parse_dockerfile(text)
        except ValueError:
            return None

    def _read_link(self, sha: str, path: str) -> str:
        target = self._git.read_plain_file(sha, path, _MAX_LINK_BYTES) or b"?"
        return target.decode(errors="surrogateescape")

    def _add_ignore_rule(self, sha: str, context: str, source: MissingSource) -> MissingSource:
        path = str(PurePosixPath(context, source.path))
        return replace(source, ignore_rule=self._git.find_ignore_rule(sha, path))
