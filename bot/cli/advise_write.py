"""`advise --write`: the rewritten file, and a word on what is in it."""

from argparse import Namespace
from pathlib import Path

from bot.errors import InputError
from bot.line.advice import ImageAdvice
from bot.model.image import Image


def save_dockerfile(arguments: Namespace, advice: ImageAdvice, image: Image | None) -> str:
    """Writes the new file; what is in it and what is not, in a sentence or two."""
    path: Path = arguments.write
    if image is None and (arguments.verify or arguments.image is not None):
        return f"{path} was not written: there is no image that its changes could be held against."
    try:
        path.write_bytes(advice.fixed_dockerfile)
    except OSError as problem:
        why = f"{str(path)!r}: {problem.strerror}"
        raise InputError("The Dockerfile cannot be written.", why, "check --write") from problem
    return f"{path} {_describe_saved_changes(advice)}{_describe_omitted_changes(advice)}"


def _describe_saved_changes(advice: ImageAdvice) -> str:
    if advice.is_rewrite:
        return "is the multi-stage rewrite that was verified."
    if not advice.applied_count:
        return "was written as it is: no change can be made without a check."
    needs = "change that needs" if advice.applied_count == 1 else "changes that need"
    return f"has {advice.applied_count} {needs} no check."


def _describe_omitted_changes(advice: ImageAdvice) -> str:
    """What else is suggested, word for word, and was verified at most by itself."""
    written_out = [x for x in advice.suggestions if x.edits or x.dockerfile]
    left = len(written_out) - advice.applied_count
    if left <= 0:
        return ""
    alone = sum(x.confidence == "verified" for x in written_out) - advice.is_rewrite
    verified = f" ({alone} verified, each by itself)" if alone > 0 else ""
    what = "suggestion needs a check and is" if left == 1 else "suggestions need a check and are"
    return f" {left} more {what} not in it{verified}."
