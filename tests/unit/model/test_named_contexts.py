"""Named contexts by what their values name."""

import pytest

from bot.model.named_contexts import find_context_folder, find_context_image, is_moving_context

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("value", "folder", "image", "is_moving"),
    [
        ("libs/lib", "libs/lib", None, False),
        (".", ".", None, False),
        ("docker-image://debian:12", None, "debian:12", False),
        ("https://example.com/x.git", None, None, True),
        ("https://example.com/x.git#main", None, None, True),
        (f"https://example.com/x.git#{COMMIT}", None, None, False),
        (f"https://example.com/x.git#{COMMIT}:folder", None, None, False),
        ("https://example.com/x.tar.gz", None, None, True),
        ("git@example.com:x.git", None, None, True),
        ("ssh://git@example.com/x.git", None, None, True),
        ("target:base", None, None, False),
        ("service:base", None, None, False),
    ],
)
def test_kinds(value: str, folder: str | None, image: str | None, is_moving: bool) -> None:
    assert find_context_folder(value) == folder
    assert find_context_image(value) == image
    assert is_moving_context(value) is is_moving
