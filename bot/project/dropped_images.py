"""Images that base's rules review, and the configuration of the change no longer does.

A change must not be able to take an image out of its own review, so such images are reviewed as
base declares them, as long as their Dockerfile is there.
"""

from collections.abc import Collection, Sequence
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
    # Head lists the image no more, though it still has the files.
    if image.head is None:
        return spec
    if spec.dockerfile in built_dockerfiles:
        return None
    # The name is taken by head's image with the other Dockerfile.
    return replace(spec, name=f"{spec.name} ({spec.dockerfile})")


def move_spec(spec: ImageSpec, dockerfile: str, tree: GitTree) -> ImageSpec:
    """Return a declaration for another Dockerfile; a context that is its folder moves along."""
    old, new = (str(PurePosixPath(path).parent) for path in (spec.dockerfile, dockerfile))
    name = dockerfile if spec.name == spec.dockerfile else spec.name
    moved = replace(spec, name=name, dockerfile=dockerfile)
    # A context that somebody chose, such as the top, is another folder than the Dockerfile's.
    stays = spec.context != old and has_build_files(moved, tree)
    return moved if stays else replace(moved, context=new)


def list_base_declarations(
    planned: Sequence[PlannedImage], head_tree: GitTree
) -> tuple[ImageSpec, ...]:
    """Return the images of head as base declares them, for what is built on them by base's rules.

    One that base's declaration fits no more, such as after a move, is built as head declares it,
    and provides what it does in base.
    """
    return tuple(
        _declare_as_base(image.base, image.head, head_tree, is_dropped=image.is_dropped)
        for image in planned
        if image.base and image.head and not image.has_older_dockerfile
    )


def _declare_as_base(
    base: ImageSpec, head: ImageSpec, head_tree: GitTree, *, is_dropped: bool
) -> ImageSpec:
    if is_dropped:
        return head
    if has_build_files(base, head_tree):
        return base
    return replace(head, name=base.name, provides=base.provides, states_names=base.states_names)
