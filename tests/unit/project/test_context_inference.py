import pytest

from bot.model.copied_path import CopiedPath, MissingSource
from bot.model.spec import ContextSource
from bot.project.context_inference import ContextGuess, infer_context
from bot.project.path_search import PathSearch

FILES = (
    "services/worker/Dockerfile",
    "services/worker/main.py",
    "services/batch/job.py",
    "services/api/requirements.txt",
    "libs/common/util.py",
    "tools/lib/a.c",
)


def guess(dockerfile: str, *copied: str, files: tuple[str, ...] = FILES) -> ContextGuess:
    tree = dict.fromkeys(files, "100644 a")
    paths = [CopiedPath(path, is_pattern="*" in path) for path in copied]
    return infer_context(dockerfile, paths, PathSearch(tree))


@pytest.mark.parametrize(
    ("copied", "folder", "source"),
    [
        (["main.py"], "services/worker", ContextSource.DEFAULT),
        (["."], "services/worker", ContextSource.DEFAULT),
        (["libs/common", "services/worker"], ".", ContextSource.INFERRED),
        (["api/requirements.txt", "batch/job.py"], "services", ContextSource.INFERRED),
        ([".", "libs/common"], ".", ContextSource.INFERRED),
        (["batch/*.py"], "services", ContextSource.INFERRED),
        (["libs/*/util.py"], ".", ContextSource.INFERRED),
        (["main.py", "*.lock"], "services/worker", ContextSource.DEFAULT),
    ],
)
def test_the_nearest_folder_with_all_sources_is_the_context(
    copied: list[str], folder: str, source: ContextSource
) -> None:
    choice = guess("services/worker/Dockerfile", *copied)
    assert (choice.folder, choice.source, choice.missing) == (folder, source, ())


def test_a_file_that_another_step_makes_does_not_hide_the_right_folder() -> None:
    choice = guess("services/worker/Dockerfile", "libs/common", "target/app.jar")
    assert choice.folder == "."
    assert choice.missing == (MissingSource("target/app.jar"),)


def test_a_pattern_that_matches_elsewhere_does_not_outweigh_a_named_file() -> None:
    choice = guess("services/worker/Dockerfile", "main.py", "libs*")
    assert (choice.folder, choice.missing) == ("services/worker", ())


def test_sources_of_two_folders_leave_the_default_and_say_what_is_missing() -> None:
    choice = guess("services/worker/Dockerfile", "main.py", "libs/common")
    assert (choice.folder, choice.source) == ("services/worker", ContextSource.DEFAULT)
    assert choice.missing == (MissingSource("libs/common", "."),)


def test_a_folder_beside_the_dockerfiles_is_named_and_not_taken() -> None:
    choice = guess("docker/Dockerfile", "lib/a.c", files=(*FILES, "docker/Dockerfile"))
    assert (choice.folder, choice.missing) == ("docker", (MissingSource("lib/a.c", "tools"),))


@pytest.mark.parametrize(
    ("copied", "is_decided"),
    [(["."], False), (["main.py"], True), ([], True), (["libs/common"], True)],
)
def test_a_choice_among_folders_is_a_guess(copied: list[str], is_decided: bool) -> None:
    assert guess("services/worker/Dockerfile", *copied).is_decided is is_decided


@pytest.mark.parametrize(
    ("beside", "folder"),
    [
        ("lint.Dockerfile", "."),
        ("git.Dockerfile.dockerignore", "."),
        ("Makefile", "tools/docker"),
        ("keys/a.gpg", "tools/docker"),
    ],
)
def test_a_command_in_the_context_itself_needs_more_than_dockerfiles(
    beside: str, folder: str
) -> None:
    dockerfile = "tools/docker/git.Dockerfile"
    tree = dict.fromkeys((dockerfile, f"tools/docker/{beside}", "main.go"), "100644 a")
    search = PathSearch(tree)
    mounted = infer_context(dockerfile, [CopiedPath(".", is_mounted=True)], search)
    assert (mounted.folder, mounted.is_decided) == (folder, False)
    assert infer_context(dockerfile, [CopiedPath(".")], search).folder == "tools/docker"


def test_the_root_is_no_guess() -> None:
    assert guess("Dockerfile", ".").is_decided


def test_what_is_behind_a_link_or_in_a_submodule_counts_as_there() -> None:
    tree = {"a/Dockerfile": "100644 a", "a/link": "120000 b", "a/module": "160000 c"}
    copied = [CopiedPath("link/x"), CopiedPath("module/y"), CopiedPath("module/*.c", True)]
    choice = infer_context("a/Dockerfile", copied, PathSearch(tree))
    assert (choice.folder, choice.missing) == ("a", ())


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("*.txt", True),
        ("d/*.txt", False),
        ("a?txt", True),
        ("[^b].txt", True),
        ("[^a].txt", False),
        (r"\*.txt", False),
        ("d/**/x.txt", True),
        ("*/*/x.txt", True),
        ("*/x.txt", False),
        ("d", True),
    ],
)
def test_patterns_are_those_of_go(pattern: str, matches: bool) -> None:
    search = PathSearch({"a.txt": "100644 a", "d/e/x.txt": "100644 b"})
    assert search.has(".", CopiedPath(pattern, is_pattern=True)) is matches


def test_patterns_of_a_hostile_file_end_at_a_bound() -> None:
    tree = {f"{number // 1000}/{number}": "100644 a" for number in range(300_000)}
    search = PathSearch(tree)
    copied = [CopiedPath(f"*/*{number}x", is_pattern=True) for number in range(5)]
    assert not any(search.has(".", path) for path in copied)
    assert search.is_exhausted


def test_sources_that_no_folder_has_are_named_in_the_reason() -> None:
    choice = guess("services/worker/Dockerfile", "dist/a.js", "dist/b.js")
    assert choice.reason == (
        "the folder of the Dockerfile; no folder above it has dist/a.js, dist/b.js either"
    )
    assert not choice.is_decided
