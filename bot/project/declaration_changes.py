"""Changes of how an image is declared: Dockerfile, contexts, target, arguments and platform.

These are each revision's own. With other ones, another image is compared with base's, so that a
limit may not see what grows.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from bot.model.named_contexts import TARGET_PREFIX, find_context_folder
from bot.model.report import GateChange, GateKind, Outcome
from bot.model.spec import ImageSpec
from bot.project.image_plan import PlannedImage
from bot.project.yaml_nodes import shorten

_LAST_STAGE = "the last stage"
_OWN_PLATFORM = "the machine's"
_USER = re.compile(r"://[^/@]*@")  # of an address: its password is a secret
Difference = tuple[str, str | None, str]  # what differs, before, after


@dataclass(frozen=True, slots=True)
class DeclarationFacts:
    """Facts beside the declarations that decide if two of them are of the same image.

    An image without a platform is built for the machine's own. `moved` has Dockerfiles that are the
    same file under another path, `moved_folders` folders with the same files, `changed` all files
    that differ. `discovered` has the images that base reviews without a file, by their Dockerfiles;
    empty if it has one.
    """

    own_platform: str = ""
    moved: Collection[tuple[str, str]] = ()
    moved_folders: Collection[tuple[str, str]] = ()
    changed: Collection[str] = ()
    discovered: Mapping[str, ImageSpec] = field(default_factory=dict)


def compare_declarations(
    images: Sequence[PlannedImage], facts: DeclarationFacts, file: str
) -> Iterator[GateChange]:
    """Yield what head declares otherwise of the images that base reviews; all of it may loosen."""
    sides = [pair for image in images if (pair := _get_sides(image, facts))]
    # Of a discovered Dockerfile, head may list more images beside the same one.
    covered = {
        old.dockerfile
        for old, new in sides
        if old.dockerfile in facts.discovered and not any(list_differences(old, new, facts))
    }
    for old, new in sides:
        if old.dockerfile in covered:
            continue
        for what, before, after in list_differences(old, new, facts):
            subject = f"the {what} of the image {new.name}"
            source = find_source((new, old), facts.changed, file)
            yield GateChange(GateKind.IMAGE, subject, before, after, Outcome.WARN, source)


def find_source(specs: Sequence[ImageSpec | None], changed: Collection[str], file: str) -> str:
    """Return the file in which a declaration was changed, of those that may have it.

    They are the compose or bake file of one side, the configuration `file`, which is empty if there
    is none, and the Dockerfile. If none of them differs, it is the first one.
    """
    declared = [spec for spec in specs if spec]
    paths = [
        *(spec.declared_in for spec in declared),
        file,
        *(spec.dockerfile for spec in declared),
    ]
    paths = [path for path in paths if path]
    # An ImageSpec always has a Dockerfile, so that there is a first path.
    return next((path for path in paths if path in changed), paths[0])


def list_renamed_dockerfiles(images: Sequence[PlannedImage]) -> frozenset[tuple[str, str]]:
    """Return the paths of both sides for images that keep their name and get another Dockerfile."""
    sides = [pair for image in images if (pair := _get_sides(image, DeclarationFacts()))]
    return frozenset(
        (old.dockerfile, new.dockerfile)
        for old, new in sides
        if old.name == new.name and old.dockerfile != new.dockerfile
    )


def list_replaced_folders(images: Sequence[PlannedImage]) -> frozenset[tuple[str, str]]:
    """Return both folders of named contexts that keep their name and get another folder."""
    sides = [pair for image in images if (pair := _get_sides(image, DeclarationFacts()))]
    return frozenset(
        (folder, other)
        for old, new in sides
        for name in old.build_contexts.keys() & new.build_contexts.keys()
        if (folder := find_context_folder(old.build_contexts[name]))
        and (other := find_context_folder(new.build_contexts[name]))
        and folder != other
    )


def _get_sides(image: PlannedImage, facts: DeclarationFacts) -> tuple[ImageSpec, ImageSpec] | None:
    """Return both declarations of an image that base reviews and head lists."""
    old, new = image.base, image.head
    if old is None or new is None or image.base_budget is None:
        return None
    if image.is_dropped or image.has_older_dockerfile:
        return None
    discovered = facts.discovered.get(old.dockerfile)
    if discovered is not None:
        # A platform is that of the caller, who may name several.
        platform = new.platform if discovered.platform else None
        return replace(discovered, name=new.name, platform=platform), new
    if image.renamed_from is not None:
        old = replace(old, name=image.renamed_from.name, platform=image.renamed_from.platform)
    return old, new


def list_differences(
    old: ImageSpec, new: ImageSpec, facts: DeclarationFacts
) -> Iterator[Difference]:
    """Yield what two declarations of an image say otherwise."""
    paths = (old.dockerfile, new.dockerfile)
    # The name of a renamed image is its Dockerfile's path, or it was paired by its Dockerfile.
    if old.name == new.name and old.dockerfile != new.dockerfile and paths not in facts.moved:
        yield "Dockerfile", *paths
    if old.context != new.context and not _moves_along(old, new):
        yield "context", old.context, new.context
    if old.target != new.target:
        yield "target", old.target or _LAST_STAGE, new.target or _LAST_STAGE
    if old.build_args != new.build_args:
        yield "build arguments", None, _describe_arguments(old.build_args, new.build_args)
    contexts = list(_list_context_changes(old.build_contexts, new.build_contexts, facts))
    if contexts:
        yield "named contexts", None, shorten(", ".join(contexts))
    # To write down the platform that was built anyway changes nothing.
    if old.platform != new.platform and {old.platform, new.platform} != {None, facts.own_platform}:
        yield "platform", old.platform or _OWN_PLATFORM, new.platform or _OWN_PLATFORM


def _moves_along(old: ImageSpec, new: ImageSpec) -> bool:
    """Return True if a context is the folder of its Dockerfile, which is another one."""
    is_folder = all(
        spec.context == str(PurePosixPath(spec.dockerfile).parent) for spec in (old, new)
    )
    return is_folder and old.dockerfile != new.dockerfile


def _list_context_changes(
    old: Mapping[str, str], new: Mapping[str, str], facts: DeclarationFacts
) -> Iterator[str]:
    """Yield what became of named contexts, but for folders that moved.

    Two images of the repository are compared by what they are built of, whatever their names.
    """
    for name in sorted({*old, *new}):
        values = old.get(name), new.get(name)
        before, after = (shorten(_USER.sub("://", value)) if value else value for value in values)
        if values[1] is None:
            yield f"{shorten(name)} removed ({before})"
        elif values[0] is None:
            yield f"{shorten(name)} added ({after})"
        elif values[0] != values[1] and values not in facts.moved_folders:
            is_target = all(value and value.startswith(TARGET_PREFIX) for value in values)
            if not is_target:
                yield f"{shorten(name)} changed ({before} → {after})"


def _describe_arguments(old: Mapping[str, str], new: Mapping[str, str]) -> str:
    """Return what became of arguments, without values, which may be secrets."""
    words = []
    for name in sorted({*old, *new}):
        if name not in new:
            words.append(f"{name} removed")
        elif old.get(name) != new[name]:
            words.append(f"{name} {'changed' if name in old else 'set'} (value not shown)")
    return shorten(", ".join(words))
