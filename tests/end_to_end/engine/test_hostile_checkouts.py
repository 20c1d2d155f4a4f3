"""Ignore files, links and submodules of a pull request that must not hide what an image has."""

from collections.abc import Mapping

import pytest

from tests.support.command import FinishedRun, start
from tests.support.engine import PrivateEngine
from tests.support.repository import Repository

COPY_ALL = "FROM scratch\nCOPY . /app/\n"
LIMIT = ("--max-growth", "1MB")


@pytest.fixture
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    repository = Repository(tmp_path_factory.mktemp("world") / "repository")
    repository.write({"Dockerfile": COPY_ALL, "a": "1"})
    return repository


def review(engine: PrivateEngine, repository: Repository, *options: str) -> FinishedRun:
    revisions = ("--base", "HEAD~1", "--head", "HEAD", "--format", "json")
    return start(
        *("review", "--repo", repository.path, *revisions, *options),
        environment=engine.environment,
    )


def review_change(
    engine: PrivateEngine,
    repository: Repository,
    changes: Mapping[str, str],
    links: Mapping[str, str] | None = None,
) -> FinishedRun:
    repository.commit({})
    for name, target in (links or {}).items():
        (repository.path / name).symlink_to(target)
    repository.commit({**changes})
    return review(engine, repository, *LIMIT)


@pytest.mark.parametrize(
    ("patterns", "grown"),
    [
        ("**.log*\n", "app.log.1"),
        ("**/**_test.go\n", "pkg/a_test.go"),
        ("# vendored\f*\n", "b"),
        ("\\data\n", "data/x"),
    ],
)
def test_what_buildkit_sends_counts(
    overlay2_engine: PrivateEngine, repository: Repository, patterns: str, grown: str
) -> None:
    repository.write({".dockerignore": patterns})
    ended = review_change(overlay2_engine, repository, {grown: "x" * 3_000_000})
    assert (ended.status, ended.report["verdict"]) == (1, "fail")


@pytest.mark.parametrize("text", [".dockerignore\n[\n", "a*[\n", "*\na\tb\n"])
def test_an_illegal_ignore_file_does_not_build(
    overlay2_engine: PrivateEngine, repository: Repository, text: str
) -> None:
    ended = review_change(overlay2_engine, repository, {".dockerignore": text})
    assert ended.status == 2
    assert ended.images["Dockerfile"]["state"] == "head-build-failed"


def test_an_illegal_ignore_file_of_both_sides_is_never_unchanged(
    overlay2_engine: PrivateEngine, repository: Repository
) -> None:
    repository.write({".dockerignore": "*\n[\n"})
    ended = review_change(overlay2_engine, repository, {"a": "2"})
    assert ended.images["Dockerfile"]["state"] != "unchanged"
    assert ended.report["verdict"] != "pass"


@pytest.mark.parametrize("target", ["/proc/kmsg", "../outside"])
def test_an_ignore_file_that_leads_out_is_not_read(
    overlay2_engine: PrivateEngine, repository: Repository, target: str
) -> None:
    (repository.path.parent / "outside").write_text("*\n", "utf-8")
    ended = review_change(
        overlay2_engine, repository, {"b": "x" * 3_000_000}, {".dockerignore": target}
    )
    assert (ended.status, ended.report["verdict"]) == (1, "fail")


@pytest.mark.parametrize(
    ("links", "options"),
    [
        ({"ctx": "/"}, ("--dockerfile", "Dockerfile", "--context", "ctx")),
        ({"ctx": "ctx"}, ("--dockerfile", "Dockerfile", "--context", "ctx")),
        ({"Out.Dockerfile": "/dev/zero"}, ("--dockerfile", "Out.Dockerfile", "--context", ".")),
    ],
)
def test_what_leads_out_of_the_repository_is_a_row_that_says_so(
    overlay2_engine: PrivateEngine,
    repository: Repository,
    links: dict[str, str],
    options: tuple[str, ...],
) -> None:
    repository.commit({})
    for name, target in links.items():
        (repository.path / name).symlink_to(target)
    repository.commit({})
    ended = review(overlay2_engine, repository, *options)
    assert ended.status == 2
    (image,) = ended.images.values()
    assert image["state"] == "head-build-failed"
    assert image["suggestions"] == []
    is_circle = links == {"ctx": "ctx"}
    assert ("has no context" if is_circle else "leads out of the repository") in image["reason"]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("ctx", ("Dockerfile", "--context", "ctx")), ("Out.Dockerfile", ("Out.Dockerfile",))],
)
def test_advise_refuses_what_leads_out_of_the_repository(
    repository: Repository, name: str, arguments: tuple[str, ...]
) -> None:
    target = repository.path.parent / "elsewhere"
    target.mkdir()
    (target / "Dockerfile").write_text(COPY_ALL, "utf-8")
    (repository.path / name).symlink_to(target if name == "ctx" else target / "Dockerfile")
    ended = start("advise", *arguments, environment={}, at=repository.path)
    assert ended.status == 2
    assert "leads out of the repository" in ended.stderr


def test_a_moved_submodule_that_is_not_checked_out_is_a_warning(
    overlay2_engine: PrivateEngine, repository: Repository
) -> None:
    """The folder is empty on both sides, and `COPY . /app` is the same."""
    modules = '[submodule "sm"]\n\tpath = app/sm\n\turl = https://example.com/sm\n'
    repository.write({".gitmodules": modules})
    repository.git("add", "--all")
    for digit in "12":
        repository.git("update-index", "--add", "--cacheinfo", f"160000,{digit * 40},app/sm")
        repository.git("commit", "--quiet", "-m", "move")
    ended = review(overlay2_engine, repository, *LIMIT)
    (image,) = ended.report["images"]
    assert (image["verdict"], image["checks"][-1]["name"]) == ("warn", "submodules")
    assert image["checks"][-1]["reason"] == "contents of the submodule app/sm are unknown"


def test_a_file_with_a_name_that_is_too_long_is_an_error_of_the_images_that_copy_it(
    overlay2_engine: PrivateEngine, repository: Repository
) -> None:
    """Git stores it and no disk does: the other images are reviewed."""
    dockerfiles = {f"{name}/Dockerfile": COPY_ALL for name in ("long", "out", "other")}
    repository.commit({"Dockerfile": None, **dockerfiles, "out/.dockerignore": "x*\n"})
    repository.commit({f"{name}/f": "1" * 1000 for name in ("long", "out", "other")})
    blob = repository.git("rev-parse", "HEAD:other/f")
    for folder in ("long", "out"):
        entry = f"100644,{blob},{folder}/{'x' * 300}"
        repository.git("update-index", "--add", "--cacheinfo", entry)
    repository.git("commit", "--amend", "-m", "long")
    ended = review(overlay2_engine, repository, *LIMIT)
    states = {name: image["state"] for name, image in ended.images.items()}
    assert ended.status == 2, ended.stderr
    assert states == {
        "long/Dockerfile": "head-build-failed",
        "out/Dockerfile": "changed",
        "other/Dockerfile": "changed",
    }
    reason = ended.images["long/Dockerfile"]["reason"]
    assert reason.startswith("long/xxx")
    assert "a name of 300 bytes is longer than the file system allows; rename it" in reason
    assert ended.images["other/Dockerfile"]["delta"]["unpacked_bytes"] == 1000
