"""A context that is copied whole, with nothing to say what stays outside."""

import re
from collections.abc import Iterator

from bot.advise.copy_targets import from_context, is_whole_context
from bot.advise.finding import Finding
from bot.advise.subject import Subject

_USUAL = (".git", ".gitignore", ".github", "Dockerfile", "README.md", ".env", "node_modules")
_DOCKERFILE = re.compile(r"^Dockerfile\.|\.[Dd]ockerfile$")


def find(subject: Subject) -> Iterator[Finding]:
    """The first `COPY` of the whole context, where the context is at hand and has no ignore file."""
    if subject.context is None or subject.context.ignores:
        return
    there = {path.partition("/")[0] for path in subject.context.files}
    others = sorted(name for name in there if _DOCKERFILE.search(name))
    lines = ", ".join(f"`{name}`" for name in (*_USUAL, *others) if name in there)
    copies = [step for step in from_context(subject.steps) if is_whole_context(step)]
    if copies and lines:
        yield Finding(
            copies[0].statement,
            "Write a .dockerignore",
            "Whatever lies in the folder is copied, and whatever changes there builds this line "
            f"anew. To begin with: {lines}.",
        )
