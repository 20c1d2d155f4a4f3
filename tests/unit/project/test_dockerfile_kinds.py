"""Files that are called like Dockerfiles, and which of them are."""

import pytest

from bot.project.dockerfile_kinds import (
    begins_as_dockerfile,
    needs_contents,
    reads_as_dockerfile,
)
from bot.project.image_plan import has_dockerfile_name

DOCKERFILE = b"FROM scratch\nCOPY a /\n"
GO = b"package dockerfile\n\nconst example = `\nFROM scratch\n`\n"


@pytest.mark.parametrize(
    "path",
    [
        "docs/dockerfile.yaml",
        "Dockerfile.png",
        "Dockerfile.tmLanguage",
        "syntaxes/Dockerfile.tmLanguage.json",
        "dockerfile.HTML",
        "containerfile.css",
        "Dockerfile.svg",
        "Dockerfile.prod.bak",
        "Dockerfile.zip",
    ],
)
def test_other_kinds_are_no_dockerfiles(path: str) -> None:
    assert not has_dockerfile_name(path)


@pytest.mark.parametrize("path", ["Dockerfile", "x/dockerfile", "Containerfile", "go.Dockerfile"])
def test_a_plain_name_says_enough(path: str) -> None:
    assert has_dockerfile_name(path)
    assert not needs_contents(path)


@pytest.mark.parametrize("path", ["dockerfile.go", "Dockerfile.js", "Dockerfile.prod", "a.v/b.go"])
def test_other_suffixes_say_too_little(path: str) -> None:
    assert needs_contents(path)


@pytest.mark.parametrize("path", ["Dockerfile.go", "Dockerfile.rs", "dockerfile.ts"])
@pytest.mark.parametrize(
    ("text", "is_dockerfile"),
    [
        (DOCKERFILE, True),
        (b"\xef\xbb\xbf# built by CI\n\n  from golang:1.23 as build\n", True),
        (b"ARG A=1\nARG B=2 \\\n  C=3\nFROM x\n", True),
        (b"# syntax=docker/dockerfile:1\nINCLUDE base\n", True),
        (GO, False),
        (b"// FROM scratch\n", False),
        (b"import { FROM } from './x'\nFROM scratch\n", False),
        (b"", False),
    ],
)
def test_a_source_file_begins_as_what_it_is(path: str, text: bytes, is_dockerfile: bool) -> None:
    assert reads_as_dockerfile(path, text) is is_dockerfile


@pytest.mark.parametrize(
    ("text", "is_dockerfile"),
    [
        (DOCKERFILE, True),
        (b"RUN broken\nFROM scratch\n", True),
        (b"# only notes\n", False),
        (b"\x89\x00\x01FROM", False),
    ],
)
def test_any_other_file_has_a_from(text: bytes, is_dockerfile: bool) -> None:
    assert reads_as_dockerfile("Dockerfile.prod", text) is is_dockerfile


@pytest.mark.parametrize(
    "text",
    [
        DOCKERFILE,
        b"\xef\xbb\xbf# syntax=docker/dockerfile:1\nFROM scratch\n",
        b"# a comment\nARG A=1\nfrom --platform=linux/amd64 debian:12 as build\r\n",
    ],
)
def test_a_file_of_any_name_may_begin_as_a_dockerfile(text: bytes) -> None:
    assert begins_as_dockerfile(text)


@pytest.mark.parametrize(
    "text",
    [
        GO,
        b"",
        b"from os import path\n",
        b"from __future__ import annotations\n",
        b"select 1\nfrom a\n",
        b"Bootstrap: docker\nFrom: debian\n",
    ],
)
def test_a_file_in_another_language_does_not(text: bytes) -> None:
    assert not begins_as_dockerfile(text)
