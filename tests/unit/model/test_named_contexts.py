"""Named contexts by what their values name."""

import pytest

from bot.model.named_contexts import (
    ContextKind,
    classify_context,
    find_context_folder,
    find_context_image,
    is_moving_context,
)

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
        # What is no address for sure is a path, which a build is refused outside of the checkout.
        ("service:base", "service:base", None, False),
        ("foo://../.git", "foo://../.git", None, False),
        ("git://[/../../.git", "git://[/../../.git", None, False),
    ],
)
def test_kinds(value: str, folder: str | None, image: str | None, is_moving: bool) -> None:
    assert find_context_folder(value) == folder
    assert find_context_image(value) == image
    assert is_moving_context(value) is is_moving


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        *((x, ContextKind.FOLDER) for x in ("libs", ".", "a b/c", "foo:/x", "a@b", "x/git@a:b")),
        ("target:api/Dockerfile", ContextKind.TARGET),
        ("docker-image://debian", ContextKind.IMAGE),
        ("docker-image://localhost:5000/a/b:1@sha256:" + "0" * 64, ContextKind.IMAGE),
        ("docker-image://[::1]:5000/a", ContextKind.IMAGE),
        ("https://example.com", ContextKind.ADDRESS),
        ("https://user:p%40ss@example.com:8443/x.git#main:a/b", ContextKind.ADDRESS),
        ("http://[::1]:80/x.tar.gz?a=b", ContextKind.ADDRESS),
        ("git://example.com/x", ContextKind.ADDRESS),
        ("ssh://git@example.com/~x/y.git", ContextKind.ADDRESS),
        ("git@example.com:x/y.git#main", ContextKind.ADDRESS),
    ],
)
def test_a_context_is_of_one_kind(value: str, kind: ContextKind) -> None:
    assert classify_context(value) is kind


@pytest.mark.parametrize(
    "value",
    [
        *("foo://../.git", "foo://l", "file:///etc", "oci-layout:///etc", "oci-layout://l", "://x"),
        *("git://[/../../.git", "ssh://%zz/../../.git", "https://%zz/../../.git", "http:///etc"),
        *("git@x/../.git", "git@a:/../../.git", "git@:x", "git@a:", "root@host:/etc", "git@a b:c"),
        *("https://", "https://../x", "https://a/../../.git", "https://a:b/x", "https://a:0/x"),
        *("https://a/%zz", "https://a/x y", "https://a\\b/x", "https://[:::]/x", "HTTPS://a/x"),
        *("ssh://a@b@c/x", "git://-a/x", "https://a/x\n", "https://a/[", "https://\N{LATIN SMALL LETTER E WITH ACUTE}/x"),
        *("docker-image://", "docker-image://../.git", "docker-image://a/../b", "docker-image://a b"),
        *("target:../../.git", "service:x", "service:/../../.git", "github.com/org/app"),
    ],
)  # fmt: skip
def test_what_only_looks_like_an_address_is_none(value: str) -> None:
    with pytest.raises(ValueError, match="not a folder, docker-image:// reference or URL"):
        classify_context(value)
