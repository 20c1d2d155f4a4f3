"""Frontends that read ignore files as BuildKit's own does."""

import pytest

from bot.dockerfile.frontends import has_known_frontend


@pytest.mark.parametrize(
    ("text", "is_known"),
    [
        ("FROM x\n", True),
        ("# syntax=docker/dockerfile:1\nFROM x\n", True),
        ("# syntax = docker.io/docker/dockerfile:1.7-labs\nFROM x\n", True),
        ("# Syntax=docker/dockerfile:1.10.0\r\nFROM x\n", True),
        ("#syntax=docker/dockerfile\nFROM x\n", True),
        ("# syntax=docker/dockerfile:1.0\nFROM x\n", False),
        ("# syntax=docker/dockerfile:1.0-experimental\nFROM x\n", False),
        ("# syntax=docker/dockerfile:1.4@sha256:0123\nFROM x\n", False),
        ("# syntax=example.com/frontend\nFROM x\n", False),
        ("// syntax=example.com/frontend\n", False),
        ('{"syntax": "example.com/frontend"}', False),
        ('{"\\u0073yntax": "example.com/frontend"}', False),
        ('#!/usr/bin/env x\n{"\\u0073yntax": "x"}', False),
        ("\ufeff# syntax=example.com/frontend\nFROM x\n", False),
        ("# escape=`\n# syntax=example.com/frontend\nFROM x\n", False),
    ],
)
def test_the_frontend_of_a_text(text: str, *, is_known: bool) -> None:
    assert has_known_frontend(text.encode(), {}) is is_known


def test_a_build_argument_can_name_the_frontend() -> None:
    assert has_known_frontend(b"FROM x\n", {"BUILDKIT_SYNTAX": "docker/dockerfile:1"})
    assert not has_known_frontend(b"FROM x\n", {"BUILDKIT_SYNTAX": "example.com/frontend"})
