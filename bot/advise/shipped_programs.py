"""Evidence that an image has a program: its Dockerfile says what starts, or copies sources.

Extensions alone on PHP's image are for sources that developers or tests mount: shlinkio/shlink.
"""

from bot.advise.build_stage_worth import may_copy_sources
from bot.advise.copy_targets import is_copy
from bot.advise.started_commands import read_start_commands
from bot.advise.subject import RuleInput
from bot.image.archives.reference import split_reference


def has_program(rule_input: RuleInput) -> bool:
    """Return True if a Dockerfile starts something, or has the sources of what its base starts."""
    # Its triggers copy the sources: `golang:onbuild`.
    if "onbuild" in split_reference(rule_input.base_image or "").tag:
        return True
    is_started = bool(read_start_commands(rule_input).commands)
    return is_started or any(map(may_copy_sources, filter(is_copy, rule_input.steps)))
