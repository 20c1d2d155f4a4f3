"""Names of images that other builds of the repository provide than in base.

An image that is built on another base than before is not what a limit on its growth was meant for:
a small image under the name of a published one hides what grows.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from bot.model.report import GateChange, GateKind, Outcome
from bot.model.spec import ImageSpec
from bot.project.config_file import ProjectConfig
from bot.project.declaration_changes import DeclarationFacts, find_source, list_differences
from bot.project.image_chains import (
    ChainedImage,
    ImageChains,
    ProviderChange,
    identify,
    normalize_name,
)
from bot.project.image_plan import PlannedImage
from bot.project.yaml_nodes import shorten

_PUBLISHED = "the published image"
_PLATFORM = "platform"  # that of what is built on it


def find_provider_changes(
    chains: tuple[ImageChains, ImageChains], old: ChainedImage | None, new: ChainedImage
) -> tuple[ProviderChange, ...]:
    """Return the names that mean another build of the repository in head than they would in base.

    They are those of an image, and of all that it is built on. A guess is compared with a guess.
    """
    changes: list[ProviderChange] = []
    pending: list[tuple[ChainedImage | None, ChainedImage]] = [(old, new)]
    compared: set[object] = set()
    while pending:
        before, after = pending.pop()
        key = (before and identify(before.spec), identify(after.spec))
        if key not in compared:
            compared.add(key)
            changes += _compare_links(chains, before, after)
            links = {link.name: link.image for link in before.links} if before else {}
            pending += [(links.get(link.name), link.image) for link in after.links]
    return tuple(changes)


def _compare_links(
    chains: tuple[ImageChains, ImageChains], old: ChainedImage | None, new: ChainedImage
) -> Iterator[ProviderChange]:
    base, head = chains
    before = {normalize_name(link.name): link for link in old.links} if old else {}
    after = {normalize_name(link.name): link for link in new.links}
    for name in sorted(head.list_taken_names(new.spec)):
        old_link, new_link = before.get(name), after.get(name)
        # A guess beside a known fact would be a warning of something that nobody changed.
        if new_link and new_link.is_guess and not (old_link and old_link.is_guess):
            continue
        provider = old_link.image.spec if old_link else base.find_provider(name)
        own = new_link.image.spec if new_link else None
        if (provider and identify(provider)) != (own and identify(own)):
            yield ProviderChange(name, provider, own)


def list_provider_changes(
    images: Sequence[PlannedImage],
    added_config: ProjectConfig | None,
    path: str,
    changed: Collection[str] = (),
) -> tuple[GateChange, ...]:
    """Return a warning for each name that means another build of the repository than in base.

    `added_config` is head's configuration if base has none: what that says is no rule of base. An
    image that is reviewed itself is the same one: what it declares otherwise is said of it.
    `changed` has the files that differ, `path` is that of the configuration.
    """
    pairs = {
        (identify(image.base), identify(image.head))
        for image in images
        if image.base and image.head and not image.has_older_dockerfile
    }
    changes = {
        change.key: change
        for image in images
        for change in (*image.provider_changes, *_list_added(image, added_config))
        # Both sides of a pair are compared in the row of that image.
        if (change.key[1], change.key[2]) not in pairs or change.before is None
    }
    return tuple(
        GateChange(
            GateKind.IMAGE,
            f"the base image {change.name}",
            _describe(change.before),
            _describe_after(change),
            Outcome.WARN,
            find_source((change.after, change.before), changed, path),
        )
        for change in changes.values()
        if not _is_renamed_target(change)
    )


def _list_added(image: PlannedImage, config: ProjectConfig | None) -> Iterator[ProviderChange]:
    """Yield what head takes from the repository because its new file says so."""
    provided = _map_provided(config) if config else {}
    listed = {spec.dockerfile: spec for spec in (config.images if config else None) or ()}
    for link in image.head_chain.links if image.head_chain else ():
        name, dockerfile = normalize_name(link.name), link.image.spec.dockerfile
        own = listed.get(image.spec.dockerfile)
        if dockerfile in provided.get(name, ()) or (own and link.name in own.build_contexts):
            yield ProviderChange(name, None, link.image.spec)


def _map_provided(config: ProjectConfig) -> Mapping[str, set[str]]:
    """Return the Dockerfiles by the names that a configuration says they provide."""
    provided: dict[str, set[str]] = {}
    for spec in config.images or ():
        for name in spec.provides:
            provided.setdefault(normalize_name(name), set()).add(spec.dockerfile)
    return provided


def _describe(spec: ImageSpec | None) -> str:
    return f"built from {spec.dockerfile}" if spec else _PUBLISHED


def _describe_after(change: ProviderChange) -> str:
    """Return what provides a name now; of the same Dockerfile, what is built otherwise."""
    differences = _list_same_file_differences(change)
    if not differences:
        return _describe(change.after)
    return f"{_describe(change.after)}, with another {'; '.join(differences)}"


def _is_renamed_target(change: ProviderChange) -> bool:
    """Return True if the names of other images are all that differs: those are compared, too."""
    old, new = change.before, change.after
    is_same_file = old is not None and new is not None and old.dockerfile == new.dockerfile
    return is_same_file and not _list_same_file_differences(change)


def _list_same_file_differences(change: ProviderChange) -> Sequence[str]:
    """Return what is built otherwise of the same Dockerfile; nothing of two files."""
    old, new = change.before, change.after
    if old is None or new is None or old.dockerfile != new.dockerfile:
        return ()
    return [
        f"{what}: {f'{shorten(before)} → ' if before else ''}{shorten(after)}"
        for what, before, after in list_differences(old, new, DeclarationFacts())
        if what != _PLATFORM
    ]
