"""Cache mounts in the build stage."""

import re

import pytest

from bot.rewrite.cache_mounts import find_cache_mounts
from tests.support.rewrite_world import GO, GO_FILES, cut_build_stage, make_facts, rewrite_text

RUN = 'CMD ["/app"]\n'
GO_BUILD = "--mount=type=cache,target=/root/.cache/go-build"
MODULES = "go/pkg/mod/example.org/x/x.go 30MB @4\n"
DOWNLOAD = """FROM golang:1.24
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN go build -o /app .
"""
DOWNLOAD_FILES = (
    GO_FILES.replace("@4", "@6").replace("@3", "@5")
    + "src/go.mod 1kB @3\n"
    + MODULES.replace("x.go", "y.go")
)


def list_runs(text: str, files: str = GO_FILES) -> list[str]:
    """Return the lines of the build stage that have to do with a `RUN`."""
    lines = cut_build_stage(rewrite_text(text + RUN, files)).splitlines()
    return [x for x in lines if x.startswith(("RUN", "run", "    "))]


def list_folders(text: str, files: str) -> list[str]:
    return [mount.folder for mount in find_cache_mounts(make_facts(text, files), ())]


def test_a_build_below_the_sources_keeps_its_cache() -> None:
    assert list_runs(GO) == [f"RUN {GO_BUILD} go build -o /app ."]


def test_several_mounts_have_lines_of_their_own() -> None:
    assert list_runs(GO, GO_FILES + MODULES) == [
        "RUN --mount=type=cache,target=/go/pkg/mod \\",
        f"    {GO_BUILD} \\",
        "    go build -o /app .",
    ]


def test_a_command_with_lines_of_its_own_stays_as_it_is() -> None:
    text = GO.replace("RUN go build", "RUN \\\n    go build")
    assert list_runs(text) == [f"RUN {GO_BUILD} \\", "    go build -o /app ."]


def test_every_command_that_uses_the_cache_gets_it() -> None:
    text = GO + "RUN go build -o /tool ./cmd/tool\n"
    assert list_runs(text) == [
        f"RUN {GO_BUILD} go build -o /app .",
        f"RUN {GO_BUILD} go build -o /tool ./cmd/tool",
    ]


def test_what_was_downloaded_before_the_sources_stays_in_its_layer() -> None:
    assert list_runs(DOWNLOAD, DOWNLOAD_FILES) == [
        "RUN go mod download",
        f"RUN {GO_BUILD} go build -o /app .",
    ]


def move_lines(files: str, first: int) -> str:
    """Return a listing for a file with one line more before a line."""
    return re.sub(r"@(\d+)", lambda match: f"@{int(match[1]) + (int(match[1]) >= first)}", files)


@pytest.mark.parametrize(
    ("old", "new", "first"),
    [
        ("FROM", "# syntax=docker/dockerfile:1.1\nFROM", 1),
        ("FROM", "# syntax=example.org/frontend\nFROM", 1),
        ("RUN", "USER app\nRUN", 4),
        ("RUN", "RUN --mount=type=cache,target=/root/.cache", 9),
        ("RUN", "RUN mkdir -p /root/.cache/go-build &&", 9),
        ("RUN go build", "RUN ./make.sh", 9),
        ("COPY . .", "RUN git clone https://example.org/x .", 9),
    ],
)
def test_no_mount(old: str, new: str, first: int) -> None:
    assert list_folders((GO + RUN).replace(old, new, 1), move_lines(GO_FILES, first)) == []


@pytest.mark.parametrize(
    "syntax", ["docker/dockerfile:1", "docker/dockerfile:1.7-labs", "docker/dockerfile"]
)
def test_frontends_that_know_mounts(syntax: str) -> None:
    text, files = f"# syntax={syntax}\n{GO}", move_lines(GO_FILES, 1)
    assert list_folders(text, files) == ["root/.cache/go-build"]


@pytest.mark.parametrize(
    "files",
    [
        "root/.cache/go-build/00/b 1kB base\n",
        "root/.cache/go-build/00/b 1kB @3\n",
    ],
)
def test_a_mount_must_hide_nothing(files: str) -> None:
    assert list_folders(GO, GO_FILES + files) == []


def test_what_is_copied_from_a_cache_stays_in_its_layer() -> None:
    facts = make_facts(GO, GO_FILES + MODULES)
    for path in ("go/pkg/mod/example.org/x/templates", "go"):
        folders = [mount.folder for mount in find_cache_mounts(facts, [path])]
        assert folders == ["root/.cache/go-build"]


MAVEN = "FROM maven:3.9\nWORKDIR /app\nCOPY . .\nRUN mvn package\n"
MAVEN_FILES = "base 500MB\napp/src/A.java 1kB @3\nroot/.m2/repository/x.jar 20MB @4\n"


def test_a_repository_that_only_one_command_uses() -> None:
    assert list_folders(MAVEN, MAVEN_FILES) == ["root/.m2/repository"]
    # The second may read what the first one installed; without a cache it would not be there.
    assert list_folders(MAVEN + "RUN mvn -pl web package\n", MAVEN_FILES) == []


@pytest.mark.parametrize(
    ("install", "cache"),
    [
        ("pip install -r requirements.txt", "root/.cache/pip"),
        ("npm ci", "root/.npm"),
        ("cargo build --release", "root/.cargo/registry"),
        ("./gradlew build", "root/.gradle/caches"),
    ],
)
def test_other_tools(install: str, cache: str) -> None:
    text = f"FROM debian:12\nWORKDIR /app\nCOPY . .\nRUN {install}\n"
    files = f"base 500MB\napp/main 1kB @3\n{cache}/x 20MB @4\n"
    assert list_folders(text, files) == [cache]
    manifests_first = text.replace("COPY . .", "COPY *.lock package.json requirements.txt .")
    assert list_folders(manifests_first, files.replace("app/main", "app/package.json")) == []


def test_a_cache_behind_a_link_in_the_home_of_root() -> None:
    text = "FROM gradle:8\nWORKDIR /app\nCOPY . .\nRUN gradle build\n"
    files = """
        base 500MB
        root/.gradle -> /home/gradle/.gradle @base
        app/build.gradle.kts 1kB @3
        app/src/Main.java 1kB @3
        home/gradle/.gradle/caches/x.jar 20MB @4
    """
    assert list_folders(text, files) == ["home/gradle/.gradle/caches"]


def test_a_variable_says_where_the_cache_is() -> None:
    text = "FROM rust:1\nWORKDIR /app\nCOPY . .\nRUN cargo build\n"
    files = "base 500MB CARGO_HOME=/usr/local/cargo\napp/main.rs 1kB @3\n"
    assert list_folders(text, files + "usr/local/cargo/registry/x 20MB @4\n") == [
        "usr/local/cargo/registry"
    ]
