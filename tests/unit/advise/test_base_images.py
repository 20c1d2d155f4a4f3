"""On what a last stage may stand."""

import pytest

from bot.advise.base_images import (
    list_distribution_images,
    list_slim_variants,
)
from bot.image.packages.os_release import OsRelease


@pytest.mark.parametrize(
    "base", ["golang:1.24", "python:3.12-slim", "node:20-alpine", "me/app:1", ""]
)
def test_no_slim_variants(base: str) -> None:
    assert list(list_slim_variants(base)) == []


@pytest.mark.parametrize(
    ("base", "first"),
    [
        ("python", "python:slim"),
        ("python:latest", "python:slim"),
        ("python:3.12", "python:3.12-slim"),
        ("python:3.12@sha256:" + "a" * 64, "python:3.12-slim"),
        ("docker.io/library/node:20", "docker.io/library/node:20-slim"),
        ("localhost:5000/mirror/ruby:3.3", "localhost:5000/mirror/ruby:3.3-slim"),
        ("ruby:3.3-bookworm", "ruby:3.3-slim-bookworm"),
        ("python:bookworm", "python:slim-bookworm"),
    ],
)
def test_the_slim_variants(base: str, first: str) -> None:
    assert next(list_slim_variants(base)) == first


def test_both_orders_of_a_dated_tag() -> None:
    """Python has `3.12-slim-bookworm`, Node `20-bookworm-slim`."""
    variants = list(list_slim_variants("node:20-bookworm"))
    assert variants == ["node:20-bookworm-slim", "node:20-slim"]


@pytest.mark.parametrize(
    ("release", "names"),
    [
        (OsRelease(), []),
        (OsRelease("arch"), []),
        (OsRelease("debian"), []),
        (OsRelease("debian", "12", "bookworm"), ["debian:bookworm-slim", "debian:12-slim"]),
        (OsRelease("debian", "", "sid"), ["debian:sid-slim"]),
        (OsRelease("ubuntu", "22.04", "jammy"), ["ubuntu:22.04"]),
        (OsRelease("alpine", "3.20.1"), ["alpine:3.20", "alpine:latest"]),
        (OsRelease("fedora", "40"), ["fedora:40"]),
    ],
)
def test_the_bare_distribution(release: OsRelease, names: list[str]) -> None:
    assert list(list_distribution_images(release, "")) == names
    assert list(list_distribution_images(release, "golang:1.24")) == names
    assert list(list_distribution_images(release, "me/app:1")) == names


@pytest.mark.parametrize(
    ("image", "first"),
    [
        ("debian:12", "debian:12-slim"),
        ("debian:12-slim", "debian:12-slim"),
        ("debian:12.7-slim@sha256:" + "a" * 64, "debian:12.7-slim"),
        ("debian:bookworm-20240812", "debian:bookworm-slim"),
        ("docker.io/library/debian:bookworm", "docker.io/library/debian:bookworm-slim"),
        ("mirror.example.com/hub/golang:1.24", "mirror.example.com/hub/debian:bookworm-slim"),
    ],
)
def test_a_distribution_is_named_as_the_image_is(image: str, first: str) -> None:
    names = list(list_distribution_images(OsRelease("debian", "12", "bookworm"), image))
    assert names[0] == first
    assert {"debian:bookworm-slim", "debian:12-slim"} <= set(names)


def test_another_distribution_keeps_its_tag() -> None:
    names = list(list_distribution_images(OsRelease("ubuntu", "22.04", "jammy"), "ubuntu:jammy"))
    assert names == ["ubuntu:jammy", "ubuntu:22.04"]
