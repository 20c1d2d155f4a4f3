"""The caches of one build, and who gets the token of GitHub's."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.adapters.docker.build_caches import BuildCaches, CacheRules, ProvidedCaches
from bot.model.build_cache import CacheWriter
from bot.model.spec import BuildNeeds, ImageSpec
from bot.project.cache_forms import parse_cache_source, parse_cache_target

GITHUB = {
    "ACTIONS_RUNTIME_TOKEN": "runtime-token",
    "ACTIONS_RESULTS_URL": "https://results.example/",
    "ACTIONS_CACHE_SERVICE_V2": "True",
}
ENVIRONMENT = {**GITHUB, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "x", "GITHUB_TOKEN": "y", "PATH": "/"}
DEFAULT_BRANCH = CacheRules(writer=CacheWriter.DEFAULT_BRANCH)


def provide(
    sources: tuple[str, ...] = (),
    targets: tuple[str, ...] = (),
    rules: CacheRules = DEFAULT_BRANCH,
    *,
    dockerfile: str = "FROM a",
    build_args: dict[str, str] | None = None,
    environment: dict[str, str] = ENVIRONMENT,
    has_limits: bool = False,
    writes: bool = True,
) -> tuple[ProvidedCaches, list[str]]:
    lines: list[str] = []
    caches = BuildCaches(rules, environment, lines.append, lambda: has_limits)
    needs = BuildNeeds(
        cache_from=tuple(map(parse_cache_source, sources)),
        cache_to=tuple(map(parse_cache_target, targets)),
    )
    spec = ImageSpec("api", "Dockerfile", ".", build_args=build_args or {}, needs=needs)
    return caches.provide(spec, dockerfile.encode(), writes=writes), lines


def test_buildx_gets_the_caches_and_no_build_ends_with_one_that_cannot_be_written() -> None:
    provided, lines = provide(
        ("type=gha,scope={image}", "user/app:cache"), ("type=gha,mode=max", "type=inline")
    )
    assert provided.arguments == (
        *("--cache-from", "type=gha,scope=api"),
        *("--cache-from", "type=registry,ref=user/app:cache"),
        *("--cache-to", "type=gha,ignore-error=true,mode=max"),
        *("--cache-to", "type=inline"),
    )
    assert lines == []


def test_the_token_is_there_for_githubs_cache_alone() -> None:
    assert provide(("type=gha",))[0].variables == GITHUB
    assert provide((), ("type=gha",))[0].variables == GITHUB
    assert provide(("user/app:cache",), ("type=inline",))[0].variables == {}
    assert "runtime-token" not in repr(provide(("type=gha",))[0])


@pytest.mark.parametrize(
    ("dockerfile", "build_args"),
    [
        ("# syntax=evil.example/frontend\nFROM a", {}),
        ("#syntax = docker/dockerfile-upstream:master\nFROM a", {}),
        ("// syntax=evil\nFROM a", {}),
        ('{"syntax": "evil"}', {}),
        ("FROM a", {"BUILDKIT_SYNTAX": "evil"}),
    ],
)
def test_a_frontend_of_the_pull_request_gets_no_token(
    dockerfile: str, build_args: dict[str, str]
) -> None:
    provided, lines = provide(
        ("type=gha",), ("type=gha",), dockerfile=dockerfile, build_args=build_args
    )
    assert provided == ProvidedCaches()
    assert lines == [
        "note: the cache type=gha is left out: the frontend that the Dockerfile names would get "
        "the token of the cache"
    ]


def test_dockers_own_frontend_gets_the_cache() -> None:
    provided, _ = provide(("type=gha",), dockerfile="# syntax=docker/dockerfile:1\nFROM a")
    assert provided.arguments == ("--cache-from", "type=gha")


def test_without_a_token_githubs_cache_is_left_out() -> None:
    provided, lines = provide(("type=gha",), environment={"PATH": "/"})
    assert provided == ProvidedCaches()
    assert "ACTIONS_RUNTIME_TOKEN" in lines[0]


def test_what_the_store_of_the_engine_cannot_do_is_said_before_the_build() -> None:
    sources = ("type=gha", "type=local,src=/c", "user/app:cache")
    targets = ("type=gha", "type=local,dest=/c", "type=registry,ref=a", "type=inline")
    provided, lines = provide(sources, targets, has_limits=True)
    assert provided.arguments == (
        *("--cache-from", "type=local,src=/c", "--cache-from", "type=registry,ref=user/app:cache"),
        *("--cache-to", "type=inline"),
    )
    assert provided.variables == {}
    assert len(lines) == 3  # GitHub's cache is left out as source and as target alike
    assert all("image store of this engine" in line for line in lines)


@pytest.mark.parametrize(
    ("writer", "targets"),
    [
        (CacheWriter.DEFAULT_BRANCH, 4),
        (CacheWriter.PULL_REQUEST, 1),
        (CacheWriter.OTHER, 0),
    ],
)
def test_a_pull_request_writes_only_what_no_other_ref_reads(
    writer: CacheWriter, targets: int
) -> None:
    caches = ("type=gha", "type=registry,ref=o/a:cache", "type=local,dest=/c", "type=inline")
    provided, lines = provide((), caches, CacheRules(writer=writer))
    assert provided.arguments.count("--cache-to") == targets
    assert len(lines) == 4 - targets
    assert all("only a push to the default branch may write it" in line for line in lines)


def test_a_person_writes_the_caches_of_the_command_line_and_not_those_of_the_file() -> None:
    chosen = parse_cache_target("type=local,dest=/mine")
    rules = CacheRules(chosen=(chosen,))
    provided, lines = provide((), ("type=local,dest=/mine", "type=registry,ref=a"), rules)
    assert provided.arguments == ("--cache-to", "type=local,ignore-error=true,dest=/mine")
    assert len(lines) == 1


def test_a_trial_of_another_dockerfile_writes_nothing_and_says_nothing() -> None:
    assert provide((), ("type=gha",), writes=False) == (ProvidedCaches(), [])


@pytest.mark.parametrize(
    "committed", ["cache/index.json", "cache", "app/cache/blobs/x", "app/cache/index.json"]
)
def test_a_cache_that_a_commit_has_is_not_read(tmp_path: Path, committed: str) -> None:
    """A pull request could commit one in which the base is larger than it is."""
    rules = replace(
        DEFAULT_BRANCH, root=tmp_path, repository=tmp_path, list_files=lambda: [committed]
    )
    folder = "app/cache" if committed.startswith("app/") else "cache"
    provided, lines = provide((f"type=local,src={folder}",), (f"type=local,dest={folder}",), rules)
    assert provided == ProvidedCaches()
    assert all("part of the commit" in line for line in lines)
    other, _ = provide(("type=local,src=other",), (), rules)
    assert other.arguments == ("--cache-from", f"type=local,src={tmp_path}/other")


def test_a_cache_in_a_repository_below_the_workspace_is_looked_for_there(tmp_path: Path) -> None:
    rules = CacheRules(
        root=tmp_path, repository=tmp_path / "app", list_files=lambda: ["cache/index.json"]
    )
    assert provide(("type=local,src=app/cache",), (), rules)[0] == ProvidedCaches()
    assert provide(("type=local,src=cache",), (), rules)[0].arguments


def test_a_cache_behind_a_link_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "poison").mkdir()
    (tmp_path / "cache").symlink_to("poison")
    rules = CacheRules(root=tmp_path, repository=tmp_path)
    provided, lines = provide(("type=local,src=cache", "type=local,src=cache/below"), (), rules)
    assert provided == ProvidedCaches()
    assert all("behind a symbolic link" in line for line in lines)
