"""A Dockerfile bound to one `--target` and one set of `--build-arg`.

Its own module, so that the pair is bound to the Dockerfile once: the same file has other final
stages and pulls other images for another target or another value of a global `ARG`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from graphlib import TopologicalSorter

from bot.dockerfile.instruction import Instruction
from bot.dockerfile.scopes import SCOPE_KEYWORDS, ScopeInputs, ScopeVariables, apply_scope
from bot.dockerfile.stages import Dockerfile, Stage

# Only BuildKit knows these values, so each is its own value: an image name with one is incomplete.
_PLATFORM_ARGS = {
    f"{side}{part}": f"${side}{part}"
    for side in ("BUILD", "TARGET")
    for part in ("PLATFORM", "OS", "OSVERSION", "ARCH", "VARIANT")
}
# A variable without a word that takes its place if it is empty: `${NAME:-word}`.
_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)(?!:?[-+])[^}]*\})")
# A name that Docker's short form turns into one word (`reference.FamiliarName`).
_ONE_WORD_IMAGE = re.compile(r"(?:(?:index\.)?docker\.io/)?(?:library/)?([^/:@]+)(?::latest)?")


@dataclass(frozen=True)
class BuildPlan:
    """A Dockerfile, bound to a target stage (the last one by default) and build arguments."""

    dockerfile: Dockerfile
    target: str | None = None
    build_args: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def global_values(self) -> Mapping[str, str]:
        """Return the values that a variable in a `FROM` line can refer to."""
        return apply_scope(
            self.dockerfile.global_args, ScopeVariables(_PLATFORM_ARGS), self._scope_inputs
        ).values

    @cached_property
    def final_stages(self) -> tuple[Stage, ...]:
        """Return the stages with layers in the image, the one on the base image first."""
        if self.target:
            stage = self.dockerfile.find_stage(self.target)
            return self.list_base_chain(stage) if stage else ()
        return self.list_base_chain(self.dockerfile.stages[-1]) if self.dockerfile.stages else ()

    @cached_property
    def required_stages(self) -> tuple[Stage, ...]:
        """Return every stage that BuildKit must build for the target, dependencies first."""
        graph: dict[int, set[int]] = {}
        pending = [stage.index for stage in self.final_stages]
        while pending:
            index = pending.pop()
            if index not in graph:
                sources = self._list_source_stages(self.dockerfile.stages[index])
                graph[index] = {stage.index for stage in sources}
                pending.extend(graph[index])
        # A stage refers to earlier ones only, so there is no circle.
        order = TopologicalSorter(graph).static_order()
        return tuple(self.dockerfile.stages[index] for index in order)

    @cached_property
    def external_images(self) -> tuple[str, ...]:
        """Return the images from outside that the build pulls, variables filled in.

        A name that still holds a variable is left out, since only BuildKit knows its value.
        """
        names: dict[str, None] = {}
        for stage in self.required_stages:
            for reference in self._list_external_names(stage):
                name = self._scope_inputs.expand(reference, self.global_values)
                if "$" not in name and name != "scratch":
                    names[name] = None
        return tuple(names)

    @property
    def has_unnamed_images(self) -> bool:
        """Return True if the build may take other images than `external_images` names.

        Those of stages with a platform of their own, or with a name that only BuildKit knows.
        """
        stages = self.required_stages
        references = (name for stage in stages for name in self._list_external_names(stage))
        names = [self._scope_inputs.expand(name, self.global_values) for name in references]
        return any("$" in name for name in names) or any(
            stage.fixed_platform is not None and not self._find_parent_stage(stage)
            for stage in stages
        )

    @cached_property
    def image_platforms(self) -> Mapping[str, str | None]:
        """Return the platforms that `FROM` fixes, of all images from outside; None for others.

        Unlike `external_images` with the images of stages that have a platform of their own.
        """
        platforms: dict[str, str | None] = dict.fromkeys(self.external_images)
        for stage in self.required_stages:
            if stage.fixed_platform is not None and not self._find_parent_stage(stage):
                name = self._scope_inputs.expand(stage.base_name, self.global_values)
                if "$" not in name and name != "scratch":
                    platforms.setdefault(name, stage.fixed_platform)
        return platforms

    @cached_property
    def images_named_like_stages(self) -> tuple[str, ...]:
        """Return the external images with a name that a stage has, too.

        `--build-context NAME=…` replaces a stage of that name before it replaces an image
        (`namedContext` in moby/buildkit, frontend/dockerfile/dockerfile2llb).
        """
        stage_names = {stage.name.lower() for stage in self.dockerfile.stages if stage.name}
        matches = ((name, _ONE_WORD_IMAGE.fullmatch(name)) for name in self.external_images)
        return tuple(name for name, match in matches if match and match[1] in stage_names)

    @cached_property
    def base_image(self) -> str | None:
        """Return the external image that the final stages are based on, variables filled in."""
        if not self.final_stages:
            return None
        return self._scope_inputs.expand(self.final_stages[0].base_name, self.global_values)

    def resolve_variables(self, stage: Stage, before: Instruction | None = None) -> ScopeVariables:
        """Return the `ARG` and `ENV` in scope before an instruction of a stage, or at its end."""
        inputs = replace(self._scope_inputs, global_values=self.global_values)
        variables = ScopeVariables()
        for parent in self.list_base_chain(stage):
            count = len(parent.instructions)
            if parent is stage and before:
                count = parent.instructions.index(before)
            variables = apply_scope(parent.instructions[:count], variables, inputs)
        return variables

    def iter_final_scopes(self) -> Iterator[tuple[Stage, Instruction, ScopeVariables]]:
        """Yield the instructions of the final stages in order, with the variables before each.

        In one pass: to resolve each by itself takes the square of their number.
        """
        inputs = replace(self._scope_inputs, global_values=self.global_values)
        variables = ScopeVariables()
        for stage in self.final_stages:
            for instruction in stage.instructions:
                yield stage, instruction, variables
                if instruction.keyword in SCOPE_KEYWORDS:
                    variables = apply_scope((instruction,), variables, inputs)

    def list_unset_arguments(self, stage: Stage) -> tuple[str, ...]:
        """Return the arguments that a stage's `FROM` takes, and that have no value, in order."""
        words = {word for x in self.dockerfile.global_args for word in x.words}
        names = (match[1] or match[2] for match in _VARIABLE.finditer(stage.base_name))
        unset = (name for name in names if name in words and not self.global_values.get(name))
        return tuple(dict.fromkeys(unset))

    def fill_in(self, words: Sequence[str], stage: Stage, before: Instruction) -> tuple[str, ...]:
        """Return words of an instruction with its variables filled in, as far as these have values.

        Quotes and escapes are removed.
        """
        has_variable = any("$" in word for word in words)
        values = self.resolve_variables(stage, before).values if has_variable else {}
        return tuple(self._scope_inputs.expand(word, values) for word in words)

    @cached_property  # all that is filled in counts together
    def _scope_inputs(self) -> ScopeInputs:
        return ScopeInputs(escape=self.dockerfile.escape, build_args=self.build_args)

    def list_base_chain(self, stage: Stage) -> tuple[Stage, ...]:
        """List a stage and those that it starts from, the one on the external image first."""
        chain = [stage]
        while parent := self._find_parent_stage(chain[-1]):
            chain.append(parent)
        return tuple(reversed(chain))

    def _find_parent_stage(self, stage: Stage) -> Stage | None:
        base = self._scope_inputs.expand(stage.base_name, self.global_values)
        # `FROM 0` names an image `0`: only `--from` and `--target` take an index.
        return None if base.isdigit() else self.dockerfile.find_earlier_stage(base, stage)

    def _list_source_stages(self, stage: Stage) -> Iterator[Stage]:
        if parent := self._find_parent_stage(stage):
            yield parent
        for reference in self.dockerfile.stage_references(stage):
            if reference.stage:
                yield reference.stage

    def _list_external_names(self, stage: Stage) -> Iterator[str]:
        """List the names of external images that one stage uses, variables not filled in."""
        if not self._find_parent_stage(stage) and stage.fixed_platform is None:
            yield stage.base_name
        for reference in self.dockerfile.stage_references(stage):
            if reference.stage is None:
                yield reference.name
