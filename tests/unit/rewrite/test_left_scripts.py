"""Scripts of a package.json that call development packages."""

import json

import pytest

from bot.rewrite.left_scripts import describe_left_scripts
from tests.support.rewrite_world import make_facts


def describe(scripts: dict[str, str]) -> str:
    package = json.dumps({"scripts": scripts, "devDependencies": {"migrate": "2", "@db/kit": "1"}})
    modules = "app/node_modules"
    files = (
        f"app/package.json 1kB @3 = {package}\n"
        f"{modules}/migrate/bin/migrate 1kB @4\n{modules}/.bin/migrate -> ../migrate/bin/migrate @4\n"
        f"{modules}/@db/kit/cli.js 1kB @4\n{modules}/.bin/kit -> ../@db/kit/cli.js @4\n"
        f"{modules}/knex/cli.js 1kB @4\n{modules}/.bin/knex -> ../knex/cli.js @4\n"
    )
    return describe_left_scripts(make_facts("FROM x\nWORKDIR /app\nCOPY . .\nRUN npm ci\n", files))


@pytest.mark.parametrize(
    "scripts",
    [
        {"migrate": "knex migrate:latest"},
        {"build": "migrate up"},
        {"dev": "migrate up"},
        {"start": "node server.js"},
        {},
    ],
)
def test_scripts_that_are_not_named(scripts: dict[str, str]) -> None:
    assert describe(scripts) == ""


def test_scripts_that_are_named_with_their_packages() -> None:
    scripts = {"migrate": "migrate up", "db:seed": "cross-env A=1 npx kit seed", "start": "node ."}
    assert describe(scripts) == (
        " Of the scripts in package.json, these call development packages (migrate, @db/kit), which"
        " stay in the build stage: migrate, db:seed."
    )
