"""The stages of a Dockerfile, and the references between them.

adapters/parsing/dockerfile_parser.py parses a file to this model without loss; everything that
follows from the text (final stages, base image, variables) is computed here.
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
# Only BuildKit knows these values, so each is its own value: an image name with one is incomplete.
_PLATFORM_ARGS = {
    f"{side}{part}": f"${side}{part}"
    for side in ("BUILD", "TARGET")
    for part in ("PLATFORM", "OS", "OSVERSION", "ARCH", "VARIANT")
}


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage: its parsed `FROM` instruction, and the instructions under it."""

    index: int
    name: str | None
    base_name: str
    platform: str | None
    from_instruction: Instruction
    instructions: tuple[Instruction, ...]

    @property
    def fixed_platform(self) -> str | None:
        """Return the platform that its `FROM` names without a variable.

        Such a stage may need another image than the rest of the build.
        """
        return None if self.platform is None or "$" in self.platform else self.platform


@dataclass(frozen=True, slots=True)
class StageReference:
    """A `--from` of an instruction: an earlier stage, or an external image (`stage` is None)."""

    instruction: Instruction
    name: str
    stage: Stage | None


@dataclass(frozen=True)
class Dockerfile:
    """The stages in order, the `ARG` before the first `FROM`, and the source text."""

    stages: tuple[Stage, ...]
    global_args: tuple[Instruction, ...] = ()
    directives: tuple[Directive, ...] = ()
    comments: tuple[Comment, ...] = ()
    source: SourceText = field(default=SourceText(b""), repr=False)

    @property
    def escape(self) -> str:
        """Return the escape character: a backslash, unless a directive chose the backtick."""
        return choose_escape({x.name: x.value for x in self.directives})

    @property
    def instructions(self) -> tuple[Instruction, ...]:
        """Return every instruction in order, `FROM` included."""
        in_stages = (
            instruction
            for stage in self.stages
            for instruction in (stage.from_instruction, *stage.instructions)
        )
        return (*self.global_args, *in_stages)

    @cached_property
    def global_arg_defaults(self) -> Mapping[str, str]:
        """Return the global arguments that have a default (those before the first `FROM`)."""
        values = self._global_values(_NO_BUILD_ARGS)
        return {name: values[name] for name in values if values[name] != _PLATFORM_ARGS.get(name)}

    def find_stage(self, name: str) -> Stage | None:
        """Return the stage of a name (in any case) or index, as in `--target` and `--from`."""
        return _find_stage(name, self.stages)

    def final_stages(
        self, target: str | None = None, build_args: Mapping[str, str] = _NO_BUILD_ARGS
    ) -> tuple[Stage, ...]:
        """Return the stages whose layers make up the image, the one on the base image first."""
        stage = self.find_stage(target) if target else self.stages[-1] if self.stages else None
        return self._base_chain(stage, self._global_values(build_args)) if stage else ()

    def required_stages(
        self, target: str | None = None, build_args: Mapping[str, str] = _NO_BUILD_ARGS
    ) -> tuple[Stage, ...]:
        """Return every stage that BuildKit must build for the target, in order."""
        global_values = self._global_values(build_args)
        graph: dict[int, set[int]] = {}
        pending = [stage.index for stage in self.final_stages(target, build_args)]
        while pending:
            index = pending.pop()
            if index not in graph:
                sources = self._find_source_stages(self.stages[index], global_values)
                graph[index] = {source.index for source in sources}
                pending.extend(graph[index])
        return tuple(self.stages[index] for index in TopologicalSorter(graph).static_order())

    def external_images(self, target: str | None, build_args: Mapping[str, str]) -> tuple[str, ...]:
        """Return the images from outside that a build of the target pulls, as written.

        Variables are filled in from the global arguments and `build_args`; a name that
        still holds a variable is left out, since only BuildKit knows its value.
        """
        global_values = self._global_values(build_args)
        names: dict[str, None] = {}
        for stage in self.required_stages(target, build_args):
            for reference in self._find_external_names(stage, global_values):
                image = self._scope_inputs.expand(reference, global_values)
                if "$" not in image and image != "scratch":
                    names[image] = None
        return tuple(names)

    def base_image(self, target: str | None, build_args: Mapping[str, str]) -> str | None:
        """Return the external image that the final stages are based on, variables filled in."""
        chain = self.final_stages(target, build_args)
        if not chain:
            return None
        return self._scope_inputs.expand(chain[0].base_name, self._global_values(build_args))

    def stage_references(self, stage: Stage) -> tuple[StageReference, ...]:
        """Return what `COPY --from=…` and `RUN --mount=…,from=…` of a stage refer to, in order."""
        return tuple(
            StageReference(instruction, name, self._find_earlier_stage(name, stage))
            for instruction in stage.instructions
            for name in instruction.from_names
        )

    def find_comments(self, instruction: Instruction) -> tuple[Comment, ...]:
        """Return the comments right above an instruction, and those inside of it."""
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
        """Return the variables of a stage: before one of its instructions, or at its end."""
        global_values = self._global_values(build_args)
        inputs = replace(self._scope_inputs, build_args=build_args, global_values=global_values)
        variables = ScopeVariables()
        for chain_stage in self._base_chain(stage, global_values):
            count = len(chain_stage.instructions)
            if chain_stage is stage and before:
                count = chain_stage.instructions.index(before)
            variables = apply_scope(chain_stage.instructions[:count], variables, inputs)
        return variables

    @property
    def _scope_inputs(self) -> ScopeInputs:
        return ScopeInputs(escape=self.escape)

    def _global_values(self, build_args: Mapping[str, str]) -> Mapping[str, str]:
        """Return the values that variables in `FROM` lines have."""
        inputs = replace(self._scope_inputs, build_args=build_args)
        return apply_scope(self.global_args, ScopeVariables(_PLATFORM_ARGS), inputs).values

    def _base_chain(self, stage: Stage, global_values: Mapping[str, str]) -> tuple[Stage, ...]:
        """Return a stage and those it starts from, the one on the base image first."""
        chain = [stage]
        while parent := self._find_parent_stage(chain[-1], global_values):
            chain.append(parent)
        return tuple(reversed(chain))

    def _find_parent_stage(self, stage: Stage, global_values: Mapping[str, str]) -> Stage | None:
        base = self._scope_inputs.expand(stage.base_name, global_values)
        # `FROM 0` names an image `0`: only `--from` and `--target` take an index.
        return None if base.isdigit() else self._find_earlier_stage(base, stage)

    def _find_earlier_stage(self, name: str, stage: Stage) -> Stage | None:
        return _find_stage(name, self.stages[: stage.index])

    def _find_source_stages(
        self, stage: Stage, global_values: Mapping[str, str]
    ) -> Iterator[Stage]:
        stages = (
            self._find_parent_stage(stage, global_values),
            *(x.stage for x in self.stage_references(stage)),
        )
        return (source for source in stages if source)

    def _find_external_names(self, stage: Stage, global_values: Mapping[str, str]) -> Iterator[str]:
        """Yield the external images that one stage uses, with variables as written."""
        if not self._find_parent_stage(stage, global_values) and stage.fixed_platform is None:
            yield stage.base_name
        yield from (x.name for x in self.stage_references(stage) if x.stage is None)


def _find_stage(name: str, stages: tuple[Stage, ...]) -> Stage | None:
    for stage in reversed(stages):
        if stage.name and stage.name.lower() == name.lower():
            return stage
    return stages[int(name)] if name.isdecimal() and int(name) < len(stages) else None
