"""The build contexts that nobody declares, guessed for each revision from its own files."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from bot.dockerfile.copied_paths import list_copied_paths
from bot.line.bake_files import BuildFileReader
from bot.line.dockerfiles import Dockerfiles, PlanKey
from bot.line.ports import BuildFilePrinter, Git, Parser
from bot.line.target_stages import TargetStages
from bot.model.copied_path import CopiedPath, MissingSource
from bot.model.spec import ContextSource, ImageSpec
from bot.project.context_inference import ContextGuess, infer_context
from bot.project.git_tree import GitTree
from bot.project.path_search import PathSearch

_GUESSED = (ContextSource.DEFAULT, ContextSource.INFERRED)


class ContextFinder:
    """A finder of contexts; Dockerfiles that both revisions have are read once.

    `dockerfiles` has them, for all that a plan reads them for. `build_files` reads the files in
    which a revision declares contexts, `stages` finds the stages that images are built of.
    """

    def __init__(self, git: Git, parser: Parser, printer: BuildFilePrinter) -> None:
        self._git = git
        self.dockerfiles = Dockerfiles(git, parser)
        self.build_files = BuildFileReader(git, self.dockerfiles, printer)
        self.stages = TargetStages(self.dockerfiles)
        self._copied: dict[PlanKey, tuple[CopiedPath, ...] | None] = {}
        self._guesses: dict[tuple[str, str, PlanKey], ContextGuess] = {}

    def add_contexts(
        self, sha: str, tree: GitTree, specs: Sequence[ImageSpec]
    ) -> tuple[ImageSpec, ...]:
        """Return the images with the contexts that nobody declares, by the files of a revision."""
        search = PathSearch(tree)
        return tuple(
            self._add_context(sha, spec, search) if spec.context_source in _GUESSED else spec
            for spec in specs
        )

    def _add_context(self, sha: str, spec: ImageSpec, search: PathSearch) -> ImageSpec:
        key = self.dockerfiles.make_key(sha, spec)
        copied = self._list_copied(sha, spec, key) if key else None
        if key is None or copied is None:
            return spec
        # The base's images may be declared in two ways, by the same Dockerfiles.
        guess_key = (sha, spec.dockerfile, key)
        if guess_key not in self._guesses:
            self._guesses[guess_key] = self._guess(sha, spec, copied, search)
        guess = self._guesses[guess_key]
        return replace(
            spec,
            context=guess.folder,
            context_source=guess.source,
            context_reason=guess.reason,
            missing_sources=guess.missing,
            is_context_open=not guess.is_decided,
        )

    def _guess(
        self, sha: str, spec: ImageSpec, copied: Sequence[CopiedPath], search: PathSearch
    ) -> ContextGuess:
        guess = infer_context(spec.dockerfile, copied, search)
        if not guess.missing:
            return guess
        # Only for what is nowhere: git has to be asked for each path.
        missing = tuple(self._add_ignore_rule(sha, guess.folder, x) for x in guess.missing)
        return replace(guess, missing=missing)

    def _list_copied(
        self, sha: str, spec: ImageSpec, key: PlanKey
    ) -> tuple[CopiedPath, ...] | None:
        """Return what an image's Dockerfile copies; None if it cannot be read here."""
        if key not in self._copied:
            plan = self.dockerfiles.bind(sha, spec)
            # Another frontend may copy in words of its own.
            is_known = plan is not None and self.dockerfiles.has_known_frontend(sha, spec)
            self._copied[key] = list_copied_paths(plan) if plan and is_known else None
        return self._copied[key]

    def _add_ignore_rule(self, sha: str, context: str, source: MissingSource) -> MissingSource:
        path = str(PurePosixPath(context, source.path))
        return replace(source, ignore_rule=self._git.find_ignore_rule(sha, path))
