"""A monorepo with a base image of its own, compose and bake files: each pull request is right.

It is built without a configuration, unless a change brings one: compose.yaml and docker-bake.hcl say
which context belongs to which Dockerfile, and which image is built on which. The sizes of what would
be installed are numbers in lock files, so that everything is small and needs no network.
"""

import os
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.browser.pull_request_reports import name_file
from tests.support.command import FinishedRun, start
from tests.support.engine import PrivateEngine
from tests.support.repository import Repository

FILES = Path(__file__).with_name("monorepo")
LIMIT = 10_000
CONFIG = ".github/image-size.yml"
BILLING = "services/billing"
LOCK = f"{BILLING}/requirements.txt"
ML_LIMIT = "images:\n  - {name: ml, dockerfile: services/ml/Dockerfile, budget: {max-size: 5MB}}\n"
FAT_BASE = "RUN head -c 115000 /dev/zero > /home/curl\n"
Change = dict[str, str | None]
UNCHANGED = {"unchanged"}


def read(path: str) -> str:
    return (FILES / path).read_text("utf-8")


def move(old: str, new: str) -> Change:
    """Return the change that moves a file, or a folder with all that is in it."""
    paths = [path for path in (FILES / old).rglob("*") if path.is_file()] or [FILES / old]
    names = [str(path.relative_to(FILES)) for path in paths]
    return dict.fromkeys(names) | {new + name.removeprefix(old): read(name) for name in names}


class Expected(NamedTuple):
    """The images that a pull request changes, each with state, verdict and growth in bytes."""

    status: int
    images: dict[str, tuple[str, str, int | None]]


class PullRequest(NamedTuple):
    """A change of the monorepo and what a review must say."""

    change: Change
    expected: Expected


def grown(growth: int) -> tuple[str, str, int]:
    return "changed", "fail" if growth > LIMIT else "pass", growth


PULL_REQUESTS = {
    "one image grows": PullRequest(
        {LOCK: read(LOCK) + "gcc 324000\n"},
        Expected(1, {BILLING: grown(324_000 + len("gcc 324000\n") * 2)}),
    ),
    "the base grows": PullRequest(
        {"base/Dockerfile": read("base/Dockerfile") + FAT_BASE},
        Expected(1, dict.fromkeys(("base", "services/api", "services/auth"), grown(115_000))),
    ),
    "a document outside of every context": PullRequest({"README.md": "New.\n"}, Expected(0, {})),
    "a document in a context": PullRequest(
        {f"{BILLING}/README.md": "Hello\n"}, Expected(0, {BILLING: grown(6)})
    ),
    "a library that a guessed context would not hold": PullRequest(
        {"libs/common/x.txt": "x" * 2000}, Expected(0, {"services/worker": grown(2000)})
    ),
    "a file that two contexts share": PullRequest(
        {"services/batch/job.py": read("services/batch/job.py") + "# more\n"},
        Expected(0, {"services/batch": grown(7)}),
    ),
    "a Dockerfile is renamed": PullRequest(
        move(f"{BILLING}/Dockerfile", f"{BILLING}/Containerfile"), Expected(0, {BILLING: grown(0)})
    ),
    "a Dockerfile is renamed and its image grows": PullRequest(
        {
            **move(f"{BILLING}/Dockerfile", f"{BILLING}/Containerfile"),
            LOCK: read(LOCK) + "scipy 70000\n",
        },
        Expected(1, {BILLING: grown(70_000 + len("scipy 70000\n") * 2)}),
    ),
    "a service is moved": PullRequest(move("services/search", "apps/search"), Expected(0, {})),
    "a service is new": PullRequest(
        {
            f"services/mailer/{name}": read(f"services/web/{name}")
            for name in ("Dockerfile", "index.js", "package.json", "package-lock.json")
        },
        Expected(0, {"services/mailer": ("new", "pass", None)}),
    ),
    "a service is deleted": PullRequest(
        dict.fromkeys(f"services/search/{x}" for x in ("Dockerfile", "go.mod", "main.go")),
        Expected(0, {"services/search": ("removed", "pass", None)}),
    ),
    "head does not build": PullRequest(
        {f"{BILLING}/Dockerfile": read(f"{BILLING}/Dockerfile") + "RUN no-such-program\n"},
        Expected(2, {BILLING: ("head-build-failed", "error", None)}),
    ),
    "an image shrinks": PullRequest(
        {LOCK: "flask 40000\n"}, Expected(0, {BILLING: grown(-60_000 - len("numpy 60000\n") * 2)})
    ),
    "two images grow": PullRequest(
        {
            LOCK: read(LOCK) + "scipy 69600\n",
            "services/docs-site/site/hero.txt": "x" * 3000,
        },
        Expected(
            1,
            {
                BILLING: grown(69_600 + len("scipy 69600\n") * 2),
                "services/docs-site": grown(3000),
            },
        ),
    ),
    "a large image, one line": PullRequest(
        {"services/ml/serve.py": read("services/ml/serve.py") + "1 + 1\n"},
        Expected(0, {"services/ml": grown(6)}),
    ),
    "images that need contexts, arguments and a secret": PullRequest(
        {
            **{
                f"services/{path}": read(f"services/{path}") + "# more\n"
                for path in ("api/main.py", "batch/job.py", "report/report.py", "worker/main.py")
            },
            "services/private/index.js": "console.log('more')\n",
            "tests/fixtures/broken/x": "x\n",
        },
        Expected(
            2,
            {
                **dict.fromkeys(
                    (f"services/{name}" for name in ("api", "batch", "report", "worker")), grown(7)
                ),
                "services/private": ("head-build-failed", "error", None),
            },
        ),
    ),
    "a limit for one image": PullRequest(
        {CONFIG: ML_LIMIT, LOCK: read(LOCK) + "scipy 70000\n"},
        Expected(1, {BILLING: grown(70_000 + len("scipy 70000\n") * 2)}),
    ),
}


@pytest.fixture(scope="module")
def engine(overlay2_engine: PrivateEngine) -> PrivateEngine:
    overlay2_engine.ensure("busybox")
    overlay2_engine.docker("tag", "busybox:latest", "docker.io/library/busybox:latest")
    return overlay2_engine


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    repository = Repository(tmp_path / "shop")
    shutil.copytree(FILES, repository.path, dirs_exist_ok=True)
    repository.commit({})
    repository.branch("change")
    return repository


def review(engine: PrivateEngine, repository: Repository, *options: str) -> FinishedRun:
    arguments = ["review", "--repo", repository.path, "--base", "main", "--format", "json"]
    limit = ("--max-growth", str(LIMIT))
    return start(*arguments, *limit, *options, environment=engine.environment)


def keep_report(name: str, ended: FinishedRun) -> None:
    """Keep a report for `tests.browser.comments`, if the environment names a folder."""
    if folder := os.environ.get("IMAGE_SIZE_REPORTS"):
        Path(folder, name_file(name)).write_text(ended.stdout, "utf-8")


def summarize(image: dict[str, Any]) -> tuple[str, str, int | None]:
    delta = image["delta"]["unpacked_bytes"] if image["delta"] else None
    return image["state"], image["verdict"], delta


# Each has a similar one beside it.
LONG_PULL_REQUESTS = ("a document in a context", "a Dockerfile is renamed", "two images grow")


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.long if name in LONG_PULL_REQUESTS else ())
        for name in PULL_REQUESTS
    ],
)
def test_each_pull_request_is_right(
    name: str, engine: PrivateEngine, repository: Repository
) -> None:
    change, expected = PULL_REQUESTS[name]
    repository.commit(change)
    ended = review(engine, repository)
    keep_report(name, ended)
    images = {
        str(Path(image["dockerfile"]).parent): summarize(image)
        for image in ended.report["images"]
        if image["state"] not in UNCHANGED
    }
    assert images == expected.images, ended.stderr
    assert ended.status == expected.status
