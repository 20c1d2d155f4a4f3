"""Names of images that other Dockerfiles of the repository provide than in base.

An image that is built on another base than before is not what a limit on its growth was meant for:
a small image under the name of a published one hides what grows.
"""

from collections.abc import Iterator, Mapping, Sequence

from bot.model.report import GateChange, GateKind, Outcome
from bot.project.config_file import ProjectConfig
from bot.project.image_chains import ProviderChange, normalize_name
from bot.project.image_plan import PlannedImage

_PUBLISHED = "the published image"


def list_provider_changes(
    images: Sequence[PlannedImage], added_config: ProjectConfig | None, path: str
) -> tuple[GateChange, ...]:
    """Return a warning for each name that means another image of the repository than in base.

    `added_config` is head's configuration if base has none: what that says is no rule of base. A
    Dockerfile that has another path is the same one.
    """
    moved = {(x.base.dockerfile, x.head.dockerfile) for x in images if x.base and x.head}
    changes = {
        change: None
        for image in images
        for change in (*image.provider_changes, *_list_added(image, added_config))
        if (change.before, change.after) not in moved or change.before is None
    }
    return tuple(
        GateChange(
            GateKind.IMAGE,
            f"the base image {change.name}",
            _describe(change.before),
            _describe(change.after),
            Outcome.WARN,
            path,
        )
        for change in changes
    )


def _list_added(image: PlannedImage, config: ProjectConfig | None) -> Iterator[ProviderChange]:
    """Yield what head takes from the repository because its new file says so."""
    provided = _map_provided(config) if config else {}
    listed = {spec.dockerfile: spec for spec in (config.images if config else None) or ()}
    for link in image.head_chain.links if image.head_chain else ():
        name, dockerfile = normalize_name(link.name), link.image.spec.dockerfile
        own = listed.get(image.spec.dockerfile)
        if dockerfile in provided.get(name, ()) or (own and link.name in own.build_contexts):
            yield ProviderChange(name, None, dockerfile)


def _map_provided(config: ProjectConfig) -> Mapping[str, set[str]]:
    """Return the Dockerfiles by the names that a configuration says they provide."""
    provided: dict[str, set[str]] = {}
    for spec in config.images or ():
        for name in spec.provides:
            provided.setdefault(normalize_name(name), set()).add(spec.dockerfile)
    return provided


def _describe(dockerfile: str | None) -> str:
    return f"built from {dockerfile}" if dockerfile else _PUBLISHED
