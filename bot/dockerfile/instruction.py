"""One instruction of a Dockerfile, with all that its text says."""

from dataclasses import dataclass

from bot.dockerfile.arguments import Flag
from bot.dockerfile.mounts import Mount, parse_mount
from bot.dockerfile.shell_script import Script
from bot.dockerfile.source_text import MappedText, Span
from bot.model.image import InstructionRef


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment's text, without its `#`, and its line."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Heredoc:
    """A heredoc: its body as it stands in the file; `line_end` is the line of its terminator.

    `expands` is for `COPY` and `ADD`; in `RUN` the shell sees the body as it is.
    """

    name: str
    strips_tabs: bool
    expands: bool
    body: MappedText
    line_start: int
    line_end: int


@dataclass(frozen=True, slots=True)
class Instruction(InstructionRef):
    """An instruction, taken apart.

    `span` goes from its keyword to its end, the heredocs' terminators included. `words` are decoded
    JSON, or the arguments as BuildKit's parser splits them: one text for a shell command, names and
    values in turn for `ENV` and `LABEL`. `trigger` is the instruction behind `ONBUILD`. `script` is
    there where a shell is going to run the arguments, or they are a JSON list that is run.
    """

    span: Span
    argument_text: MappedText
    flags: tuple[Flag, ...] = ()
    arguments: tuple[str, ...] = ()
    is_json: bool = False
    heredocs: tuple[Heredoc, ...] = ()
    onbuild: "Instruction | None" = None
    script: Script | None = None

    def flag_value(self, name: str) -> str | None:
        """The value of a flag, the last one counts; empty for a flag without value."""
        values = [flag.value or "" for flag in self.flags if flag.name == name]
        return values[-1] if values else None

    @property
    def mounts(self) -> tuple[Mount, ...]:
        """What `RUN --mount` brings in."""
        return tuple(parse_mount(flag.value or "") for flag in self.flags if flag.name == "mount")

    @property
    def from_names(self) -> tuple[str, ...]:
        """The stages and images that `--from` and `--mount=…,from=` name, as written."""
        copied = self.flag_value("from") if self.keyword in ("ADD", "COPY") else None
        mounted = (mount.from_name for mount in self.mounts) if self.keyword == "RUN" else ()
        return tuple(origin for origin in (copied, *mounted) if origin)
