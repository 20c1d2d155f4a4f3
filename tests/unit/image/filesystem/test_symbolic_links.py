"""Links are followed as the kernel follows them."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.image.filesystem.symbolic_links import follow_links

NO_LINKS: dict[str, str] = {}
LINKS = {"a": "b", "b": "/c/d", "up/link": "../c", "loop": "loop", "dot": "./c/../c"}


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("", ""),
        ("/x/./y//z/", "x/y/z"),
        ("a", "c/d"),
        ("a/e", "c/d/e"),
        ("a/..", "c"),
        ("up/link/x", "c/x"),
        ("../../x", "x"),
        ("dot/x", "c/x"),
        ("loop", None),
    ],
)
def test_a_path_is_followed_to_its_end(path: str, target: str | None) -> None:
    assert follow_links(path, LINKS.get) == target


def test_nothing_is_below_what_cannot_be_entered() -> None:
    assert follow_links("file/x", NO_LINKS.get, {"folder"}.__contains__) is None
    assert follow_links("file/.", NO_LINKS.get, {"folder"}.__contains__) == "file"
    assert follow_links("folder/x", NO_LINKS.get, {"folder"}.__contains__) == "folder/x"


def test_forty_links_are_followed_and_no_more() -> None:
    links = {f"l{n}": f"l{n + 1}" for n in range(41)}
    assert follow_links("l1", links.get) == "l41"
    assert follow_links("l0", links.get) is None


NAMES = st.sampled_from(["a", "b", "c"])
TARGETS = st.lists(st.sampled_from(["a", "b", "c", ".."]), min_size=1, max_size=3).map("/".join)


@given(st.dictionaries(NAMES, TARGETS, max_size=3), st.lists(NAMES, min_size=1, max_size=3))
def test_the_end_is_where_the_kernel_arrives(
    tmp_path_factory: pytest.TempPathFactory, links: dict[str, str], segments: list[str]
) -> None:
    """Held against a real tree: names that are no links are folders, with folders in them."""
    root = tmp_path_factory.mktemp("links")
    for name in ("a", "b", "c"):
        if name in links:
            (root / name).symlink_to(links[name])
        else:
            for inner in ("a", "b", "c"):
                (root / name / inner).mkdir(parents=True)
    path = root / "/".join(segments)
    followed = follow_links(
        "/".join(segments), links.get, lambda candidate: (root / candidate).is_dir()
    )
    if not path.exists():
        return
    real = Path(os.path.realpath(path))
    if real.is_relative_to(root):
        assert followed == real.relative_to(root).as_posix().removeprefix(".")
