import pytest

from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.dockerfile.build_plan import BuildPlan
from bot.dockerfile.copied_paths import list_copied_paths


def list_paths(text: str, **build_args: str) -> list[str]:
    dockerfile = DockerfileReader().parse(text.encode())
    return [copied.path for copied in list_copied_paths(BuildPlan(dockerfile, None, build_args))]


@pytest.mark.parametrize(
    ("instruction", "paths"),
    [
        ("COPY a.txt /", ["a.txt"]),
        ("COPY ./a/ /b/../c ../up/x /app/", ["a", "c", "up/x"]),
        ("COPY . .", ["."]),
        ("COPY --chown=1:1 --parents ./a/./b /", ["a/b"]),
        ('COPY ["a b", "c", "/"]', ["a b", "c"]),
        ("ADD lib.tar.gz https://example.com/x.tgz git@github.com:a/b.git /", ["lib.tar.gz"]),
        ("ADD github.com/a/b /", []),
        ("COPY <<EOF notes.txt /\ntext\nEOF", ["notes.txt"]),
        ("COPY --from=busybox /bin/sh /sh", []),
        ("RUN --mount=type=bind,source=go.mod,target=/go.mod true", ["go.mod"]),
        ("RUN --mount=target=/src true", ["."]),
        ("RUN --mount=type=bind,from=busybox,target=/x --mount=type=cache,target=/c true", []),
        ("ONBUILD COPY later /", []),
    ],
)
def test_only_what_comes_from_the_context_counts(instruction: str, paths: list[str]) -> None:
    assert list_paths(f"FROM debian\n{instruction}\n") == paths


def test_variables_are_filled_in_and_unknown_ones_end_a_path() -> None:
    text = "FROM debian\nARG APP=web\nARG NONE\nARG TARGETARCH\nCOPY apps/$APP bin/$TARGETARCH/x $NONE/y /\n"
    assert list_paths(text) == ["apps/web", "bin", "."]
    assert list_paths(text, APP="api", NONE="gen") == ["apps/api", "bin", "gen/y"]


def test_stages_that_are_not_built_copy_nothing() -> None:
    text = "FROM debian AS used\nCOPY one /\nFROM debian AS unused\nCOPY two /\nFROM used\nCOPY three /\n"
    assert list_paths(text) == ["one", "three"]


def test_a_pattern_is_known_as_one() -> None:
    dockerfile = DockerfileReader().parse(b"FROM debian\nCOPY package*.json a.txt /\n")
    copied = list_copied_paths(BuildPlan(dockerfile))
    assert [(path.path, path.is_pattern) for path in copied] == [
        ("package*.json", True),
        ("a.txt", False),
    ]


def test_a_hostile_file_ends_at_a_bound() -> None:
    lines = "".join(f"COPY f{number} /\n" for number in range(3000))
    assert len(list_paths(f"FROM debian\n{lines}")) == 1000
