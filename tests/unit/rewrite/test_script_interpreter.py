"""The interpreter that a program in PATH names."""

import pytest

from bot.rewrite.script_interpreter import is_script_of
from tests.support.rewrite_world import make_facts

TEXT = "FROM ruby:3.3\nRUN gem install tool\n"


@pytest.mark.parametrize(
    ("line", "is_ruby"),
    [
        ("#!/usr/bin/env ruby", True),
        ("#!/usr/local/bin/ruby", True),
        ("#!/usr/bin/ruby3.1 -w", True),
        ("#!/usr/bin/env ruby_executable_hooks", False),
        ("#!/usr/bin/env rubyist", False),
        ("#!/bin/sh", False),
        ("puts 'ruby'", False),
    ],
)
def test_the_first_line_decides(line: str, is_ruby: bool) -> None:
    facts = make_facts(TEXT, f"usr/local/bin/tool 1kB @2 755 = {line}")
    assert is_script_of(facts, "tool", "ruby") == is_ruby


def test_neither_a_missing_nor_a_large_program_is_a_script() -> None:
    facts = make_facts(TEXT, "usr/local/bin/tool 9MB @2 755 = #!/usr/bin/env ruby")
    assert not is_script_of(facts, "tool", "ruby")
    assert not is_script_of(facts, "other", "ruby")


def test_the_program_of_a_system_package_is_none_of_the_application() -> None:
    files = "usr/bin/tool 1kB @2 755 = #!/usr/bin/python3\n"
    assert is_script_of(make_facts(TEXT, files), "tool", "python")
    owned = f"{files}deb tool 1MB @2 brings usr/bin/tool\n"
    assert not is_script_of(make_facts(TEXT, owned), "tool", "python")
