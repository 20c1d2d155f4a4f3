"""A Dockerfile as the core sees it: stages of instructions, which of them ship, and who takes what
from whom.

Made by adapters/parsing/dockerfile_parser.py from the text, of which nothing is lost; what is decided from it is decided here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from graphlib import TopologicalSorter

from bot.dockerfile.instruction import Comment, Statement
from bot.dockerfile.logical_lines import Directive, escape_of
from bot.dockerfile.scopes import Given, Variables, walk
from bot.dockerfile.source_text import Source

_NO_ARGUMENTS: Mapping[str, str] = {}
# Only the builder knows these, so each stands for itself; a name that holds one is no image's name.
_OF_THE_BUILDER = {
    f"{side}{part}": f"${side}{part}"
    for side in ("BUILD", "TARGET")
    for part in ("PLATFORM", "OS", "OSVERSION", "ARCH", "VARIANT")
}


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage: its `FROM` instruction, taken apart, and the instructions under it."""

    index: int
    name: str | None
    base: str
    platform: str | None
    origin: Statement
    instructions: tuple[Statement, ...]

    @property
    def fixed_platform(self) -> str | None:
        """The platform that its `FROM` names outright: it may need another image than the rest do."""
        return None if self.platform is None or "$" in self.platform else self.platform


@dataclass(frozen=True, slots=True)
class Borrowing:
    """What an instruction takes from elsewhere: a stage, or the foreign image of that name."""

    statement: Statement
    name: str
    stage: Stage | None


@dataclass(frozen=True)
class Dockerfile:
    """The stages in order, what stands before the first `FROM`, and the file they were read from."""

    stages: tuple[Stage, ...]
    preamble: tuple[Statement, ...] = ()
    directives: tuple[Directive, ...] = ()
    comments: tuple[Comment, ...] = ()
    source: Source = field(default=Source(b""), repr=False)

    @property
    def escape(self) -> str:
        """The escape character: a backslash, if no directive chose the backtick."""
        return escape_of({x.name: x.value for x in self.directives})

    @property
    def statements(self) -> tuple[Statement, ...]:
        """Every instruction in order, `FROM` included."""
        staged = (x for stage in self.stages for x in (stage.origin, *stage.instructions))
        return (*self.preamble, *staged)

    @cached_property
    def arguments(self) -> Mapping[str, str]:
        """The global arguments that have a default (those before the first `FROM`)."""
        known = self._globals(_NO_ARGUMENTS)
        return {name: known[name] for name in known if known[name] != _OF_THE_BUILDER.get(name)}

    def find(self, name: str) -> Stage | None:
        """The stage of a name (of any case) or index, as `--target` and `--from` mean it."""
        return _find(name, self.stages)

    def shipped(
        self, target: str | None = None, build_args: Mapping[str, str] = _NO_ARGUMENTS
    ) -> tuple[Stage, ...]:
        """The stages whose layers make up the image, the one on the foreign base first."""
        stage = self.find(target) if target else self.stages[-1] if self.stages else None
        return self._chain(stage, self._globals(build_args)) if stage else ()

    def needed(
        self, target: str | None = None, build_args: Mapping[str, str] = _NO_ARGUMENTS
    ) -> tuple[Stage, ...]:
        """Every stage that BuildKit must build for the target, in order."""
        known = self._globals(build_args)
        graph: dict[int, set[int]] = {}
        left = [stage.index for stage in self.shipped(target, build_args)]
        while left:
            index = left.pop()
            if index not in graph:
                graph[index] = {x.index for x in self._sources(self.stages[index], known)}
                left.extend(graph[index])
        return tuple(self.stages[index] for index in TopologicalSorter(graph).static_order())

    def foreign_images(self, target: str | None, build_args: Mapping[str, str]) -> tuple[str, ...]:
        """The images from outside that a build of the target pulls in, each once, as written.

        Variables are filled in from the global arguments and `build_args`; a name that still holds
        a variable is left out, since only BuildKit knows its value.
        """
        known = self._globals(build_args)
        names: dict[str, None] = {}
        for stage in self.needed(target, build_args):
            for reference in self._references(stage, known):
                image = self._given.fill(reference, known)
                if "$" not in image and image != "scratch":
                    names[image] = None
        return tuple(names)

    def base_of(self, target: str | None, build_args: Mapping[str, str]) -> str | None:
        """The foreign image that the shipped stages stand on, variables filled in."""
        chain = self.shipped(target, build_args)
        return self._given.fill(chain[0].base, self._globals(build_args)) if chain else None

    def borrowings(self, stage: Stage) -> tuple[Borrowing, ...]:
        """What `COPY --from=…` and `RUN --mount=…,from=…` of a stage take, in order."""
        return tuple(
            Borrowing(statement, name, self._earlier(name, stage))
            for statement in stage.instructions
            for name in statement.origins
        )

    def comments_of(self, statement: Statement) -> tuple[Comment, ...]:
        """The comments right above an instruction, and those inside of it."""
        comments = {comment.line: comment for comment in self.comments}
        first = statement.line_start
        while first - 1 in comments:
            first -= 1
        lines = range(first, statement.line_end + 1)
        return tuple(comments[line] for line in lines if line in comments)

    def variables(
        self,
        stage: Stage,
        before: Statement | None = None,
        build_args: Mapping[str, str] = _NO_ARGUMENTS,
    ) -> Variables:
        """What `ARG` and `ENV` make known in a stage: before one of its instructions, or at its end."""
        outer = self._globals(build_args)
        given = replace(self._given, build_args=build_args, outer=outer)
        known = Variables()
        for link in self._chain(stage, outer):
            count = len(link.instructions)
            if link is stage and before:
                count = link.instructions.index(before)
            known = walk(link.instructions[:count], known, given)
        return known

    @property
    def _given(self) -> Given:
        return Given(escape=self.escape)

    def _globals(self, build_args: Mapping[str, str]) -> Mapping[str, str]:
        """What a variable in a `FROM` line stands for."""
        given = replace(self._given, build_args=build_args)
        return walk(self.preamble, Variables(_OF_THE_BUILDER), given).known

    def _chain(self, stage: Stage, known: Mapping[str, str]) -> tuple[Stage, ...]:
        """A stage and those it starts from, the one on the foreign base first."""
        chain = [stage]
        while parent := self._parent(chain[-1], known):
            chain.append(parent)
        return tuple(reversed(chain))

    def _parent(self, stage: Stage, known: Mapping[str, str]) -> Stage | None:
        base = self._given.fill(stage.base, known)
        return None if base.isdigit() else self._earlier(base, stage)

    def _earlier(self, name: str, stage: Stage) -> Stage | None:
        return _find(name, self.stages[: stage.index])

    def _sources(self, stage: Stage, known: Mapping[str, str]) -> Iterator[Stage]:
        found = (self._parent(stage, known), *(x.stage for x in self.borrowings(stage)))
        return (source for source in found if source)

    def _references(self, stage: Stage, known: Mapping[str, str]) -> Iterator[str]:
        """The names of foreign images that one stage uses, variables and all."""
        if not self._parent(stage, known) and stage.fixed_platform is None:
            yield stage.base
        yield from (x.name for x in self.borrowings(stage) if x.stage is None)


def _find(name: str, stages: tuple[Stage, ...]) -> Stage | None:
    for stage in reversed(stages):
        if stage.name and stage.name.lower() == name.lower():
            return stage
    return stages[int(name)] if name.isdecimal() and int(name) < len(stages) else None
