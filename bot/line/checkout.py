"""A revision in a folder, and the inputs of builds from there."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from bot.dockerfile.build_plan import BuildPlan
from bot.dockerfile.source_text import MAX_DOCKERFILE_BYTES
from bot.line.build_input import BuildInput
from bot.line.worktree import PreparedCheckout, Worktree
from bot.model.image import BuildFailure
from bot.model.spec import ImageSpec
from bot.project.image_chains import ChainedImage, identify

HEAD = "head"
PlanParser = Callable[[ImageSpec, bytes], BuildPlan | None]
# Runs what an image has to have run in a checkout before its build.
Preparer = Callable[[ImageSpec, Path, str], PreparedCheckout | BuildFailure]
# Returns why the files of a checkout do not suffice for an image; empty if they do.
ProblemFinder = Callable[[ImageSpec], str]


@dataclass(frozen=True, slots=True)
class Checkout:
    """The folder of a checked-out revision, and which side of the comparison it is."""

    side: str
    sha: str
    worktree: Worktree
    prepare: Preparer
    find_problem: ProblemFinder
    _inputs: dict[object, BuildInput] = field(default_factory=dict, init=False, repr=False)

    @property
    def root(self) -> Path:
        """The folder."""
        return self.worktree.root

    def make_input(self, image: ChainedImage, parse_plan: PlanParser) -> BuildInput:
        """Return the input of an image's build, with those of the images that it is built on."""
        key = (image.spec.name, *identify(image.spec), image.spec.platform)
        if key not in self._inputs:
            self._inputs[key] = self._make_input(image, parse_plan)
        return self._inputs[key]

    def _make_input(self, image: ChainedImage, parse_plan: PlanParser) -> BuildInput:
        spec = image.spec if self.side == HEAD else _write_no_cache(image.spec)
        label = f"{image.spec.shown_name} ({self.side})"
        # Before the Dockerfile is read: the commands may write it.
        prepared = self.prepare(image.spec, self.root, label)
        root = prepared.root if isinstance(prepared, PreparedCheckout) else self.root
        dockerfile = root / image.spec.dockerfile
        text = self.worktree.read_file(dockerfile, root, MAX_DOCKERFILE_BYTES)
        is_prepared = root != self.root
        plan = None if text is None else parse_plan(image.spec, text)
        # Through the cache: an image that several are built on is one input, prepared once.
        bases = {link.name: self.make_input(link.image, parse_plan) for link in image.links}
        return BuildInput(
            spec,
            root,
            plan,
            label=label,
            bases=bases,
            problem=image.problem or self.find_problem(image.spec),
            preparation_s=prepared.seconds if isinstance(prepared, PreparedCheckout) else 0,
            preparation_failure=prepared if isinstance(prepared, BuildFailure) else None,
            rewritten_files=self._list_rewritten(image.spec, root) if is_prepared else (),
        )

    def _list_rewritten(self, spec: ImageSpec, root: Path) -> tuple[str, ...]:
        """Return the files that decide what is built, and that differ after the preparation."""
        ignore_file = str(PurePosixPath(spec.context, ".dockerignore"))
        names = (spec.dockerfile, f"{spec.dockerfile}.dockerignore", ignore_file)
        return tuple(name for name in dict.fromkeys(names) if self._differs(name, root))

    def _differs(self, name: str, root: Path) -> bool:
        before, after = (
            (
                (folder / name).is_symlink(),
                self.worktree.read_file(folder / name, folder, MAX_DOCKERFILE_BYTES),
            )
            for folder in (self.root, root)
        )
        return before != after


def _write_no_cache(spec: ImageSpec) -> ImageSpec:
    """Return an image that only reads caches: the newer side would overwrite what it writes."""
    return replace(spec, needs=replace(spec.needs, cache_to=()))
