"""Compose and bake files below the top: which there are, and what they build."""

import pytest

from bot.model.spec import ContextSource, ImageSpec
from bot.project.file_tree import FileTree
from bot.project.nested_files import (
    NestedBuild,
    is_bake_file,
    is_reviewed,
    list_nested_files,
    read_nested_builds,
)


def test_files_of_folders_are_known_by_their_usual_names() -> None:
    nested = ["a/compose.yaml", "a/docker-bake.hcl", "b/c/docker-compose.yml", "d/docker-bake.json"]
    others = [
        *("compose.yaml", "docker-bake.hcl", "a/my-compose.yaml", "a/compose.override.yml"),
        *("vendor/x/compose.yaml", "a/node_modules/b/docker-bake.hcl", "a/compose.yaml/x"),
    ]
    tree = FileTree(dict.fromkeys([*nested, *others], "100644 1"))
    assert list(list_nested_files(tree)) == nested
    assert [path for path in nested if is_bake_file(path)] == nested[1::2]


@pytest.mark.parametrize(
    ("services", "builds"),
    [
        ("db: {image: postgres}", []),
        ("api: {build: .}", [NestedBuild("a/Dockerfile", "a")]),
        ("api: {build: {}}", [NestedBuild("a/Dockerfile", "a")]),
        ("api: {image: x/api, build: ../b}", [NestedBuild("b/Dockerfile", "b")]),
        (
            "api: {build: {context: .., dockerfile: a/Dockerfile, target: dev}}",
            [NestedBuild("a/Dockerfile", ".", "dev")],
        ),
        (
            "api: {build: {context: ., network: host, cache_from: [x], tags: ['x:1']}}",
            [NestedBuild("a/Dockerfile", "a")],
        ),
        (
            "api: {build: {context: ., args: {V: 1}}}",
            [NestedBuild("a/Dockerfile", "a", has_options=True)],
        ),
        ("api: {build: '${FOLDER:-.}'}", [None]),
        ("api: {build: {dockerfile_inline: FROM scratch}}", [None]),
        ("api: {extends: {service: base}}", [None]),
        ("api: !reset {build: .}", [None]),
        ("api: {build: {context: [1]}}", [None]),
        ("api: {build: ../..}", []),
        ("api: {build: 'https://github.com/a/b.git'}", []),
    ],
)
def test_the_builds_of_a_compose_file(services: str, builds: list[NestedBuild | None]) -> None:
    assert list(read_nested_builds(f"services:\n  {services}\n", "a/compose.yaml")) == builds


def test_what_only_docker_compose_can_tell_is_unknown() -> None:
    assert list(read_nested_builds("include: [other.yaml]", "a/compose.yaml")) == [None]
    assert list(read_nested_builds("build: {", "a/compose.yaml")) == [None]
    assert list(read_nested_builds("services: {", "a/compose.yaml")) == []


_GUESSED = ImageSpec("a", "a/Dockerfile", "a")
_DECLARED = ImageSpec("a", "a/Dockerfile", ".", context_source=ContextSource.CONFIGURED)


@pytest.mark.parametrize(
    ("build", "image", "expected"),
    [
        (NestedBuild("a/Dockerfile", "a"), _GUESSED, True),
        (NestedBuild("a/Dockerfile", "."), _GUESSED, False),
        (NestedBuild("a/Dockerfile", "a", has_options=True), _GUESSED, False),
        (NestedBuild("a/Dockerfile", "a", "dev"), _GUESSED, False),
        (NestedBuild("b/Dockerfile", "a"), _GUESSED, False),
        (NestedBuild("a/Dockerfile", "a", has_options=True), _DECLARED, True),
        (NestedBuild("a/Dockerfile", "a", "dev"), _DECLARED, False),
    ],
)
def test_a_build_is_reviewed_as_its_own_or_as_somebody_says(
    build: NestedBuild, image: ImageSpec, *, expected: bool
) -> None:
    assert is_reviewed(build, [image]) is expected
