"""Images without a rewrite: it would gain nothing, or break what the image is for.

That no ecosystem fits, or that too few bytes would be saved, is found out in rewrite/rewrite.py.
"""

import posixpath
import re
from collections.abc import Iterator
from itertools import chain

from bot.advise.image_names import is_development_name
from bot.advise.image_purpose import DEVELOPMENT_VARIABLES
from bot.advise.start_command import find_interactive_reason, list_command_reasons
from bot.advise.started_commands import read_start_commands
from bot.advise.subject import RuleInput
from bot.dockerfile.stages import Stage
from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.ecosystem import Ecosystem
from bot.rewrite.startup import Startup

# `gcc` is a link to `x86_64-linux-gnu-gcc-12`, which is the file.
_TARGET_AND_VERSION = re.compile(r"^\w+-linux-[a-z]+-|-[\d.]+$")
_PROGRAM_FOLDER = re.compile(r"(?:^|/)s?bin/[^/]+$")


def ineligible_reason(facts: BuildFacts, startup: Startup) -> str:
    """Return the reason to leave an image unchanged, in any ecosystem; empty if there is none."""
    return next(_list_reasons(facts, startup), "")


def find_text_reason(rule_input: RuleInput) -> str:
    """Return the reason that the Dockerfile alone gives, before any build; empty if none."""
    stage = rule_input.final_stages[-1] if rule_input.final_stages else None
    if stage is None:
        return ""
    reasons = chain(_list_text_reasons(rule_input, stage), _list_start_reasons(rule_input))
    return next(reasons, "")


def _list_reasons(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    """Yield the reasons, those of the Dockerfile first."""
    rule_input = facts.rule_input
    stage = rule_input.final_stages[-1] if rule_input.final_stages else None
    # What the Dockerfile built is all above the base image: without that border, everything is.
    if stage is None or not any(layer.from_base_image for layer in facts.built.image.layers):
        yield "it is not known which of its layers belong to the base image"
        return
    yield from _list_text_reasons(rule_input, stage)
    # As they are written: `mvn` is a script that starts Java.
    yield from _list_start_reasons(rule_input)
    if facts.built.config.onbuild:
        yield "it is a base for other images (ONBUILD)"
    for name, value in DEVELOPMENT_VARIABLES.items():
        if facts.built.config.env.get(name) == value:
            yield f"it is made for development: {name} is {value}"
    yield from _list_startup_reasons(facts, startup)


def _list_text_reasons(rule_input: RuleInput, stage: Stage) -> Iterator[str]:
    """Yield the reasons that the stages give."""
    if len(rule_input.plan.required_stages) > len(rule_input.final_stages):
        yield "it is multi-stage already"
    if stage.index < len(rule_input.dockerfile.stages) - 1:
        yield "other stages come after it in its file"
    if is_development_name(stage.name or "") or is_development_name(rule_input.plan.target or ""):
        yield "it is made for development, by the name of its stage"


def _list_start_reasons(rule_input: RuleInput) -> Iterator[str]:
    """Yield the reasons that `ENTRYPOINT` and `CMD` give as they are written."""
    for command in read_start_commands(rule_input).commands:
        yield from list_command_reasons(command, posixpath.basename(command[0]))


def _list_startup_reasons(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    """Yield the reasons that the startup gives."""
    if not startup.is_complete:
        yield "its start scripts run more commands than this program follows"
    if not facts.built.config.command_line:
        yield "it starts nothing"
    for command, name in zip(startup.commands, startup.program_names, strict=True):
        yield from list_command_reasons(command, name)
    # A shell that an entry script calls in between is not what the container is for.
    if startup.commands:
        reason = find_interactive_reason(startup.main_command, startup.program_names[-1])
        yield from [reason] if reason else []


def ships_toolchain(facts: BuildFacts, startup: Startup, ecosystem: Ecosystem) -> bool:
    """Return True if the ecosystem's toolchain is in the image, or packages that only build.

    What a later layer removes is in the image all the same.
    """
    tools = ecosystem.toolchain_programs
    if ecosystem.has_build_tools(facts, startup):
        return True
    return any(facts.built.which(tool) for tool in tools) or any(
        _PROGRAM_FOLDER.search(path)
        and _TARGET_AND_VERSION.sub("", posixpath.basename(path)) in tools
        for path in facts.hidden_sizes
    )
