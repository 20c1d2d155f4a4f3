"""The stages of a Dockerfile, and the references between them.

adapters/parsing/dockerfile_parser.py parses a file to this model without loss. What depends on
`--target` or `--build-arg` (final stages, base image, variables) is in build_plan.py.
"""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from bot.dockerfile.instruction import Comment, Instruction
from bot.dockerfile.logical_lines import Directive, choose_escape
from bot.dockerfile.source_text import SourceText


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

    @cached_property
    def statements(self) -> tuple[Instruction, ...]:
        """Return every instruction in order, `FROM` included."""
        in_stages = (
            instruction
            for stage in self.stages
            for instruction in (stage.from_instruction, *stage.instructions)
        )
        return (*self.global_args, *in_stages)

    def find_stage(self, name: str) -> Stage | None:
        """Return the stage of a name (in any case) or index, as in `--target` and `--from`."""
        return self._find_stage_before(name, len(self.stages))

    def find_earlier_stage(self, name: str, stage: Stage) -> Stage | None:
        """Return the stage before `stage` that a name or index in it refers to."""
        return self._find_stage_before(name, stage.index)

    def _find_stage_before(self, name: str, end: int) -> Stage | None:
        """Return the last stage of a name before an index, else the one of that index."""
        indexes = self._indexes_by_name.get(name.lower(), [])
        count = bisect_left(indexes, end)
        if name and count:
            return self.stages[indexes[count - 1]]
        digits = name.lstrip("0") or "0"  # int() refuses thousands of digits
        is_index = name.isdecimal() and len(digits) <= len(str(end)) and int(digits) < end
        return self.stages[int(digits)] if is_index else None

    @cached_property
    def _indexes_by_name(self) -> Mapping[str, list[int]]:
        """Return the indexes of the stages of each name, in order."""
        indexes: dict[str, list[int]] = {}
        for index, stage in enumerate(self.stages):
            indexes.setdefault((stage.name or "").lower(), []).append(index)
        return indexes

    def stage_references(self, stage: Stage) -> tuple[StageReference, ...]:
        """Return what `COPY --from=…` and `RUN --mount=…,from=…` of a stage refer to, in order."""
        return tuple(
            StageReference(instruction, name, self.find_earlier_stage(name, stage))
            for instruction in stage.instructions
            for name in instruction.from_names
        )

    @cached_property
    def names_in_use(self) -> frozenset[str]:
        """Return the names of stages, and those that stand for stages or images elsewhere.

        A stage that took one would be meant where an image was, in lower case.
        """
        statements = [x.onbuild or x for x in self.statements]
        references = (name for x in statements for name in x.from_names)
        names = (name for x in self.stages for name in (x.name or "", x.base_name))
        return frozenset(name.lower() for name in (*references, *names) if name)

    def find_comments(self, instruction: Instruction) -> tuple[Comment, ...]:
        """Return the comments right above an instruction, and those inside of it."""
        comments = {comment.line: comment for comment in self.comments}
        first = instruction.line_start
        while first - 1 in comments:
            first -= 1
        lines = range(first, instruction.line_end + 1)
        return tuple(comments[line] for line in lines if line in comments)
