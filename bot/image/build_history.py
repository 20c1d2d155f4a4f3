"""Match an image's history to the Dockerfile instructions that wrote it.

BuildKit writes one history entry per instruction, in order, `FROM` excepted; the entries of the
base image come before them. So both lists are walked together from their ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from bot.model.image import InstructionRef, Layer

if TYPE_CHECKING:  # to import it takes longer than to measure a small image
    from bot.dockerfile.instruction import Instruction
    from bot.dockerfile.stages import Stage

# BuildKit puts build arguments before the shell: `RUN |1 V=1 /bin/sh -c make # buildkit`.
_BUILD_ARGS_PREFIX = re.compile(r"^RUN \|\d+ .*? (?=/bin/sh -c )", re.DOTALL)
_TRIGGER_KEYWORD = "ONBUILD"
_FILESYSTEM_KEYWORDS = ("ADD", "COPY", "RUN")
_KEYWORDS = frozenset(_FILESYSTEM_KEYWORDS)
_CONFIG_KEYWORDS = (
    "ARG",
    "CMD",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
)
# Quotes, operators and line ends differ between an instruction and its entry; words do not.
_WORD = re.compile(r"[\w./-]+")
# The classic builder marks instructions that run nothing: `/bin/sh -c #(nop)  CMD ["sh"]`.
_LEGACY_METADATA = re.compile(r"^/bin/sh -c #\(nop\)\s+")


def normalise_created_by(created_by: str) -> str:
    """Return the instruction in a history entry, the same for BuildKit and the classic builder.

    >>> normalise_created_by("RUN |1 V=1 /bin/sh -c make # buildkit")
    'RUN make'
    """
    text = _LEGACY_METADATA.sub("", created_by.strip())
    text = text.removesuffix("# buildkit").rstrip()
    text = _BUILD_ARGS_PREFIX.sub("RUN ", text)
    if text.startswith("/bin/sh -c "):
        text = "RUN " + text
    if text.startswith("RUN /bin/sh -c "):
        text = "RUN " + text.removeprefix("RUN /bin/sh -c ")
    return " ".join(text.split())


class BuildStep(NamedTuple):
    """One entry that a build adds to the history: its keyword, and the instruction behind it."""

    keyword: str
    source: InstructionRef


def list_build_steps(stages: Sequence[Stage], base_triggers: Sequence[str] = ()) -> list[BuildStep]:
    """List what the build of a chain of stages runs, the stage on the base image first.

    `ONBUILD` itself runs nothing and leaves no entry: what stands behind it runs at the start of
    the next stage. The triggers of the base image are attributed to the first `FROM`.
    """
    steps: list[BuildStep] = []
    triggers: list[BuildStep] = []
    for stage in stages:
        if stage is stages[0]:
            triggers = [_make_base_trigger(text, stage.from_instruction) for text in base_triggers]
        steps += triggers
        steps += list_own_steps(stage.instructions)
        triggers = list(_list_triggers(stage.instructions))
    return steps


def list_own_steps(instructions: Sequence[Instruction]) -> list[BuildStep]:
    """List the instructions of one stage that leave an entry in the history."""
    return [BuildStep(x.keyword, x) for x in instructions if x.keyword != _TRIGGER_KEYWORD]


def _list_triggers(instructions: Sequence[Instruction]) -> Iterator[BuildStep]:
    """Yield what the stage leaves to the next one, each with the line of its `ONBUILD`."""
    for instruction in instructions:
        if instruction.onbuild is not None:
            yield BuildStep(instruction.onbuild.keyword, instruction)


def _make_base_trigger(text: str, from_instruction: InstructionRef) -> BuildStep:
    """Return a trigger of the base image, at the line of the `FROM` that runs it."""
    lines = from_instruction.line_start, from_instruction.line_end
    source = InstructionRef(_TRIGGER_KEYWORD, f"{_TRIGGER_KEYWORD} {text}", *lines)
    return BuildStep(text.lstrip().partition(" ")[0].upper(), source)


def match_instructions(
    history: Sequence[str], steps: Sequence[BuildStep]
) -> list[InstructionRef | None]:
    """Return the instruction that wrote each history entry, None for the base image's.

    Stops at the first pair of different keywords: no instruction is better than a wrong one. The
    classic builder has entries for `ONBUILD`, which are passed over.
    """
    matched: list[InstructionRef | None] = [None] * len(history)
    keywords = [normalise_created_by(text).partition(" ")[0] for text in history]
    positions = (at for at in reversed(range(len(history))) if keywords[at] != _TRIGGER_KEYWORD)
    # What is left of the history when the steps end is the base image's.
    for position, step in zip(positions, reversed(steps), strict=False):
        if keywords[position] != step.keyword:
            break
        matched[position] = step.source
    return matched


def is_from_another_dockerfile(
    layers: Sequence[Layer], instructions: Sequence[InstructionRef]
) -> bool:
    """Return True if an image was plainly not built from the stage of these instructions.

    `layers` carry the instructions that match their history. False, too, where nothing can be said:
    for a squashed or imported image, and for a stage that adds no files.
    """
    expected = [x for x in instructions if x.keyword in _FILESYSTEM_KEYWORDS]
    has_history = all(normalise_created_by(layer.created_by) for layer in layers)
    if not expected or not layers or not has_history:
        return False
    # A layer that bears a config instruction's text was squashed out of many instructions.
    if _get_keyword(layers[-1].created_by) in _CONFIG_KEYWORDS:
        return False
    matched = [x for x in layers if not x.from_base_image and x.instruction in expected]
    runs = [layer for layer in matched if _get_keyword(layer.created_by) == "RUN"]
    is_alike = any(_resembles_its_instruction(layer) for layer in runs) if runs else bool(matched)
    return not is_alike and not _has_exact_match(layers, expected)


def has_wrong_lines(layers: Sequence[Layer]) -> bool:
    """Return True if a layer was plainly written by another instruction than the one it carries.

    An older or newer state of the same Dockerfile has its instructions at other places.
    """
    own = [layer for layer in layers if layer.instruction and not layer.from_base_image]
    return any(_is_literal(layer) and not _resembles_its_instruction(layer) for layer in own)


def _is_literal(layer: Layer) -> bool:
    """Return True if a history entry repeats the words of its instruction.

    Variables are filled in but for those of a shell, and the classic builder names what it copied
    by a hash.
    """
    text = layer.instruction.text if layer.instruction else ""
    keyword = _get_keyword(layer.created_by)
    is_copy = keyword in ("ADD", "COPY") and not _LEGACY_METADATA.match(layer.created_by.strip())
    return keyword == "RUN" or (is_copy and "$" not in text)


def _get_keyword(created_by: str) -> str:
    return normalise_created_by(created_by).partition(" ")[0]


def _resembles_its_instruction(layer: Layer) -> bool:
    """Return True if an instruction and its history entry share at least half of their words.

    Flags are not part of the history, and neither is the text of a heredoc, so that one passes
    always.
    """
    text = layer.instruction.text if layer.instruction else ""
    instruction_words = set(_WORD.findall(text)) - _KEYWORDS
    history_words = set(_WORD.findall(normalise_created_by(layer.created_by))) - _KEYWORDS
    shared = instruction_words & history_words
    fewest = min(instruction_words, history_words, key=len)
    return "<<" in text or 2 * len(shared) >= len(fewest)


def _has_exact_match(layers: Sequence[Layer], instructions: Sequence[InstructionRef]) -> bool:
    """Return True if a layer's history repeats one of the instructions word for word.

    The position does not count: instructions that were appended since then move all of them. `RUN`
    is preferred, as many Dockerfiles share `COPY . .`.
    """
    runs = [x for x in instructions if x.keyword == "RUN"]
    created_by_texts = {normalise_created_by(layer.created_by) for layer in layers}
    return any(normalise_created_by(x.text) in created_by_texts for x in runs or instructions)
