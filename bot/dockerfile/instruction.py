"""One instruction of a Dockerfile, with everything that its text holds.

The parser builds it once; rules, rewrites and reports read it, so that nothing else splits
Dockerfile text.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.dockerfile.arguments import Flag
from bot.dockerfile.shell_script import Script
from bot.dockerfile.source_text import MappedText, Span
from bot.model.image import InstructionRef

# The aliases of `parseMount` in moby/buildkit, frontend/dockerfile/instructions.
_OPTION_ALIASES = {"dst": "target", "destination": "target", "src": "source", "ro": "readonly"}
# BuildKit reads the value with encoding/csv: a doubled quote inside quotes is one quote.
_CSV_FIELD = re.compile(r'(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))')


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment's text, without its `#`, and its line."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Heredoc:
    """A heredoc: its body as in the file; `line_end` is the line of its terminator.

    `expands` matters for `COPY` and `ADD`; in `RUN` the shell reads the body as it is. Without
    a terminator it ends with the file.
    """

    name: str
    strips_tabs: bool
    expands: bool
    body: MappedText
    line_start: int
    line_end: int
    is_terminated: bool = True


@dataclass(frozen=True, slots=True)
class Mount:
    """One `RUN --mount=…`: files that a command reads but that stay out of the image.

    `options` has every key under its long name; a key without a value is `true`.
    """

    kind: str
    target: str | None
    source: str | None
    from_name: str | None
    options: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Instruction(InstructionRef):
    """A parsed instruction.

    `span` reaches from the keyword to the end, heredoc terminators included. `words` are
    decoded JSON, or the arguments as BuildKit's parser splits them: one text for a shell
    command, names and values in turn for `ENV` and `LABEL`. `onbuild` is the instruction behind
    `ONBUILD`. `script` is set where a shell runs the arguments, or where they are a JSON list
    that is run.
    """

    span: Span
    argument_text: MappedText
    flags: tuple[Flag, ...] = ()
    words: tuple[str, ...] = ()
    is_json: bool = False
    heredocs: tuple[Heredoc, ...] = ()
    onbuild: "Instruction | None" = None
    script: Script | None = None

    def flag_value(self, name: str) -> str | None:
        """Return the value of a flag; the last one counts.

        A flag without a value gives an empty string.
        """
        values = [flag.value or "" for flag in self.flags if flag.name == name]
        return values[-1] if values else None

    @property
    def mounts(self) -> tuple[Mount, ...]:
        """Return the `--mount` flags of a `RUN`."""
        return tuple(parse_mount(flag.value or "") for flag in self.flags if flag.name == "mount")

    @property
    def from_names(self) -> tuple[str, ...]:
        """Return the stages and images of `--from` and `--mount=…,from=`, as written."""
        names: list[str | None] = []
        if self.keyword in ("ADD", "COPY"):
            names.append(self.flag_value("from"))
        if self.keyword == "RUN":
            names.extend(mount.from_name for mount in self.mounts)
        return tuple(name for name in names if name)


def parse_mount(value: str) -> Mount:
    """Parse the value of a `--mount` flag: comma-separated fields, which may be quoted."""
    fields = (field.partition("=") for field in _split_csv_fields(value))
    options = {
        _OPTION_ALIASES.get(key.lower(), key.lower()): value if equals else "true"
        for key, equals, value in fields
    }
    return Mount(
        kind=options.get("type", "bind").lower(),
        target=options.get("target"),
        source=options.get("source"),
        from_name=options.get("from") or None,
        options=options,
    )


def _split_csv_fields(value: str) -> list[str]:
    matches = _CSV_FIELD.findall(value)
    return [quoted.replace('""', '"') or plain for quoted, plain in matches if quoted or plain]
