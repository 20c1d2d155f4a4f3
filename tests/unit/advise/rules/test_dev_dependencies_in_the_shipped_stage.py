"""Development dependencies."""

from dataclasses import replace

import pytest

from bot.advise.subject import RuleInput
from bot.dockerfile.build_context import BuildContext
from tests.support.rule_inputs import apply_rule, make_repository, make_rule_input, run_rule

RULE = "dev-dependencies-in-the-shipped-stage"


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\nRUN npm ci --omit=dev",
        "FROM a\nRUN npm ci --production",
        "FROM a\nRUN npm install --only=production",
        "FROM a\nENV NODE_ENV=production\nRUN npm ci",
        "FROM a\nRUN NODE_ENV=production npm ci",
        "FROM a\nRUN npm ci\nRUN npm run build\nRUN npm prune --omit=dev",
        "FROM a\nRUN npm install -g pm2",
        "FROM a\nRUN npm install express",
        'FROM a\nRUN npm ci\nCMD ["npx", "nodemon", "x.js"]',
        "FROM a\nRUN npm ci\nCMD npm run dev",
        'FROM a\nRUN npm ci\nCMD ["node_modules/.bin/ts-node", "x.ts"]',
        'FROM a\nRUN npm ci\nCMD ["next", "dev"]',
        "FROM a\nRUN composer install --no-dev",
        "FROM a\nRUN poetry install --only main",
        "FROM a\nRUN uv sync --no-dev",
        "FROM a\nRUN if $DEV; then poetry install; else poetry install --no-dev; fi",
        'FROM a\nRUN bash -c "if [ $D = 1 ]; then poetry install; else poetry install --only main; fi"',
        "FROM a\nRUN pip install -r requirements.txt",
        "FROM a AS b\nRUN npm ci\nFROM a\nCOPY --from=b /x /x",
    ],
)
def test_not_reported(text: str) -> None:
    start = "" if "CMD" in text else '\nCMD ["node", "x.js"]'
    assert run_rule(RULE, text + start) == []


@pytest.mark.parametrize(
    "lines",
    [
        "RUN npm ci",
        "RUN npm ci\nONBUILD RUN npm prune",
        "RUN npm ci\nCMD bash",
        'ENV NODE_ENV=development\nRUN npm ci\nCMD ["node", "x.js"]',
    ],
)
def test_not_reported_of_images_to_work_in(lines: str) -> None:
    assert run_rule(RULE, f"FROM a\n{lines}\n") == []


@pytest.mark.parametrize(
    ("run", "files"),
    [
        ("npm ci", {"package.json": '{"dependencies": {"a": "1"}}'}),
        ("npm ci", {"app/package.json": '{"devDependencies": {}}', "x": "y"}),
        # What the install reads is downloaded, or copied from another stage.
        ("npm ci", {"README.md": ""}),
        ("npm ci", {"node_modules/a/package.json": "{}"}),
        # It cannot be read, or says nothing of the parts of a workspace.
        ("npm ci", {"package.json": "{"}),
        ("npm ci", {"package.json": '{"workspaces": ["a"], "devDependencies": {"a": "1"}}'}),
        ("pnpm i", {"package.json": '{"devDependencies": {"a": "1"}}', "pnpm-workspace.yaml": ""}),
        ("composer install", {"composer.json": '{"require": {"a/b": "1"}}'}),
        ("poetry install", {"pyproject.toml": "[tool.poetry]\nname = 'a'"}),
        (
            "poetry install",
            {"pyproject.toml": "[tool.poetry.group.docs]\noptional = true\n"},
        ),
        ("uv sync", {"pyproject.toml": "[project]\nname = 'a'"}),
        (
            "uv sync",
            {"pyproject.toml": "[dependency-groups]\ndev = ['x']\n[tool.uv]\ndefault-groups = []"},
        ),
    ],
)
def test_not_reported_if_the_project_declares_none(run: str, files: dict[str, str]) -> None:
    assert run_rule(RULE, _make_input(run, files)) == []


@pytest.mark.parametrize(("name", "count"), [("flink.toml", 0), ("other.toml", 1), ("no.toml", 1)])
def test_the_file_that_is_copied_under_the_name_counts(name: str, count: int) -> None:
    with_dev = "[dependency-groups]\ndev = ['x']"
    files = {"flink.toml": "[project]", "other.toml": with_dev, "pyproject.toml": with_dev}
    run = f"true\nCOPY {name} ./pyproject.toml\nRUN uv sync"
    assert len(run_rule(RULE, _make_input(run, files))) == count


@pytest.mark.parametrize(
    ("run", "files"),
    [
        ("npm ci", {"package.json": '{"devDependencies": {"a": "1"}}'}),
        ("composer install", {"composer.json": '{"require-dev": {"a/b": "1"}}'}),
        ("poetry install", {"pyproject.toml": "[tool.poetry.group.dev.dependencies]\na = '1'"}),
        ("uv sync", {"pyproject.toml": "[dependency-groups]\ndev = ['x']"}),
        ("uv sync", {"pyproject.toml": "[tool.uv]\ndefault-groups = 'all'"}),
    ],
)
def test_reported_if_the_project_declares_some(run: str, files: dict[str, str]) -> None:
    assert len(run_rule(RULE, _make_input(run, files))) == 1


@pytest.mark.parametrize(
    "run",
    [
        "poetry install --only main --no-root\nRUN poetry install --only-root",
        "uv sync --no-default-groups",
        "uv sync --no-group dev",
    ],
)
def test_not_reported_if_an_option_leaves_them_out(run: str) -> None:
    text = "[tool.poetry.group.dev.dependencies]\na = '1'\n[dependency-groups]\ndev = ['x']"
    assert run_rule(RULE, _make_input(run, {"pyproject.toml": text})) == []


def _make_input(run: str, files: dict[str, str]) -> RuleInput:
    context = BuildContext(
        {name: len(text) for name, text in files.items()}, read_text=files.__getitem__
    )
    return make_rule_input(f'FROM a\nRUN {run}\nCMD ["x", "y"]\n', context=context)


@pytest.mark.parametrize(
    "lines",
    [
        "RUN npm ci\nRUN ./node_modules/.bin/lerna bootstrap",
        "RUN npm ci && npx patch-package",
        "RUN npm install && npm run compile",
        "RUN composer install && vendor/bin/phpunit",
        "RUN uv sync\nRUN uv run manage.py collectstatic",
        'RUN ["npm", "install"]',
    ],
)
def test_no_fix_if_a_later_command_uses_one(lines: str) -> None:
    (finding,) = run_rule(RULE, f'FROM a\n{lines}\nCMD ["node", "x.js"]\n')
    assert finding.changes == ()


@pytest.mark.parametrize(
    ("scripts", "count"),
    [
        ('"prod": "npm run build && node x.js", "build": "tsc"', 0),
        ('"prod": "npm run run-it", "run-it": "npm run prod; forever x.js"', 0),
        ('"prod": "node dist/x.js"', 1),
        # What the container starts is not known.
        ('"build": "tsc"', 0),
        ('"prod": 1', 0),
        ('"preprod": "npm run -s b", "b": "babel src -d x", "prod": "node x"', 0),
        ('"prebuild": "babel src", "prod": "node x"', 1),
    ],
)
def test_scripts_that_start_one(scripts: str, count: int) -> None:
    text = f'{{"scripts": {{{scripts}}}, "devDependencies": {{"forever": "1", "@babel/cli": "7"}}}}'
    context = BuildContext({"package.json": len(text)}, read_text=lambda path: text)
    lines = 'FROM a\nRUN npm ci\nCMD ["npm", "run", "prod"]\n'
    assert len(run_rule(RULE, make_rule_input(lines, context=context))) == count


@pytest.mark.parametrize(
    ("start", "script", "count"),
    [
        ('CMD ["sh", "-c", "cd /app && npx prisma migrate deploy; node x.js"]', "", 0),
        ('ENTRYPOINT ["cypress", "run"]', "", 0),
        ('ENTRYPOINT ["./entrypoint.sh"]', "npx prisma migrate deploy\nnode x.js", 0),
        ('ENTRYPOINT ["./entrypoint.sh"]', "cypress run", 0),
        ('ENTRYPOINT ["./entrypoint.sh"]', "# no npx\ntest -f /dev/x && exec node x.js", 1),
        ('CMD ["node", "x.js"]', "npx x", 1),
    ],
)
def test_commands_and_scripts_that_start_one(start: str, script: str, count: int) -> None:
    files = {"package.json": '{"devDependencies": {"cypress": "1"}}', "entrypoint.sh": script}
    context = BuildContext(dict.fromkeys(files, 1), read_text=files.__getitem__)
    text = f"FROM a\nRUN npm ci\n{start}\n"
    assert len(run_rule(RULE, make_rule_input(text, context=context))) == count


@pytest.mark.parametrize(
    ("context", "count"), [(None, 1), (BuildContext(), 1), (BuildContext({"package.json": 1}), 0)]
)
def test_scripts_that_cannot_be_read(context: BuildContext | None, count: int) -> None:
    text = 'FROM a\nRUN npm ci\nCMD ["npm", "run", "prod"]\n'
    assert len(run_rule(RULE, make_rule_input(text, context=context))) == count


@pytest.mark.parametrize(
    ("start", "files", "count"),
    [
        ("node server.js", {"server.js": 'const a = require("webpack")'}, 0),
        ("node server.js", {"server.js": 'const a = require("express")'}, 1),
        # A package brings it that is declared, perhaps one for development.
        ("node server.js", {"server.js": 'const a = require("body-parser")'}, 0),
        ("node server.js", {"server.js": 'import fs from "node:fs"\nimport "path"'}, 1),
        ("node server.js", {"server.js": 'import "@/a"\nimport "lib/b"', "lib/b.js": ""}, 1),
        ("node server", {"server.js": 'import "./a.mjs"', "a.mjs": 'import x from "webpack/y"'}, 0),
        ("node .", {"index.js": 'export * from "./lib"', "lib/index.js": 'import("webpack")'}, 0),
        ("node -r webpack/register x.js", {"x.js": ""}, 0),
        ("npm start", {"server.js": 'require("webpack")'}, 0),
        # A build makes the file, of sources that import it; types are gone then.
        ("node dist/x.js", {"src/x.ts": 'import { a } from "webpack"'}, 0),
        ("node dist/x.js", {"src/x.ts": 'import type { A } from "webpack"'}, 1),
        ("node dist/x.js", {"src/x.test.ts": 'import a from "webpack"'}, 1),
        # A file of that name in another folder is another one.
        (
            "node dist/x.js",
            {"src/a.ts": 'import "./b.js"', "src/b.ts": 'require("webpack")', "src/index.ts": ""},
            0,
        ),
        ("node a.mjs", {"a.mjs": 'import "./b.js"', "b.ts": 'require("webpack")'}, 0),
        # Others load it by its name.
        ("node x.js", {"x.js": "pino({ transport: { target: 'webpack' } })"}, 0),
        ("node dist/x.js", {"src/x.ts": 'app.set("view engine", "webpack")'}, 0),
        ("node dist/x.js", {"src/x.ts": 'log("webpack is not here")'}, 1),
        ("node dist/x.js", {"x.config.js": 'tool("webpack")'}, 1),
        ("./run.sh", {}, 0),
        ("./run.sh", {"run.sh": "exec node x.js"}, 1),
        ("./run.sh", {"run.sh": "php artisan migrate --seed"}, 0),
    ],
)
def test_a_started_file_that_imports_one(start: str, files: dict[str, str], count: int) -> None:
    manifest = '{"dependencies": {"express": "4"}, "devDependencies": {"webpack": "5"}}'
    texts = {"package.json": manifest, **files}
    context = BuildContext(dict.fromkeys(texts, 9), read_text=texts.__getitem__)
    text = f"FROM a\nWORKDIR /app\nCOPY . .\nRUN npm ci\nCMD {start}\n"
    assert len(run_rule(RULE, make_rule_input(text, context=context))) == count


@pytest.mark.parametrize(("start", "count"), [("uv run x", 0), ("uv run --no-dev x", 1)])
def test_uv_installs_them_again_when_it_starts(start: str, count: int) -> None:
    assert len(run_rule(RULE, f"FROM a\nRUN uv sync\nCMD {start}\n")) == count


@pytest.mark.parametrize("removed", ["node_modules", "/app/node_modules", "./web/node_modules/"])
def test_not_reported_if_the_run_removes_them(removed: str) -> None:
    run = f"npm ci && npm run build && rm -rf {removed}"
    assert run_rule(RULE, f'FROM a\nRUN {run}\nCMD ["/x", "y"]\n') == []


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ("npm ci", "npm ci --omit=dev"),
        ("npm install --no-audit", "npm install --omit=dev --no-audit"),
        ("pnpm i --frozen-lockfile", "pnpm i --prod --frozen-lockfile"),
        ("composer install -o", "composer install --no-dev -o"),
        ("poetry install --no-root", "poetry install --only main --no-root"),
        ("uv sync --locked", "uv sync --no-dev --locked"),
    ],
)
def test_the_fix_excludes_development_dependencies(run: str, expected: str) -> None:
    text = 'FROM a\nRUN {}\nCMD ["x", "y"]\n'
    assert apply_rule(RULE, text.format(run)) == text.format(expected)


def test_no_fix_if_a_stage_for_developers_is_on_the_same_one() -> None:
    text = (
        "FROM node AS base\nCOPY . .\nRUN npm ci\nFROM base AS dev\nCMD npm run watch\n"
        'FROM base\nCMD ["node", "x.js"]\n'
    )
    (finding,) = run_rule(RULE, text)
    assert not finding.changes
    assert "The stage `dev` needs them, the program does not." in finding.message


def test_no_fix_if_the_stage_builds() -> None:
    (finding,) = run_rule(RULE, "FROM a\nRUN npm ci && npm run build\nCMD node dist/x.js\n")
    assert finding.changes == ()
    assert "another stage" in finding.message


@pytest.mark.parametrize(
    "run",
    [
        "pip install -r requirements-dev.txt",
        "pip install -r requirements.txt -r dev-requirements.txt",
        "pip3.11 install --no-cache-dir -rrequirements_dev.txt",
        "pip install --requirement=requirements/test.txt",
        "pip install -r requirements/development.txt",
        "pip install -e .[dev]",
        "pip install '.[api,test]'",
        "uv pip install -r requirements.dev.txt",
    ],
)
def test_requirements_for_development_are_reported(run: str) -> None:
    lines = f"RUN pip install -r requirements.txt\nRUN {run}"
    (finding,) = run_rule(RULE, f'FROM python\n{lines}\nCMD ["python3", "app.py"]\n')
    assert finding.changes == ()


@pytest.mark.parametrize("other", ["pip install flask", "pip install -e ./packages/common"])
def test_the_only_requirements_are_those_of_the_program(other: str) -> None:
    lines = f"RUN pip install -r requirements-dev.txt\nRUN {other}"
    assert run_rule(RULE, f'FROM python\n{lines}\nCMD ["python3", "app.py"]\n') == []


@pytest.mark.parametrize(
    "run",
    [
        "pip install -r requirements.txt",
        "pip install -r requirements-devices.txt",
        "pip install -r /dev/stdin",
        "pip install testing",
        "pip install .[redis]",
        "pip install package[test]",
        "pip download -r requirements-dev.txt",
    ],
)
def test_other_requirements_are_not(run: str) -> None:
    assert run_rule(RULE, f'FROM python\nRUN {run}\nCMD ["python3", "app.py"]\n') == []


@pytest.mark.parametrize(
    ("script", "count"), [("cd /repo\npnpm build\n", 0), ("# pnpm build\nnode x.js\n", 1)]
)
def test_a_script_without_a_suffix_may_build(script: str, count: int) -> None:
    files = {
        "package.json": '{"devDependencies": {"jest": "29"}}',
        "a/run.sh": script,
        "run.sh": "",
    }
    context = BuildContext(dict.fromkeys(files, 1), read_text=files.__getitem__)
    text = (
        "FROM a\nRUN pnpm install\nCOPY a/run.sh /usr/bin/smoke\nCOPY src /src\n"
        'ENTRYPOINT ["/usr/bin/smoke"]\n'
    )
    assert len(run_rule(RULE, make_rule_input(text, context=context))) == count


def test_a_copied_script_may_be_in_another_folder() -> None:
    files = {"package.json": '{"devDependencies": {"jest": "29"}}', "run.sh": "pnpm build"}
    context = BuildContext(dict.fromkeys(files, 1), read_text=files.__getitem__)
    text = 'FROM a\nRUN pnpm install\nCOPY a/run.sh /usr/bin/smoke\nCMD ["/usr/bin/smoke"]\n'
    assert run_rule(RULE, make_rule_input(text, context=context)) == []


def test_fixtures_are_loaded_with_a_development_dependency() -> None:
    text = 'FROM a\nRUN composer install && php bin/console doctrine:fixtures:load\nCMD ["x"]\n'
    (finding,) = run_rule(RULE, text)
    assert finding.changes == ()
    assert "The build needs them" in finding.message


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        ("COPY services/a/package*.json ./services/a/\nWORKDIR /app/services/a\nRUN npm ci", 0),
        ("COPY services/b/package*.json ./services/b/\nWORKDIR /app/services/b\nRUN npm ci", 1),
        ("COPY services/a /app/a\nRUN cd a && npm ci", 0),
        ("COPY services ./services\nRUN cd services/b && npm ci", 1),
        ("COPY . .\nRUN cd services/a && npm ci", 0),
        # Where the file comes from is not known.
        ("RUN npm ci", 0),
        ("COPY services/a/package.json /elsewhere/\nRUN npm ci", 0),
    ],
)
def test_the_file_in_the_folder_of_the_install_counts(lines: str, count: int) -> None:
    texts = {
        "services/a/package.json": "{}",
        "services/b/package.json": '{"devDependencies": {"x": "1"}}',
    }
    context = BuildContext(dict.fromkeys(texts, 9), read_text=texts.__getitem__)
    text = f'FROM a\nWORKDIR /app\n{lines}\nCOPY src /src\nCMD ["z", "y"]\n'
    assert len(run_rule(RULE, make_rule_input(text, context=context))) == count


@pytest.mark.parametrize(
    ("start", "workspaces", "count"),
    [
        ("npm run start -w @x/api", '["apps/*"]', 0),
        ("npm run start --workspace=@x/api", '["apps/*"]', 0),
        ("node apps/api/x.js", '["apps/*"]', 0),
    ],
)
def test_a_script_that_starts_one_of_a_workspace(start: str, workspaces: str, count: int) -> None:
    texts = {
        "package.json": f'{{"scripts": {{"api": "{start}"}}, "workspaces": {workspaces}}}',
        "apps/api/package.json": (
            '{"scripts": {"start": "nest start"}, "devDependencies": {"@nestjs/cli": "9"}}'
        ),
    }
    context = BuildContext(dict.fromkeys(texts, 9), read_text=texts.__getitem__)
    text = "FROM a\nWORKDIR /app\nCOPY . .\nRUN npm ci\nCMD npm run api\n"
    assert len(run_rule(RULE, make_rule_input(text, context=context))) == count


@pytest.mark.parametrize(
    ("manifest", "lines", "count"),
    [
        ('"scripts": {"prepare": "husky install"}, "devDependencies": {"husky": "8"}', "", 0),
        ('"scripts": {"postinstall": "node x"}, "devDependencies": {"husky": "8"}', "", 1),
        ('"dependencies": {"@prisma/client": "6"}, "devDependencies": {"prisma": "6"}', "", 0),
        (
            '"dependencies": {"@prisma/client": "6", "prisma": "6"}, "devDependencies": {"a": "6"}',
            "",
            1,
        ),
        # In a stage of its own, the build installs all of them.
        (
            '"dependencies": {"@prisma/client": "6"}, "devDependencies": {"prisma": "6"}',
            "RUN npx prisma generate && npm run build",
            1,
        ),
    ],
)
def test_what_an_install_runs(manifest: str, lines: str, count: int) -> None:
    context = BuildContext({"package.json": 9}, read_text=lambda path: f"{{{manifest}}}")
    text = f"FROM a\nWORKDIR /a\nCOPY . .\nRUN npm install\n{lines}\nCMD node y.js\n"
    assert len(run_rule(RULE, make_rule_input(text, context=context))) == count


@pytest.mark.parametrize(
    ("lines", "compose", "count"),
    [
        ("COPY package.json ./\nRUN npm ci\nCOPY src ./src", "", 1),
        # Developers mount the sources.
        ("COPY package*.json ./\nRUN npm ci", "", 0),
        (
            "COPY . .\nRUN npm ci",
            "services:\n  a:\n    build: .\n    volumes:\n      - .:/app\n",
            0,
        ),
        (
            "COPY . .\nRUN npm ci",
            "services:\n  a:\n    build: .\n    volumes:\n      - ./x:/x\n",
            1,
        ),
    ],
)
def test_sources_that_are_mounted(lines: str, compose: str, count: int) -> None:
    text = '{"devDependencies": {"mocha": "11"}}'
    sizes = {"package.json": len(text)}
    files = {"compose.yml": compose}
    context = make_repository(files, file_sizes=sizes, read_text=lambda path: text)
    looked_at = make_rule_input(f'FROM a\nWORKDIR /app\n{lines}\nCMD ["x", "y"]\n', context=context)
    assert len(run_rule(RULE, replace(looked_at, path="Dockerfile"))) == count


@pytest.mark.parametrize(
    ("run", "count"),
    [
        ("npm ci && npm run build && mv dist /srv && find /tmp -mindepth 1 -delete", 0),
        ("npm ci && npm run build && mv dist /srv && rm -rf /tmp/*", 1),
        ("npm ci && npm run build && mv dist /srv && rm -rf /tmp/app", 0),
        ("npm ci && npm run build && mv dist /srv && rm -rf /tmp/ap", 1),
        ("rm -rf /tmp/app && npm ci && npm run build", 1),
    ],
)
def test_an_install_in_a_folder_that_is_removed(run: str, count: int) -> None:
    text = f'FROM a\nCOPY . /tmp/app\nRUN cd /tmp/app && {run}\nCMD ["x", "y"]\n'
    assert len(run_rule(RULE, text)) == count


@pytest.mark.parametrize(("package", "count"), [("yaml", 0), ("jest", 1)])
def test_a_program_that_imports_a_development_dependency(package: str, count: int) -> None:
    """A shell picks the script that starts, and the build makes its file from the sources."""
    files = {
        "package.json": '{"scripts": {"start": "node dist/x.js"}, "devDependencies": {"yaml": "2"}}',
        "src/x.ts": f'import read from "{package}"',
    }
    context = BuildContext(dict.fromkeys(files, 9), read_text=files.__getitem__)
    text = 'FROM a\nWORKDIR /app\nCOPY . .\nRUN npm ci && npm run build\nCMD ["sh", "-c", "if a; then npm start x; else npm start; fi"]\n'
    assert len(run_rule(RULE, make_rule_input(text, context=context))) == count


@pytest.mark.parametrize(
    ("name", "text", "count"),
    [
        ("docs/deploy.md", "php artisan db:seed --force", 0),
        ("bin/up.sh", "php artisan migrate --seed --force", 0),
        ("Makefile", "up:\n\tphp artisan migrate --force --seed", 0),
        ("README.md", "php artisan db:seed", 1),
        ("README.md", "php artisan migrate --force", 1),
        ("app/Console/Up.php", "artisan db:seed --force", 1),
    ],
)
def test_seeds_of_a_database_need_the_factories(name: str, text: str, count: int) -> None:
    files = {"composer.json": '{"require-dev": {"fakerphp/faker": "1"}}', name: text}
    context = BuildContext(dict.fromkeys(files, 9), read_text=files.__getitem__)
    lines = 'FROM php:8-apache\nCOPY . .\nRUN composer install\nCMD ["apache2-foreground"]\n'
    assert len(run_rule(RULE, make_rule_input(lines, context=context))) == count
