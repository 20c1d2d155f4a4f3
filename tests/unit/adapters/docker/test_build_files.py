"""What is wrong with the files that a build is started with."""

from pathlib import Path

import pytest

from bot.adapters.docker.build_files import explain_missing_input, name_input
from bot.model.failures import FailureKind
from bot.model.image import BuildFailure
from bot.model.spec import ImageSpec

SPEC = ImageSpec("x", "app/Dockerfile", "app")
DOCKERFILE = "FROM debian AS one\nFROM one AS two\nFROM two\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "app").mkdir()
    (tmp_path / "app/Dockerfile").write_text(DOCKERFILE)
    return tmp_path


def explain(root: Path, kind: FailureKind, reason: str = "words of BuildKit") -> str:
    return name_input(BuildFailure(reason, kind=kind), SPEC, root).reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("b\n[a-\n", "line 2: the pattern '[a-' is illegal (syntax error in pattern)"),
        ("!\n", "line 1: the pattern '!' is illegal (illegal exclusion pattern: \"!\")"),
    ],
)
@pytest.mark.parametrize("name", ["app/.dockerignore", "app/Dockerfile.dockerignore"])
def test_an_illegal_pattern_is_named_with_its_file_and_line(
    root: Path, name: str, text: str, reason: str
) -> None:
    (root / name).write_text(text)
    assert explain(root, FailureKind.IGNORE_FILE) == f"{name}, {reason}"


def test_an_ignore_file_in_which_no_pattern_is_found_is_named_with_the_words_of_buildkit(
    root: Path,
) -> None:
    (root / "app/.dockerignore").write_text("fine\n")
    assert explain(root, FailureKind.IGNORE_FILE) == "app/.dockerignore: words of BuildKit"


def test_the_stages_are_listed_beside_an_unknown_target(root: Path) -> None:
    reason = 'target stage "nosuch" could not be found'
    assert explain(root, FailureKind.TARGET, reason) == f"{reason} (the stages are one, two)"


def test_other_failures_stay_as_they_are(root: Path) -> None:
    assert explain(root, FailureKind.ENGINE) == "words of BuildKit"


def test_a_folder_is_no_dockerfile(root: Path) -> None:
    reason = explain_missing_input(ImageSpec("x", "app", "."), root)
    assert reason == "the Dockerfile 'app' is a folder: name the file in it"
    assert not explain_missing_input(SPEC, root)


@pytest.mark.parametrize("value", ["x" * 5_000, "x/" * 5_000, "x\0", "foo://l", "git://[/../../l"])
def test_a_named_context_that_no_folder_of_the_checkout_can_be_is_missing(
    root: Path, value: str
) -> None:
    spec = ImageSpec("x", "app/Dockerfile", "app", build_contexts={"lib": value})
    assert "named context" in explain_missing_input(spec, root)
