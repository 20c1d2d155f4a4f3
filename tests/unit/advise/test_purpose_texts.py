"""Sentences that say what an image is for."""

import pytest

from bot.advise.purpose_texts import find_purpose_text, is_purpose_text
from tests.support.rule_inputs import make_rule_input


@pytest.mark.parametrize(
    "text",
    [
        "NOTE: this Dockerfile is purely for local development! It is not used elsewhere",
        "For development only. Use Dockerfile.release for production.",
        "Image for running the unit tests",
        "This container is used to run the shop test suite on GitHub Actions.",
        "This container is for testing",
        "Build environment of the firmware",
        "The CI image",
        "Used by our CI",
        "used in GitHub Actions",
        "Used only for running tests using tox, see ../tox.ini",
        "Meant to run the unit tests",
        "A container that can compile and run C++ programs",
        "Dockerfile for Java code execution",
        "The image of the autograder",
        "A simple image used in phpunit testing of apps",
    ],
)
def test_work(text: str) -> None:
    assert is_purpose_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "This image is for development and production",
        "See Dockerfile.dev",
        "This file is not for development",
        "Dockerfile for building the image: docker build .",
        "This builds the test image of production",
        "This image is for the test-server",
        "Set the build environment variables",
        "The server of the shop",
        "Used to test-drive the server",
        "Compile the program, and run it",
        "Grades of students",
    ],
)
def test_other_purposes(text: str) -> None:
    assert not is_purpose_text(text)


@pytest.mark.parametrize(
    ("lines", "is_named"),
    [
        ("# CI image\nFROM a", True),
        ("# CI image\n\nFROM a", True),
        ('FROM a\nLABEL org.opencontainers.image.description="CI image of x"', True),
        ('FROM a\nLABEL version=1 description="For development only"', True),
        ('FROM a\nLABEL Description="For development only"', True),
        # What stands above the first of two stages may be about that stage.
        ("# Build image\nFROM a AS b\nFROM c", False),
        ("# This Dockerfile is for local development\nFROM a AS b\nFROM c", True),
        ("FROM a AS b\n# Test image\nFROM c", True),
        ("FROM a\n# CI image\nRUN b", False),
        ('FROM a\nLABEL x="CI image"', False),
    ],
)
def test_where_it_stands(lines: str, is_named: bool) -> None:
    assert bool(find_purpose_text(make_rule_input(f"{lines}\n"))) is is_named
