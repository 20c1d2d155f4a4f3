"""Match an image's history to the Dockerfile instructions that wrote it.

BuildKit writes one history entry per instruction, in order, `FROM` excepted; the entries of the
base image come before them. So both lists are walked together from their ends.
"""

import re
from collections.abc import Sequence

from bot.model.image import InstructionRef, Layer

# BuildKit puts build arguments before the shell: `RUN |1 V=1 /bin/sh -c make # buildkit`.
_BUILD_ARGS_PREFIX = re.compile(r"^RUN \|\d+ .*? (?=/bin/sh -c )", re.DOTALL)
_FILESYSTEM_KEYWORDS = ("ADD", "COPY", "RUN")
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
_WORD = re.compile(r"[\w./-]+")
# The classic builder marks instructions that run nothing: `/bin/sh -c #(nop)  CMD ["sh"]`.
_LEGACY_METADATA = re.compile(r"^/bin/sh -c #\(nop\)\s+")


def normalise_created_by(created_by: str) -> str:
    """Return the instruction in a history entry, alike for BuildKit and the classic builder.

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


def match_instructions(
    history: Sequence[str], instructions: Sequence[InstructionRef]
) -> list[InstructionRef | None]:
    """Return the instruction that wrote each history entry, None for the base image's.

    Stops at the first pair of different keywords: no instruction is better than a wrong one.
    """
    matched: list[InstructionRef | None] = [None] * len(history)
    pairs = zip(reversed(range(len(history))), reversed(instructions), strict=False)
    for position, instruction in pairs:
        keyword = normalise_created_by(history[position]).partition(" ")[0]
        if keyword != instruction.keyword:
            break
        matched[position] = instruction
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


def _get_keyword(created_by: str) -> str:
    return normalise_created_by(created_by).partition(" ")[0]


def _resembles_its_instruction(layer: Layer) -> bool:
    """Return True if a `RUN` and its history entry share at least half of their words.

    Flags are not part of the history, and neither is the text of a heredoc, so that one passes
    always.
    """
    text = layer.instruction.text if layer.instruction else ""
    instruction_words = set(_WORD.findall(text)) - {"RUN"}
    history_words = set(_WORD.findall(normalise_created_by(layer.created_by))) - {"RUN"}
    shared, fewest = (
        instruction_words & history_words,
        min(instruction_words, history_words, key=len),
    )
    return "<<" in text or 2 * len(shared) >= len(fewest)


def _has_exact_match(layers: Sequence[Layer], instructions: Sequence[InstructionRef]) -> bool:
    """Return True if a layer's history repeats one of the instructions word for word.

    The position does not count: instructions that were appended since then move all of them. `RUN`
    is preferred, as many Dockerfiles share `COPY . .`.
    """
    runs = [x for x in instructions if x.keyword == "RUN"]
    created_by_texts = {normalise_created_by(layer.created_by) for layer in layers}
    return any(normalise_created_by(x.text) in created_by_texts for x in runs or instructions)
