"""A tag that no stand-in bears gets the one of its repository that holds nearly the same."""

import pytest

from tests.support.engine.private_engine import PrivateEngine
from tests.support.engine.recipes import find_recipe


@pytest.mark.parametrize(
    ("image", "stand_in"),
    [
        ("golang:1.21-bullseye", "golang"),
        ("golang:1.19-alpine3.16", "golang-alpine"),
        ("python:3.10-slim-bullseye", "python-slim"),
        ("python:3.9", "python"),
        ("python:3.9-alpine", "python-alpine"),
        ("docker.io/library/python:3.8-buster", "python"),
        ("node:16", "node"),
        ("node:21.1.0-alpine3.18", "node-alpine"),
        ("node:current-slim", "node-slim"),
        ("rust:1.70-slim-buster", "rust-slim"),
        ("rust:1.81", "rust"),
        ("eclipse-temurin:21-jre-alpine", "eclipse-temurin-jre"),
        ("eclipse-temurin:21-jdk", "eclipse-temurin-jdk"),
        ("maven:3.9.6-amazoncorretto-17", "maven"),
        ("php:8.3-apache", "php-apache"),
        ("php:8.1-cli", "php-cli"),
        ("ruby:2.7-slim-bullseye", "ruby-slim"),
        ("debian:11-slim", "debian-slim"),
        ("debian:bullseye", "debian"),
        ("nginx:1.25-alpine", "nginx"),
        ("gcc:11", "gcc"),
    ],
)
def test_the_closest_stand_in_has_the_same_flavour(image: str, stand_in: str) -> None:
    assert find_recipe(image).name == stand_in


def test_the_closest_stand_in_is_tagged_and_announced(
    overlay2_engine: PrivateEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    overlay2_engine.ensure("busybox:1.29-musl")
    stderr = capsys.readouterr().err
    assert "no stand-in for busybox:1.29-musl: busybox:latest takes its place" in stderr
    assert overlay2_engine.docker("run", "--rm", "busybox:1.29-musl", "echo", "here") == "here\n"
