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
        "FROM alpine\nRUN apk add --no-network x",
        "FROM alpine\nRUN apk add --no-cache x && apk add --no-network --virtual .r so:libc.so.1",
        "FROM alpine\nRUN apk update && apk add curl && cd /var/cache/apk && rm -rf *",
        "FROM alpine\nRUN apk upgrade --no-cache",
        "FROM alpine\nRUN apk --virtual .deps --no-cache add gcc",
        "FROM alpine\nRUN apk add --help",
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
        (
            "apk update && apk upgrade && apk add curl",
            "apk upgrade --no-cache && apk add --no-cache curl",
        ),
        ("apk update && apk add --no-cache curl", "apk add --no-cache curl"),
        ("apk -U upgrade", "apk upgrade --no-cache"),
        ("apk --virtual .deps add gcc", "apk --virtual .deps add --no-cache gcc"),
        ("sudo apk add curl", "sudo apk add --no-cache curl"),
        ("sh -c 'apk add curl'", "sh -c 'apk add --no-cache curl'"),
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


@pytest.mark.parametrize(
    "text",
    [
        "FROM alpine\nRUN apk update",
        "FROM alpine\nRUN apk update && apk update",
        "FROM alpine\nRUN apk update && apk add curl && apk search x",
        "FROM alpine\nRUN apk update && apk add curl\nRUN apk add --no-network jq",
        "FROM alpine\nRUN apk update && apk add curl\nRUN apk search jq",
        "FROM alpine\nRUN apk add -U curl && apk policy curl",
        "FROM alpine:3.2\nRUN apk add --update curl",
        "FROM gliderlabs/alpine:3.1\nRUN apk add --update curl",
        'FROM alpine\nRUN ["apk","add","curl"]',
        "FROM alpine\nRUN apk add curl\nRUN rm /var/cache/apk/*",
        "FROM alpine AS a\nRUN apk add curl\nFROM b\nCOPY --from=a /var/cache/apk /c\nFROM a",
    ],
)
def test_no_fix_where_the_index_is_read_or_the_option_is_unknown(text: str) -> None:
    (finding, *_) = run_rule(RULE, f"{text}\n")
    assert finding.changes == ()


def test_an_option_on_a_line_of_its_own_goes_with_the_line() -> None:
    assert apply_rule(RULE, "FROM alpine\nRUN apk add x \\\n  --update \\\n  --force\n") == (
        "FROM alpine\nRUN apk add --no-cache x \\\n  --force\n"
    )


def test_an_option_in_front_of_the_verb_is_replaced() -> None:
    assert apply_rule(RULE, "FROM alpine\nRUN apk -U add curl\n") == (
        "FROM alpine\nRUN apk add --no-cache curl\n"
    )


@pytest.mark.parametrize(
    ("run", "removal"),
    [
        ("apk add curl", "rm -rf /var/cache/apk/*"),
        ("apk update && apk add curl", "rm -rf /var/cache/apk/*"),
        ("sudo apk add curl", "sudo rm -rf /var/cache/apk/*"),
    ],
)
def test_on_a_base_that_may_be_older_than_the_option(run: str, removal: str) -> None:
    text = f"FROM example/base\nRUN {run}\n"
    (finding,) = run_rule(RULE, text)
    assert finding.title == "Delete apk's index in the same `RUN`"
    assert apply_rule(RULE, text) == f"FROM example/base\nRUN {run} \\\n    && {removal}\n"


def test_no_fix_on_such_a_base_if_the_index_is_read() -> None:
    text = "FROM example/base\nRUN apk add curl && apk search x\n"
    assert apply_rule(RULE, text) == text
