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

    What a listed image leaves out is taken from the one that it overrides, which may be `excluded`.
    """
    unlisted = list_unlisted(listed, discovered, excluded)
    completed = [_complete(spec, (*discovered, *excluded)) for spec in listed]
    return (*completed, *(image for spec in unlisted for image in defaults.complete(spec)))


def list_unlisted(
    listed: Sequence[ImageSpec],
    discovered: Sequence[ImageSpec],
    excluded: Sequence[ImageSpec] = (),
) -> tuple[ImageSpec, ...]:
    """Return the discovered images that no listed one overrides.

    A listed image may have the name that one of them would have: the latter gets another.
    """
    overridden = {
        (image.dockerfile, image.target, image.name)
        for spec in listed
        for image in _list_overridden(spec, (*discovered, *excluded))
    }
    names = {spec.name for spec in listed}
    return tuple(
        # The name is a path, which `./` does not change.
        replace(spec, name=f"./{spec.name}") if spec.name in names else spec
        for spec in discovered
        if (spec.dockerfile, spec.target, spec.name) not in overridden
    )


def _list_overridden(spec: ImageSpec, images: Sequence[ImageSpec]) -> list[ImageSpec]:
    """Return the images that a listed one overrides: those of its stage, else of the last one.

    Builds of one stage with other arguments have names of their own: of these it is the one of its
    name, if there is one.
    """
    same = [image for image in images if image.dockerfile == spec.dockerfile]
    stage = [image for image in same if image.target == spec.target]
    named = [image for image in stage if image.name == spec.name]
    # An entry with a target that nothing else builds stands for the image of the Dockerfile.
    return named or stage or [image for image in same if image.target is None]


def _complete(spec: ImageSpec, images: Sequence[ImageSpec]) -> ImageSpec:
    same = [image for image in images if image.dockerfile == spec.dockerfile]
    overridden = next(iter((*_list_overridden(spec, images), *same)), None)
    if overridden is None:
        return spec
    # Another stage of the Dockerfile may lend its context and arguments, but not its target.
    return complete_spec(spec, replace(overridden, target=spec.target))
