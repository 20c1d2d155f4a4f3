"""The input of the rules: the steps of the final stages, and what is known at each.

A rule gets one object, so that image and build context stay optional for all of them.
"""

import posixpath
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any, TypeVar

from bot.advise.layer_evidence import LayerEvidence
from bot.advise.path_patterns import covers_pattern
from bot.advise.shell_folders import ShellFolders, list_script_values
from bot.advise.shell_variables import list_assignments
from bot.dockerfile.build_context import BuildContext
from bot.dockerfile.build_plan import BuildPlan
from bot.dockerfile.instruction import Instruction
from bot.dockerfile.shell_calls import Call, iter_instruction_calls
from bot.dockerfile.stages import Dockerfile, Stage
from bot.model.image import Image

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Step:
    """An instruction of a final stage, with variables, folder and user at that point.

    `workdir` and `user` are None while only the base image defines them.
    """

    instruction: Instruction
    stage: Stage
    variables: Mapping[str, str]
    workdir: str | None = None
    user: str | None = None

    @property
    def has_other_user(self) -> bool:
        """Return True if `USER` names another one than root."""
        return self.user is not None and self.user.partition(":")[0] not in ("root", "0")

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        """Return the programs that a `RUN` runs; none if its script could not be read whole."""
        is_run = self.instruction.keyword == "RUN"
        return tuple(iter_instruction_calls(self.instruction)) if is_run else ()

    @cached_property
    def shell_variables(self) -> Mapping[str, str]:
        """Return the variables of a `RUN`: `ENV` and `ARG`, and those that its script sets."""
        script = self.instruction.script
        return {**self.variables, **dict(list_assignments(script.commands if script else ()))}

    @cached_property
    def folders(self) -> ShellFolders:
        """Return the folders that the commands of a `RUN` run in."""
        script = self.instruction.script
        commands = script.commands if script else ()
        folders = ShellFolders({**self.variables, **list_script_values(commands)})
        # Relative paths stay relative: the base image's own WORKDIR is not in the Dockerfile.
        folders.read(commands, self.workdir or ".")
        return folders

    def has_mount_over(self, pattern: str) -> bool:
        """Return True if a mount keeps files at the pattern out of the layer."""
        targets = (x.target for x in self.instruction.mounts if x.kind in ("cache", "tmpfs"))
        return any(covers_pattern(target, pattern) for target in targets if target)

    def resolve_path(self, path: str) -> str | None:
        """Return a path as the container sees it; None if it is unknown."""
        if "$" in path or (self.workdir is None and not path.startswith("/")):
            return None
        return posixpath.normpath(posixpath.join(self.workdir or "/", path))


@dataclass(frozen=True)
class RuleInput:
    """One Dockerfile, with its image and its build context where there are any.

    `path` is where it is in its repository; empty if that is unknown.
    """

    plan: BuildPlan
    image: Image | None = None
    context: BuildContext | None = None
    path: str = ""
    _answers: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def ask_once(self, question: Callable[["RuleInput"], Answer]) -> Answer:
        """Return what a function returns for this input; many rules ask, and it is called once."""
        if question not in self._answers:
            self._answers[question] = question(self)
        answer: Answer = self._answers[question]
        return answer

    @property
    def dockerfile(self) -> Dockerfile:
        """Return the Dockerfile of the plan."""
        return self.plan.dockerfile

    def list_parent_folders(self, most: int) -> Iterator[str]:
        """Yield the folder of the Dockerfile and those above it; none if its path is unknown."""
        parents = PurePosixPath(self.path).parents if self.path else ()
        yield from ("" if str(parent) == "." else str(parent) for parent in parents[:most])

    @property
    def final_stages(self) -> tuple[Stage, ...]:
        """Return the stages of the final image, the one on the base image first."""
        return self.plan.final_stages

    @property
    def base_image(self) -> str | None:
        """Return the external image that they are based on."""
        return self.plan.base_image

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Return their instructions in order."""
        return tuple(self._iter_steps())

    def iter_runs(self) -> Iterator[Step]:
        """Yield the `RUN` steps with a script that could be parsed completely."""
        return (step for step in self.steps if step.calls)

    def list_run_calls(self) -> list[Call]:
        """Return the calls of all these steps."""
        return [call for step in self.iter_runs() for call in step.calls]

    def steps_after(self, step: Step) -> tuple[Step, ...]:
        """Return the steps after one."""
        return self.steps[self._positions[step.instruction.line_start] + 1 :]

    def steps_before(self, step: Step) -> tuple[Step, ...]:
        """Return the steps before one."""
        return self.steps[: self._positions[step.instruction.line_start]]

    @cached_property
    def evidence(self) -> LayerEvidence | None:
        """Return the evidence of the image; None without one, or if it is of another Dockerfile."""
        # An image that was read without its files has sizes of layers alone.
        if self.image is None or not self.image.layer_by_path:
            return None
        lines = {x.instruction.line_start for x in self.image.layers if x.instruction}
        is_built_from_this = any(step.instruction.line_start in lines for step in self.steps)
        return LayerEvidence(self.image) if is_built_from_this else None

    def get_step(self, instruction: Instruction) -> Step:
        """Return the step of an instruction; of another stage's, one without variables."""
        position = self._positions.get(instruction.line_start)
        if position is not None:
            return self.steps[position]
        return Step(instruction, self.dockerfile.stages[0], {})

    @cached_property
    def _positions(self) -> Mapping[int, int]:
        """Return the places of the steps by their lines; each line starts one at most."""
        return {step.instruction.line_start: index for index, step in enumerate(self.steps)}

    def measure_bytes(self, step: Step, *patterns: str) -> int | None:
        """Return the bytes that a step adds below such paths; None without an image."""
        return self.evidence.measure_bytes(step.instruction, patterns) if self.evidence else None

    def _iter_steps(self) -> Iterator[Step]:
        folder: str | None = None
        user: str | None = None
        for stage, instruction, variables in self.plan.iter_final_scopes():
            step = Step(instruction, stage, variables.values, folder, user)
            yield step
            if instruction.keyword == "WORKDIR":
                folder = step.resolve_path(instruction.argument_text.text.strip("\"'"))
            elif instruction.keyword == "USER":
                user = instruction.argument_text.text

    def find_step(self, instruction: Instruction) -> Step:
        """Return the step of an instruction of a final stage."""
        return self.steps[self._positions[instruction.line_start]]
