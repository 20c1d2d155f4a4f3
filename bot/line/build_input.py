"""The input of one build: what is built, from where, and on which images of the repository."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from pathlib import Path

from bot.dockerfile.build_plan import BuildPlan
from bot.image.archives.reference import shorten_reference
from bot.line.pins import Pins
from bot.model.image import BuildFailure
from bot.model.named_contexts import IMAGE_PREFIX, find_context_image, is_moving_context
from bot.model.spec import ImageSpec
from bot.project.image_chains import identify


@dataclass(frozen=True, slots=True)
class BuildInput:
    """The input of one build: the declaration of an image, a checkout and a Dockerfile.

    `plan` is None where the Dockerfile cannot be parsed: BuildKit then says what is wrong with it.
    `dockerfile_text` replaces the checkout's Dockerfile. `label` is its name in progress lines.
    `bases` has the images of the same checkout that are built first and handed to the build, by the
    names under which it takes them, and `built_bases` their references once they are built; a
    `problem` is why it cannot be built. `preparation_s` is the
    time that commands took in the checkout before, `preparation_failure` why they did not succeed,
    and `rewritten_files` the Dockerfile and the ignore files that they altered. `digests` has those
    at which images from outside are to be taken, where they can be had, instead of today's.
    """

    spec: ImageSpec
    checkout: Path
    plan: BuildPlan | None
    label: str = ""
    dockerfile_text: bytes | None = None
    bases: Mapping[str, "BuildInput"] = field(default_factory=dict)
    built_bases: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""
    preparation_s: float = 0
    preparation_failure: BuildFailure | None = None
    rewritten_files: tuple[str, ...] = ()
    digests: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[object, ...]:
        """The key of what its build makes."""
        spec, digests = self.spec, tuple(sorted(self.digests.items()))
        own = (self.checkout, spec.name, *identify(spec), spec.platform, self.dockerfile_text)
        # Built on older images for one comparison, it is not what is built for another one.
        return (*own, digests)

    @property
    def unpinnable_names(self) -> Sequence[str]:
        """The images that cannot be pinned, since a pin would replace a stage as well."""
        return self.plan.images_named_like_stages if self.plan else ()

    @property
    def unpassable_names(self) -> Collection[str]:
        """The images of the repository that cannot be handed to the build for the same reason."""
        names = self.bases.keys() - self.spec.build_contexts.keys()
        return names.intersection(self.unpinnable_names)

    @property
    def external_images(self) -> Sequence[str]:
        """The images from outside that the build takes, those of named contexts included.

        Images of the repository are none of them.
        """
        # `docker.io/library/x:latest` and `x` are one image: a Dockerfile may use both.
        own = set(map(shorten_reference, self.bases))
        names = self.plan.external_images if self.plan else ()
        images = (self._find_image(x) for x in names if shorten_reference(x) not in own)
        return tuple(image for image in images if image)

    @property
    def base_image(self) -> str:
        """The image that the final stage is based on; empty if it is unknown, or a folder."""
        return self._find_image((self.plan.base_image if self.plan else None) or "")

    @property
    def moving_contexts(self) -> Sequence[str]:
        """The named contexts at addresses that may have other content at the next build."""
        contexts = self.spec.build_contexts.items()
        return tuple(
            f"{name}={value}"
            for name, value in contexts
            if name not in self.bases and is_moving_context(value)
        )

    def take_digests(self, digests: Mapping[str, str]) -> "BuildInput":
        """Return the input with the digests of all that it is built on, directly or not."""
        bases = {name: base.take_digests(digests) for name, base in self.bases.items()}
        # Its own alone, so that it is built once for all that take it at the same digests.
        own = {name: digests[name] for name in self.external_images if name in digests}
        return replace(self, digests=own, bases=bases)

    def hand_on(self, built: Mapping[str, str], contexts: Mapping[str, str]) -> "BuildInput":
        """Return the input with images that were built, by their references, as named contexts."""
        spec = replace(self.spec, build_contexts={**self.spec.build_contexts, **contexts})
        return replace(self, spec=spec, built_bases=built)

    def pin(self, pins: Pins) -> tuple[ImageSpec, Pins]:
        """Return the declaration with the images of named contexts pinned, and all other pins.

        The image of a context is no name of the Dockerfile, where it could be that of a stage.
        """
        images = {x: find_context_image(value) for x, value in self.spec.build_contexts.items()}
        pinned = {
            name: f"{IMAGE_PREFIX}{pins.resolved[image]}"
            for name, image in images.items()
            if image and image in pins.resolved
        }
        named = self.plan.external_images if self.plan else ()
        others = [image for image in images.values() if image and image not in named]
        contexts = {**self.spec.build_contexts, **pinned}
        spec = replace(self.spec, build_contexts=contexts)
        return spec, pins.without((*self.unpinnable_names, *self.bases, *others))

    def _find_image(self, name: str) -> str:
        """Return an image as it is written, or that of the named context in its place."""
        short_name = shorten_reference(name)
        # An image of the repository that was built replaces a context of that name, as in
        # `hand_on`.
        for own_name, reference in self.built_bases.items():
            if shorten_reference(own_name) == short_name:
                return reference
        for context, value in self.spec.build_contexts.items():
            if shorten_reference(context) == short_name:
                return find_context_image(value) or ""
        return name


def number_labels(groups: Sequence[tuple[BuildInput, ...]]) -> list[tuple[BuildInput, ...]]:
    """Return the inputs of images with their number among those that are built: `3 of 16`.

    A single one has no number.
    """
    count = sum(bool(group) for group in groups)
    if count <= 1:
        return list(groups)
    numbers = accumulate(int(bool(group)) for group in groups)
    return [
        tuple(replace(source, label=f"{source.label}, {number} of {count}") for source in group)
        for group, number in zip(groups, numbers, strict=True)
    ]
