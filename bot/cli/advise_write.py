"""`advise --write`: saves the changed Dockerfile, and says which suggestions are in it."""

from pathlib import Path

from bot.cli.options.commands import AdviseOptions
from bot.errors import InputError, describe_cause
from bot.line.advice import ImageAdvice
from bot.model.image import Image
from bot.model.suggestion import Confidence


def save_dockerfile(
    options: AdviseOptions, path: Path, advice: ImageAdvice, image: Image | None
) -> str:
    """Write the changed Dockerfile to `path` and return a note on what is in it.

    Nothing is written where an image was asked for and could not be built or measured.
    """
    if image is None and (options.verify or options.image is not None):
        return f"{path} was not written: there is no image to compare its changes with."
    try:
        path.write_bytes(advice.fixed_dockerfile)
    except OSError as problem:
        why = describe_cause(problem)
        raise InputError("The Dockerfile cannot be written.", why, "check --write") from problem
    return f"{path} {_describe_saved_changes(advice)}{_describe_omitted_changes(advice)}"


def _describe_saved_changes(advice: ImageAdvice) -> str:
    # A rewrite replaces the file as a whole: other changes are not made in it.
    if advice.is_rewrite:
        return "is the multi-stage rewrite that was verified."
    if not advice.applied_count:
        return "was written unchanged: no change can be made without a check."
    is_single = advice.applied_count == 1
    if advice.verified_count:
        proof = "change, which was verified" if is_single else "changes, verified together"
        return f"has {advice.applied_count} {proof}."
    needs = "change that needs" if is_single else "changes that need"
    return f"has {advice.applied_count} {needs} no check."


def _describe_omitted_changes(advice: ImageAdvice) -> str:
    """Count the suggestions that spell out a change and are not in the file.

    Each was verified by itself at most: together with the others nobody has built it.
    """
    with_change = [x for x in advice.suggestions if x.edits or x.dockerfile]
    omitted_count = len(with_change) - advice.applied_count
    if omitted_count <= 0:
        return ""
    verified_count = sum(x.confidence is Confidence.VERIFIED for x in with_change)
    verified_count -= advice.verified_count
    verified = f" ({verified_count} verified, each by itself)" if verified_count > 0 else ""
    subject = (
        "suggestion needs a check and is"
        if omitted_count == 1
        else "suggestions need a check and are"
    )
    return f" {omitted_count} more {subject} not in it{verified}."
