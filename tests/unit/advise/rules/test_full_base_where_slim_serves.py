"""Full base images."""

import pytest

from bot.advise.base_images import find_slim_variant
from tests.support.rule_inputs import make_rule_input, run_rule

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
def test_not_reported(text: str) -> None:
    assert run_rule(RULE, text) == []


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


def test_saving_is_the_size_of_the_build_packages() -> None:
    text = "FROM python:3.13\nCOPY a /a\n"
    world = "FROM p 90MB (deb gcc-12 12 60MB, deb libssl-dev 3 10MB, deb libc6 2 20MB) / COPY a 1MB"
    (finding,) = run_rule(RULE, make_rule_input(text, world, "a 1MB @2"))
    assert finding.saving_bytes == 70_000_000


def test_not_reported_if_the_base_has_no_build_packages() -> None:
    text = "FROM python:3.13\nCOPY a /a\n"
    world = "FROM p 20MB (deb libc6 2 20MB) / COPY a 1MB"
    assert run_rule(RULE, make_rule_input(text, world, "a 1MB @2")) == []


def test_the_message_for_a_bare_distribution() -> None:
    (debian,) = run_rule(RULE, "FROM debian:bookworm\nCOPY a /a\n")
    (python,) = run_rule(RULE, "FROM python:3.13\nCOPY a /a\n")
    assert "compilers" not in debian.message
    assert "without documentation" in debian.message
    assert "without compilers" in python.message
