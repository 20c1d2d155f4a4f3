"""Cases of moby/patternmatcher; tests/integration/engine/test_buildx.py asks BuildKit."""

import pytest

from bot.dockerfile.dockerignore import parse_dockerignore


@pytest.mark.parametrize(
    ("patterns", "path", "ignored"),
    [
        ("", "a", False),
        ("# a\n", "a", False),
        ("a", "a", True),
        ("a", "b/a", False),
        ("/a", "a", True),
        ("a/", "a/b/c", True),
        ("*", "a/b", True),
        ("*.md", "a/x.md", False),
        ("**/*.md", "a/b/x.md", True),
        ("**/*.md", "x.md", True),
        ("a/**", "a/b", True),
        ("**", "a/b", True),
        ("*\n!a", "a", False),
        ("*\n!a", "a/b", False),
        ("*\n!a\na/b", "a/b", True),
        ("!a\n*", "a", True),
        ("?.txt", "a.txt", True),
        ("?.txt", "ab.txt", False),
        ("[ab].txt", "a.txt", True),
        ("[ab].txt", "c.txt", False),
        ("readme", "README", False),
        ("a\\*b", "a*b", True),
        ("a\\*b", "axb", False),
        ("./a", "a", True),
        ("b/../a", "a", True),
        ("  a  ", "a", True),
        ("! a", "a", False),
        ("[z-a]", "z", False),
        (".", "a", False),
        ("\ufeffa", "a", True),
    ],
)
def test_patterns(patterns: str, path: str, ignored: bool) -> None:
    assert parse_dockerignore(patterns)(path) is ignored
