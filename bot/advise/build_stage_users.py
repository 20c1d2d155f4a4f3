"""Dockerfiles whose image is no image that ships: another Dockerfile copies from it."""

import re
from collections.abc import Iterator

from bot.advise.base_images import is_official_name
from bot.advise.image_names import is_builder_name
from bot.advise.started_commands import read_start_commands
from bot.advise.subject import RuleInput
from bot.dockerfile.build_plan import BuildPlan
from bot.image.archives.reference import ReferenceParts, split_reference


def is_shipped(rule_input: RuleInput) -> bool:
    """Return False for a file whose image is only there to be copied from.

    That is one named after this file alone, like `base-image`: `tritonserver_sdk` and
    `autoware-core` are published.
    """
    if read_start_commands(rule_input).commands:
        return True
    label = _find_label(rule_input.path)
    images = _list_copied_images(rule_input)
    is_copied_from = any(not x.prefix and _split_name(x)[0] == label for x in images)
    return not (_is_lone_build_stage(rule_input) or is_copied_from)


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
    return any(True for _ in _list_copied_images(rule_input))


def _list_copied_images(rule_input: RuleInput) -> Iterator[ReferenceParts]:
    """Yield the images with this file's name that the Dockerfiles beside it take files from."""
    label = _find_label(rule_input.path)
    dockerfiles = rule_input.context.other_dockerfiles.values() if rule_input.context else ()
    for plan in map(BuildPlan, dockerfiles):
        for image in (split_reference(x) for x in plan.external_images if x != plan.base_image):
            is_own = image.prefix or not (image.name == label or is_official_name(image.name))
            if is_own and label in _split_name(image):
                yield image


def _find_label(path: str) -> str:
    """Return the word of a file's name that is no `Dockerfile`, or else its folder's name."""
    folder, _, name = path.rpartition("/")
    label = re.sub(r"^Dockerfile\.|\.Dockerfile$|^Dockerfile$", "", name) or folder
    return label.rpartition("/")[2].lower()


def _split_name(image: ReferenceParts) -> list[str]:
    return re.split("[-_.]", image.name)
