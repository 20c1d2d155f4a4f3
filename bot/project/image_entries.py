"""The entries of `images` and `defaults`, read to declarations of images.

They have the same keys, but for the name and the Dockerfile. What an entry leaves out is taken
from the defaults: maps are united, and everything else is one of the two.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

from bot.model.metric import Metric
from bot.model.spec import (
    Budget,
    BuildNeeds,
    ContextSource,
    ImageSpec,
    Preparation,
    SecretSource,
)
from bot.project.build_needs import (
    check_repository_secret,
    parse_build_context,
    parse_build_minutes,
    parse_host,
    parse_secret,
    parse_secret_file,
    parse_secret_variable,
    parse_ssh,
)
from bot.project.cache_forms import parse_file_cache_source, parse_file_cache_target
from bot.project.image_plan import expand_platforms, name_stage
from bot.project.option_values import is_auto, parse_growth_limit, parse_size_value, validate_path

_SECRET_PARSERS = {
    "secrets": parse_secret,
    "secret-files": parse_secret_file,
    "secret-envs": parse_secret_variable,
}


@dataclass(frozen=True, slots=True)
class ImageDefaults:
    """The values for all that an image leaves out.

    Name and Dockerfile of `spec` are empty, and its context where that is each Dockerfile's folder.
    """

    spec: ImageSpec = ImageSpec("", "", "")
    platforms: tuple[str, ...] = ()

    def complete(self, spec: ImageSpec) -> tuple[ImageSpec, ...]:
        """Return an image with the defaults for what it leaves out, once for each platform."""
        # Most repositories have no defaults, and copies for 200 images take time.
        if self == ImageDefaults():
            return (spec,)
        completed = complete_spec(spec, self.spec)
        # An image that already has a platform is one of several of the same file.
        platforms = () if spec.platform else self.platforms
        return expand_platforms(completed, platforms)


def complete_spec(spec: ImageSpec, other: ImageSpec) -> ImageSpec:
    """Return a declaration with another one's values for what it leaves out, but for the budget.

    A context that nobody wrote down is left out.
    """
    takes_context = spec.context_source is ContextSource.DEFAULT and bool(other.context)
    source = other if takes_context else spec
    return replace(
        spec,
        context=source.context,
        context_source=source.context_source,
        context_reason=source.context_reason,
        declared_in=spec.declared_in or other.declared_in,
        target=spec.target or other.target,
        build_args={**other.build_args, **spec.build_args},
        platform=spec.platform or other.platform,
        is_platform_of_file=(spec if spec.platform else other).is_platform_of_file,
        smoke_test=spec.smoke_test or other.smoke_test,
        # An empty list in the file says that the image provides nothing, and is not left out.
        provides=spec.provides if spec.states_names else spec.provides or other.provides,
        states_names=spec.states_names or other.states_names,
        build_contexts={**other.build_contexts, **spec.build_contexts},
        needs=complete_needs(spec.needs, other.needs),
        baseline=spec.baseline or other.baseline,
    )


def complete_needs(needs: BuildNeeds, other: BuildNeeds) -> BuildNeeds:
    """Return needs with another's for what they leave out; secrets are united by their IDs."""
    secrets = {secret.id: secret for secret in (*other.secrets, *needs.secrets)}
    return BuildNeeds(
        secrets=tuple(secrets.values()),
        ssh=needs.ssh or other.ssh,
        network=needs.network or other.network,
        add_hosts=needs.add_hosts or other.add_hosts,
        preparation=needs.preparation or other.preparation,
        timeout_s=needs.timeout_s or other.timeout_s,
        cache_from=needs.cache_from or other.cache_from,
        cache_to=needs.cache_to or other.cache_to,
    )


def make_budget(data: Mapping[str, Any], default: Budget) -> Budget:
    """Make a budget from its keys; missing ones are taken from `default`.

    What it sets itself is no limit of all images any more.
    """
    max_size, follows_size = default.max_size, default.follows_size
    if "max-size" in data:
        follows_size = is_auto(data["max-size"])
        max_size = None if follows_size else parse_size_value(data["max-size"])
    return Budget(
        max_size=max_size,
        max_growth=parse_growth_limit(data["max-growth"])
        if "max-growth" in data
        else default.max_growth,
        ignore_below=parse_size_value(data["ignore-below"])
        if "ignore-below" in data
        else default.ignore_below,
        metric=Metric(data["metric"]) if "metric" in data else default.metric,
        warn_size=parse_size_value(data["warn-size"]) if "warn-size" in data else default.warn_size,
        warn_growth=parse_growth_limit(data["warn-growth"])
        if "warn-growth" in data
        else default.warn_growth,
        follows_size=follows_size,
        ratchet_runs=data.get("ratchet-runs", default.ratchet_runs),
        max_waste=parse_growth_limit(data["max-waste"])
        if "max-waste" in data
        else default.max_waste,
        max_layers=data.get("max-layers", default.max_layers),
        common=default.common - data.keys(),
    )


def read_defaults(data: Mapping[str, Any], budget: Budget) -> ImageDefaults:
    """Read the keys of `defaults`, beside the budget of all images."""
    spec = _read_spec(data, ImageSpec("", "", ""), budget)
    return ImageDefaults(spec, tuple(data.get("platforms", ())))


def read_images(data: Mapping[str, Any], defaults: ImageDefaults) -> tuple[ImageSpec, ...]:
    """Read an entry of `images`: an image for each of its platforms."""
    dockerfile = validate_path(data["dockerfile"])
    folder = str(PurePosixPath(dockerfile).parent)
    name = name_entry(data)
    named = ImageSpec(name=name, dockerfile=dockerfile, context=folder)
    spec = complete_spec(_read_spec(data, named, defaults.spec.budget), defaults.spec)
    return expand_platforms(spec, data.get("platforms", defaults.platforms))


def name_entry(data: Mapping[str, Any]) -> str:
    """Return the name of an entry: what a discovered image would have, if it is left out."""
    name = data.get("name") or name_stage(validate_path(data["dockerfile"]), data.get("target"))
    return str(name)


def _read_spec(data: Mapping[str, Any], empty: ImageSpec, budget: Budget) -> ImageSpec:
    has_context = "context" in data
    return replace(
        empty,
        context=validate_path(data["context"]) if has_context else empty.context,
        context_source=ContextSource.CONFIGURED if has_context else ContextSource.DEFAULT,
        target=data.get("target"),
        build_args=dict(data.get("build-args", {})),
        budget=make_budget(data.get("budget", {}), budget),
        smoke_test=tuple(str(word) for word in data.get("smoke-test", ())),
        provides=tuple(data.get("provides", ())),
        states_names="provides" in data,
        build_contexts=dict(map(parse_build_context, _list_pairs(data.get("build-contexts", ())))),
        needs=_read_needs(data),
        baseline=data.get("baseline"),
    )


def _read_needs(data: Mapping[str, Any]) -> BuildNeeds:
    return BuildNeeds(
        secrets=tuple(_read_secrets(data)),
        ssh=tuple(map(parse_ssh, data.get("ssh", ()))),
        network=data.get("network"),
        add_hosts=tuple(map(parse_host, _list_pairs(data.get("add-hosts", ())))),
        preparation=_read_preparation(data.get("prepare")),
        timeout_s=parse_build_minutes(data["build-timeout"]) if "build-timeout" in data else None,
        cache_from=tuple(map(parse_file_cache_source, data.get("cache-from", ()))),
        cache_to=tuple(map(parse_file_cache_target, data.get("cache-to", ()))),
    )


def _read_secrets(data: Mapping[str, Any]) -> Iterator[SecretSource]:
    secrets: dict[str, SecretSource] = {}
    for key, parse in _SECRET_PARSERS.items():
        for entry in _list_pairs(data.get(key, ())):
            # All of these keys are of a file in the repository.
            secret = check_repository_secret(parse(entry))
            # BuildKit keeps secrets by ID: of two with one ID, the later key counts.
            secrets[secret.id] = secret
    yield from secrets.values()


def _read_preparation(data: Mapping[str, Any] | None) -> Preparation | None:
    return None if data is None else Preparation(data["image"], tuple(data["run"]))


def _list_pairs(entries: Any) -> tuple[str, ...]:
    """Return a map as a list of `NAME=VALUE`, and a list as it is."""
    if isinstance(entries, Mapping):
        return tuple(f"{name}={value}" for name, value in entries.items())
    return tuple(entries)
