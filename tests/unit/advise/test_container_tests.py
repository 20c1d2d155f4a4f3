"""Tests that run in containers."""

from dataclasses import replace

import pytest

from bot.advise.container_tests import runs_tests_in_container
from tests.support.rule_inputs import make_repository, make_rule_input


@pytest.mark.parametrize(
    ("path", "text", "is_run"),
    [
        ("build.sh", "docker-compose exec -T web npm run test-cov\n", True),
        ("Makefile", "check:\n\tdocker compose run --rm web pytest -q\n", True),
        ("api/Makefile", "check:\n\tdocker run app phpunit\n", True),
        (".travis.yml", "script:\n  - docker run app rspec\n", True),
        ("compose.yml", "services:\n  a:\n    build: api\n    command: npm run test\n", True),
        ("compose.yml", "services:\n  a:\n    build: api\n    command: npm start\n", False),
        ("Makefile", "check:\n\tnpm test\n", False),
        ("Makefile", "up:\n\tdocker run app ./latest\n", False),
        ("Makefile", "up:\n\tdocker run app; npm test\n", False),
        ("other.sh", "docker run app pytest\n", False),
    ],
)
def test_who_runs_them(path: str, text: str, is_run: bool) -> None:
    context = make_repository({path: text})
    looked_at = replace(make_rule_input("FROM a\n", context=context), path="api/Dockerfile")
    assert runs_tests_in_container(looked_at) is is_run
