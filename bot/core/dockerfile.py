"""A Dockerfile as the core sees it: stages of instructions, and which of them ships.

Made by edge/parse.py from the text; what is decided from it is decided here.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter

from bot.core.model import Instruction

_VARIABLE = re.compile(
    r"\$(?:\{(?P<braced>\w+)(?::(?P<operator>[-+])(?P<word>[^}]*))?\}|(?P<plain>\w+))"
)
_FROM_OPTION = re.compile(
    r"(?:^|[\s,])--?(?:from|mount=\S*?from)=(?P<image>[^\s,]+)|,from=(?P<other>[^\s,]+)"
)


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage: its `FROM` instruction, taken apart, and the instructions under it."""

    index: int
    name: str | None
    base: str
    platform: str | None
    origin: Instruction
    instructions: tuple[Instruction, ...]


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """The stages in order, and the global arguments (those before the first `FROM`)."""

    stages: tuple[Stage, ...]
    arguments: Mapping[str, str]

    def find(self, name: str) -> Stage | None:
        """The stage of a name (of any case) or index, as `--target` and `--from` mean it."""
        for stage in reversed(self.stages):
            if stage.name and stage.name.lower() == name.lower():
                return stage
        if name.isdigit() and int(name) < len(self.stages):
            return self.stages[int(name)]
        return None

    def shipped(self, target: str | None = None) -> tuple[Stage, ...]:
        """The stages whose layers make up the image, the one on the foreign base first."""
        stage = self.find(target) if target else self.stages[-1] if self.stages else None
        chain: list[Stage] = []
        while stage:
            chain.append(stage)
            stage = self._parent(stage)
        return tuple(reversed(chain))

    def needed(self, target: str | None = None) -> tuple[Stage, ...]:
        """Every stage that BuildKit must build for the target, in order."""
        graph: dict[int, set[int]] = {}
        left = [stage.index for stage in self.shipped(target)]
        while left:
            index = left.pop()
            if index not in graph:
                graph[index] = {stage.index for stage in self._sources(self.stages[index])}
                left.extend(graph[index])
        return tuple(self.stages[index] for index in TopologicalSorter(graph).static_order())

    def foreign_images(self, target: str | None, build_args: Mapping[str, str]) -> tuple[str, ...]:
        """The images from outside that a build of the target pulls in, each once, as written.

        Variables are filled in from the global arguments and `build_args`; a name that still holds
        a variable is left out, since only BuildKit knows its value.
        """
        scope = self._scope(build_args)
        names: dict[str, None] = {}
        for stage in self.needed(target):
            for reference in self._references(stage):
                image = expand(reference, scope)
                if "$" not in image and image != "scratch":
                    names[image] = None
        return tuple(names)

    def base_of(self, target: str | None, build_args: Mapping[str, str]) -> str | None:
        """The foreign image that the shipped stages stand on, variables filled in."""
        chain = self.shipped(target)
        return expand(chain[0].base, self._scope(build_args)) if chain else None

    def _scope(self, build_args: Mapping[str, str]) -> dict[str, str]:
        """What a variable in a `FROM` line stands for."""
        given = {name: value for name, value in build_args.items() if name in self.arguments}
        return {**self.arguments, **given}

    def _parent(self, stage: Stage) -> Stage | None:
        parent = self._earlier(stage.base, stage)
        return parent if parent and not stage.base.isdigit() else None

    def _earlier(self, name: str, stage: Stage) -> Stage | None:
        found = Dockerfile(self.stages[: stage.index], {}).find(name)
        return found if found and found.index < stage.index else None

    def _sources(self, stage: Stage) -> Iterator[Stage]:
        parent = self._parent(stage)
        if parent:
            yield parent
        for name in _copied_from(stage):
            source = self._earlier(name, stage)
            if source:
                yield source

    def _references(self, stage: Stage) -> Iterator[str]:
        """The names of foreign images that one stage uses, variables and all."""
        # A stage that names a platform of its own may need another image than the rest do.
        own_platform = stage.platform is not None and "$" not in stage.platform
        if not self._parent(stage) and not own_platform:
            yield stage.base
        for name in _copied_from(stage):
            if not self._earlier(name, stage):
                yield name


def _copied_from(stage: Stage) -> Iterator[str]:
    """What `COPY --from=…` and `RUN --mount=…,from=…` of a stage name."""
    for instruction in stage.instructions:
        if instruction.keyword in ("COPY", "ADD", "RUN"):
            flags = re.match(r"\w+((?:\s+--\S+)*)", instruction.text)
            for match in _FROM_OPTION.finditer(flags[1] if flags else ""):
                yield match["image"] or match["other"]


def expand(text: str, scope: Mapping[str, str]) -> str:
    """Fills in `$V`, `${V}`, `${V:-word}` and `${V:+word}`; an unknown variable stays as it is."""

    def value(match: re.Match[str]) -> str:
        name, operator, word = match["braced"] or match["plain"], match["operator"], match["word"]
        known = scope.get(name, "")
        if operator == "-":
            return known or word
        if operator == "+":
            return word if known else ""
        return known or match[0]

    return _VARIABLE.sub(value, text)
