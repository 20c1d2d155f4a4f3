"""References of images, with and without their defaults."""

import pytest
from docker.utils import parse_repository_tag
from hypothesis import given
from hypothesis import strategies as st

from bot.image.archives.reference import (
    is_reference,
    is_same_reference,
    parse_reference,
    split_reference,
)

DIGEST = "sha256:" + "a1" * 32
SHA512 = "sha512:" + "b2" * 64


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("alpine", "docker.io/library/alpine:latest"),
        ("alpine:3", "docker.io/library/alpine:3"),
        ("owner/app", "docker.io/owner/app:latest"),
        ("docker.io/alpine", "docker.io/library/alpine:latest"),
        ("index.docker.io/owner/app", "docker.io/owner/app:latest"),
        ("localhost/app", "localhost/app:latest"),
        ("localhost:5000/app", "localhost:5000/app:latest"),
        ("localhost:5000", "docker.io/library/localhost:5000"),
        ("[::1]:5000/app:V1", "[::1]:5000/app:V1"),
        ("ghcr.io/a/b/c__d.e-f:1.2_3-x", "ghcr.io/a/b/c__d.e-f:1.2_3-x"),
        (f"a.b/c@{DIGEST}", f"a.b/c@{DIGEST}"),
        (f"a.b/c:1@{DIGEST}", f"a.b/c:1@{DIGEST}"),
        (f"c@{SHA512}", f"docker.io/library/c@{SHA512}"),
        ("Host/app", "Host/app:latest"),
    ],
)
def test_defaults_are_filled_in(text: str, whole: str) -> None:
    assert str(parse_reference(text)) == whole
    assert parse_reference(whole) == parse_reference(text)


def test_a_digest_takes_precedence_over_a_tag() -> None:
    assert parse_reference(f"a:1@{DIGEST}").tag_or_digest == DIGEST
    assert parse_reference("a:1").tag_or_digest == "1"


@pytest.mark.parametrize(
    "text",
    [
        "", ":", "a:", "a@", "A", "a/B", "a//b", "/a", "a/", "a b", "a:.b", "a@sha256:12", "a_-b",
        "https://a.b/c", "a/../b", "a:" + "b" * 129, "a" * 256, "ä", "a\n", f"a@{DIGEST}x",
        "../containers", ".", "/", "..", "a/..", "a/./b", "?x", "a?x", "#", "a#b", "%2e%2e", "a%2fb",
        "a\\b", "a;b", "$X", "${X}", "a:$X", " a", "\x1b[31m", "-a", "a=b", "a&b", "x" * 5_000,
    ],
)  # fmt: skip
def test_malformed_references_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"the name of an image|the name is empty") as caught:
        parse_reference(text)
    assert not is_reference(text)
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize("image_id", ["a1b2c3", "a1" * 32, "sha256:a1b2c3", "sha256:" + "a1" * 32])
def test_an_id_of_an_engine_is_a_reference(image_id: str) -> None:
    assert is_reference(image_id)


@given(st.text("aB.:/@-_5[]", max_size=12))
def test_a_parsed_reference_parses_to_itself(text: str) -> None:
    assert is_same_reference(text, text)
    try:
        reference = parse_reference(text)
    except ValueError:
        return
    assert parse_reference(str(reference)) == reference


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("debian", ("", "debian", "latest")),
        ("localhost:5000/a", ("localhost:5000/", "a", "latest")),
        ("docker.io/library/python:3.12-slim", ("docker.io/library/", "python", "3.12-slim")),
        (f"a.b:1/c/d:2@{DIGEST}", ("a.b:1/c/", "d", "2")),
        ("$REGISTRY/app:${TAG}", ("$REGISTRY/", "app", "${TAG}")),
    ],
)
def test_a_reference_is_split_as_it_is_written(text: str, parts: tuple[str, str, str]) -> None:
    reference = split_reference(text)
    assert (reference.prefix, reference.name, reference.tag) == parts
    assert reference.with_tag("x") == f"{reference.repository}:x"


@pytest.mark.parametrize("text", ["a", "a:1", "h:5/a", "h:5/a:1", "h.i/a/b:1.2"])
def test_the_repository_is_the_one_that_the_engines_library_splits_off(text: str) -> None:
    assert split_reference(text).repository == parse_repository_tag(text)[0]
