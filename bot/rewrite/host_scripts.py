"""Scripts of a repository that build or publish its image, and cannot run in it."""

import re

from bot.pattern_lists import read_names
from bot.rewrite.build_facts import BuildFacts

_TOOLS = read_names("bot.rewrite", "residue.txt", "host tools")
_SCRIPT = re.compile(r"\.(?:sh|bash)$")
_MAX_SCRIPT_BYTES = 100_000
# A command at the beginning of a line.
_CALL = re.compile(
    rf"^[ \t]*(?:sudo[ \t]+)?({'|'.join(map(re.escape, _TOOLS))})[ \t]", re.MULTILINE
)
# A script that asks whether the program is there does without it.
_QUESTION = r"(?:command -v|which|type|hash)[ \t]+{}\b"


def is_host_script(facts: BuildFacts, path: str) -> bool:
    """Return True for a shell script that calls a program such as docker, which is not there."""
    entry = facts.built.tree[path]
    if not _SCRIPT.search(path) or entry.size > _MAX_SCRIPT_BYTES:
        return False
    text = facts.built.read_text(path)
    return any(
        not facts.built.which(tool) and not re.search(_QUESTION.format(re.escape(tool)), text)
        for tool in _CALL.findall(text)
    )
