"""Caches of build tools."""

import pytest

from tests.support.rule_inputs import apply_rule, make_rule_input, run_rule

RULE = "build-caches-left-behind"


@pytest.mark.parametrize(
    "text",
    [
        "FROM golang AS a\nRUN go build .\nFROM scratch\nCOPY --from=a /x /x",
        "FROM golang\nRUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build go build .",
        "FROM golang\nRUN go build . && go clean -cache -modcache",
        "FROM golang\nRUN go version",
        "FROM golang\nRUN go mod tidy",
        "FROM golang\nRUN go build .\nCMD go run .",
        'FROM golang\nRUN go build .\nENTRYPOINT ["go", "test", "./..."]',
        "FROM rust\nRUN cargo build && rm -rf /usr/local/cargo/registry",
        "FROM maven\nRUN --mount=type=cache,target=/root/.m2 mvn package",
        'FROM maven\nRUN mvn package\nCMD ["mvn", "spring-boot:run"]',
        "FROM gradle\nRUN gradle --version",
    ],
)
def test_not_reported(text: str) -> None:
    assert run_rule(RULE, text) == []


@pytest.mark.parametrize(
    ("run", "mount"),
    [
        ("cargo build --release", "/usr/local/cargo/registry"),
        ("mvn -q package", "/root/.m2"),
        ("./mvnw package", "/root/.m2"),
        ("./gradlew build", "/root/.gradle"),
    ],
)
def test_the_fix_adds_a_cache_mount(run: str, mount: str) -> None:
    expected = f"FROM x\nRUN --mount=type=cache,target={mount} {run}\n"
    assert apply_rule(RULE, f"FROM x\nRUN {run}\n") == expected


def test_saving_adds_both_caches() -> None:
    tree = "go/pkg/mod/a 4MB @2, root/.cache/go-build/b 3MB @2, usr/bin/app 9MB @2"
    looked_at = make_rule_input(
        "FROM golang\nRUN go build .\n", "FROM golang 90MB / RUN go 20MB", tree
    )
    assert [finding.saving_bytes for finding in run_rule(RULE, looked_at)] == [7_000_000]
