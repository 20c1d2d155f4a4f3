"""Files that shape the bytes of others when they are checked out."""

import pytest

from bot.project.conversions import list_conversions

TREE = {
    "a/api/Dockerfile": "100644 a",
    "a/api/text": "100644 b",
    "a/other/text": "100644 c",
    "b/api/Dockerfile": "100644 a",
    "b/api/text": "100644 b",
}


def shape(tree: dict[str, str], dockerfile: str = "a/api/Dockerfile") -> object:
    return list_conversions(tree, dockerfile, "a/api")


@pytest.mark.parametrize(
    "path",
    [".gitattributes", "a/.gitattributes", "a/api/.gitattributes", "a/api/deep/er/.gitattributes"],
)
def test_attributes_above_and_in_the_context_count(path: str) -> None:
    assert shape({**TREE, path: "100644 1"}) != shape(TREE)
    assert shape({**TREE, path: "100644 1"}) != shape({**TREE, path: "100644 2"})


@pytest.mark.parametrize("path", ["b/.gitattributes", "a/other/.gitattributes", "a/gitattributes"])
def test_attributes_elsewhere_do_not_count(path: str) -> None:
    assert shape({**TREE, path: "100644 1"}) == shape(TREE)


def test_attributes_above_a_dockerfile_outside_of_the_context_count() -> None:
    tree = {**TREE, "b/.gitattributes": "100644 1"}
    assert shape(tree, "b/api/Dockerfile") != shape(TREE, "b/api/Dockerfile")


def test_the_module_file_counts_with_a_submodule_in_the_context() -> None:
    modules = {".gitmodules": "100644 m"}
    inside = {**TREE, "a/api/lib": "160000 s"}
    assert shape({**inside, **modules}) != shape(inside)
    outside = {**TREE, "b/lib": "160000 s"}
    assert shape({**outside, **modules}) == shape(outside)


def test_a_moved_image_is_the_same_unless_attributes_could_name_its_path() -> None:
    tree = {**TREE, "a/api/.gitattributes": "100644 1", "b/api/.gitattributes": "100644 1"}
    old = list_conversions(tree, "a/api/Dockerfile", "a/api")
    assert list_conversions(tree, "b/api/Dockerfile", "b/api") == old
    tree[".gitattributes"] = "100644 1"
    old = list_conversions(tree, "a/api/Dockerfile", "a/api")
    assert list_conversions(tree, "b/api/Dockerfile", "b/api") != old
