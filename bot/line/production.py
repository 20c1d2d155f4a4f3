"""One image from pinned base images to its measured size, and out of the engine again.

Its own module, so that a rewritten Dockerfile takes exactly the steps that the image of a revision
takes: `review`, `advise` and the verifier all go through the one `Producer`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bot.budget.judge import ImageResult, image_or_none
from bot.dockerfile.build_plan import BuildPlan
from bot.errors import EngineUnavailableError, InputError
from bot.image.archives.reference import shorten_reference
from bot.line.measurer import Measurer
from bot.line.ports import Builder, Parser, Pins
from bot.model.image import BaseImage, BuildFailure, BuiltImage, Image, MeasureFailure
from bot.model.image_location import ImageLocation
from bot.model.named_contexts import IMAGE_PREFIX, find_context_image
from bot.model.spec import ImageSpec

SCRATCH = "scratch"
_STAGE_REASON = "a stage has the same name"


@dataclass(frozen=True, slots=True)
class BuildInput:
    """The input of one build: the declaration of an image, a checkout and a Dockerfile.

    `plan` is None where the Dockerfile cannot be parsed: BuildKit then says what is wrong with it.
    `dockerfile_text` replaces the checkout's Dockerfile. `label` is its name in progress lines.
    """

    spec: ImageSpec
    checkout: Path
    plan: BuildPlan | None
    label: str = ""
    dockerfile_text: bytes | None = None

    @property
    def unpinnable_names(self) -> Sequence[str]:
        """The images that cannot be pinned, since a pin would replace a stage as well."""
        return self.plan.images_named_like_stages if self.plan else ()

    @property
    def external_images(self) -> Sequence[str]:
        """The images from outside that the build takes, those of named contexts included."""
        names = self.plan.external_images if self.plan else ()
        images = (self._find_image(name) for name in names)
        return tuple(image for image in images if image)

    @property
    def base_image(self) -> str:
        """The image that the final stage is based on; empty if it is unknown, or a folder."""
        return self._find_image((self.plan.base_image if self.plan else None) or "")

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
        return spec, pins.without((*self.unpinnable_names, *others))

    def _find_image(self, name: str) -> str:
        """Return an image as it is written, or that of the named context in its place."""
        short_name = shorten_reference(name)
        for context, value in self.spec.build_contexts.items():
            if shorten_reference(context) == short_name:
                return find_context_image(value) or ""
        return name


@dataclass(frozen=True, slots=True)
class MeasuredImage:
    """A measured image that the engine has, and the reference to inspect and run it by."""

    image: Image
    reference: str


@dataclass(frozen=True, slots=True)
class Production:
    """The result of one build input: its image, or the reason why there is none.

    `result` is None if nothing was built; `built` is None if the engine does not have the image.
    """

    source: BuildInput
    pins: Pins = Pins()
    result: ImageResult = None
    built: BuiltImage | None = None

    @property
    def image(self) -> Image | None:
        """The measured image, if there is one."""
        return image_or_none(self.result)

    @property
    def measured(self) -> MeasuredImage | None:
        """The image, if it was measured and the engine has it."""
        if self.image is None or self.built is None or not self.built.location.is_in_engine:
            return None
        return MeasuredImage(self.image, self.built.location.name)

    @property
    def base_reference(self) -> str:
        """The pinned reference of the base image; `scratch` or empty if there is none."""
        name = self.source.base_image
        return self.pins.resolved.get(name, name)


@dataclass(frozen=True, slots=True)
class Producer:
    """Produces images, one call a step: pin, then build and measure."""

    builder: Builder
    parser: Parser
    measurer: Measurer

    def parse_plan(self, spec: ImageSpec, text: bytes) -> BuildPlan | None:
        """Parse a Dockerfile for a declared image; return None if it has no stages."""
        try:
            dockerfile = self.parser.parse_dockerfile(text)
        except ValueError:
            return None
        return BuildPlan(dockerfile, spec.target, spec.build_args)

    def pin(self, *sources: BuildInput) -> Pins:
        """Pin the external images of all inputs at once, before the first of them is built."""
        names = dict.fromkeys(name for source in sources for name in source.external_images)
        platform = next((source.spec.platform for source in sources), None)
        pins = self.builder.pin_images(tuple(names), platform)
        taken = {name: _STAGE_REASON for source in sources for name in source.unpinnable_names}
        return replace(pins, unresolved={**pins.unresolved, **taken})

    @contextmanager
    def produce(self, sources: Sequence[BuildInput], pins: Pins) -> Iterator[list[Production]]:
        """Build the inputs back to back, then measure them; remove the images afterwards.

        Built without a pause, both sides of a comparison install from the same state of a package
        mirror, as far as that is possible.
        """
        images: list[BuiltImage] = []
        try:
            outcomes = [self._build(source, pins, images) for source in sources]
            yield [
                self._measure_outcome(source, pins, outcome)
                for source, outcome in zip(sources, outcomes, strict=True)
            ]
        finally:
            for image in images:
                self.builder.remove(image)

    def measure_existing(
        self, source: BuildInput, pins: Pins, location: ImageLocation
    ) -> Production:
        """Measure an image that was built from the input before; it is not removed."""
        result = self._measure(source, str(location), str(location))
        built = BuiltImage(location) if location.is_in_engine else None
        return Production(source, pins, result, built)

    def _build(
        self, source: BuildInput, pins: Pins, images: list[BuiltImage]
    ) -> BuiltImage | BuildFailure:
        """Build one input and add its image to those that must be removed."""
        spec, own_pins = source.pin(pins)
        outcome = self.builder.build(
            spec, source.checkout, own_pins, source.label, source.dockerfile_text
        )
        if isinstance(outcome, BuiltImage):
            images.append(outcome)
        return outcome

    def _measure_outcome(
        self, source: BuildInput, pins: Pins, outcome: BuiltImage | BuildFailure
    ) -> Production:
        if isinstance(outcome, BuildFailure):
            return Production(source, pins, outcome)
        try:
            result = self._measure(source, outcome.reference, source.label)
        except (InputError, EngineUnavailableError) as problem:
            # Somebody else has removed the image, or the engine has ended, since the build.
            result = MeasureFailure(str(problem.what))
        return Production(source, pins, result, outcome)

    def _measure(self, source: BuildInput, reference: str, label: str) -> ImageResult:
        """Measure an image, its layers attributed to the instructions of its Dockerfile."""
        stages = source.plan.final_stages if source.plan else ()
        return self.measurer.measure(
            reference, source.spec.name, stages, self._find_base_image(source), label=label
        )

    def _find_base_image(self, source: BuildInput) -> BaseImage | None:
        name = source.base_image
        if not name or name == SCRATCH or "$" in name:
            return None
        return self.builder.find_base_image(name, source.spec.platform)
