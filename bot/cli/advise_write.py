"""`advise --write`: the rewritten file, and a word on what is in it."""

from argparse import Namespace
from pathlib import Path

from bot.errors import BadInput
from bot.line.advice import Advised
from bot.model.image import Image


def save(asked: Namespace, advised: Advised, image: Image | None) -> str:
    """Writes the new file; what is in it and what is not, in a sentence or two."""
    path: Path = asked.write
    if image is None and (asked.verify or asked.image is not None):
        return f"{path} was not written: there is no image that its changes could be held against."
    try:
        path.write_bytes(advised.dockerfile)
    except OSError as problem:
        why = f"{str(path)!r}: {problem.strerror}"
        raise BadInput("The Dockerfile cannot be written.", why, "check --write") from problem
    return f"{path} {_is_in_it(advised)}{_is_not_in_it(advised)}"


def _is_in_it(advised: Advised) -> str:
    if advised.is_whole:
        return "is the multi-stage rewrite that was verified."
    if not advised.made:
        return "was written as it is: no change can be made without a check."
    needs = "change that needs" if advised.made == 1 else "changes that need"
    return f"has {advised.made} {needs} no check."


def _is_not_in_it(advised: Advised) -> str:
    """What else is suggested, word for word, and was verified at most by itself."""
    written_out = [x for x in advised.suggestions if x.edits or x.dockerfile]
    left = len(written_out) - advised.made
    if left <= 0:
        return ""
    alone = sum(x.confidence == "verified" for x in written_out) - advised.is_whole
    verified = f" ({alone} verified, each by itself)" if alone > 0 else ""
    what = "suggestion needs a check and is" if left == 1 else "suggestions need a check and are"
    return f" {left} more {what} not in it{verified}."
