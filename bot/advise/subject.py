"""What rules look at: the stages that ship, instruction by instruction, and what is known of each."""

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from bot.advise.layer_evidence import Evidence
from bot.advise.path_patterns import covers
from bot.dockerfile.build_context import Context
from bot.dockerfile.instruction import Statement
from bot.dockerfile.shell_calls import Call, calls_of
from bot.dockerfile.stages import Dockerfile, Stage
from bot.model.image import Image


@dataclass(frozen=True)
class Step:
    """An instruction of a stage that ships, and what holds where it stands.

    `folder` is None while only the base image knows it; so is `user`.
    """

    statement: Statement
    stage: Stage
    known: Mapping[str, str]
    folder: str | None = None
    user: str | None = None

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        """The programs that a `RUN` runs; none of one that could not be read whole."""
        return tuple(calls_of(self.statement)) if self.statement.keyword == "RUN" else ()

    def mounts(self, place: str) -> bool:
        """Whether what is written there stays out of the layer; `~` is any user's home."""
        kept_out = (x.target for x in self.statement.mounts if x.kind in ("cache", "tmpfs"))
        return any(covers(target, place) for target in kept_out if target)

    def path(self, given: str) -> str | None:
        """A path as the container knows it; None if that cannot be told."""
        if "$" in given or (self.folder is None and not given.startswith("/")):
            return None
        return posixpath.normpath(posixpath.join(self.folder or "/", given))


@dataclass(frozen=True)
class Subject:
    """One Dockerfile, and its image and its context where they are at hand."""

    dockerfile: Dockerfile
    target: str | None = None
    build_args: Mapping[str, str] = field(default_factory=dict)
    image: Image | None = None
    context: Context | None = None

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        """The stages that ship, the one on the foreign base first."""
        return self.dockerfile.shipped(self.target, self.build_args)

    @cached_property
    def base(self) -> str | None:
        """The foreign image below them."""
        return self.dockerfile.base_of(self.target, self.build_args)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Their instructions in order."""
        return tuple(self._steps())

    def runs(self) -> Iterator[Step]:
        """The `RUN` instructions among them that could be read whole."""
        return (step for step in self.steps if step.calls)

    def after(self, step: Step) -> tuple[Step, ...]:
        """What follows an instruction."""
        return self.steps[self.steps.index(step) + 1 :]

    def before(self, step: Step) -> tuple[Step, ...]:
        """What goes before an instruction."""
        return self.steps[: self.steps.index(step)]

    @cached_property
    def evidence(self) -> Evidence | None:
        """What the image proves; None if there is none, or it is not of this Dockerfile."""
        if self.image is None or not self.image.origins:
            return None
        lines = {x.instruction.line_start for x in self.image.layers if x.instruction}
        known = any(step.statement.line_start in lines for step in self.steps)
        return Evidence(self.image) if known else None

    def weigh(self, step: Step, *places: str) -> int | None:
        """The bytes that an instruction ships in such places; None if nothing was measured."""
        return self.evidence.weigh(step.statement, places) if self.evidence else None

    def _steps(self) -> Iterator[Step]:
        folder: str | None = None
        user: str | None = None
        for stage in self.stages:
            for statement in stage.instructions:
                known = self.dockerfile.variables(stage, statement, self.build_args).known
                step = Step(statement, stage, known, folder, user)
                yield step
                if statement.keyword == "WORKDIR":
                    folder = step.path(statement.arguments.text.strip("\"'"))
                elif statement.keyword == "USER":
                    user = statement.arguments.text

    def at(self, statement: Statement) -> Step:
        """The step of an instruction."""
        return next(step for step in self.steps if step.statement == statement)
