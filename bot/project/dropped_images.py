"""Images that base's rules review, and the configuration of the change no longer does.

A change must not be able to take an image out of its own review, so such images are reviewed as
base declares them, as long as their Dockerfile is there.
"""

from collections.abc import Collection
from dataclasses import replace
from pathlib import PurePosixPath

from bot.model.spec import ImageSpec
from bot.project.git_tree import GitTree
from bot.project.image_plan import PlannedImage, has_build_files


def find_dropped_spec(
    image: PlannedImage,
    built_dockerfiles: Collection[str],
    head_tree: GitTree,
    moved_to: str | None = None,
) -> ImageSpec | None:
    """Return base's declaration of an image that head's rules do not review; None if they do.

    An image that keeps its name and gets another Dockerfile leaves the first one without a review,
    unless another image is built from it. A removed one may have `moved_to` another path.
    """
    spec = image.base
    if spec is not None and moved_to is not None:
        spec = move_spec(spec, moved_to, head_tree)
    if spec is None or not has_build_files(spec, head_tree):
        return None
    if image.head is None:
        return spec
    if spec.dockerfile in built_dockerfiles:
        return None
    return replace(spec, name=f"{spec.name} ({spec.dockerfile})")


def move_spec(spec: ImageSpec, dockerfile: str, tree: GitTree) -> ImageSpec:
    """Return a declaration for another Dockerfile; a context that is its folder moves along."""
    old, new = (str(PurePosixPath(path).parent) for path in (spec.dockerfile, dockerfile))
    name = dockerfile if spec.name == spec.dockerfile else spec.name
    moved = replace(spec, name=name, dockerfile=dockerfile)
    stays = spec.context != old and has_build_files(moved, tree)
    return moved if stays else replace(moved, context=new)
