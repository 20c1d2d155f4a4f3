"""Dockerfiles whose image is no image that ships: another Dockerfile copies from it."""

import re

from bot.advise.base_images import is_official_name
from bot.advise.image_names import is_builder_name
from bot.advise.image_purpose import read_start_commands
from bot.advise.subject import RuleInput
from bot.dockerfile.build_plan import BuildPlan
from bot.image.archives.reference import split_reference


def is_shipped(rule_input: RuleInput) -> bool:
    """Return False for a file whose image is only there to be copied from."""
    if read_start_commands(rule_input).commands:
        return True
    return not (_is_lone_build_stage(rule_input) or is_build_stage_elsewhere(rule_input))


def _is_lone_build_stage(rule_input: RuleInput) -> bool:
    """Return True for a file of one stage that is named after a builder, or its base is.

    Its build joins it with other Dockerfiles, which copy from it (goharbor/harbor). A base in
    `BUILDER_BASE` is the same (sat-heritage/docker-images).
    """
    stages = rule_input.dockerfile.stages
    if len(stages) != 1:
        return False
    base = stages[0].base_name
    return is_builder_name(stages[0].name or "") or (
        "$" in base and is_builder_name(base.replace("_", "-").strip("${}"))
    )


def is_build_stage_elsewhere(rule_input: RuleInput) -> bool:
    """Return True if another Dockerfile copies from an image that is named after this one.

    `Dockerfile.base` is what `FROM example/shop-base AS base` names (outline/outline), or
    `FROM base-image AS base`.
    """
    folder, _, name = rule_input.path.rpartition("/")
    label = re.sub(r"^Dockerfile\.|\.Dockerfile$|^Dockerfile$", "", name) or folder
    label = label.rpartition("/")[2].lower()
    dockerfiles = rule_input.context.other_dockerfiles.values() if rule_input.context else ()
    return any(_copies_from(BuildPlan(dockerfile), label) for dockerfile in dockerfiles)


def _copies_from(plan: BuildPlan, label: str) -> bool:
    """Return True if a build takes files from an image with that word in its name."""
    images = (split_reference(x) for x in plan.external_images if x != plan.base_image)
    return any(
        label in re.split("[-_.]", image.name)
        for image in images
        if image.prefix or not (image.name == label or is_official_name(image.name))
    )
