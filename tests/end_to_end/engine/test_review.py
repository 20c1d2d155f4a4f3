"""The whole line on a real engine: numbers, states, exit statuses, hostile names."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import time
from pathlib import Path
from typing import Any

import pytest
from jsonschema import validate
from markdown_it import MarkdownIt

from tests.support.command import ROOT, FinishedRun, start
from tests.support.engine import PrivateEngine
from tests.support.repository import Repository
from tests.support.saved_layers import read_layer_files

OF_THE_ENGINE = {".dockerenv", "etc/hosts", "etc/hostname", "etc/resolv.conf"}
STEADY = "FROM debian:bookworm-slim\nRUN head -c 1000000 /dev/zero > /a\nCOPY x /x\n"
FATTER = STEADY.replace("1000000", "5000000")


@pytest.fixture
def engine(overlay2_engine: PrivateEngine) -> PrivateEngine:
    overlay2_engine.ensure("debian:bookworm-slim")
    return overlay2_engine


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    repository = Repository(tmp_path / "repository")
    repository.commit({"Dockerfile": STEADY, "x": "hi\n"})
    return repository


def review(
    engine: PrivateEngine, repository: Repository, *options: str, form: str = "json"
) -> FinishedRun:
    arguments = ["review", "--repo", repository.path, "--base", "main", "--format", form]
    return start(*arguments, *options, environment=engine.environment)


def build(engine: PrivateEngine, repository: Repository, tag: str) -> None:
    """Build the image of the work tree with the docker command alone."""
    engine.docker("buildx", "build", "--provenance=false", "-t", tag, ".", folder=repository.path)


def history_sum(engine: PrivateEngine, repository: Repository) -> int:
    """Return the sum of `docker history` for the work tree's image."""
    build(engine, repository, "history")
    sizes = engine.docker("history", "--human=false", "--format", "{{.Size}}", "history")
    return sum(int(size) for size in sizes.split())


def test_the_growth_equals_docker_history(engine: PrivateEngine, repository: Repository) -> None:
    before = history_sum(engine, repository)
    repository.write({"Dockerfile": FATTER + "RUN rm /a && echo bye > /b && ln -s /b /c\n"})
    ended = review(engine, repository)
    (image,) = ended.report["images"]
    assert image["delta"]["unpacked_bytes"] == 4_000_004
    if engine.store == "overlay2":  # the containerd store counts whole blocks of a file system
        assert history_sum(engine, repository) - before == 4_000_004
    assert image["delta"]["filesystem_bytes"] == 4 - 1_000_000
    assert image["head"]["own_wasted_bytes"] == 5_000_000
    assert sum(row["delta_bytes"] for row in image["attribution"]) == 4_000_004
    assert [(row["line_start"], row["delta_bytes"]) for row in image["attribution"]][:2] == [
        (2, 4_000_000),
        (4, 4),
    ]


def test_both_image_stores_give_the_same_numbers(
    engine: PrivateEngine, containerd_engine: PrivateEngine, repository: Repository
) -> None:
    containerd_engine.ensure("debian:bookworm-slim")
    repository.write({"Dockerfile": FATTER})
    reports = []
    for store in (engine, containerd_engine):
        (image,) = review(store, repository, "--build-network", store.build_network).report[
            "images"
        ]
        sides = [image["base"], image["head"]]
        sizes = ("unpacked_bytes", "filesystem_bytes", "wasted_bytes", "own_wasted_bytes", "files")
        layers = [[layer["unpacked_bytes"] for layer in side["layers"]] for side in sides]
        reports.append(
            (image["delta"]["unpacked_bytes"], layers, [[s[x] for x in sizes] for s in sides])
        )
    assert reports[0] == reports[1]
    assert reports[0][0] == 4_000_000


def test_the_filesystem_size_equals_that_of_a_container(
    engine: PrivateEngine, repository: Repository, tmp_path: Path
) -> None:
    spoilt = "RUN ln /a /hard && rm /x && rm -r /usr/share/doc && echo 1 > /etc/issue\n"
    repository.write({"Dockerfile": STEADY + spoilt})
    (image,) = review(engine, repository).report["images"]
    build(engine, repository, "seen")
    container = engine.docker("create", "--network", "none", "seen").strip()
    engine.docker("export", "--output", str(tmp_path / "seen.tar"), container)
    engine.docker("rm", container)
    with tarfile.open(tmp_path / "seen.tar") as tar:
        file_sizes = {member.name: member.size for member in tar if member.isreg()}
    # The engine lays files of its own over these; the image's lowest layer has the real ones.
    lowest = read_layer_files(engine, "seen", tmp_path)[0]
    hidden = sum(lowest.get(name, 0) for name in OF_THE_ENGINE)
    visible = sum(size for name, size in file_sizes.items() if name not in OF_THE_ENGINE)
    assert image["head"]["filesystem_bytes"] == visible + hidden


@pytest.mark.parametrize(
    ("limits", "status", "verdict"),
    [
        ([], 0, "pass"),
        (["--max-growth", "5MB"], 0, "pass"),
        (["--max-growth", "3MB"], 1, "fail"),
        (["--max-size", "1MB"], 1, "fail"),
    ],
)
def test_the_budget_decides_the_exit_status(
    engine: PrivateEngine, repository: Repository, limits: list[str], status: int, verdict: str
) -> None:
    repository.write({"Dockerfile": FATTER})
    ended = review(engine, repository, *limits)
    assert (ended.status, ended.report["verdict"]) == (status, verdict)


def test_states_of_many_images(engine: PrivateEngine, repository: Repository) -> None:
    repository.commit(
        {
            "same/Dockerfile": STEADY,
            "same/x": "1",
            "same/.dockerignore": "*.log\n",
            "gone/Dockerfile": STEADY,
            "mended/Dockerfile": "FROM debian:bookworm-slim\nRUN exit 3\n",
            "broken/Dockerfile": "FROM debian:bookworm-slim\n",
            "twice/Dockerfile": "FROM debian:bookworm-slim\nRUN exit 4\n",
        }
    )
    repository.write(
        {
            "gone/Dockerfile": None,
            "new/Containerfile": "FROM scratch\nCOPY x /\n",
            "new/x": "1",
            "mended/Dockerfile": "FROM debian:bookworm-slim\nRUN true\n",
            "broken/Dockerfile": "FROM debian:bookworm-slim\nRUN echo so it ends >&2; exit 5\n",
            "twice/Dockerfile": "FROM debian:bookworm-slim\nRUN exit 6\n",
            "same/a.log": "what the context leaves out makes no difference\n",
            "x": "hello\n",
        }
    )
    ended = review(engine, repository)
    assert ended.status == 2
    states = {name: (image["state"], image["verdict"]) for name, image in ended.images.items()}
    assert states == {
        "Dockerfile": ("changed", "pass"),
        "same/Dockerfile": ("unchanged", "pass"),
        "gone/Dockerfile": ("removed", "pass"),
        "new/Containerfile": ("new", "pass"),
        "mended/Dockerfile": ("base-build-failed", "warn"),
        "broken/Dockerfile": ("head-build-failed", "error"),
        "twice/Dockerfile": ("head-build-failed", "error"),
    }
    assert "so it ends" in "\n".join(ended.images["broken/Dockerfile"]["log"])
    assert "did not build before this change either" in ended.images["twice/Dockerfile"]["notes"][0]
    assert ended.images["mended/Dockerfile"]["delta"] is None
    assert "build same" not in ended.stderr


def list_images(engine: PrivateEngine) -> list[str]:
    """Return every image of the engine with each of its names."""
    listed = engine.docker(
        "images", "--all", "--no-trunc", "--format", "{{.ID}} {{.Repository}}:{{.Tag}}"
    )
    return sorted(listed.splitlines())


def test_no_image_is_left_in_the_engine(engine: PrivateEngine, repository: Repository) -> None:
    before = list_images(engine)
    repository.write({"Dockerfile": FATTER})
    assert review(engine, repository).status == 0
    assert list_images(engine) == before
    assert repository.git("worktree", "list").count("\n") == 0


def test_build_arguments_and_target_are_applied(
    engine: PrivateEngine, repository: Repository
) -> None:
    dockerfile = (
        "ARG TAG=none\nFROM debian:$TAG AS build\nARG SIZE\nRUN head -c $SIZE /dev/zero > /big\n"
        "FROM scratch AS small\nCOPY --from=build /etc/hostname /\nFROM build AS large\nRUN echo 1 > /one\n"
    )
    config = (
        "images:\n"
        "- {name: small, dockerfile: Dockerfile, target: small, build-args: {TAG: bookworm-slim, SIZE: 7}}\n"
        "- {name: large, dockerfile: Dockerfile, target: LARGE, build-args: {TAG: bookworm-slim, SIZE: 9}}\n"
    )
    repository.commit({"Dockerfile": dockerfile, ".github/image-size.yml": config})
    repository.write({".github/image-size.yml": config.replace("SIZE: 9", "SIZE: 1009")})
    ended = review(engine, repository)
    assert ended.status == 0, ended.stderr
    assert ended.images["small"]["state"] == "unchanged"
    large = ended.images["large"]
    assert large["delta"]["unpacked_bytes"] == 1000
    own = [layer for layer in large["head"]["layers"] if not layer["from_base_image"]]
    assert [layer["line_start"] for layer in own] == [4, 8]


def test_copying_the_whole_context_copies_no_files_of_the_program(
    engine: PrivateEngine, repository: Repository
) -> None:
    """The worktree is ours, and nothing of that may show in an image."""
    everything = "FROM debian:bookworm-slim\nENV A={}\nCOPY . /app\nRUN cp -r /app /app2 && test ! -e /app/.git\n"
    repository.commit({"Dockerfile": everything.format(1)})
    repository.write({"Dockerfile": everything.format(2)})
    (image,) = review(engine, repository).report["images"]
    assert image["delta"]["unpacked_bytes"] == 0
    assert {row["delta_bytes"] for row in image["attribution"]} == {0}


def test_a_missing_context_never_passes(engine: PrivateEngine, repository: Repository) -> None:
    config = "images: [{name: a, dockerfile: app/Dockerfile, context: aps}]\n"
    repository.commit({".github/image-size.yml": config, "app/Dockerfile": STEADY, "app/x": "1"})
    repository.write({"app/x": "2"})
    ended = review(engine, repository)
    assert ended.status == 2
    assert "no context 'aps'" in ended.images["a"]["reason"]


def test_a_context_behind_a_link_is_followed(engine: PrivateEngine, repository: Repository) -> None:
    config = "discover: false\nimages: [{name: a, dockerfile: link/D, context: link}]\n"
    (repository.path / "link").symlink_to("shared")
    repository.commit({".github/image-size.yml": config, "shared/D": STEADY, "shared/x": "1"})
    repository.write({"shared/x": "22"})
    (image,) = review(engine, repository).report["images"]
    assert image["delta"]["unpacked_bytes"] == 1
    assert image["attribution"][0]["line_start"] == 3


def test_an_audit_lists_the_largest_first(engine: PrivateEngine, repository: Repository) -> None:
    repository.commit(
        {
            "big/Dockerfile": FATTER,
            "big/x": "1",
            "tiny/Dockerfile": "FROM scratch\nCOPY x /\n",
            "tiny/x": "1",
        }
    )
    arguments = ["audit", "--repo", repository.path, "--format", "json", "--max-size", "1MB"]
    ended = start(*arguments, environment=engine.environment)
    assert ended.status == 1
    assert [x["name"] for x in ended.report["images"]] == [
        "big/Dockerfile",
        "Dockerfile",
        "tiny/Dockerfile",
    ]
    assert [x["verdict"] for x in ended.report["images"]] == ["fail", "fail", "pass"]


def test_existing_images_are_measured_and_compared(
    engine: PrivateEngine, repository: Repository
) -> None:
    for tag, dockerfile in (("pair:1", STEADY), ("pair:2", FATTER)):
        repository.write({"Dockerfile": dockerfile})
        build(engine, repository, tag)
    ended = start("diff", "pair:1", "pair:2", "--format", "json", environment=engine.environment)
    assert (ended.status, ended.report["images"][0]["delta"]["unpacked_bytes"]) == (0, 4_000_000)
    measured = start("measure", "pair:2", "--format", "text", environment=engine.environment)
    assert measured.status == 0
    assert "pair:2" in measured.stdout


@pytest.mark.parametrize("transport", ["docker-archive", "oci-archive"])
def test_a_saved_image_has_the_same_sizes_as_in_the_engine(
    engine: PrivateEngine, repository: Repository, tmp_path: Path, transport: str
) -> None:
    build(engine, repository, "saved:1")
    engine.docker("save", "--output", str(tmp_path / "saved.tar"), "saved:1")
    nowhere = {"DOCKER_HOST": f"unix://{tmp_path}/none"}
    saved = start(
        "measure", f"{transport}:{tmp_path}/saved.tar", "--format", "json", environment=nowhere
    )
    in_engine = start(
        "measure", "docker-daemon:saved:1", "--format", "json", environment=engine.environment
    )
    assert saved.status == in_engine.status == 0, saved.stderr
    both = [ended.report["images"][0]["head"] for ended in (saved, in_engine)]
    ranges = [compressed_range(image) for image in both]
    assert max(low for low, _ in ranges) <= min(high for _, high in ranges)
    # How it was read, by what contents are told apart, and so the guess at what is compressed, may differ.
    for image in both:
        for name in ("reference", "way", "identity", "compressed_bytes", "compressed_error"):
            del image[name]
        for layer in image["layers"]:
            del layer["content_id"], layer["compressed_bytes"], layer["compressed_error"]
    assert both[0] == both[1]


def compressed_range(image: dict[str, Any]) -> tuple[float, float]:
    """Return the lowest and highest compressed size that a report's error allows."""
    size, error = image["compressed_bytes"], image["compressed_error"]
    return size * (1 - error), size * (1 + error)


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("docker-archive:/no/such.tar", "cannot be read"),
        ("docker://Alpine", "is not a valid image reference"),
        ("docker://127.0.0.1:1/alpine", "does not answer"),
        ("oci:/some/folder", "is not an OCI layout"),
        ("dir:/some/folder", "is not supported"),
    ],
)
def test_an_unknown_reference_is_an_error(
    engine: PrivateEngine, reference: str, words: str
) -> None:
    status, message = error(start("measure", reference, environment=engine.environment))
    assert status == 2
    assert words in message


def test_the_schema_describes_the_report(engine: PrivateEngine, repository: Repository) -> None:
    schema = json.loads(start("schema", environment=engine.environment).stdout)
    repository.write({"Dockerfile": FATTER})
    validate(review(engine, repository).report, schema)


HOSTILE = "$(touch pwned)`|<-details>@everyone #1"


def test_hostile_names_are_escaped(engine: PrivateEngine, repository: Repository) -> None:
    folder = 'sp ace "quo\'te"\n|pipe `x` $(touch pwned) @everyone'
    line = f"RUN echo '{HOSTILE}</details><!-- --> | \\`x\\` @everyone' > /o && touch /ok\n"
    repository.branch("hostile-branch")
    repository.git("branch", "-m", "$(touch-x)`|</details>@everyone")
    repository.commit({f"{folder}/Dockerfile": STEADY, f"{folder}/x": "1"})
    base = repository.git("rev-parse", "HEAD")
    repository.commit({f"{folder}/Dockerfile": FATTER + line})
    branch = repository.git("branch", "--show-current")
    arguments = [
        "review",
        "--repo",
        repository.path,
        "--base",
        base,
        "--head",
        branch,
        "--max-growth",
        "1MB",
    ]
    ended = start(*arguments, "--format", "markdown", environment=engine.environment)
    assert ended.status == 1, ended.stderr
    tokens = MarkdownIt("commonmark").enable("table").parse(ended.stdout)
    rows = [token for token in tokens if token.type == "tr_open"]
    plain = start(
        *[
            "review",
            "--repo",
            repository.path,
            "--base",
            base,
            "--head",
            base,
            "--format",
            "markdown",
        ],
        environment=engine.environment,
    )
    assert plain.status == 0
    assert len(rows) > 5
    assert "touch-x" in ended.stdout, "the branch is named"
    assert "@everyone" not in ended.stdout
    assert ended.stdout.count("<details>") == ended.stdout.count("</details>")
    assert "<!--" not in ended.stdout
    assert not list(repository.path.rglob("pwned")) + list(Path.cwd().glob("pwned"))


def test_an_interrupted_review_leaves_nothing_behind(
    engine: PrivateEngine, repository: Repository
) -> None:
    """As when a newer push cancels the job: SIGTERM, in the middle of a build."""
    repository.write({"Dockerfile": STEADY + "RUN sleep 300\n"})
    before = list_images(engine)
    command = [
        sys.executable,
        "-m",
        "bot",
        "review",
        "--repo",
        str(repository.path),
        "--base",
        "main",
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **engine.environment}
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    assert process.stderr
    for line in process.stderr:
        if "(head)" in line:
            break
    time.sleep(1)
    process.terminate()
    assert process.wait(60) == 130
    process.stderr.close()
    assert list_images(engine) == before
    assert len(repository.git("worktree", "list").splitlines()) == 1


def error(ended: FinishedRun) -> tuple[int, str]:
    assert ended.stdout == ""
    return ended.status, ended.stderr


def test_a_terminal_without_arrows_gets_the_report_too(
    engine: PrivateEngine, repository: Repository
) -> None:
    repository.write({"x": "changed"})
    narrow = {**engine.environment, "PYTHONIOENCODING": "ascii"}
    ended = start("review", "--repo", repository.path, "--base", "main", environment=narrow)
    assert ended.status == 0
    assert " ? head " in ended.stdout


def test_a_revision_that_does_not_exist(engine: PrivateEngine, repository: Repository) -> None:
    status, words = error(review(engine, repository, "--head", "nowhere"))
    assert status == 2
    assert "no revision 'nowhere'" in words
    assert "What to do:" in words


def test_a_broken_configuration_is_an_error(engine: PrivateEngine, repository: Repository) -> None:
    repository.commit({".github/image-size.yml": "imges: []\n"})
    status, words = error(review(engine, repository))
    assert status == 2
    assert (
        ".github/image-size.yml:1: unknown key 'imges'; the nearest known one is 'images'" in words
    )


def test_a_missing_dockerfile_is_an_error(engine: PrivateEngine) -> None:
    status, words = error(start("advise", "x", "--verify", environment=engine.environment))
    assert (status, "The Dockerfile cannot be read." in words) == (2, True)


@pytest.mark.parametrize(
    "wrong",
    [
        ("--output", "/no/such/folder/x"),
        ("--output", "/tmp"),
        ("--build-timeout", "0"),
        ("--platform", "amd64"),
    ],
)
def test_wrong_arguments_are_reported_before_building(
    engine: PrivateEngine, repository: Repository, wrong: tuple[str, str]
) -> None:
    repository.write({"x": "changed"})
    status, words = error(review(engine, repository, *wrong))
    assert status == 2
    assert "error: argument" in words
    assert "build Dockerfile" not in words


def test_an_unknown_image_name_is_an_error(engine: PrivateEngine, repository: Repository) -> None:
    status, words = error(review(engine, repository, "--image", "nobody"))
    assert (status, "No image is called 'nobody'" in words) == (2, True)


def test_a_missing_docker_command_is_an_error(
    engine: PrivateEngine, repository: Repository, tmp_path: Path
) -> None:
    repository.write({"x": "changed"})
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/git").symlink_to(shutil.which("git") or "")
    environment = {**engine.environment, "PATH": str(tmp_path / "bin")}
    status, words = error(
        start("review", "--repo", repository.path, "--base", "HEAD", environment=environment)
    )
    assert (status, "docker command is not installed" in words) == (2, True)


def test_an_image_missing_in_the_engine_is_an_error(engine: PrivateEngine) -> None:
    status, words = error(start("measure", "no/such:image", environment=engine.environment))
    assert (status, "no image 'no/such:image'" in words) == (2, True)
