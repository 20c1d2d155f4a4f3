"""From an image's history to the lines of the Dockerfile that made it.

BuildKit writes one history entry per instruction, in order, `FROM` excepted; what the base image
brought stands before them. So the two lists are walked together from their ends.
"""

import re
from collections.abc import Sequence

from bot.model.image import InstructionRef, Layer

_BUILD_ARGS_PREFIX = re.compile(r"^RUN \|\d+ .*? (?=/bin/sh -c )", re.DOTALL)
_FILESYSTEM_KEYWORDS = ("ADD", "COPY", "RUN")
_CONFIG_KEYWORDS = (
    "ARG", "CMD", "ENTRYPOINT", "ENV", "EXPOSE", "HEALTHCHECK", "LABEL", "MAINTAINER", "ONBUILD",
    "SHELL", "STOPSIGNAL", "USER", "VOLUME",
)  # fmt: skip
_WORD = re.compile(r"[\w./-]+")
_LEGACY_METADATA = re.compile(r"^/bin/sh -c #\(nop\)\s+")


def normalise_created_by(created_by: str) -> str:
    """The instruction behind a history entry, alike for BuildKit and the old builder.

    >>> normalise("RUN |1 V=1 /bin/sh -c make # buildkit")
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
    """For each entry of `history`, the instruction that wrote it; None for what came before ours.

    Stops at the first pair whose keywords differ: an unknown line is better than a wrong one.
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
    """Whether an image was plainly not built of the stage that holds these instructions.

    `layers` have the instructions that match their history. An image that was squashed or imported
    tells nothing, and neither does a stage that adds no files.
    """
    filling = [x for x in instructions if x.keyword in _FILESYSTEM_KEYWORDS]
    if (
        not filling
        or not layers
        or not all(normalise_created_by(layer.created_by) for layer in layers)
    ):
        return False
    if (
        _created_by_keyword(layers[-1].created_by) in _CONFIG_KEYWORDS
    ):  # one layer of many instructions
        return False
    matched = [x for x in layers if not x.from_base_image and x.instruction in filling]
    runs = [layer for layer in matched if _created_by_keyword(layer.created_by) == "RUN"]
    alike = any(_resembles_its_instruction(layer) for layer in runs) if runs else bool(matched)
    return not alike and not _has_exact_match(layers, filling)


def _created_by_keyword(created_by: str) -> str:
    return normalise_created_by(created_by).partition(" ")[0]


def _resembles_its_instruction(layer: Layer) -> bool:
    """Whether a `RUN` and what history says of it share half of their words: a file may have been
    edited since, flags are not told, and a heredoc's text stands elsewhere."""
    text = layer.instruction.text if layer.instruction else ""
    ours, theirs = (
        set(_WORD.findall(x)) - {"RUN"} for x in (text, normalise_created_by(layer.created_by))
    )
    return "<<" in text or 2 * len(ours & theirs) >= min(len(ours), len(theirs))


def _has_exact_match(layers: Sequence[Layer], filling: Sequence[InstructionRef]) -> bool:
    """Whether a layer says word for word what one of the instructions says, wherever it stands: what
    was added at the end since then moves all of them. `COPY . .` is said by many."""
    runs = [x for x in filling if x.keyword == "RUN"]
    told = {normalise_created_by(layer.created_by) for layer in layers}
    return any(normalise_created_by(x.text) in told for x in runs or filling)
