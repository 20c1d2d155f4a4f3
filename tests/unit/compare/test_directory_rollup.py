"""Thousands of directories rolled up to a few names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.compare.directory_rollup import find_representatives, group_by_directory
from bot.compare.known_directories import find_known_directory


def test_heavy_directories_keep_their_names() -> None:
    weights = {
        "/app/models/bert": 900,
        "/app/static/img": 30,
        "/app/static/css": 30,
        "/app/static/js": 140,
        "/etc": 1,
    }
    assert find_representatives(weights) == {
        "/app/models/bert": "/app/models/bert",
        "/app/static/js": "/app/static/js",
        "/app/static/img": "/",
        "/app/static/css": "/",
        "/etc": "/",
    }


def test_many_light_directories_share_their_parent() -> None:
    weights = {f"/usr/share/nvim/{name}/x": 1 for name in "abcdefghijklmnop"}
    assert set(find_representatives(weights).values()) == {"/usr/share/nvim"}


def test_a_known_directory_absorbs_what_lies_below() -> None:
    weights = {
        "/app": 10_000,
        "/var/lib/apt/lists/partial": 1,
        "/root/.cache/pip/http/a": 2,
        "/root/.cache/x": 1,
        "/src/.git/objects/ab": 3,
    }
    assert list(find_representatives(weights).values()) == [
        "/app",
        "/var/lib/apt/lists",
        "/root/.cache/pip",
        "/root/.cache",
        "/src/.git",
    ]


@pytest.mark.parametrize(
    ("directory", "words"),
    [
        ("/var/lib/apt/lists", "apt's package lists"),
        ("/root/.npm", "npm's cache"),
        ("/home/app/.cache/go-build", "Go's build cache"),
        ("/srv/app/node_modules/.cache", "the build tools' cache"),
        ("/home/app", None),
        ("/home", None),
        ("/root", None),
        ("/", None),
        ("", None),
    ],
)
def test_descriptions_of_known_directories(directory: str, words: str | None) -> None:
    known_directory = find_known_directory(directory)
    assert (known_directory.description if known_directory else None) == words


def test_a_large_file_is_named_and_the_small_ones_are_counted() -> None:
    files = [("app/model.bin", 80), ("app/a/x", 5), ("app/b/y", 5), ("top", 10)]
    assert group_by_directory(files) == [
        ("/app/model.bin", 1, 80),
        ("/app", 2, 10),
        ("/top", 1, 10),
    ]


_NAMES = st.sampled_from(["a", "b", "usr", "var", "root", "home", ".cache", "pip", ".git", "tmp"])
_PATHS = st.lists(_NAMES, min_size=1, max_size=7).map("/".join)


@given(st.dictionaries(_PATHS, st.integers(0, 1000), max_size=60))
def test_groups_add_up_to_the_files(files: dict[str, int]) -> None:
    groups = group_by_directory(list(files.items()))
    assert sum(group.bytes for group in groups) == sum(files.values())
    assert sum(group.files for group in groups) == len(files)


@given(st.dictionaries(_PATHS.map("/{}".format), st.integers(1, 1000), max_size=60))
def test_every_directory_has_a_representative_at_or_above_it(weights: dict[str, int]) -> None:
    representatives = find_representatives(weights)
    assert representatives.keys() == weights.keys()
    for directory, name in representatives.items():
        assert f"{directory}/".startswith(name if name == "/" else f"{name}/")


def test_a_path_of_any_depth_is_climbed() -> None:
    deep = "/x" * 3_000
    assert find_representatives({deep: 1, "/y": 20}) == {deep: "/x" * 3_000, "/y": "/y"}
