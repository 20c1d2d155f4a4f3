"""The options of compose and bake files that their builds do not get, and the keys to set."""

from collections.abc import Iterator, Sequence

from bot.line.bake_files import RevisionBuilds
from bot.line.review_request import ReviewRequest
from bot.model.sizes import format_names
from bot.model.spec import BuildNeeds, ImageSpec
from bot.project.declared_builds import DeclaredBuild
from bot.project.image_entries import complete_needs
from bot.project.trusted_needs import find_needs_source

_MAX_NAMED = 5
# Options of compose and bake files -> the keys that give a build the same.
_KEYS = {
    "network": "network",
    "extra_hosts": "add-hosts",
    "extra-hosts": "add-hosts",
    "secrets": "secrets",
    "secret": "secrets",
    "ssh": "ssh",
}


def describe_unused_options(
    builds: RevisionBuilds, images: Sequence[ImageSpec], request: ReviewRequest
) -> Iterator[str]:
    """Yield a sentence for the builds of a file that lack the same options, set by nobody.

    `images` are those of the report, with what their builds get.
    """
    names: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for build in builds.builds:
        # One platform of the image without the option is enough for a note.
        provided = set.intersection(*map(_list_provided, _find_needs(build, images, request)))
        options = tuple(x for x in build.machine_options if _KEYS.get(x) not in provided)
        if options:
            names.setdefault((build.file.path, options), []).append(build.spec.name)
    for (path, options), targets in names.items():
        verb = "is" if len(targets) == 1 else "are"
        subject = f"{format_names(targets, _MAX_NAMED)} of {path} {verb}"
        yield f"{subject} built without {', '.join(options)}: {_explain(options)}."


def _find_needs(
    build: DeclaredBuild, images: Sequence[ImageSpec], request: ReviewRequest
) -> list[BuildNeeds]:
    """Return the needs of a build's images; of one that is not reviewed, those that it would have.

    Builds of one stage with other arguments have names of their own.
    """
    stage = [spec for spec in images if (spec.dockerfile, spec.target) == build.stage]
    named = [spec for spec in stage if spec.name == build.spec.name]
    if stage:
        return [spec.needs for spec in named or stage]
    source = find_needs_source(request.trusted_config, build.spec)
    return [complete_needs(request.overrides.needs, source.needs)]


def _list_provided(needs: BuildNeeds) -> set[str]:
    """Return the keys that are set."""
    values = {
        "network": needs.network,
        "add-hosts": needs.add_hosts,
        "secrets": needs.secrets,
        "ssh": needs.ssh,
    }
    return {key for key, value in values.items() if value}


def _explain(options: Sequence[str]) -> str:
    """Say where to set what a build is provided by nobody, or that it is not supported."""
    keys = dict.fromkeys(_KEYS[option] for option in options if option in _KEYS)
    parts = []
    if keys:
        names = ", ".join(f"`{key}`" for key in keys)
        parts.append(f"set {names} as inputs, options or in the configuration of the base branch")
    unsupported = [option for option in options if option not in _KEYS]
    if unsupported:
        parts.append(f"{', '.join(unsupported)} cannot be set for a review")
    return "; ".join(parts)
