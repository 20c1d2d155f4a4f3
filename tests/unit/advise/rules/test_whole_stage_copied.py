"""Build folders that are copied whole."""

import pytest

from bot.advise.finding import FixSafety
from tests.support.rule_inputs import apply_rule, make_rule_input, run_rule
from tests.support.seeds import FRONT_END

RULE = "whole-stage-copied"
BUILD = "FROM node AS b\nWORKDIR /app\nCOPY . .\nRUN npm ci && npm run build\n"
WORLD = "FROM node 90MB / COPY x 40MB"


@pytest.mark.parametrize(
    "text",
    [
        BUILD + "FROM nginx\nCOPY --from=b /app/dist /usr/share/nginx/html",
        BUILD + "FROM node\nCOPY --from=b /app /app\nCMD node app.js",
        "FROM node AS b\nWORKDIR /app\nCOPY . .\nFROM nginx\nCOPY --from=b /app /x",
        "FROM alpine AS b\nRUN make\nFROM scratch\nCOPY --from=b / /",
        "FROM alpine AS b\nRUN make\nFROM alpine\nCOPY --from=b / /rootfs",
        BUILD + "FROM nginx\nCOPY --from=php /app /x",
        "FROM tonistiigi/xx AS xx\nFROM golang\nCOPY --from=xx / /",
        "FROM --platform=$BUILDPLATFORM tonistiigi/xx:1.4.0 AS xx\nFROM golang\nCOPY --from=xx / /",
        "FROM crazymax/osxcross:11.3 AS x\nFROM golang\nCOPY --from=x / /",
        "FROM example/s6-overlay AS x\nFROM debian\nCOPY --from=x / /",
        "FROM scratch AS x\nCOPY rootfs /\nFROM debian\nCOPY --from=x / /",
        BUILD + "FROM nginx\nCOPY --from=b /app/dist /app/public /x/",
    ],
)
def test_not_reported(text: str) -> None:
    assert run_rule(RULE, text) == []


def test_a_copied_root_is_reported() -> None:
    (finding,) = run_rule(RULE, "FROM a AS b\nRUN make\nFROM c\nCOPY --from=b / /\n")
    assert finding.changes == ()


def test_the_fix_copies_the_folder_with_the_start_page() -> None:
    """The third seed, with what its image holds."""
    tree = (
        "var/www/html/dist/index.html 1kB @2, var/www/html/node_modules/x 30MB @2,"
        " var/www/html/index.html 1kB @2, var/www/html/public/index.html 1kB @2"
    )
    looked_at = make_rule_input(FRONT_END["Dockerfile"], _seed_world(), tree.replace("@2", "@8"))
    (finding,) = run_rule(RULE, looked_at)
    assert finding.saving_bytes == 30_000_000 + 2_000
    assert finding.safety is FixSafety.NEEDS_CHECK
    assert apply_rule(RULE, looked_at) == FRONT_END["Dockerfile"].replace(
        "--from=builder /app ", "--from=builder /app/dist "
    )


def test_no_fix_if_two_folders_have_a_start_page() -> None:
    text = BUILD + "FROM nginx\nCOPY --from=b /app /x\n"
    tree = "x/dist/index.html 1kB @6, x/build/index.html 1kB @6"
    world = " / ".join(["FROM nginx 90MB", *["ENV a 0B"] * 4, "COPY x 40MB"])
    (finding,) = run_rule(RULE, make_rule_input(text, world, tree))
    assert finding.changes == ()


def _seed_world() -> str:
    """Return the image of the seed's Dockerfile up to its `COPY --from`, a file a line."""
    return " / ".join(["FROM nginx 90MB", *["ENV a 0B"] * 6, "COPY x 40MB"])


@pytest.mark.parametrize(
    ("start", "count"), [("CMD node /api/server.js", 0), ("CMD nginx -g 'daemon off;'", 1)]
)
def test_a_program_of_the_folder_that_starts(start: str, count: int) -> None:
    text = "FROM node AS b\nWORKDIR /api\nCOPY . .\nRUN npm ci && npm run build\n"
    lines = f"{text}FROM nginx\nRUN apk add nodejs\nCOPY --from=b /api /api\n{start}\n"
    assert len(run_rule(RULE, lines)) == count
