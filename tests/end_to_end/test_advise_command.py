"""`advise` on files alone: refusals, and its output if nothing was built."""

from pathlib import Path

import pytest

from tests.support.command import FinishedRun, start

PLAIN = "FROM debian:bookworm-slim AS build\nRUN make\nFROM scratch\nCOPY --from=build /a /a\n"


def advise(folder: Path, text: str, *options: object) -> FinishedRun:
    (folder / "Dockerfile").write_text(text)
    return start("advise", folder / "Dockerfile", *options, environment={})


@pytest.mark.parametrize(
    ("text", "arguments", "message"),
    [
        (PLAIN, ("--target", "nope"), "No stage is called 'nope'."),
        (PLAIN, ("--target", "nope"), "are: 'build', '1'"),
        (PLAIN, ("--context", "/nope"), "'/nope' is not a folder"),
        (PLAIN, ("--smoke-test", "true"), "--smoke-test was given without --verify."),
        (PLAIN.replace("RUN", "RUNN"), (), "line 2: 'RUNN' is not an instruction"),
        (PLAIN.replace("RUN", "RUN <<EOF"), (), "line 2: the heredoc 'EOF' has no end"),
        ("FROM", (), "is not a Dockerfile."),
    ],
)
def test_invalid_arguments_are_refused(
    text: str, arguments: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    ended = advise(tmp_path, text, *arguments)
    assert (ended.status, ended.stdout) == (2, "")
    assert message in ended.stderr
    assert "What to do: " in ended.stderr


@pytest.mark.parametrize("target", ["build", "BUILD", "0", "1"])
def test_a_target_may_be_a_stage_name_or_number(target: str, tmp_path: Path) -> None:
    assert advise(tmp_path, PLAIN, "--target", target).status == 0


def test_an_unknown_instruction_of_another_frontend_is_accepted(tmp_path: Path) -> None:
    text = "# syntax=example.com/dockerfile-plus\nFROM debian:bookworm-slim\nINCLUDE+ x\n"
    assert advise(tmp_path, text).status == 0


def test_a_missing_file_is_named_in_the_error(tmp_path: Path) -> None:
    ended = start("advise", tmp_path / "nope", environment={})
    assert ended.status == 2
    assert f"Why: '{tmp_path}/nope': No such file or directory" in ended.stderr


WASTEFUL = """\
FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends curl
COPY . /app
RUN chown -R 1000 /app
"""


def test_written_and_skipped_suggestions_are_reported(tmp_path: Path) -> None:
    path = tmp_path / "new"
    ended = advise(tmp_path, WASTEFUL, "--write", path, "--format", "json")
    (image,) = ended.report["images"]
    assert "rm -rf /var/lib/apt/lists" in path.read_text()
    assert "RUN chown" in path.read_text()
    assert image["notes"] == [
        f"{path} has 1 change that needs no check. 1 more suggestion needs a check and is not in it."
    ]


def test_a_file_without_changes_is_unchanged(tmp_path: Path) -> None:
    path = tmp_path / "new"
    ended = advise(tmp_path, "FROM scratch\n", "--write", path, "--format", "json")
    assert path.read_text() == "FROM scratch\n"
    assert ended.report["images"][0]["notes"] == [
        f"{path} was written unchanged: no change can be made without a check."
    ]


def test_plain_advice_says_what_an_image_would_add(tmp_path: Path) -> None:
    last = advise(tmp_path, WASTEFUL).stdout.rstrip().splitlines()[-5:]
    assert "--image" in " ".join(last)
    assert "--verify" in " ".join(last)


def test_a_folder_stands_for_its_dockerfile(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(WASTEFUL)
    ended = start("advise", tmp_path, "--format", "json", environment={})
    assert ended.images.keys() == {f"{tmp_path}/Dockerfile"}
    (tmp_path / "Dockerfile").unlink()
    ended = start("advise", tmp_path, environment={})
    assert (ended.status, ended.stdout) == (2, "")
    assert "it has none" in ended.stderr
