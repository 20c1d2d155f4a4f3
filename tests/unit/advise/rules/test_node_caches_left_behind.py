"""npm's, Yarn's and pnpm's caches."""

import pytest

from bot.advise.finding import FixSafety
from bot.dockerfile.build_context import BuildContext
from tests.support.rule_inputs import apply_rule, make_rule_input, run_rule

RULE = "node-caches-left-behind"


@pytest.mark.parametrize(
    "text",
    [
        "FROM node\nRUN npm ci && npm cache clean --force",
        "FROM node\nRUN npm ci && rm -rf /root/.npm",
        "FROM node\nRUN npm ci && rm -rf ~/.npm/_cacache",
        "FROM node\nRUN npm ci && rm -rf /root/.n*",
        "FROM node\nRUN npm ci && find /root /tmp -mindepth 1 -delete",
        "FROM node\nRUN npm ci && rm -rf /root/.npm*",
        "FROM node\nRUN --mount=type=cache,target=/root/.npm npm ci",
        "FROM node\nRUN yarn install && yarn cache clean",
        "FROM node\nRUN yarn && yarn cache clean --all",
        "FROM node\nRUN --mount=type=cache,target=/usr/local/share/.cache yarn install",
        "FROM node\nRUN pnpm install && pnpm store prune",
        "FROM node\nRUN npm ci --cache /tmp/c && rm -rf /tmp/c",
        "FROM node\nRUN npm ci --cache=/tmp/c && rm -rf /tmp/*",
        "FROM node\nENV npm_config_cache=/c\nRUN --mount=type=cache,target=/c npm ci",
        "FROM node\nENV NPM_CONFIG_CACHE=/c\nRUN npm ci && rm -rf /c",
        "FROM node\nENV YARN_CACHE_FOLDER=/c\nRUN --mount=type=cache,target=/c yarn install",
        "FROM node\nRUN npm config set cache /dev/shm && npm ci",
        "FROM node\nRUN npm ci && npm cache rm --force",
        "FROM node\nRUN bash -c 'npm ci && npm cache clean --force'",
        "FROM node\nRUN npm ci\nRUN npm rebuild && npm ci --prefer-offline",
        "FROM node\nRUN yarn --version",
        "FROM node\nRUN yarn -v && yarn --help",
        "FROM node\nRUN yarn global bin",
        "FROM node\nCOPY package.json .yarnrc.yml ./\nRUN yarn install",
        "FROM node\nRUN yarn install --immutable",
        "FROM node\nRUN pnpm fetch\nRUN pnpm store path",
        "FROM node\nRUN pnpm install --frozen-lockfile",
        "FROM node\nCOPY package.json pnpm-lock.yaml ./\nRUN pnpm i --prod",
        "FROM node\nRUN --mount=type=cache,id=pnpm,target=/pnpm/store pnpm install",
        "FROM node\nRUN --mount=type=cache,target=/root npm ci",
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
        ("npm in", "npm cache clean --force"),
        ("npm --loglevel warn ci", "npm cache clean --force"),
        ("npm ci && npm cache verify", "npm cache clean --force"),
        ("npm ci --help; npm ci && rm -rf /tmp/x", "npm cache clean --force"),
        ("/opt/node/bin/npm ci", "/opt/node/bin/npm cache clean --force"),
        ("HOME=/h npm ci", "HOME=/h npm cache clean --force"),
        ("yarn", "yarn cache clean"),
        ("yarn global add x", "yarn cache clean"),
        ("yarn --frozen-lockfile", "yarn cache clean"),
        (
            "npm i -g pnpm && pnpm i",
            "npm cache clean --force \\\n    && pnpm store prune",
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


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        # The program is there in the branch alone.
        (
            "if [ -f p ]; then . nvm.sh && npm ci; fi",
            "if [ -f p ]; then . nvm.sh && npm ci && npm cache clean --force; fi",
        ),
        ("test -f p && npm ci; ls", "test -f p && npm ci && npm cache clean --force; ls"),
        ("(cd a && npm ci); ls", "(cd a && npm ci && npm cache clean --force); ls"),
        ("bin/yarn && cd web && ls", "bin/yarn && bin/yarn cache clean && cd web && ls"),
        # The program is removed before the end.
        (
            "npm ci && apt-get purge -y npm",
            "npm ci && npm cache clean --force && apt-get purge -y npm",
        ),
        (
            "npm ci && rm -rf /usr/local/bin/npm",
            "npm ci && npm cache clean --force && rm -rf /usr/local/bin/npm",
        ),
    ],
)
def test_the_fix_is_where_the_program_is(run: str, expected: str) -> None:
    assert apply_rule(RULE, f"FROM node\nRUN {run}\n") == f"FROM node\nRUN {expected}\n"


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ("npm ci && rm -rf /tmp/*", "npm ci && {clean} && rm -rf /tmp/*"),
        (
            "npm ci && npm cache verify && rm -r /tmp",
            "npm ci && npm cache verify && {clean} && rm -r /tmp",
        ),
        (
            "npm ci; rm -rf /var/lib/apt/lists/* /tmp/*",
            "npm ci; {clean}; rm -rf /var/lib/apt/lists/* /tmp/*",
        ),
        (
            "npm ci && find /tmp -mindepth 1 -delete",
            "npm ci && {clean} && find /tmp -mindepth 1 -delete",
        ),
        ("cd /tmp && npm ci && rm -rf *", "cd /tmp && npm ci && {clean} && rm -rf *"),
        (
            "npm ci \\\n  && rm -rf /tmp/* \\\n  && ls",
            "npm ci \\\n  && {clean} \\\n  && rm -rf /tmp/* \\\n  && ls",
        ),
        ("npm ci && \\\n  rm -rf /tmp/*", "npm ci && \\\n  {clean} && \\\n  rm -rf /tmp/*"),
        (
            "rm -rf /tmp/*; npm ci; rm -rf /tmp/x",
            "rm -rf /tmp/*; npm ci; rm -rf /tmp/x \\\n    && {clean}",
        ),
        # No build is sure to reach the removal.
        ("npm ci || rm -rf /tmp/*", "npm ci || rm -rf /tmp/* \\\n    && {clean}"),
        (
            "npm ci; test -d /x && rm -rf /tmp/*",
            "npm ci; test -d /x && rm -rf /tmp/* \\\n    && {clean}",
        ),
        (
            "npm ci; if a; then rm -rf /tmp/*; fi",
            "npm ci; if a; then rm -rf /tmp/*; fi \\\n    && {clean}",
        ),
        ("npm ci; bash -c 'rm -rf /tmp/*'", "npm ci; bash -c 'rm -rf /tmp/*' \\\n    && {clean}"),
    ],
)
def test_the_fix_is_before_a_removal_of_temporary_files(run: str, expected: str) -> None:
    fixed = expected.format(clean="npm cache clean --force")
    assert apply_rule(RULE, f"FROM node\nRUN {run}\n") == f"FROM node\nRUN {fixed}\n"


@pytest.mark.parametrize(
    "run",
    [
        "npm ci; exit 0",
        "bash -lc 'npm ci'",
        'bash -c "source nvm.sh && npm ci"',
        'su app -c "npm ci"',
        '["npm","ci"]',
        '["bash","-c","npm ci"]',
        "npm ci --cache /c",
        # `set -e` does not count what is left of `&&`.
        "set -e; (cd a; npm ci); ls",
        "npm ci | tee log; apt-get purge -y npm",
        "! npm ci; apt-get purge -y npm",
        "$(which npm) ci || npm ci; rm -rf /usr/bin/npm",
    ],
)
def test_no_fix_where_it_could_change_the_build(run: str) -> None:
    findings = run_rule(RULE, f"FROM node\nRUN {run}\n")
    assert [finding.changes for finding in findings] in ([()], [])


@pytest.mark.parametrize("later", ["RUN rm -r ~/.npm", "RUN rm /root/.npm/_cacache/*"])
def test_no_fix_if_a_later_line_fails_without_the_cache(later: str) -> None:
    (finding,) = run_rule(RULE, f"FROM node\nRUN npm ci\n{later}\n")
    assert (finding.changes, finding.safety) == ((), FixSafety.MANUAL)
    assert finding.message.endswith("Line 3 fails if nothing is stored there: change it first.")


def test_sudo_cleans_the_cache_that_it_filled() -> None:
    text = "FROM node\nUSER node\nRUN sudo npm i -g x\n"
    (finding,) = run_rule(RULE, text)
    assert finding.safety is FixSafety.NEEDS_CHECK
    assert apply_rule(RULE, text).endswith("&& sudo npm cache clean --force\n")


@pytest.mark.parametrize(("linker", "count"), [("node-modules", 1), ("pnp", 0)])
def test_yarn_loads_packages_from_its_cache_unless_it_links_them(linker: str, count: int) -> None:
    context = BuildContext({".yarnrc.yml": 9}, read_text=lambda path: f"nodeLinker: {linker}\n")
    rule_input = make_rule_input("FROM node\nCOPY . .\nRUN yarn install\n", context=context)
    assert [x.safety for x in run_rule(RULE, rule_input)] == [FixSafety.NEEDS_CHECK] * count


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        (
            "npm ci && npm cache clean --force && npm i -g x",
            "npm ci && npm i -g x \\\n    && npm cache clean --force",
        ),
        ("(cd a && npm ci) && (cd b && npm ci)", "(cd a && npm ci) && (cd b && npm ci && {})"),
        (
            "if a; then npm ci; fi && if b; then npm ci; fi",
            "if a; then npm ci && {}; fi && if b; then npm ci && {}; fi",
        ),
    ],
)
def test_the_cleanup_is_written_once_if_it_runs(run: str, expected: str) -> None:
    saved = expected.replace("{}", "npm cache clean --force")
    assert apply_rule(RULE, f"FROM node\nRUN {run}\n") == f"FROM node\nRUN {saved}\n"


@pytest.mark.parametrize(
    ("copied", "count"), [("package.json", 0), ("package.json .yarnrc.yml", 1), (".yarn* .", 1)]
)
def test_yarn_reads_settings_that_are_copied_before_it_runs(copied: str, count: int) -> None:
    context = BuildContext({".yarnrc.yml": 9}, read_text=lambda path: "nodeLinker: node-modules\n")
    text = f"FROM node\nCOPY {copied} ./\nRUN yarn install --immutable\nCOPY . .\n"
    assert len(run_rule(RULE, make_rule_input(text, context=context))) == count


def test_a_line_that_sets_the_linker_of_yarn() -> None:
    text = "FROM node\nRUN yarn config set nodeLinker node-modules && yarn install --immutable\n"
    assert len(run_rule(RULE, text)) == 1


@pytest.mark.parametrize(
    ("run", "count"),
    [
        ("cd /tmp/a && pnpm install", 0),
        ("cd /tmp/a/web && if [ -f yarn.lock ]; then yarn install; else pnpm install; fi", 0),
        ("cd /tmp/a && npm ci && npm run build && cp -r dist /srv", 1),
        ("cd /tmp/ab && npm ci", 1),
    ],
)
def test_what_is_installed_in_a_mount_leaves_only_the_cache(run: str, count: int) -> None:
    mount = "--mount=type=bind,from=b,target=/tmp/a,readwrite"
    assert len(run_rule(RULE, f"FROM node\nRUN {mount} {run}\n")) == count


def test_a_search_in_the_home_may_leave_the_cache() -> None:
    assert len(run_rule(RULE, "FROM node\nRUN npm ci && find /root -name x -delete\n")) == 1


def test_npm_empties_its_cache_before_it_is_removed() -> None:
    text = "FROM a\nRUN npm install -g x && rpm -e npm\n"
    assert apply_rule(RULE, text) == (
        "FROM a\nRUN npm install -g x && npm cache clean --force && rpm -e npm\n"
    )
