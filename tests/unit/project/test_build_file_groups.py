"""Which compose and bake files there are, and which of them are read together."""

from collections.abc import Sequence

import pytest

from bot.project.build_file_groups import group_files, list_unread_files

TREES = {
    "compose": ("compose.yaml", "docker-compose.yml", "compose.override.yaml"),
    "bake": ("docker-bake.hcl", "docker-bake.json", "docker-bake.override.hcl"),
    "overrides": ("docker-bake.override.json", "docker-compose.override.yml"),
}


def group(
    name: str, compose: Sequence[str] | None = None, bake: Sequence[str] | None = None
) -> list[tuple[str, ...]]:
    tree = dict.fromkeys(TREES[name], "")
    return [group.paths for group in group_files(tree, compose, bake)]


def test_the_usual_files_are_those_that_docker_reads() -> None:
    assert group("compose") == [("compose.yaml", "compose.override.yaml")]
    assert group("bake") == [("docker-bake.json", "docker-bake.hcl", "docker-bake.override.hcl")]
    assert group("overrides") == [("docker-bake.override.json",)]


def test_files_that_are_named_are_read_as_they_are_named() -> None:
    files = ("b/two.yml", "one.yml", "b/three.yml", "one.yml")
    assert group("compose", files) == [("b/two.yml", "b/three.yml"), ("one.yml",)]
    assert group("bake", (), ("c/bake.hcl", "bake.json")) == [("c/bake.hcl", "bake.json")]
    assert group("bake", (), ()) == []


def test_bake_may_go_on_from_all_that_compose_reads() -> None:
    tree = dict.fromkeys((*TREES["compose"], *TREES["bake"]), "")
    bake, compose = group_files(tree, None, None)
    assert bake.earlier_paths == compose.paths


def test_an_override_means_nothing_by_itself() -> None:
    tree = dict.fromkeys((*TREES["compose"], *TREES["bake"]), "")
    bake, compose = group_files(tree, None, None)
    assert [x.paths for x in compose.split()] == [("compose.yaml",)]
    assert [x.paths for x in bake.split()] == [("docker-bake.json",), ("docker-bake.hcl",)]


@pytest.mark.parametrize(("compose", "count"), [(None, 1), (("compose.yaml",), 0), ((), 0)])
def test_what_nobody_names_is_unread(compose: Sequence[str] | None, count: int) -> None:
    tree = dict.fromkeys(TREES["compose"], "")
    assert len(list_unread_files(tree, compose)) == count
