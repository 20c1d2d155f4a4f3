"""Tests that a project runs in the containers of its image: by compose, in scripts, and in CI."""

import posixpath
import re

from bot.advise.compose_uses import list_compose_uses
from bot.advise.subject import RuleInput

_TEST = (
    r"(?<![\w./-])(?:(?:unit|e2e)-?)?"
    r"(?:tests?|pytest|phpunit|rspec|jest|mocha|vitest|tox)(?![\w./])"
)
_TEST_COMMAND = re.compile(_TEST)
# `docker-compose exec -T web npm run test-cov`
_CONTAINER_TEST = re.compile(
    rf"\bdocker(?:[ -]compose)?\b[^\n;&|]*\s(?:run|exec)\s[^\n;&|]*{_TEST}"
)
_FILES = (
    "Makefile",
    "Jenkinsfile",
    "build.sh",
    "test.sh",
    "bin/test",
    ".travis.yml",
    ".gitlab-ci.yml",
    ".circleci/config.yml",
)


def runs_tests_in_container(rule_input: RuleInput) -> bool:
    """Return True if a compose file, a script or CI starts the tests in a container.

    The image then needs what they need, and them. `build.sh` of instructure/canvas-rce-api does so.
    """
    uses = rule_input.ask_once(list_compose_uses)
    if any(runs_test(use.command) for use in uses):
        return True
    context, folder = rule_input.context, posixpath.dirname(rule_input.path)
    paths = {posixpath.join(parent, name) for parent in ("", folder) for name in _FILES}
    texts = (context.read_repository_text(path) for path in sorted(paths) if context)
    return any(map(_CONTAINER_TEST.search, texts))


def runs_test(command: str) -> bool:
    """Return True for a command that starts the tests of a project."""
    return bool(_TEST_COMMAND.search(command))
