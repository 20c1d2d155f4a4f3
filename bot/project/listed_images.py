"""The images that a configuration lists, beside those that are discovered."""

from collections.abc import Sequence
from dataclasses import replace

from bot.model.spec import ImageSpec
from bot.project.image_entries import ImageDefaults, complete_spec


def unite_images(
    listed: Sequence[ImageSpec],
    discovered: Sequence[ImageSpec],
    defaults: ImageDefaults,
    excluded: Sequence[ImageSpec] = (),
) -> tuple[ImageSpec, ...]:
    """Return the listed images, and after them those discovered that no listed one overrides.

    A listed image overrides the last stage of its Dockerfile, and the stage that it names. What it
    leaves out is taken from the one that it overrides, which may be `excluded`.
    """
    unlisted = list_unlisted(listed, discovered)
    completed = [_complete(spec, (*discovered, *excluded)) for spec in listed]
    return (*completed, *(image for spec in unlisted for image in defaults.complete(spec)))


def list_unlisted(
    listed: Sequence[ImageSpec], discovered: Sequence[ImageSpec]
) -> tuple[ImageSpec, ...]:
    """Return the discovered images that no listed one overrides.

    A listed image may have the name that one of them would have: the latter gets another.
    """
    stages = {(spec.dockerfile, target) for spec in listed for target in (None, spec.target)}
    names = {spec.name for spec in listed}
    return tuple(
        replace(spec, name=f"./{spec.name}") if spec.name in names else spec
        for spec in discovered
        if (spec.dockerfile, spec.target) not in stages
    )


def _complete(spec: ImageSpec, discovered: Sequence[ImageSpec]) -> ImageSpec:
    same = [other for other in discovered if other.dockerfile == spec.dockerfile]
    stage = [other for other in same if other.target == spec.target]
    # Builds of one stage with other arguments have names of their own.
    named = [other for other in stage if other.name == spec.name]
    overridden = next(iter((*named, *stage, *same)), None)
    if overridden is None:
        return spec
    return complete_spec(spec, replace(overridden, target=spec.target))
