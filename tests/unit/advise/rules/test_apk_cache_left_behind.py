"""apk's index."""

import pytest

from tests.support.rule_inputs import apply_rule, make_rule_input, run_rule

RULE = "apk-cache-left-behind"


@pytest.mark.parametrize(
    "text",
    [
        "FROM alpine\nRUN apk add --no-cache curl",
        "FROM alpine\nRUN apk --no-cache add curl",
        "FROM alpine\nRUN --mount=type=cache,target=/var/cache/apk apk add -U curl",
        "FROM alpine\nRUN --mount=type=tmpfs,target=/var/cache/apk apk add curl",
        "FROM alpine\nRUN apk add -U curl && rm -rf /var/cache/apk/*",
        "FROM alpine\nRUN apk add curl && rm -f /var/cache/apk/APKINDEX*",
        "FROM alpine\nRUN apk del curl",
        "FROM alpine\nRUN apk update",
        "FROM alpine AS a\nRUN apk add curl\nFROM alpine\nCOPY --from=a /x /x",
    ],
)
def test_not_reported(text: str) -> None:
    assert run_rule(RULE, text) == []


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ("apk add curl", "apk add --no-cache curl"),
        ("apk -q add -U curl", "apk -q add --no-cache curl"),
        ("apk add --update curl && apk add jq", "apk add --no-cache curl && apk add --no-cache jq"),
        ("apk update && apk upgrade && apk add curl", "apk upgrade && apk add --no-cache curl"),
        ("apk add --virtual .deps gcc", "apk add --no-cache --virtual .deps gcc"),
    ],
)
def test_the_fix_adds_the_flag_and_drops_updates(run: str, expected: str) -> None:
    assert apply_rule(RULE, f"FROM alpine\nRUN {run}\n") == f"FROM alpine\nRUN {expected}\n"


def test_saving_is_the_size_of_the_index() -> None:
    tree = "var/cache/apk/APKINDEX.1.tar.gz 2MB @2, lib/apk/db/installed 1MB @2"
    looked_at = make_rule_input(
        "FROM alpine\nRUN apk add x\n", "FROM alpine 8MB / RUN apk 9MB", tree
    )
    assert [finding.saving_bytes for finding in run_rule(RULE, looked_at)] == [2_000_000]
