"""The images of the repository that each planned image is built on, on both of its sides.

Whether a base image that nobody declares exists anywhere is asked only where it decides something:
for an image that is built, or if what may be its base image differs between the revisions.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, zip_longest

from bot.image.archives.reference import is_reference
from bot.line.dockerfiles import Dockerfiles
from bot.line.ports import Git
from bot.line.revision_chains import DeclaredRevision, RevisionChains, list_links
from bot.model.report import STATES_WITHOUT_BUILD, ImageState
from bot.model.spec import ImageSpec
from bot.project.image_chains import (
    BaseLink,
    ChainedImage,
    ProviderChange,
    identify,
    is_namespaced,
    may_have_name,
)
from bot.project.image_plan import PlannedImage
from bot.project.provider_changes import find_provider_changes

_PROVIDES_HINT = "set `provides` of that image in the configuration"
# Names and a platform -> the names that neither the engine nor a registry has.
MissingImageFinder = Callable[[Sequence[str], str | None], Collection[str]]


class ChainFinder:
    """Finds what planned images are built on.

    If nobody can be asked, an image is changed as soon as one that it may be built on is.
    """

    def __init__(
        self, git: Git, dockerfiles: Dockerfiles, find_missing: MissingImageFinder | None
    ) -> None:
        self._git, self._dockerfiles, self._find_missing = git, dockerfiles, find_missing

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
            RevisionChains(self._git, self._dockerfiles, base) if base else None,
            RevisionChains(self._git, self._dockerfiles, head),
            RevisionChains(self._git, self._dockerfiles, dropped) if dropped else None,
        )
        if self._find_missing is None:
            return tuple(revisions.add_possible_bases(image) for image in planned)
        answers: dict[str, bool] = {}
        # A name that nobody has is provided by the repository, and what builds it may use further
        # ones.
        while open_names := {
            name: image.spec.platform
            for image in planned
            for name in revisions.list_decisive_names(image)
            if name not in answers
        }:
            # Each name once: a registry limits how often it is asked.
            answers.update(_ask(self._find_missing, open_names))
            revisions.take_missing([name for name, is_missing in answers.items() if is_missing])
        return tuple(revisions.add_chains(image, answers) for image in planned)


def _ask(
    find_missing: MissingImageFinder, names: Mapping[str, str | None]
) -> Iterator[tuple[str, bool]]:
    """Yield for each name whether nobody has an image of it."""
    for name, platform in names.items():
        # One by one, since each name has a platform of its own.
        yield name, is_reference(name) and bool(find_missing([name], platform))


@dataclass(frozen=True, slots=True)
class _Revisions:
    """Both sides of a comparison, of which base may be missing.

    `dropped` is head's side for images that only base's rules review.
    """

    base: RevisionChains | None
    head: RevisionChains
    dropped: RevisionChains | None = None
    _comparisons: dict[object, bool] = field(default_factory=dict)

    def take_missing(self, missing: Collection[str]) -> None:
        """Take candidates for images that nobody has, on both sides."""
        self._comparisons.clear()
        for side in (self.base, self.head, self.dropped):
            if side:
                side.take_missing(missing)

    def list_decisive_names(self, image: PlannedImage) -> Iterator[str]:
        """Yield the names of which it decides something if nobody has an image."""
        is_built = image.state not in STATES_WITHOUT_BUILD
        for side, spec in self._list_sides(image):
            for name, candidates in side.list_linked_uses(side.chains.find_chain(spec)):
                if is_built or self._may_differ(side, candidates):
                    yield name

    def add_possible_bases(self, image: PlannedImage) -> PlannedImage:
        """Return a planned image with what it is built on, and with what it may be built on."""
        planned = self.add_chains(image, {})
        state = planned.state
        if state is ImageState.UNCHANGED and self._may_have_other_bases(image):
            state = ImageState.CHANGED
        candidates = {
            other.dockerfile: other
            for side, spec in self._list_sides(image)
            for other in chain.from_iterable(side.list_open_uses(spec).values())
        }
        return replace(planned, state=state, possible_bases=tuple(candidates.values()))

    def _may_have_other_bases(self, image: PlannedImage) -> bool:
        sides = self._list_sides(image)
        bases = chain.from_iterable(side.list_possible_bases(spec) for side, spec in sides)
        return any(map(self._is_changed, bases))

    def _list_sides(self, image: PlannedImage) -> Iterator[tuple[RevisionChains, ImageSpec]]:
        """Yield the revisions that have an image, each with its declaration of it."""
        head = self._choose_head(image)
        for side, spec in ((self.base, image.base), (head, image.head)):
            if side and spec:
                yield side, spec

    def _may_differ(self, side: RevisionChains, candidates: Sequence[ImageSpec]) -> bool:
        """Return True if one of some images, or what it may be built on, is not as in base."""
        return any(
            self._is_changed(path)
            for spec in candidates
            for path in (spec.dockerfile, *side.list_possible_bases(spec))
        )

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
        for link in filter(_is_guess, list_links(new)):
            yield (
                f"{link.image.spec.dockerfile} was taken for {link.name}, which neither the engine "
                f"nor a registry has; if that is right, {_PROVIDES_HINT}"
            )
        for name, candidates in head.list_linked_uses(new):
            paths = " or ".join(spec.dockerfile for spec in candidates)
            if answers.get(name) and len(candidates) > 1:
                yield (
                    f"{paths} may build {name}, which neither the engine nor a registry has; "
                    f"{_PROVIDES_HINT}"
                )
            elif answers.get(name) is False and self._is_doubtful(head, name, candidates):
                yield (
                    f"{paths} may build {name} and differs here, but the image was built on the "
                    f"published one; {_PROVIDES_HINT}: {name} if it builds that, otherwise its own "
                    "names or []. The setting counts once base has it, too"
                )

    def _choose_head(self, image: PlannedImage) -> RevisionChains:
        return self.dropped if image.is_dropped and self.dropped else self.head

    def _is_doubtful(
        self, head: RevisionChains, name: str, candidates: Sequence[ImageSpec]
    ) -> bool:
        """Return True if a published image may be one that differs between the revisions."""
        open_candidates = [spec for spec in candidates if not self._has_other_names(name, spec)]
        return is_namespaced(name) and self._may_differ(head, open_candidates)

    def _has_other_names(self, name: str, spec: ImageSpec) -> bool:
        """Return True if both revisions state the names of an image, and none is like `name`.

        What head alone says could hide the growth of a base image that it changes.
        """
        sides = (self.base or self.head, self.head)
        images = [side.find_candidate(spec.dockerfile) for side in sides]
        specs = [image.spec for image in images if image]
        return len(specs) == len(sides) and not any(may_have_name(other, name) for other in specs)

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


def _is_guess(link: BaseLink) -> bool:
    return link.is_guess
