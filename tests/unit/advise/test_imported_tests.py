"""Folders of tests from which a program imports."""

import pytest

from bot.dockerfile.build_context import BuildContext
from tests.support.rule_inputs import make_rule_input, run_rule


@pytest.mark.parametrize(
    ("name", "text", "count"),
    [
        ("seed.js", 'const users = require("./test/fixtures/users");', 0),
        ("src/demo/load.ts", 'import users from "../../test/users"', 0),
        ("manage.py", "from test.factories import UserFactory", 0),
        ("src/demo/load.ts", 'import users from "./test/users"', 1),
        ("src/load.js", 'require("test/users")', 1),
        ("src/load.test.js", 'require("../test/users")', 1),
        ("jest.setup.js", 'require("./test/settings")', 1),
        ("jest.config.js", 'require("./test/settings")', 1),
        ("scripts/run.js", 'require("../test/settings")', 1),
        ("manage.py", "import testing", 1),
        ("pack/run.py", "from test.factories import UserFactory", 0),
        ("README.md", 'require("./test/users")', 1),
    ],
)
def test_tests_that_other_sources_import(name: str, text: str, count: int) -> None:
    context = BuildContext(
        {"test/fixtures/users.js": 50_000, name: 99}, read_text=lambda path: text
    )
    rule_input = make_rule_input("FROM node\nCOPY . /app\nCMD node /app/x.js\n", context=context)
    assert len(run_rule("needless-files-copied", rule_input)) == count


def test_a_package_has_tests_of_its_own() -> None:
    text = "from test.factories import UserFactory"
    sizes = {"test/x.py": 50_000, "pack/run.py": 99, "pack/test/factories.py": 99}
    context = BuildContext(sizes, read_text=lambda path: text)
    rule_input = make_rule_input("FROM a\nCOPY . /app\nCMD python /app/x.py\n", context=context)
    assert len(run_rule("needless-files-copied", rule_input)) == 1
