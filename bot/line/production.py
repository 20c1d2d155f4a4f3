"""One image from pinned base images to its measured size, and out of the engine again.

Its own module, so that a rewritten Dockerfile takes exactly the steps that the image of a revision
takes: `review`, `advise` and the verifier all go through the one `Producer`.
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, partial

from bot.budget.judge import ImageResult, image_or_none
from bot.dockerfile.build_plan import BuildPlan
from bot.errors import EngineUnavailableError, InputError, ReviewError, describe_cause
from bot.line.build_input import BuildInput
from bot.line.build_outcomes import BuildOutcomes
from bot.line.builds_ahead import BuildLimit, BuildsAhead, build_at_once
from bot.line.measurer import Measurer
from bot.line.pins import Pins
from bot.line.ports import Builder, Parser
from bot.model.failures import FailureKind
from bot.model.image import BaseImage, BuildFailure, BuiltImage, Image, MeasureFailure
from bot.model.image_location import ImageLocation
from bot.model.spec import ImageSpec

SCRATCH = "scratch"
_STAGE_REASON = "a stage has the same name"
_ADDRESS_REASON = "its address names no commit"
# BuildKit takes a named context in place of a stage of that name as well.
_STAGE_PROBLEM = (
    "the base image {name} of this repository cannot be passed to the build: a stage of the "
    "Dockerfile has the same name; rename the stage"
)


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


@dataclass(frozen=True)
class Producer:
    """Produces images, one call a step: pin, then build and measure."""

    builder: Builder
    parser: Parser
    measurer: Measurer
    limit: BuildLimit = BuildLimit()

    @cached_property
    def outcomes(self) -> BuildOutcomes:
        """The images that are built at the moment."""
        return BuildOutcomes(self.builder.remove)

    def parse_plan(self, spec: ImageSpec, text: bytes) -> BuildPlan | None:
        """Parse a Dockerfile for a declared image; return None if it has no stages."""
        try:
            dockerfile = self.parser.parse(text)
        except ValueError:
            return None
        return BuildPlan(dockerfile, spec.target, spec.build_args)

    def pin(self, *sources: BuildInput) -> Pins:
        """Pin the external images of all inputs at once, before the first of them is built."""
        names = dict.fromkeys(name for source in sources for name in source.external_images)
        # The inputs of a call are the sides of one image, for one platform.
        platform = next((source.spec.platform for source in sources), None)
        pins = self.builder.pin_images(tuple(names), platform)
        # Those that cannot be had any more are left out: there today's image counts.
        digests = {name: x for source in sources for name, x in source.digests.items()}
        if digests:
            pins = pins.override(self.builder.pin_digests(digests, platform))
        stages = {name: _STAGE_REASON for source in sources for name in source.unpinnable_names}
        moving = {name: _ADDRESS_REASON for source in sources for name in source.moving_contexts}
        return replace(pins, unresolved={**pins.unresolved, **stages, **moving})

    @contextmanager
    def produce(self, sources: Sequence[BuildInput], pins: Pins) -> Iterator[list[Production]]:
        """Build the inputs at once or back to back, measure them, and remove the images afterwards.

        Built without a pause, both sides of a comparison install from the same state of a package
        mirror, as far as that is possible. A step that both have is executed once either way.
        """
        with self.outcomes.hold(sources):
            # First what both sides are built on, so that nothing is built between them.
            completed = [self._build_bases(source) for source in sources]
            outcomes = self._build_all(
                [
                    partial(self._build, source, complete, pins)
                    for source, complete in zip(sources, completed, strict=True)
                ]
            )
            inputs = [
                source if isinstance(complete, BuildFailure) else complete
                for source, complete in zip(sources, completed, strict=True)
            ]
            yield [
                self._measure_outcome(source, pins, outcome)
                for source, outcome in zip(inputs, outcomes, strict=True)
            ]

    def take_turns(
        self, groups: Sequence[Sequence[BuildInput]]
    ) -> Generator[Sequence[BuildInput], None, None]:
        """Yield groups of inputs; what they share is kept until the turn of its last user ends.

        Several groups are built side by side, as far as the limit allows.
        """
        with ExitStack() as stack:
            # All groups are held before the first is built: what a later one is built on must not
            # be removed with the turn that built it.
            turns = [stack.enter_context(ExitStack()) for _ in groups]
            for turn, sources in zip(turns, groups, strict=True):
                turn.enter_context(self.outcomes.hold(sources))
            ahead = stack.enter_context(BuildsAhead(groups, self._build_group, self.limit))
            for number, (turn, sources) in enumerate(zip(turns, groups, strict=True)):
                with turn:
                    ahead.wait(number)
                    yield sources

    def _build_all(
        self, builds: Sequence[Callable[[], BuiltImage | BuildFailure]]
    ) -> list[BuiltImage | BuildFailure]:
        """Run the builds of one image's sides, at once if the limit allows it."""
        if len(builds) > 1 and self.limit.allows_both_sides():
            return build_at_once(builds, self.limit.stop)
        return [build() for build in builds]

    def _build_group(self, sources: Sequence[BuildInput]) -> None:
        """Build some inputs, which are held, back to back."""
        # The outcomes are kept, and the turn of the image takes them from there.
        pins = self.pin(*sources)
        for source in sources:
            self._build(source, self._build_bases(source), pins)

    def measure_existing(
        self, source: BuildInput, pins: Pins, location: ImageLocation
    ) -> Production:
        """Measure an image that was built from the input before; it is not removed."""
        result = self._measure(source, str(location), str(location), pins)
        built = BuiltImage(location) if location.is_in_engine else None
        return Production(source, pins, result, built)

    def _build_bases(self, source: BuildInput) -> BuildInput | BuildFailure:
        """Build what an input is built on; return the input with the images, or a failure."""
        if source.problem:
            return BuildFailure(source.problem)
        if source.preparation_failure:
            return source.preparation_failure
        for name in source.unpassable_names:
            return BuildFailure(_STAGE_PROBLEM.format(name=name))
        built: dict[str, BuiltImage] = {}
        for name, base in source.bases.items():
            outcome = self.outcomes.find(base)
            if outcome is None:
                outcome = self._build(base, self._build_bases(base), self.pin(base))
            if isinstance(outcome, BuildFailure):
                return _explain_base_failure(name, base.spec, outcome)
            built[name] = outcome
        return self._hand_on(source, built)

    def _hand_on(
        self, source: BuildInput, built: Mapping[str, BuiltImage]
    ) -> BuildInput | BuildFailure:
        try:
            contexts = {name: self.builder.make_context(image) for name, image in built.items()}
        # The image is handed on by a registry or a folder, which may be full: no other image fails
        # with it.
        except (ReviewError, OSError) as problem:
            words = [str(getattr(problem, part, "")) for part in ("what", "why", "fix")]
            reason = "; ".join(word.rstrip(".") for word in words if word)
            reason = reason or describe_cause(problem)
            return BuildFailure(reason, kind=FailureKind.ENGINE)
        return source.hand_on({name: x.reference for name, x in built.items()}, contexts)

    def _build(
        self, source: BuildInput, complete: BuildInput | BuildFailure, pins: Pins
    ) -> BuiltImage | BuildFailure:
        """Build one input, as it is with what it is built on, unless it was built before."""
        # Of two images that are built on this one at the same time, the second waits for the first
        # to build it.
        with self.outcomes.lock(source):
            outcome = self.outcomes.find(source)
            if outcome is None:
                outcome = (
                    complete
                    if isinstance(complete, BuildFailure)
                    else self._run_build(complete, pins)
                )
                self.outcomes.put(source, outcome)
        return outcome

    def _run_build(self, source: BuildInput, pins: Pins) -> BuiltImage | BuildFailure:
        spec, own_pins = source.pin(pins)
        return self.builder.build(
            spec, source.checkout, own_pins, source.label, source.dockerfile_text
        )

    def _measure_outcome(
        self, source: BuildInput, pins: Pins, outcome: BuiltImage | BuildFailure
    ) -> Production:
        if isinstance(outcome, BuildFailure):
            return Production(source, pins, outcome)
        try:
            result = self._measure(source, outcome.reference, source.label, pins)
        except (InputError, EngineUnavailableError) as problem:
            # Somebody else has removed the image, or the engine has ended, since the build.
            result = MeasureFailure(str(problem.what))
        return Production(source, pins, result, outcome)

    def _measure(self, source: BuildInput, reference: str, label: str, pins: Pins) -> ImageResult:
        """Measure an image, its layers attributed to the instructions of its Dockerfile."""
        stages = source.plan.final_stages if source.plan else ()
        return self.measurer.measure(
            reference, source.spec.name, stages, self._find_base_image(source, pins), label=label
        )

    def _find_base_image(self, source: BuildInput, pins: Pins) -> BaseImage | None:
        name = source.base_image
        # A `$` is left where an argument of the name has no value.
        if not name or name == SCRATCH or "$" in name:
            return None
        if name in pins.base_images:
            return pins.base_images[name]
        return self.builder.find_base_image(name, source.spec.platform)


def _explain_base_failure(name: str, base: ImageSpec, failure: BuildFailure) -> BuildFailure:
    """Return the failure of an image that is built on one that cannot be built."""
    reason = f"its base image {name}, built from {base.dockerfile}, does not build"
    return replace(failure, reason=f"{reason}: {failure.reason}")
