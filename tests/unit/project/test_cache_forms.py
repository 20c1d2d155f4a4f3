"""Caches as buildx and docker/build-push-action write them."""

from collections.abc import Callable

import pytest

from bot.model.build_cache import BuildCache, CacheKind, CacheWriter
from bot.project.cache_forms import (
    parse_cache_source,
    parse_cache_target,
    parse_file_cache_source,
    parse_file_cache_target,
)
from bot.project.need_inputs import parse_cache_sources


@pytest.mark.parametrize(
    ("parse", "text", "same"),
    [
        (parse_cache_source, "type=gha", "type=gha"),
        (parse_cache_source, "type=gha,scope=api", "type=gha,scope=api"),
        (parse_cache_source, "user/app:cache", "type=registry,ref=user/app:cache"),
        (parse_cache_source, "type=local,src=/tmp/cache", "type=local,src=/tmp/cache"),
        (parse_cache_source, "Type=registry,Ref=[::1]:5000/a", "type=registry,ref=[::1]:5000/a"),
        (parse_cache_target, "type=gha,mode=max,scope={image}", "type=gha,mode=max,scope={image}"),
        (parse_cache_target, "type=inline", "type=inline"),
        (
            parse_cache_target,
            "type=registry,ref=ghcr.io/o/a:cache,mode=max,image-manifest=true",
            "type=registry,ref=ghcr.io/o/a:cache,mode=max,image-manifest=true",
        ),
    ],
)
def test_a_cache_is_read_as_it_is_written(
    parse: Callable[[str], BuildCache], text: str, same: str
) -> None:
    assert str(parse(text)) == same


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("type=s3,bucket=b,region=r", "not a kind of cache"),
        ("type=gha,url=https://evil.example/", "runner's to set"),
        ("type=gha,token=x", "runner's to set"),
        ("type=gha,scope", "type=KIND,NAME=VALUE"),
        ("type=gha,scope=a,scope=b", "type=KIND,NAME=VALUE"),
        ("type=local", "needs "),
        ("type=registry", "needs ref"),
        ("type=registry,ref=--output", "not the name of an image"),
        ("type=gha scope=a", "neither quotes nor spaces"),
        ('type=gha,"scope=a,b"', "neither quotes nor spaces"),
        ("type=registry,ref=a,src=b", "no field 'src'"),
    ],
)
@pytest.mark.parametrize("parse", [parse_cache_source, parse_cache_target])
def test_what_is_no_cache_is_refused(
    parse: Callable[[str], BuildCache], text: str, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        parse(text)


def test_an_inline_cache_is_read_from_its_image() -> None:
    with pytest.raises(ValueError, match="type=registry,ref=IMAGE"):
        parse_cache_source("type=inline")


@pytest.mark.parametrize("path", ["/var/cache", "../cache", "a/../../b", ".git/cache", "a/.GIT"])
def test_a_file_names_no_folder_outside_of_the_repository(path: str) -> None:
    with pytest.raises(ValueError, match=r"repository|folder of git"):
        parse_file_cache_source(f"type=local,src={path}")
    with pytest.raises(ValueError, match=r"repository|folder of git"):
        parse_file_cache_target(f"type=local,dest={path}")
    assert parse_file_cache_target("type=local,dest=./a/b").folder == "a/b"


def test_an_input_has_a_cache_a_line() -> None:
    caches = parse_cache_sources("type=gha,scope=a\n\n user/app:cache\n")
    assert [str(x) for x in caches] == ["type=gha,scope=a", "type=registry,ref=user/app:cache"]


def test_the_name_of_an_image_is_a_word_of_a_reference() -> None:
    cache = parse_cache_target("type=registry,ref=ghcr.io/o/cache:{image}")
    placed = cache.place_image("services/API/Dockerfile-linux/arm64")
    assert str(placed).endswith("ref=ghcr.io/o/cache:services-api-dockerfile-linux-arm64")
    assert str(cache.place_image("/")).endswith("cache:image")


@pytest.mark.parametrize(
    ("writer", "kinds"),
    [
        (CacheWriter.DEFAULT_BRANCH, set(CacheKind)),
        (CacheWriter.PULL_REQUEST, {CacheKind.GHA}),
        (CacheWriter.OTHER, set()),
    ],
)
def test_only_the_default_branch_writes_what_others_read(
    writer: CacheWriter, kinds: set[CacheKind]
) -> None:
    assert {kind for kind in CacheKind if writer.may_write(BuildCache(kind))} == kinds
