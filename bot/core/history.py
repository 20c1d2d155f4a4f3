"""From an image's history to the lines of the Dockerfile that made it.

BuildKit writes one history entry per instruction, in order, `FROM` excepted; what the base image
brought stands before them. So the two lists are walked together from their ends.
"""

import re
from collections.abc import Sequence

from bot.core.model import Instruction

_BUILD_ARGS = re.compile(r"^RUN \|\d+ .*? (?=/bin/sh -c )", re.DOTALL)
_LEGACY_METADATA = re.compile(r"^/bin/sh -c #\(nop\)\s+")


def normalise(created_by: str) -> str:
    """The instruction behind a history entry, alike for BuildKit and the old builder.

    >>> normalise("RUN |1 V=1 /bin/sh -c make # buildkit")
    'RUN make'
    """
    text = _LEGACY_METADATA.sub("", created_by.strip())
    text = text.removesuffix("# buildkit").rstrip()
    text = _BUILD_ARGS.sub("RUN ", text)
    if text.startswith("/bin/sh -c "):
        text = "RUN " + text
    if text.startswith("RUN /bin/sh -c "):
        text = "RUN " + text.removeprefix("RUN /bin/sh -c ")
    return " ".join(text.split())


def match_instructions(
    history: Sequence[str], instructions: Sequence[Instruction]
) -> list[Instruction | None]:
    """For each entry of `history`, the instruction that wrote it; None for what came before ours.

    Stops at the first pair whose keywords differ: an unknown line is better than a wrong one.
    """
    matched: list[Instruction | None] = [None] * len(history)
    pairs = zip(reversed(range(len(history))), reversed(instructions), strict=False)
    for position, instruction in pairs:
        keyword = normalise(history[position]).partition(" ")[0]
        if keyword != instruction.keyword:
            break
        matched[position] = instruction
    return matched
