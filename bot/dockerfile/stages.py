"""A Dockerfile as the core sees it: stages of instructions, which of them ship, and who takes what
from whom.

Made by adapters/parsing/dockerfile_parser.py from the text, of which nothing is lost; what is decided from it is decided here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from graphlib import TopologicalSorter

from bot.dockerfile.instruction import Comment, Instruction
from bot.dockerfile.logical_lines import Directive, choose_escape
from bot.dockerfile.scopes import ScopeInputs, ScopeVariables, apply_scope
from bot.dockerfile.source_text import SourceText

_NO_BUILD_ARGS: Mapping[str, str] = {}
# Only the builder knows these, so each stands for itself; a name that holds one is no image's name.
_PLATFORM_ARGS = {
    f"{side}{part}": f"${side}{part}"
    for side in ("BUILD", "TARGET")
    for part in ("PLATFORM", "OS", "OSVERSION", "ARCH", "VARIANT")
}


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage: its `FROM` instruction, taken apart, and the instructions under it."""

    index: int
    name: str | None
    base_name: str
    platform: str | None
    from_instruction: Instruction
    instructions: tuple[Instruction, ...]

    @property
    def fixed_platform(self) -> str | None:
        """The platform that its `FROM` names outright: it may need another image than the rest do."""
        return None if self.platform is None or "$" in self.platform else self.platform


@dataclass(frozen=True, slots=True)
class StageReference:
    """What an instruction takes from elsewhere: a stage, or the foreign image of that name."""

    instruction: Instruction
    name: str
    stage: Stage | None


@dataclass(frozen=True)
class Dockerfile:
    """The stages in order, what stands before the first `FROM`, and the file they were read from."""

    stages: tuple[Stage, ...]
    global_args: tuple[Instruction, ...] = ()
    directives: tuple[Directive, ...] = ()
    comments: tuple[Comment, ...] = ()
    source: SourceText = field(default=SourceText(b""), repr=False)

    @property
    def escape(self) -> str:
        """The escape character: a backslash, if no directive chose the backtick."""
        return choose_escape({x.name: x.value for x in self.directives})

    @property
    def instructions(self) -> tuple[Instruction, ...]:
        """Every instruction in order, `FROM` included."""
        staged = (x for stage in self.stages for x in (stage.from_instruction, *stage.instructions))
        return (*self.global_args, *staged)

    @cached_property
    def global_arg_defaults(self) -> Mapping[str, str]:
        """The global arguments that have a default (those before the first `FROM`)."""
        known = self._global_values(_NO_BUILD_ARGS)
        return {name: known[name] for name in known if known[name] != _PLATFORM_ARGS.get(name)}

    def find_stage(self, name: str) -> Stage | None:
        """The stage of a name (of any case) or index, as `--target` and `--from` mean it."""
        return _find_stage(name, self.stages)

    def final_stages(
        self, target: str | None = None, build_args: Mapping[str, str] = _NO_BUILD_ARGS
    ) -> tuple[Stage, ...]:
        """The stages whose layers make up the image, the one on the foreign base first."""
        stage = self.find_stage(target) if target else self.stages[-1] if self.stages else None
        return self._base_chain(stage, self._global_values(build_args)) if stage else ()

    def required_stages(
        self, target: str | None = None, build_args: Mapping[str, str] = _NO_BUILD_ARGS
    ) -> tuple[Stage, ...]:
        """Every stage that BuildKit must build for the target, in order."""
        known = self._global_values(build_args)
        graph: dict[int, set[int]] = {}
        left = [stage.index for stage in self.final_stages(target, build_args)]
        while left:
            index = left.pop()
            if index not in graph:
                graph[index] = {
                    x.index for x in self._find_source_stages(self.stages[index], known)
                }
                left.extend(graph[index])
        return tuple(self.stages[index] for index in TopologicalSorter(graph).static_order())

    def external_images(self, target: str | None, build_args: Mapping[str, str]) -> tuple[str, ...]:
        """The images from outside that a build of the target pulls in, each once, as written.

        Variables are filled in from the global arguments and `build_args`; a name that still holds
        a variable is left out, since only BuildKit knows its value.
        """
        known = self._global_values(build_args)
        names: dict[str, None] = {}
        for stage in self.required_stages(target, build_args):
            for reference in self._find_external_names(stage, known):
                image = self._scope_inputs.expand(reference, known)
                if "$" not in image and image != "scratch":
                    names[image] = None
        return tuple(names)

    def base_image(self, target: str | None, build_args: Mapping[str, str]) -> str | None:
        """The foreign image that the shipped stages stand on, variables filled in."""
        chain = self.final_stages(target, build_args)
        return (
            self._scope_inputs.expand(chain[0].base_name, self._global_values(build_args))
            if chain
            else None
        )

    def stage_references(self, stage: Stage) -> tuple[StageReference, ...]:
        """What `COPY --from=…` and `RUN --mount=…,from=…` of a stage take, in order."""
        return tuple(
            StageReference(statement, name, self._find_earlier_stage(name, stage))
            for statement in stage.instructions
            for name in statement.from_names
        )

    def find_comments(self, instruction: Instruction) -> tuple[Comment, ...]:
        """The comments right above an instruction, and those inside of it."""
        comments = {comment.line: comment for comment in self.comments}
        first = instruction.line_start
        while first - 1 in comments:
            first -= 1
        lines = range(first, instruction.line_end + 1)
        return tuple(comments[line] for line in lines if line in comments)

    def resolve_variables(
        self,
        stage: Stage,
        before: Instruction | None = None,
        build_args: Mapping[str, str] = _NO_BUILD_ARGS,
    ) -> ScopeVariables:
        """What `ARG` and `ENV` make known in a stage: before one of its instructions, or at its end."""
        outer = self._global_values(build_args)
        given = replace(self._scope_inputs, build_args=build_args, global_values=outer)
        known = ScopeVariables()
        for link in self._base_chain(stage, outer):
            count = len(link.instructions)
            if link is stage and before:
                count = link.instructions.index(before)
            known = apply_scope(link.instructions[:count], known, given)
        return known

    @property
    def _scope_inputs(self) -> ScopeInputs:
        return ScopeInputs(escape=self.escape)

    def _global_values(self, build_args: Mapping[str, str]) -> Mapping[str, str]:
        """What a variable in a `FROM` line stands for."""
        given = replace(self._scope_inputs, build_args=build_args)
        return apply_scope(self.global_args, ScopeVariables(_PLATFORM_ARGS), given).values

    def _base_chain(self, stage: Stage, global_values: Mapping[str, str]) -> tuple[Stage, ...]:
        """A stage and those it starts from, the one on the foreign base first."""
        chain = [stage]
        while parent := self._find_parent_stage(chain[-1], global_values):
            chain.append(parent)
        return tuple(reversed(chain))

    def _find_parent_stage(self, stage: Stage, global_values: Mapping[str, str]) -> Stage | None:
        base = self._scope_inputs.expand(stage.base_name, global_values)
        return None if base.isdigit() else self._find_earlier_stage(base, stage)

    def _find_earlier_stage(self, name: str, stage: Stage) -> Stage | None:
        return _find_stage(name, self.stages[: stage.index])

    def _find_source_stages(
        self, stage: Stage, global_values: Mapping[str, str]
    ) -> Iterator[Stage]:
        found = (
            self._find_parent_stage(stage, global_values),
            *(x.stage for x in self.stage_references(stage)),
        )
        return (source for source in found if source)

    def _find_external_names(self, stage: Stage, global_values: Mapping[str, str]) -> Iterator[str]:
        """The names of foreign images that one stage uses, variables and all."""
        if not self._find_parent_stage(stage, global_values) and stage.fixed_platform is None:
            yield stage.base_name
        yield from (x.name for x in self.stage_references(stage) if x.stage is None)


def _find_stage(name: str, stages: tuple[Stage, ...]) -> Stage | None:
    for stage in reversed(stages):
        if stage.name and stage.name.lower() == name.lower():
            return stage
    return stages[int(name)] if name.isdecimal() and int(name) < len(stages) else None
