"""The images of one revision, with what they are built on and what they may be built on."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain

from bot.line.dockerfiles import Dockerfiles
from bot.line.fingerprints import Fingerprints
from bot.line.ports import Git
from bot.model.spec import Budget, BuildNeeds, ImageSpec
from bot.project.image_chains import (
    BaseLink,
    ChainedImage,
    ImageChains,
    ImageUse,
    identify,
)
from bot.project.image_plan import (
    DeclaredImages,
    discover_images,
    has_build_files,
    list_dockerfiles,
)


@dataclass(frozen=True, slots=True)
class DeclaredRevision:
    """A commit, and the images that it declares; `needs` are those of what it does not declare."""

    sha: str
    images: DeclaredImages
    needs: BuildNeeds = BuildNeeds()


def take_needs(
    revision: DeclaredRevision,
    specs: Iterable[ImageSpec | None],
    others: BuildNeeds,
    find_needs: Callable[[ImageSpec], BuildNeeds],
) -> DeclaredRevision:
    """Return a revision with the needs of planned images, which are those of the trusted file.

    What is built only for others has what `find_needs` says that the trusted file has for it, and
    if nobody declares it, the needs of all images.
    """
    needs = {spec.name: spec.needs for spec in specs if spec}
    declared = revision.images
    images = tuple(_set_needs(x, needs.get(x.name, others)) for x in declared.specs)
    siblings, excluded = (
        tuple(_set_needs(spec, find_needs(spec)) for spec in unreviewed)
        for unreviewed in (declared.siblings, declared.excluded)
    )
    declared = replace(declared, specs=images, siblings=siblings, excluded=excluded)
    return replace(revision, images=declared, needs=others)


def _set_needs(spec: ImageSpec, needs: BuildNeeds) -> ImageSpec:
    return spec if spec.needs == needs else replace(spec, needs=needs)


class RevisionChains:
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
        images = (*declared.specs, *declared.siblings, *declared.excluded)
        paths = {spec.dockerfile for spec in images}
        unlisted = [path for path in list_dockerfiles(declared.tree) if path not in paths]
        others = discover_images(unlisted, Budget())
        self._candidates = (*images, *(replace(spec, needs=revision.needs) for spec in others))
        self._open_uses: dict[object, Mapping[str, tuple[ImageSpec, ...]]] = {}
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

    def list_open_uses(self, spec: ImageSpec) -> Mapping[str, tuple[ImageSpec, ...]]:
        """Return the names that nobody provides, each with the images that may be meant by it."""
        key = identify(spec)
        if key not in self._open_uses:
            self._open_uses[key] = self.chains.list_open_uses(spec)
        return self._open_uses[key]

    def list_linked_uses(self, image: ChainedImage) -> Iterator[tuple[str, tuple[ImageSpec, ...]]]:
        """Yield the open uses of an image, and of all that it is built on."""
        for spec in list_specs(image):
            yield from self.list_open_uses(spec).items()

    def list_possible_bases(self, spec: ImageSpec) -> AbstractSet[str]:
        """Return the Dockerfiles of all that an image may be built on, if nobody has the names."""
        dockerfiles: set[str] = set()
        # What may be built on what can go in circles.
        followed: set[object] = set()
        pending = [spec]
        while pending:
            current = pending.pop()
            if identify(current) in followed:
                continue
            followed.add(identify(current))
            candidates = list(chain.from_iterable(self.list_open_uses(current).values()))
            dockerfiles.update(other.dockerfile for other in candidates)
            links = self.chains.find_chain(current).links
            pending += [*candidates, *(link.image.spec for link in links)]
        return dockerfiles

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
        declared = self._declared
        specs = (*declared.specs, *declared.siblings)
        return ImageChains(specs, self._list_uses, self._candidates, missing, declared.excluded)

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


def list_specs(image: ChainedImage) -> Iterator[ImageSpec]:
    """Yield the declarations of an image and of all that it is built on."""
    yield image.spec
    yield from (link.image.spec for link in list_links(image))


def list_links(image: ChainedImage) -> Iterator[BaseLink]:
    """Yield all images that one is built on, each once."""
    links = {(link.name, identify(link.image.spec)): link for link in image.links}
    pending = list(links.values())
    while pending:
        link = pending.pop()
        yield link
        others = {(x.name, identify(x.image.spec)): x for x in link.image.links}
        pending += [other for key, other in others.items() if key not in links]
        links.update(others)
