"""What rules look at: the stages that ship, instruction by instruction, and what is known of each."""

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from bot.advise.layer_evidence import LayerEvidence
from bot.advise.path_patterns import covers_pattern
from bot.dockerfile.build_context import BuildContext
from bot.dockerfile.build_plan import BuildPlan
from bot.dockerfile.instruction import Instruction
from bot.dockerfile.shell_calls import Call, iter_instruction_calls
from bot.dockerfile.stages import Dockerfile, Stage
from bot.model.image import Image


@dataclass(frozen=True)
class Step:
    """An instruction of a stage that ships, and what holds where it stands.

    `folder` is None while only the base image knows it; so is `user`.
    """

    instruction: Instruction
    stage: Stage
    variables: Mapping[str, str]
    workdir: str | None = None
    user: str | None = None

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        """The programs that a `RUN` runs; none of one that could not be read whole."""
        return (
            tuple(iter_instruction_calls(self.instruction))
            if self.instruction.keyword == "RUN"
            else ()
        )

    def has_mount_over(self, pattern: str) -> bool:
        """Whether what is written there stays out of the layer; `~` is any user's home."""
        kept_out = (x.target for x in self.instruction.mounts if x.kind in ("cache", "tmpfs"))
        return any(covers_pattern(target, pattern) for target in kept_out if target)

    def resolve_path(self, path: str) -> str | None:
        """A path as the container knows it; None if that cannot be told."""
        if "$" in path or (self.workdir is None and not path.startswith("/")):
            return None
        return posixpath.normpath(posixpath.join(self.workdir or "/", path))


@dataclass(frozen=True)
class RuleInput:
    """One Dockerfile, and its image and its context where they are at hand."""

    plan: BuildPlan
    image: Image | None = None
    context: BuildContext | None = None

    @property
    def dockerfile(self) -> Dockerfile:
        """The Dockerfile that the plan is for."""
        return self.plan.dockerfile

    @property
    def final_stages(self) -> tuple[Stage, ...]:
        """The stages that ship, the one on the external base image first."""
        return self.plan.final_stages

    @property
    def base_image(self) -> str | None:
        """The external image that they start from."""
        return self.plan.base_image

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Their instructions in order."""
        return tuple(self._iter_steps())

    def iter_runs(self) -> Iterator[Step]:
        """The `RUN` instructions among them that could be read whole."""
        return (step for step in self.steps if step.calls)

    def steps_after(self, step: Step) -> tuple[Step, ...]:
        """What follows an instruction."""
        return self.steps[self.steps.index(step) + 1 :]

    def steps_before(self, step: Step) -> tuple[Step, ...]:
        """What goes before an instruction."""
        return self.steps[: self.steps.index(step)]

    @cached_property
    def evidence(self) -> LayerEvidence | None:
        """What the image proves; None if there is none, or it is not of this Dockerfile."""
        if self.image is None or not self.image.layer_by_path:
            return None
        lines = {x.instruction.line_start for x in self.image.layers if x.instruction}
        known = any(step.instruction.line_start in lines for step in self.steps)
        return LayerEvidence(self.image) if known else None

    def measure_bytes(self, step: Step, *patterns: str) -> int | None:
        """The bytes that an instruction ships in such places; None if nothing was measured."""
        return self.evidence.measure_bytes(step.instruction, patterns) if self.evidence else None

    def _iter_steps(self) -> Iterator[Step]:
        folder: str | None = None
        user: str | None = None
        for stage in self.final_stages:
            for statement in stage.instructions:
                known = self.plan.resolve_variables(stage, statement).values
                step = Step(statement, stage, known, folder, user)
                yield step
                if statement.keyword == "WORKDIR":
                    folder = step.resolve_path(statement.argument_text.text.strip("\"'"))
                elif statement.keyword == "USER":
                    user = statement.argument_text.text

    def find_step(self, instruction: Instruction) -> Step:
        """The step of an instruction."""
        return next(step for step in self.steps if step.instruction == instruction)
