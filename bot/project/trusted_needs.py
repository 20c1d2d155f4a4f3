"""The needs of builds from outside, by the configuration that a change cannot set.

A secret that a pull request could send into its own build would be no secret, so that both sides
of an image get what base's file, the inputs or the command line say.
"""

from collections.abc import Iterator
from dataclasses import replace

from bot.model.report import GateChange, GateKind, Outcome
from bot.model.spec import BuildNeeds, ImageSpec, SecretSource
from bot.project.config_file import ProjectConfig
from bot.project.image_plan import PlannedImage

_NOTHING = "not set"
_ALL_IMAGES = "all images"
_SECONDS_PER_MINUTE = 60
Difference = tuple[str, str, str]  # the key, before, after


def drop_needs(config: ProjectConfig) -> ProjectConfig:
    """Return a configuration without what only base's file may say of builds."""
    images = None if config.images is None else tuple(map(_drop_from_spec, config.images))
    defaults = replace(config.defaults, spec=_drop_from_spec(config.defaults.spec))
    return replace(config, images=images, defaults=defaults, builder=None)


def find_needs_source(config: ProjectConfig, spec: ImageSpec) -> ImageSpec:
    """Return the declaration of an image by name or Dockerfile, else the defaults."""
    images = config.images or ()
    by_name = [image for image in images if image.name == spec.name]
    # A change may rename an image; base's needs of its Dockerfile hold all the same.
    by_dockerfile = [image for image in images if image.dockerfile == spec.dockerfile]
    return next(iter((*by_name, *by_dockerfile)), config.defaults.spec)


def set_needs(image: PlannedImage, source: ImageSpec) -> PlannedImage:
    """Return an image with the needs of one declaration on both sides."""
    return replace(
        image,
        base=_replace_needs(image.base, source) if image.base else None,
        head=_replace_needs(image.head, source) if image.head else None,
    )


def list_need_changes(base: ProjectConfig, head: ProjectConfig, path: str) -> Iterator[GateChange]:
    """Yield the needs that head's file declares otherwise; they are ignored until it is merged."""
    if base.builder != head.builder:
        builders = (base.builder or _NOTHING, head.builder or _NOTHING)
        yield from _describe((("builder", *builders),), _ALL_IMAGES, path)
    common = tuple(_list_differences(base.defaults.spec, head.defaults.spec))
    yield from _describe(common, _ALL_IMAGES, path)
    for spec in head.images or ():
        differences = _list_differences(find_needs_source(base, spec), spec)
        own = tuple(difference for difference in differences if difference not in common)
        yield from _describe(own, f"the image {spec.name}", path)


def _describe(differences: tuple[Difference, ...], name: str, path: str) -> Iterator[GateChange]:
    for key, before, after in differences:
        subject = f"`{key}` of {name}, ignored until it is merged"
        yield GateChange(GateKind.BUILD_NEEDS, subject, before, after, Outcome.WARN, path)


def _list_differences(old: ImageSpec, new: ImageSpec) -> Iterator[Difference]:
    """Yield the keys that differ; they have no values of secrets, only names."""
    before, after = _format_needs(old), _format_needs(new)
    for key, text in before.items():
        if text != after[key]:
            yield key, text or _NOTHING, after[key] or _NOTHING


def _format_needs(spec: ImageSpec) -> dict[str, str]:
    needs, preparation = spec.needs, spec.needs.preparation
    commands = (preparation.image, *preparation.commands) if preparation else ()
    minutes = needs.timeout_s / _SECONDS_PER_MINUTE if needs.timeout_s else None
    return {
        "secrets": ", ".join(sorted(map(_format_secret, needs.secrets))),
        "ssh": ", ".join(needs.ssh),
        "network": needs.network or "",
        "add-hosts": ", ".join(needs.add_hosts),
        "prepare": "; ".join(commands),
        "build-timeout": f"{minutes:g} minutes" if minutes else "",
        "cache-from": "; ".join(map(str, needs.cache_from)),
        "cache-to": "; ".join(map(str, needs.cache_to)),
        "baseline": spec.baseline or "",
    }


def _format_secret(secret: SecretSource) -> str:
    return f"{secret.id} ({secret.kind.value} {secret.source})"


def _drop_from_spec(spec: ImageSpec) -> ImageSpec:
    return replace(spec, needs=BuildNeeds(), baseline=None)


def _replace_needs(spec: ImageSpec, source: ImageSpec) -> ImageSpec:
    if spec.needs == source.needs and spec.baseline == source.baseline:
        return spec
    return replace(spec, needs=source.needs, baseline=source.baseline)
