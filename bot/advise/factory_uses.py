"""Demonstration data that a Ruby program makes with the factories of its tests."""

import re
from itertools import islice

from bot.advise.subject import RuleInput

# Of factory_bot and its old name, which look for definitions in `spec` and `test`.
_FACTORY = re.compile(r"\bFactory(?:Bot|Girl)\b|\bfactory_(?:bot|girl)(?:_rails)?\b")
# Tasks, seeds and settings: what a container runs to fill its database.
_DATA_SOURCE = re.compile(
    r"(?:lib|db/seeds?|config)(?:/[^/]+)*/[^/]+\.(?:rb|rake|ya?ml)|db/seeds\.rb"
)
_TRANSLATION = re.compile(r"/(?:locales|environments)/")
# `BUNDLE_WITHOUT="development test"`, `bundle install --without test`: no factory_bot either.
_WITHOUT_TESTS = re.compile(r"without\b[^\n]*\btest\b", re.IGNORECASE)
_MAX_SOURCES, _MAX_SOURCE_BYTES = 1_000, 100_000


def uses_test_factories(rule_input: RuleInput) -> bool:
    """Return True if tasks or seeds of the context use factories, and the image has their gem."""
    context = rule_input.context
    if context is None or "Gemfile" not in context.file_sizes:
        return False
    if any(_WITHOUT_TESTS.search(step.instruction.text) for step in rule_input.steps):
        return False
    paths = (
        path
        for path, size in context.file_sizes.items()
        if size <= _MAX_SOURCE_BYTES
        and _DATA_SOURCE.fullmatch(path)
        and not _TRANSLATION.search(path)
    )
    return any(map(_FACTORY.search, map(context.read_text, islice(paths, _MAX_SOURCES))))
