"""Failed builds, explained by the files of their commit."""

from pathlib import Path

import pytest

from bot.adapters.git.repository import GitRepository
from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.dockerfile.build_plan import BuildPlan
from bot.line.build_input import BuildInput
from bot.line.failure_causes import find_cause
from bot.line.production import Production
from bot.model.failures import FailureKind
from bot.model.image import BuildFailure
from bot.model.spec import ImageSpec
from tests.support.repository import Repository

FILES: dict[str, str | None] = {"api/main.py": "1", "libs/x.py": "1", ".gitignore": "target/\n"}


@pytest.fixture(name="repository")
def make_repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")


def explain(
    repository: Repository, text: str, failure: BuildFailure, **build_args: str
) -> BuildFailure:
    """Return the failure of a build of api/Dockerfile in the context api."""
    sha = repository.commit({**FILES, "api/Dockerfile": text})
    spec = ImageSpec("api", "api/Dockerfile", "api", build_args=build_args)
    plan = BuildPlan(DockerfileReader().parse(text.encode()), None, build_args)
    source = BuildInput(spec, repository.path, plan)
    with GitRepository(repository.path, {}) as git:
        result = find_cause(git, sha, Production(source, result=failure)).result
    assert isinstance(result, BuildFailure)
    return result


@pytest.mark.parametrize(
    ("path", "kind", "subject", "folder", "words"),
    [
        ("libs", FailureKind.CONTEXT, "libs", ".", "not in the build context api, but in `.`"),
        ("target/a.jar", FailureKind.IGNORED_FILE, "api/target/a.jar", "", "git ignores api/"),
        ("nope", FailureKind.MISSING_FILE, "nope", "", "nor in any other folder"),
        ("main.py", FailureKind.MISSING_FILE, "main.py", "", "COPY main.py: it is not in"),
    ],
)
def test_a_missing_file_is_looked_for_in_the_commit(
    repository: Repository, path: str, kind: FailureKind, subject: str, folder: str, words: str
) -> None:
    reason = f"COPY {path}: it is not in the build context"
    failure = BuildFailure(reason, (), FailureKind.MISSING_FILE, f"COPY {path} /", path)
    result = explain(repository, f"FROM debian\nCOPY {path} /\n", failure)
    assert (result.kind, result.subject, result.folder) == (kind, subject, folder)
    assert words in result.reason
    assert result.kind.lies_in_own_files


def test_an_argument_without_a_value_is_named(repository: Repository) -> None:
    text = "ARG REGISTRY\nARG TAG\nARG X=1\nFROM ${REGISTRY}/python:${TAG}-$X\n"
    failure = BuildFailure("invalid reference format", (), FailureKind.REFERENCE)
    result = explain(repository, text, failure)
    assert (result.kind, result.subject) == (FailureKind.ARGUMENT, "REGISTRY, TAG")
    assert "the build arguments REGISTRY and TAG have no value" in result.reason
    assert explain(repository, text, failure, TAG="3").subject == "REGISTRY"
    assert explain(repository, text, failure, TAG="3", REGISTRY="r") == failure


@pytest.mark.parametrize(
    "text",
    [
        "FROM UPPER\n",
        "FROM $NOWHERE\n",
        "ARG TAG\nFROM debian:${TAG:-12}\n",
        "FROM debian\nARG TAG\nRUN echo $TAG\n",
    ],
)
def test_any_other_name_is_left_as_it_is(repository: Repository, text: str) -> None:
    failure = BuildFailure("invalid reference format", (), FailureKind.REFERENCE)
    assert explain(repository, text, failure) == failure


def test_a_run_that_lacks_a_login_is_no_matter_of_arguments(repository: Repository) -> None:
    text = "ARG BASE\nFROM x AS other\nFROM $BASE\nRUN npm ci\n"
    failure = BuildFailure("exit code: 1", (), FailureKind.LOGIN, "RUN npm ci")
    assert explain(repository, text, failure) == failure


@pytest.mark.parametrize("kind", [FailureKind.LOGIN, FailureKind.BASE_IMAGE, FailureKind.NETWORK])
def test_a_named_context_that_nobody_declares_is_answered_with_the_key(
    repository: Repository, kind: FailureKind
) -> None:
    text = "FROM debian AS build\nFROM debian\nCOPY --from=build /a /\nCOPY --from=shared /x /\n"
    reason = "shared: failed to resolve source metadata for docker.io/library/shared:latest: no"
    failure = BuildFailure(reason, (), kind, "COPY --from=shared /x /")
    result = explain(repository, text, failure)
    assert result.kind is kind
    assert result.reason.startswith(reason)
    assert (
        "`build-contexts: {shared: FOLDER}` for this image in .github/image-size.y" in result.reason
    )
    assert "--build-context shared=FOLDER" in result.reason
    other = BuildFailure(reason.replace("shared", "debian"), (), kind, "FROM debian")
    assert explain(repository, text, other) == other
