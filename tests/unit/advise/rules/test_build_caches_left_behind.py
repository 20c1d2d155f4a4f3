"""Caches of build tools."""

import pytest

from bot.advise.finding import FixSafety
from bot.dockerfile.build_context import BuildContext
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
        "FROM gradle\nRUN gradle tasks",
        "FROM gradle\nRUN gradle clean",
        "FROM openjdk\nRUN sdk install sbt && sbt version",
        "FROM openjdk\nRUN build/sbt package\nCMD bin/start-server",
        "FROM maven\nRUN mvn --version",
        "FROM golang:1.8\nRUN go get github.com/x/y",
        "FROM golang:1.10.3-alpine3.8\nRUN go build .",
        "FROM a\nENV GOLANG_VERSION=1.9.2\nRUN go install ./...",
        f"FROM a\nENV GO_VERSION={'9' * 5000}.1 GOLANG_VERSION=1.9.2\nRUN go install ./...",
        "FROM debian:stretch-slim\nRUN apt-get install -y golang && go get x",
        "FROM ubuntu:18.04\nRUN go build .",
        "FROM alpine:3.8\nRUN apk add go && go build .",
        "FROM example.com/base\nRUN go get x",
        "FROM golang AS dev\nRUN go build .",
        "FROM microsoft/dotnet:1.1-sdk-nanoserver\nRUN dotnet restore",
        "FROM golang\nRUN go build .\nCMD air",
        "FROM mcr.microsoft.com/dotnet/sdk:8.0\nRUN dotnet --info",
        "FROM mcr.microsoft.com/dotnet/sdk:8.0\nRUN dotnet build && dotnet nuget locals all --clear",
        "FROM mcr.microsoft.com/dotnet/sdk:8.0\nRUN dotnet restore --packages /nuget /x/x.csproj",
        'FROM rust\nENV CARGO_HOME=/r\nRUN cargo install x && rm -rf "$CARGO_HOME/registry"',
        "FROM rust\nENV CARGO_HOME=/r\nRUN cargo install x && rm -rf /r",
        # Others build in these, with what is downloaded here.
        "FROM golang\nRUN go mod download && rm -rf /app",
        "FROM maven\nRUN mvn dependency:get -Dartifact=a:b:1 && mvn -B dependency:go-offline",
        "FROM rust\nRUN cargo fetch",
        "FROM rust\nRUN cargo fetch --manifest-path ./a/Cargo.toml",
        "FROM maven\nRUN mvn install:install-file -Dfile=x.jar\nCMD /x y",
        # Their package manager keeps nothing yet.
        "FROM swift:5.3\nRUN swift build\nCMD /x y",
        "FROM ibmcom/swift-ubuntu\nRUN swift build\nCMD /x y",
        'FROM elixir:1.16\nRUN mix release\nCMD ["mix", "phx.server"]',
    ],
)
def test_not_reported(text: str) -> None:
    assert run_rule(RULE, text) == []


@pytest.mark.parametrize(
    ("run", "mount"),
    [
        ("cargo build --release", "/root/.cargo/registry"),
        ("mvn -q package", "/root/.m2"),
        ("mvn clean package", "/root/.m2"),
        ("mvn -B dependency:go-offline", "/root/.m2"),
        ("gradle clean build", "/root/.gradle"),
        ("./gradlew installDist", "/root/.gradle"),
        ("gradle :app:shadowJar --no-daemon", "/root/.gradle"),
        ("dotnet publish -c Release -o /app", "/root/.nuget/packages"),
        ("mix deps.get --only prod", "/root/.hex/packages"),
        ("swift build -c release", "/root/.cache/org.swift.swiftpm"),
        ("./mvnw package", "/root/.m2"),
        ("./gradlew build", "/root/.gradle"),
    ],
)
def test_the_fix_adds_a_cache_mount(run: str, mount: str) -> None:
    expected = f"FROM x\nRUN --mount=type=cache,target={mount} {run}\nCMD /x y\n"
    assert apply_rule(RULE, f"FROM x\nRUN {run}\nCMD /x y\n") == expected


@pytest.mark.parametrize(
    ("base", "run", "mounts"),
    [
        ("golang:1.22", "go build .", ("/go/pkg/mod", "/root/.cache/go-build")),
        ("golang", "go build .", ("/go/pkg/mod", "/root/.cache/go-build")),
        ("golang", "go mod tidy", ("/go/pkg/mod", "/root/.cache/go-build")),
        ("swift:5.10", "swift build", ("/root/.cache/org.swift.swiftpm",)),
        ("alpine:3.19", "go mod download", ("/root/go/pkg/mod", "/root/.cache/go-build")),
        ("debian:12", "go install x.y/z@latest", ("/root/go/pkg/mod", "/root/.cache/go-build")),
        ("rust:1.80", "cargo build", ("/usr/local/cargo/registry",)),
    ],
)
def test_the_caches_of_official_images(base: str, run: str, mounts: tuple[str, ...]) -> None:
    flags = " ".join(f"--mount=type=cache,target={path}" for path in mounts)
    text = f"FROM {base}\nRUN {run}\nCMD /x y\n"
    assert apply_rule(RULE, text) == text.replace("RUN ", f"RUN {flags} ")


@pytest.mark.parametrize(
    "lines",
    [
        "USER gradle\nRUN gradle build",
        "USER 1000\nRUN gradle build",
        "ENV GRADLE_USER_HOME=/cache\nRUN gradle build",
        # The mount would hide the settings.
        "COPY settings.xml /root/.m2/settings.xml\nRUN mvn package",
        "RUN curl u > ~/.m2/settings.xml\nRUN mvn package",
        "FROM google/golang\nRUN go get x",
    ],
)
def test_no_mount_where_the_cache_is_elsewhere(lines: str) -> None:
    (finding,) = run_rule(RULE, f'FROM gradle:8\n{lines}\nCMD ["/x", "y"]\n')
    assert (finding.changes, finding.safety) == ((), FixSafety.MANUAL)


@pytest.mark.parametrize(
    ("start", "count"), [('["dotnet", "/app/a.dll"]', 1), ('["dotnet", "run"]', 0)]
)
def test_a_start_of_dotnet_is_no_build_by_itself(start: str, count: int) -> None:
    base = "mcr.microsoft.com/dotnet/sdk:8.0"
    text = f"FROM {base}\nRUN dotnet publish -c Release\nENTRYPOINT {start}\n"
    assert len(run_rule(RULE, text)) == count


def test_saving_adds_both_caches() -> None:
    tree = "go/pkg/mod/a 4MB @2, root/.cache/go-build/b 3MB @2, usr/bin/app 9MB @2"
    looked_at = make_rule_input(
        "FROM golang\nRUN go build .\nCMD /x y\n", "FROM golang 90MB / RUN go 20MB", tree
    )
    assert [finding.saving_bytes for finding in run_rule(RULE, looked_at)] == [7_000_000]


def test_another_folder_of_a_variable_is_no_cache() -> None:
    text = "FROM golang\nENV GOPATH=/go\nRUN go build . && rm -rf $GOPATH/src\nCMD /x y\n"
    assert len(run_rule(RULE, text)) == 1


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        ("FROM golang\nRUN go install x.y/z@v1", 0),
        ("FROM golang\nCOPY run.sh /\nRUN go install x.y/z@v1", 0),
        ("FROM golang\nCOPY . .\nRUN go build .", 0),
        ("FROM golang\nRUN go install x.y/z@v1\nCMD z serve", 1),
        ("FROM php:8-fpm\nRUN go install x.y/z@v1", 1),
    ],
)
def test_others_build_in_an_image_that_starts_nothing(lines: str, count: int) -> None:
    assert len(run_rule(RULE, f"{lines}\n")) == count


@pytest.mark.parametrize(("script", "count"), [("go build -o x .\n./x\n", 0), ("./x\n", 1)])
def test_an_entry_script_may_build_again(script: str, count: int) -> None:
    context = BuildContext({"run.sh": 9}, read_text={"run.sh": script}.__getitem__)
    text = "FROM golang\nCOPY . /\nRUN go build .\nCMD /run.sh\n"
    assert len(run_rule(RULE, make_rule_input(text, context=context))) == count


@pytest.mark.parametrize(
    ("comment", "count"),
    [
        ("NOTE: this Dockerfile is purely for local development! It is not used elsewhere", 0),
        ("For development only. Use Dockerfile.release for production.", 0),
        ("Shop dev Dockerfile", 0),
        ("Docker file for the development environment", 0),
        ("This image is for development and production", 1),
        ("See Dockerfile.dev", 1),
        ("This file is not for development", 1),
    ],
)
def test_a_comment_says_what_the_image_is_for(comment: str, count: int) -> None:
    text = f'# {comment}\n\nFROM golang:1.24\nCOPY . .\nRUN go build -o /x .\nCMD ["/x"]\n'
    assert len(run_rule(RULE, text)) == count


@pytest.mark.parametrize(
    ("lines", "fixed"),
    [
        ("RUN mvn install:install-file -Dfile=x.jar\nRUN mvn package", [False]),
        ("RUN mvn -f lib install\nRUN mvn package", [False, False]),
        ("RUN mvn org.x:maven-install-plugin:3.1:install-file\nRUN mvn package", [False]),
        ("RUN sbt publishLocal\nRUN sbt assembly", [False, False]),
        ("RUN mvn -f lib install && mvn package", [True]),
        ("RUN mvn package\nRUN mvn install", [True, True]),
        ("RUN mvn install\nRUN go build .", [True, True]),
    ],
)
def test_no_mount_for_results_that_a_later_line_needs(lines: str, fixed: list[bool]) -> None:
    findings = run_rule(RULE, f"FROM golang\n{lines}\nCMD /x y\n")
    assert [bool(finding.changes) for finding in findings] == fixed
    named = ["Line 2 puts files there" in finding.message for finding in findings]
    assert named == [not is_fixed for is_fixed in fixed]
