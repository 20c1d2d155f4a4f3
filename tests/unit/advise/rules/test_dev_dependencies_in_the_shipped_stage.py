"""Development dependencies."""

import pytest

from tests.support.rule_inputs import apply_rule, run_rule

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
        "FROM a\nRUN pip install -r requirements.txt",
        "FROM a AS b\nRUN npm ci\nFROM a\nCOPY --from=b /x /x",
    ],
)
def test_not_reported(text: str) -> None:
    assert run_rule(RULE, text) == []


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
    text = 'FROM a\nRUN {}\nCMD ["x"]\n'
    assert apply_rule(RULE, text.format(run)) == text.format(expected)


def test_no_fix_if_the_stage_builds() -> None:
    (finding,) = run_rule(RULE, "FROM a\nRUN npm ci && npm run build\nCMD node dist/x.js\n")
    assert finding.changes == ()
    assert "another stage" in finding.message
