"""The images of a revision: those that are discovered, as compose and bake files build them.

A Dockerfile's last stage is one image, called as if it was discovered, so that both revisions pair
it wherever its context is written down; another stage adds one. Only builds of the same stage with
other arguments or contexts have the names of their targets.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.model.named_contexts import TARGET_PREFIX
from bot.model.spec import ImageSpec
from bot.project.declared_builds import BuildFile, DeclaredBuild
from bot.project.image_plan import expand_platforms, name_stage


def merge_images(
    discovered: Sequence[ImageSpec], builds: Sequence[DeclaredBuild]
) -> tuple[ImageSpec, ...]:
    """Return the images of a revision: what was discovered, as the files declare it.

    `builds` are in the order of their rank: of one stage the first file's count.
    """
    chosen, positions = _choose(builds)
    names = _name_builds(chosen)
    image_names = {
        (build.file, build.spec.name): names[position]
        for build, position in zip(builds, positions, strict=True)
    }
    declared = [
        _make_image(build, name, image_names) for build, name in zip(chosen, names, strict=True)
    ]
    built = {build.stage for build in chosen}
    images = [
        _take_build_of(spec, declared)
        for spec in discovered
        if (spec.dockerfile, None) not in built
    ]
    for spec, build in zip(declared, chosen, strict=True):
        declared_spec = replace(spec, is_platform_of_file=bool(build.platforms))
        images += expand_platforms(declared_spec, build.platforms)
    return tuple(sorted(images, key=lambda spec: (spec.dockerfile, spec.target or "", spec.name)))


def _choose(builds: Sequence[DeclaredBuild]) -> tuple[list[DeclaredBuild], list[int]]:
    """Return the builds that count: of one stage those of one file, and equal ones once.

    And for each of all builds the position of the one that counts for it.
    """
    # A bake file that builds the services of a compose file repeats them: one image, not two.
    files: dict[tuple[str, str | None], BuildFile] = {}
    chosen: list[DeclaredBuild] = []
    positions: list[int] = []
    for build in builds:
        is_outranked = files.setdefault(build.stage, build.file) != build.file
        matches = [
            position
            for position, other in enumerate(chosen)
            if other.stage == build.stage and (is_outranked or _is_same_build(build, other))
        ]
        if not matches:
            chosen.append(build)
        elif not is_outranked:
            chosen[matches[0]] = _unite(chosen[matches[0]], build)
        positions.append(matches[0] if matches else len(chosen) - 1)
    return chosen, positions


def _is_same_build(build: DeclaredBuild, other: DeclaredBuild) -> bool:
    settings = [
        (side.spec.context, side.spec.build_args, side.spec.build_contexts)
        for side in (build, other)
    ]
    return settings[0] == settings[1]


def _unite(build: DeclaredBuild, other: DeclaredBuild) -> DeclaredBuild:
    """Return one build for two targets that make the same image under two names."""
    provides = tuple(dict.fromkeys((*build.spec.provides, *other.spec.provides)))
    platforms = tuple(dict.fromkeys((*build.platforms, *other.platforms)))
    return replace(build, spec=replace(build.spec, provides=provides), platforms=platforms)


def _name_builds(chosen: Sequence[DeclaredBuild]) -> list[str]:
    """Return the name of each build's image: that of its stage, or of its target among several."""
    stages = [build.stage for build in chosen]
    names: list[str] = []
    for build in chosen:
        dockerfile, target = build.stage
        name = name_stage(dockerfile, target)
        if stages.count(build.stage) > 1:
            name = build.spec.name
        # Two files may use one target name for builds of different stages.
        names.append(f"{build.file.path}:{build.spec.name}" if name in names else name)
    return names


def _make_image(
    build: DeclaredBuild, name: str, image_names: Mapping[tuple[BuildFile, str], str]
) -> ImageSpec:
    """Return the image of a build, with its own name and those of the images that it needs."""
    contexts = {}
    for key, value in build.spec.build_contexts.items():
        target = value.removeprefix(TARGET_PREFIX)
        is_target = target != value
        contexts[key] = (
            TARGET_PREFIX + image_names.get((build.file, target), target) if is_target else value
        )
    return replace(
        build.spec,
        name=name,
        build_contexts=contexts,
        context_reason=build.file.path,
        # The last file that is read overrides the others.
        declared_in=build.file.paths[-1],
    )


def _take_build_of(spec: ImageSpec, declared: Sequence[ImageSpec]) -> ImageSpec:
    """Return a discovered image, built as the files build other stages of its Dockerfile."""
    for other in declared:
        if other.dockerfile == spec.dockerfile:
            return replace(
                spec,
                context=other.context,
                build_args=other.build_args,
                build_contexts=other.build_contexts,
                context_source=other.context_source,
                context_reason=other.context_reason,
                declared_in=other.declared_in,
            )
    return spec
