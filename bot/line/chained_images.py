"""The images of the repository that each planned image is built on, on both of its sides.

Whether a base image that nobody declares exists anywhere is asked only where it decides something:
for an image that is built, or if what may be its base image differs between the revisions.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import zip_longest

from bot.image.archives.reference import is_reference
from bot.line.dockerfiles import Dockerfiles
from bot.line.fingerprints import Fingerprints
from bot.line.ports import Git, Parser
from bot.model.report import ImageState
from bot.model.spec import Budget, BuildNeeds, ImageSpec
from bot.project.image_chains import (
    BaseLink,
    ChainedImage,
    ImageChains,
    ImageUse,
    ProviderChange,
    identify,
    is_namespaced,
)
from bot.project.image_plan import DeclaredImages, PlannedImage, discover_images, has_build_files
from bot.project.provider_changes import find_provider_changes

_UNBUILT_STATES = (ImageState.UNCHANGED, ImageState.REMOVED)
_PROVIDES_HINT = "set `provides` of that image in the configuration"
# Names and a platform -> the names that neither the engine nor a registry has.
MissingImageFinder = Callable[[Sequence[str], str | None], Collection[str]]


@dataclass(frozen=True, slots=True)
class DeclaredRevision:
    """A commit, and the images that it declares; `needs` are those of what it does not declare."""

    sha: str
    images: DeclaredImages
    needs: BuildNeeds = BuildNeeds()


def take_needs(
    revision: DeclaredRevision, specs: Iterable[ImageSpec | None], others: BuildNeeds
) -> DeclaredRevision:
    """Return a revision with the needs of planned images, which are those of the trusted file.

    What is built only for others has the needs of all images.
    """
    needs = {spec.name: spec.needs for spec in specs if spec}
    images = tuple(
        replace(spec, needs=needs.get(spec.name, others)) for spec in revision.images.specs
    )
    declared = replace(revision.images, specs=images)
    return replace(revision, images=declared, needs=others)


class _Side:
    """The chains of one revision, and what their images are built of."""

    def __init__(self, git: Git, dockerfiles: Dockerfiles, revision: DeclaredRevision) -> None:
        declared = revision.images
        self._declared = declared
        self._dockerfiles = dockerfiles
        # What is not among them is computed, if it is asked for.
        self._fingerprints: dict[object, object] = {
            identify(spec): declared.fingerprints[spec.key]
            for spec in declared.specs
            if spec.key in declared.fingerprints
        }
        self._git, self._sha = git, revision.sha
        paths = {spec.dockerfile for spec in declared.specs}
        others = discover_images(declared.tree, Budget())
        self._candidates = (
            *declared.specs,
            *(
                replace(spec, needs=revision.needs)
                for spec in others
                if spec.dockerfile not in paths
            ),
        )
        self.chains = self._make_chains(())

    def take_missing(self, missing: Collection[str]) -> None:
        """Take candidates for images that nobody has."""
        self.chains = self._make_chains(missing)

    def find_candidate(self, dockerfile: str) -> ChainedImage | None:
        """Return the first image of a Dockerfile."""
        for spec in self._candidates:
            if spec.dockerfile == dockerfile:
                return self.chains.find_chain(spec)
        return None

    def get_fingerprint(self, spec: ImageSpec) -> object:
        """Return the fingerprint of an image; None if its files are not there."""
        key = identify(spec)
        if key not in self._fingerprints:
            has_files = has_build_files(spec, self._declared.tree)
            self._fingerprints[key] = self._compute(spec) if has_files else None
        return self._fingerprints[key]

    @cached_property
    def _compute(self) -> Callable[[ImageSpec], object]:
        return Fingerprints(self._git, self._sha, self._declared.tree).compute

    def _make_chains(self, missing: Collection[str]) -> ImageChains:
        return ImageChains(self._declared.specs, self._list_uses, self._candidates, missing)

    def _list_uses(self, spec: ImageSpec) -> Sequence[ImageUse]:
        # A single image is built on none of the repository, so that nothing has to be read.
        is_alone = len(self._candidates) == 1
        plan = None if is_alone else self._dockerfiles.bind(self._sha, spec)
        if plan is None:
            return ()
        return [
            ImageUse(name, platform, is_base=name == plan.base_image)
            for name, platform in plan.image_platforms.items()
        ]


class ChainFinder:
    """Finds what planned images are built on."""

    def __init__(self, git: Git, parser: Parser, find_missing: MissingImageFinder) -> None:
        self._git, self._find_missing = git, find_missing
        self._dockerfiles = Dockerfiles(git, parser)

    def add_chains(
        self,
        planned: Sequence[PlannedImage],
        base: DeclaredRevision | None,
        head: DeclaredRevision,
        dropped: DeclaredRevision | None = None,
    ) -> tuple[PlannedImage, ...]:
        """Return the plan with the chains of both sides.

        An image is changed if one that it is built on is. `dropped` is head with the declarations
        that hold for the images that only base's rules review.
        """
        revisions = _Revisions(
            _Side(self._git, self._dockerfiles, base) if base else None,
            _Side(self._git, self._dockerfiles, head),
            _Side(self._git, self._dockerfiles, dropped) if dropped else None,
        )
        answers: dict[str, bool] = {}
        while open_names := {
            name: image.spec.platform
            for image in planned
            for name in revisions.list_decisive_names(image)
            if name not in answers
        }:
            answers.update(self._ask(open_names))
            revisions.take_missing([name for name, is_missing in answers.items() if is_missing])
        return tuple(revisions.add_chains(image, answers) for image in planned)

    def _ask(self, names: Mapping[str, str | None]) -> Iterator[tuple[str, bool]]:
        """Yield for each name whether nobody has an image of it."""
        for name, platform in names.items():
            yield name, is_reference(name) and bool(self._find_missing([name], platform))


@dataclass(frozen=True, slots=True)
class _Revisions:
    """Both sides of a comparison, of which base may be missing.

    `dropped` is head's side for images that only base's rules review.
    """

    base: _Side | None
    head: _Side
    dropped: _Side | None = None
    _comparisons: dict[object, bool] = field(default_factory=dict)

    def take_missing(self, missing: Collection[str]) -> None:
        """Take candidates for images that nobody has, on both sides."""
        self._comparisons.clear()
        for side in (self.base, self.head, self.dropped):
            if side:
                side.take_missing(missing)

    def list_decisive_names(self, image: PlannedImage) -> Iterator[str]:
        """Yield the names of which it decides something if nobody has an image."""
        is_built = image.state not in _UNBUILT_STATES
        head = self._choose_head(image)
        for side, spec in ((self.base, image.base), (head, image.head)):
            if side and spec:
                for name, candidates in side.chains.list_open_uses(spec).items():
                    if is_built or any(self._is_changed(x.dockerfile) for x in candidates):
                        yield name

    def add_chains(self, image: PlannedImage, answers: Mapping[str, bool]) -> PlannedImage:
        """Return a planned image with the chains of both sides."""
        head = self._choose_head(image)
        old = self.base.chains.find_chain(image.base) if self.base and image.base else None
        new = head.chains.find_chain(image.head) if image.head else None
        state = image.state
        if state is ImageState.UNCHANGED and old and new and not self._have_same_links(old, new):
            state = ImageState.CHANGED
        doubts = tuple(dict.fromkeys(self._list_doubts(image, new, answers)))
        changes: tuple[ProviderChange, ...] = ()
        if self.base and new:
            changes = find_provider_changes((self.base.chains, head.chains), old, new)
        return replace(
            image,
            state=state,
            base_chain=old,
            head_chain=new,
            base_doubts=doubts,
            provider_changes=changes,
        )

    def _list_doubts(
        self, image: PlannedImage, new: ChainedImage | None, answers: Mapping[str, bool]
    ) -> Iterator[str]:
        """Yield what is not known of the images that head is built on."""
        if new is None:
            return
        head = self._choose_head(image)
        for link in _list_guesses(new):
            yield (
                f"{link.image.spec.dockerfile} was taken for {link.name}, which neither the engine "
                f"nor a registry has; if that is right, {_PROVIDES_HINT}"
            )
        for name, candidates in head.chains.list_open_uses(new.spec).items():
            paths = " or ".join(spec.dockerfile for spec in candidates)
            if answers.get(name) and len(candidates) > 1:
                yield (
                    f"{paths} may build {name}, which neither the engine nor a registry has; "
                    f"{_PROVIDES_HINT}"
                )
            elif answers.get(name) is False and self._is_doubtful(name, candidates):
                yield (
                    f"{paths} may build {name} and differs here, but the image was built on what "
                    f"is published; if it does, {_PROVIDES_HINT}"
                )

    def _choose_head(self, image: PlannedImage) -> _Side:
        return self.dropped if image.is_dropped and self.dropped else self.head

    def _is_doubtful(self, name: str, candidates: Sequence[ImageSpec]) -> bool:
        """Return True if a published image may be one that differs between the revisions."""
        return is_namespaced(name) and any(self._is_changed(x.dockerfile) for x in candidates)

    def _is_changed(self, dockerfile: str) -> bool:
        """Return True if what a Dockerfile builds differs between the revisions."""
        new = self.head.find_candidate(dockerfile)
        old = self.base.find_candidate(dockerfile) if self.base else new
        return old is None or new is None or not self._is_same(old, new)

    def _is_same(self, old: ChainedImage, new: ChainedImage) -> bool:
        if self.base is None:
            return True
        key = (identify(old.spec), identify(new.spec))
        if key not in self._comparisons:
            fingerprints = self.base.get_fingerprint(old.spec), self.head.get_fingerprint(new.spec)
            is_same = fingerprints[0] == fingerprints[1] and self._have_same_links(old, new)
            self._comparisons[key] = is_same
        return self._comparisons[key]

    def _have_same_links(self, old: ChainedImage, new: ChainedImage) -> bool:
        if old.problem != new.problem:
            return False
        return all(
            before is not None
            and after is not None
            and before.name == after.name
            and self._is_same(before.image, after.image)
            for before, after in zip_longest(old.links, new.links)
        )


def _list_guesses(image: ChainedImage) -> Iterator[BaseLink]:
    """Yield the guesses among all images that one is built on, each once."""
    links = {(link.name, identify(link.image.spec)): link for link in image.links}
    pending = list(links.values())
    while pending:
        link = pending.pop()
        if link.is_guess:
            yield link
        others = {(x.name, identify(x.image.spec)): x for x in link.image.links}
        pending += [other for key, other in others.items() if key not in links]
        links.update(others)
