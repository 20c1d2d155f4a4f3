"""The marker by which a later run finds its comment."""

import pytest

from bot.report.formats.comment_marker import CommentMarker, make_marker, make_slug, read_marker
from tests.support.image_world import HEAD
from tests.support.report_cases import HOSTILE


def test_a_marker_is_read_back() -> None:
    marker = make_marker(".github/image-size.yml", HEAD.sha)
    assert read_marker(f"{marker}\n### page") == CommentMarker(
        make_slug(".github/image-size.yml"), HEAD.sha
    )
    assert read_marker(f"{marker}\r\n### page") == read_marker(marker)


@pytest.mark.parametrize("key", [HOSTILE, "-->", "a\nb", "", "\udcff"])
def test_a_hostile_key_does_not_end_the_marker(key: str) -> None:
    marker = make_marker(key, HEAD.sha)
    assert marker.count("-->") == 1
    assert read_marker(marker) == CommentMarker(make_slug(key), HEAD.sha)


def test_keys_with_the_same_letters_have_different_slugs() -> None:
    assert make_slug("a/b") != make_slug("a-b")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "### page",
        "x<!-- image-size-review config=a head=c0dec0d -->",
        "<!-- image-size-review config=a head=c0dec0d --> x",
        "<!-- image-size-review config=a head=HEAD -->",
        "<!-- image-size-review config=A head=c0dec0d -->",
    ],
)
def test_a_comment_without_a_marker_at_its_start_is_not_ours(body: str) -> None:
    assert read_marker(body) is None


def test_a_marker_takes_only_a_sha() -> None:
    with pytest.raises(ValueError, match="is not a commit's SHA"):
        make_marker("default", "--> x")
