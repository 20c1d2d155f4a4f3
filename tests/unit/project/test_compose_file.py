"""What is left of a compose file: what builds need, and no file of the machine."""

import json
from typing import Any

import pytest

from bot.project.compose_file import BuildFileMistake, reduce_compose_file, resolve_path


def reduce_services(text: str) -> Any:
    return json.loads(reduce_compose_file(text, "compose.yaml").content)["services"]


def test_only_what_says_how_an_image_is_built_is_left() -> None:
    text = """
        x-build: &build {context: ., args: {V: 1}, secrets: [token], ssh: [default], network: host}
        services:
          api:
            <<: {image: org/api}
            build: *build
            env_file: [/etc/passwd]
            ports: !override ['80:80']
            volumes: ['/:/host']
          short: {build: ./short, environment: {A: b}}
          redis: {image: redis, command: x}
          empty:
        secrets: {token: {file: /etc/shadow}}
        """
    assert reduce_services(text) == {
        "api": {"image": "org/api", "build": {"context": ".", "args": {"V": 1}}},
        "short": {"build": "./short", "environment": {"A": "b"}},
        "redis": {"image": "redis"},
    }


def test_a_variable_that_a_service_requires_to_run_is_left_out() -> None:
    text = """
        services:
          db: {image: "db:${TAG:?set it}", environment: {PASSWORD: "${PASSWORD:?}", A: "${A:-?}"}}
          api:
            build: {context: ., args: [TOKEN, "V=${V:?}"]}
            environment: ["TOKEN=${TOKEN?}", "PASSWORD=x${PASSWORD:?}", B, "C=$C?"]
          web:
            build: {args: {TOKEN: null, D: ""}}
            environment: !override {TOKEN: "${TOKEN:?}", D: "${D:?}"}
          more: {extends: api, environment: ["E=${E:?}"]}
        """
    reduced = reduce_compose_file(text.replace("!override ", ""), "compose.yaml")
    assert json.loads(reduced.content)["services"] == {
        "api": {
            "build": {"context": ".", "args": ["TOKEN", "V=${V:?}"]},
            "environment": ["TOKEN=${TOKEN?}", "B", "C=$C?"],
        },
        "web": {
            "build": {"args": {"TOKEN": None, "D": ""}},
            "environment": {"TOKEN": "${TOKEN:?}"},
        },
        "more": {"extends": "api", "environment": ["E=${E:?}"]},
    }
    assert b"!override" in reduce_compose_file(text, "compose.yaml").content


def test_the_tags_of_builds_are_kept_for_who_merges_files() -> None:
    text = """
        services:
          a: {image: !reset null, build: !override {context: ., args: !reset [X], secrets: [t]}}
          b: !reset {build: .}
        """
    assert reduce_compose_file(text, "compose.yaml").content.decode() == (
        '{"services": {"a": {"image": !reset null, '
        '"build": !override {"context": ".", "args": !reset ["X"]}}, '
        '"b": !reset {"build": "."}}}'
    )


@pytest.mark.parametrize(
    "text",
    [
        "services: {a: {extends: !override {file: /etc/compose.yaml, service: a}}}",
        "services: {a: {extends: {file: !override /etc/compose.yaml, service: a}}}",
        "services: !override {a: {extends: {file: /etc/compose.yaml, service: a}}}",
        "include: !override [/etc/compose.yaml]",
    ],
)
def test_a_tag_hides_no_file_from_what_is_checked(text: str) -> None:
    with pytest.raises(BuildFileMistake, match=r"the tag !override of \w+ is not supported"):
        reduce_compose_file(text, "compose.yaml")


def test_platforms_get_where_every_buildx_reads_them() -> None:
    text = """
        services:
          a: {build: {context: ., platforms: [linux/arm64]}}
          b: {build: {platforms: [linux/arm64], x-bake: {platforms: [linux/386], output: [x]}}}
        """
    assert reduce_services(text) == {
        "a": {"build": {"context": ".", "x-bake": {"platforms": ["linux/arm64"]}}},
        "b": {"build": {"x-bake": {"platforms": ["linux/arm64", "linux/386"]}}},
    }


def test_the_files_that_a_file_reads_are_listed_by_their_paths_in_the_repository() -> None:
    text = """
        include:
          - parts/compose.yaml
          - {path: [../lib/compose.yaml, ./x.yml], project_directory: .., env_file: ../lib/v.env}
        services: {a: {extends: {file: common.yml, service: b}}, c: {extends: a}}
        """
    reduced = reduce_compose_file(text, "deploy/compose.yaml")
    assert reduced.compose_files == (
        *("deploy/common.yml", "deploy/parts/compose.yaml"),
        *("lib/compose.yaml", "deploy/x.yml"),
    )
    assert reduced.variable_files == ("lib/v.env",)


@pytest.mark.parametrize(
    "text",
    [
        "include: [/etc/compose.yaml]",
        "include: [../../compose.yaml]",
        "include: ['${DIR}/compose.yaml']",
        "include: ['oci://registry/app']",
        "include: [{path: a.yaml, env_file: /proc/1/environ}]",
        "include: [{path: a.yaml, project_directory: /root}]",
        "services: {a: {extends: {file: ~/compose.yaml, service: a}}}",
        "services: {a: {extends: {file: /etc/compose.yaml, service: a}}}",
    ],
)
def test_no_file_outside_of_the_repository_is_read(text: str) -> None:
    with pytest.raises(BuildFileMistake, match="not in the repository"):
        reduce_compose_file(text, "deploy/compose.yaml")


@pytest.mark.parametrize(
    ("text", "reason"), [("a: [", "line 1: "), ("- a", "not a mapping"), ("a: 1\na: 2", "line 2: ")]
)
def test_what_is_no_compose_file_is_refused(text: str, reason: str) -> None:
    with pytest.raises(BuildFileMistake, match=reason):
        reduce_compose_file(text, "compose.yaml")


@pytest.mark.parametrize(
    ("text", "has_builds"),
    [
        ("services: {a: {image: x}}", False),
        ("services: {a: {build: .}}", True),
        ("services: {a: {extends: b}, b: {image: x}}", True),
        ("include: [b.yaml]", True),
        ("version: '3'", False),
    ],
)
def test_files_without_builds_need_no_buildx(text: str, has_builds: bool) -> None:
    assert reduce_compose_file(text, "compose.yaml").has_builds == has_builds


@pytest.mark.parametrize(
    ("folder", "path", "resolved"),
    [
        (".", ".", "."),
        (".", "./a//b/", "a/b"),
        ("a/b", "../c", "a/c"),
        ("a", "..", "."),
        ("a", "../..", None),
        ("a", "/a", None),
        ("a", "~/a", None),
        ("a", "b\\c", None),
    ],
)
def test_paths_stay_in_the_repository(folder: str, path: str, resolved: str | None) -> None:
    assert resolve_path(folder, path) == resolved


@pytest.mark.parametrize("value", ["1", "true", "2.5", "text", "[a]"])
def test_an_extension_of_bake_that_is_no_mapping_is_a_mistake(value: str) -> None:
    text = f"services: {{x: {{build: {{context: ., x-bake: {value}}}}}}}"
    with pytest.raises(BuildFileMistake, match="x-bake is not a mapping"):
        reduce_compose_file(text, "compose.yaml")
