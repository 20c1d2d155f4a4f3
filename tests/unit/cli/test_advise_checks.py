"""The checks of `advise` before any work."""

from pathlib import Path

import pytest

from bot.cli.advise_checks import find_dockerfile, find_repository, read_checked_dockerfile
from bot.cli.options.argument_parser import parse_arguments
from bot.cli.options.commands import AdviseOptions
from bot.dockerfile.source_text import MAX_DOCKERFILE_BYTES
from bot.errors import InputError

TWO_STAGES = "FROM debian AS build\nRUN make\nFROM scratch\nCOPY --from=build /a /a\n"


def options(folder: Path, text: str, *words: str) -> AdviseOptions:
    (folder / "Dockerfile").write_text(text, "utf-8")
    parsed = parse_arguments(["advise", str(folder / "Dockerfile"), *words])
    assert isinstance(parsed, AdviseOptions)
    return parsed


@pytest.mark.parametrize(
    ("text", "words", "what", "why"),
    [
        (TWO_STAGES, ["--target", "nope"], "No stage is called 'nope'.", "are: 'build', '1'"),
        (TWO_STAGES, ["--context", "/nope"], "The build context", "'/nope' is not a folder"),
        (TWO_STAGES, ["--smoke-test", "x"], "--smoke-test was given without", "no container"),
        (TWO_STAGES.replace("RUN", "RUNN"), [], "cannot be built.", "line 2: 'RUNN' is not an"),
        ("FROM", [], "is not a Dockerfile.", ""),
    ],
)
def test_invalid_options_and_files_are_refused(
    text: str, words: list[str], what: str, why: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as caught:
        read_checked_dockerfile(options(tmp_path, text, *words))
    assert what in caught.value.what
    assert why in caught.value.why
    assert caught.value.fix


def test_an_absent_dockerfile_is_refused(tmp_path: Path) -> None:
    absent = options(tmp_path, TWO_STAGES)
    absent.dockerfile.unlink()
    with pytest.raises(InputError, match="cannot be read") as caught:
        read_checked_dockerfile(absent)
    assert caught.value.why.endswith("No such file or directory")


@pytest.mark.parametrize("target", ["build", "BUILD", "0", "1"])
def test_a_target_may_be_a_stage_name_or_number(target: str, tmp_path: Path) -> None:
    dockerfile = read_checked_dockerfile(options(tmp_path, TWO_STAGES, "--target", target))
    assert len(dockerfile.stages) == 2


@pytest.mark.parametrize("syntax", ["example.com/dockerfile-plus", "docker.io/other/frontend:1"])
def test_an_unknown_instruction_of_another_frontend_is_accepted(
    syntax: str, tmp_path: Path
) -> None:
    text = f"# syntax={syntax}\nFROM debian\nINCLUDE+ x\n"
    assert read_checked_dockerfile(options(tmp_path, text)).stages


def test_an_unknown_instruction_of_dockers_frontend_is_refused(tmp_path: Path) -> None:
    text = "# syntax=docker/dockerfile:1\nFROM debian\nINCLUDE+ x\n"
    with pytest.raises(InputError, match="cannot be built"):
        read_checked_dockerfile(options(tmp_path, text))


def test_a_smoke_test_requires_verify(tmp_path: Path) -> None:
    words = ("--smoke-test", "x", "--verify")
    assert read_checked_dockerfile(options(tmp_path, TWO_STAGES, *words)).stages


def test_a_dockerfile_of_megabytes_is_refused(tmp_path: Path) -> None:
    text = "FROM scratch\n" + "#" * MAX_DOCKERFILE_BYTES
    with pytest.raises(InputError) as caught:
        read_checked_dockerfile(options(tmp_path, text))
    assert "2,000,000 bytes" in caught.value.why


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["Dockerfile"], "Dockerfile"),
        (["Containerfile"], "Containerfile"),
        (["Dockerfile", "Dockerfile.dev", "Containerfile"], "Dockerfile"),
        (["api.Dockerfile", "README.md"], "api.Dockerfile"),
    ],
)
def test_the_dockerfile_of_a_folder_is_found(
    names: list[str], expected: str, tmp_path: Path
) -> None:
    for name in names:
        (tmp_path / name).write_text("FROM scratch\n")
    assert find_dockerfile(tmp_path) == tmp_path / expected
    assert find_dockerfile(tmp_path / expected) == tmp_path / expected


@pytest.mark.parametrize(
    ("names", "why"),
    [
        ([], "it has none"),
        (["README.md"], "it has none"),
        (["a.Dockerfile", "Dockerfile.dev"], "it has Dockerfile.dev, a.Dockerfile"),
    ],
)
def test_a_folder_without_a_usual_dockerfile_is_refused_with_what_it_has(
    names: list[str], why: str, tmp_path: Path
) -> None:
    (tmp_path / "Dockerfile").mkdir()
    for name in names:
        (tmp_path / name).write_text("FROM scratch\n")
    with pytest.raises(InputError, match="is a folder") as caught:
        find_dockerfile(tmp_path)
    assert caught.value.why == why
    assert "image-size-review images" in caught.value.fix


def test_the_repository_of_a_file_is_one_that_it_is_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one/.git", "one/app", "two/.git", "three"):
        (tmp_path / name).mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "one" / "app")
    assert find_repository(Path("Dockerfile")) == tmp_path / "one"
    assert find_repository(Path("../Dockerfile")) == tmp_path / "one"
    assert find_repository(Path("../../two/Dockerfile")) == tmp_path / "two"
    assert find_repository(Path("../../three/Dockerfile")) is None
    worktree = tmp_path / "three" / ".git"
    worktree.write_text("gitdir: ../one/.git/worktrees/three\n")
    assert find_repository(Path("../../three/Dockerfile")) == tmp_path / "three"
