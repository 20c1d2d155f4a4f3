"""npm's, Yarn's and pnpm's caches."""

import pytest

from tests.support.rule_inputs import apply_rule, make_rule_input, run_rule

RULE = "node-caches-left-behind"


@pytest.mark.parametrize(
    "text",
    [
        "FROM node\nRUN npm ci && npm cache clean --force",
        "FROM node\nRUN npm ci && rm -rf /root/.npm",
        "FROM node\nRUN npm ci && rm -rf ~/.npm/_cacache",
        "FROM node\nRUN --mount=type=cache,target=/root/.npm npm ci",
        "FROM node\nRUN yarn install && yarn cache clean",
        "FROM node\nRUN yarn && yarn cache clean --all",
        "FROM node\nRUN --mount=type=cache,target=/usr/local/share/.cache yarn install",
        "FROM node\nRUN pnpm install && pnpm store prune",
        "FROM node\nRUN npm run build",
        "FROM node\nRUN npm test",
        "FROM node\nRUN yarn build",
        "FROM node\nRUN npm config set x y",
        "FROM node AS a\nRUN npm ci\nFROM nginx\nCOPY --from=a /dist /x",
    ],
)
def test_not_reported(text: str) -> None:
    assert run_rule(RULE, text) == []


@pytest.mark.parametrize(
    ("run", "added"),
    [
        ("npm i", "npm cache clean --force"),
        ("npm --prefix web ci", "npm cache clean --force"),
        ("yarn", "yarn cache clean"),
        ("yarn --frozen-lockfile", "yarn cache clean"),
        (
            "npm i -g pnpm && pnpm i",
            'npm cache clean --force && rm -rf ~/.cache/pnpm "$(pnpm store path)"',
        ),
    ],
)
def test_the_fix_empties_the_cache_in_the_same_run(run: str, added: str) -> None:
    expected = f"FROM node\nRUN {run} \\\n    && {added}\n"
    assert apply_rule(RULE, f"FROM node\nRUN {run}\n") == expected


def test_hard_linked_modules_do_not_count() -> None:
    tree = "root/.npm/_cacache/a 4MB @2, app/node_modules/x 9MB @2"
    looked_at = make_rule_input("FROM node\nRUN npm ci\n", "FROM node 90MB / RUN npm 20MB", tree)
    assert [finding.saving_bytes for finding in run_rule(RULE, looked_at)] == [4_000_000]
