"""Databases that a project fills with its factories, which need development dependencies."""

import re
from itertools import islice

from bot.advise.subject import RuleInput

# Without `--force`, Laravel asks in production before it does so.
_SEED = re.compile(r"\bartisan (?:db:seed|migrate\S*[^\n]*--seed)\b[^\n]*--force\b")
_SEED_BEHIND = re.compile(r"\bartisan migrate\S*[^\n]*--force\b[^\n]*--seed\b")
_TEXT = re.compile(r"(?:\.(?:md|sh|ya?ml)|(?:^|/)(?:Makefile|Taskfile\S*))$")
_OTHER_TEXT = re.compile(r"(?:^|/)(?:vendor|node_modules)/")
_MAX_TEXTS, _MAX_TEXT_BYTES = 200, 100_000


def seeds_in_production(rule_input: RuleInput) -> bool:
    """Return True if a guide or a script of the context fills a database with `--force`."""
    context = rule_input.context
    sizes = context.file_sizes if context else {}
    paths = (
        path
        for path, size in sizes.items()
        if size <= _MAX_TEXT_BYTES and _TEXT.search(path) and not _OTHER_TEXT.search(path)
    )
    texts = (context.read_text(path) for path in islice(paths, _MAX_TEXTS) if context)
    return any(_SEED.search(text) or _SEED_BEHIND.search(text) for text in texts)
