"""The interpreter that a program in PATH names in its first line."""

import re

from bot.rewrite.build_facts import BuildFacts

_MAX_SCRIPT_BYTES = 1 << 20  # above, it is an archive of programs or data


def is_script_of(facts: BuildFacts, program: str, interpreter: str) -> bool:
    """Return True if a program begins with `#!` and an interpreter: `ruby`, `/usr/bin/ruby3.1`.

    Not if it belongs to a system package: supervisord is in Python, and starts any program.
    """
    path = facts.built.find_program(program)
    entry = facts.built.tree.get(path or "")
    if path is None or entry is None or entry.size > _MAX_SCRIPT_BYTES:
        return False
    if facts.package_graph.find_owner(path) is not None:
        return False
    first_line = facts.built.read_text(path).partition("\n")[0]
    return bool(re.match(rf"#!.*\b{interpreter}[\d.]*(?!\S)", first_line))
