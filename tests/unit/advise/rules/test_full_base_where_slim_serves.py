"""Full base images."""

import pytest

from bot.advise.base_images import find_slim_variant
from tests.support.rule_inputs import found, subject

RULE = "full-base-where-slim-serves"


@pytest.mark.parametrize(
    "text",
    [
        "FROM python:3.13-slim\nCOPY a /a",
        "FROM python:3.13-alpine\nCOPY a /a",
        "FROM python:3.13@sha256:0\nCOPY a /a",
        "FROM mirror.example/python:3.13\nCOPY a /a",
        "FROM nginx\nCOPY a /a",
        "FROM golang:1.24\nCOPY a /a",
        "FROM php:8.3\nCOPY a /a",
        "ARG TAG=3.13\nFROM python:$TAG\nCOPY a /a",
        "FROM python:3.13\nRUN gcc a.c",
        "FROM node:22\nRUN git clone u",
        "FROM python:3.13\nRUN apt-get install -y gcc libpq-dev",
        "FROM python:3.13 AS b\nRUN x\nFROM python:3.13-slim\nCOPY --from=b /x /x",
        "# image-size: ignore[full-base-where-slim-serves] we load libmagic\nFROM python\nCOPY a /a",
    ],
)
def test_left_alone(text: str) -> None:
    assert found(RULE, text) == []


@pytest.mark.parametrize(
    ("image", "slim"),
    [
        ("python", "python:slim"),
        ("python:latest", "python:slim"),
        ("python:3.13", "python:3.13-slim"),
        ("python:3.13-bookworm", "python:3.13-slim-bookworm"),
        ("docker.io/library/python:3", "docker.io/library/python:3-slim"),
        ("ruby:3.3.1", "ruby:3.3.1-slim"),
        ("node:20", "node:20-slim"),
        ("node:lts", "node:lts-slim"),
        ("node:20-bookworm", "node:20-bookworm-slim"),
        ("debian", "debian:stable-slim"),
        ("debian:bookworm", "debian:bookworm-slim"),
        ("debian:12", "debian:12-slim"),
        ("python:3.13-windowsservercore", None),
        ("node:20-slim", None),
        ("debian:bookworm-backports", None),
        ("ubuntu:24.04", None),
    ],
)
def test_the_slim_variants(image: str, slim: str | None) -> None:
    assert find_slim_variant(image) == slim


def test_worth_at_least_the_packages_for_building() -> None:
    text = "FROM python:3.13\nCOPY a /a\n"
    world = "FROM p 90MB (deb gcc-12 12 60MB, deb libssl-dev 3 10MB, deb libc6 2 20MB) / COPY a 1MB"
    (finding,) = found(RULE, subject(text, world, "a 1MB @2"))
    assert finding.saving_bytes == 70_000_000


def test_nothing_where_the_base_is_small_already() -> None:
    text = "FROM python:3.13\nCOPY a /a\n"
    world = "FROM p 20MB (deb libc6 2 20MB) / COPY a 1MB"
    assert found(RULE, subject(text, world, "a 1MB @2")) == []


def test_a_bare_distribution_has_no_interpreter_to_keep() -> None:
    (debian,) = found(RULE, "FROM debian:bookworm\nCOPY a /a\n")
    (python,) = found(RULE, "FROM python:3.13\nCOPY a /a\n")
    assert "compilers" not in debian.message
    assert "without documentation" in debian.message
    assert "without compilers" in python.message
