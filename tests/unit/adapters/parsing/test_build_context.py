"""The folder that a build copies from."""

import os
from pathlib import Path

import pytest

from bot.adapters.parsing.build_context import FolderContextReader
from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.dockerfile.build_context import BuildContext


def read(root: Path, dockerfile: str = "Dockerfile", folder: str = ".") -> BuildContext:
    reader = FolderContextReader(DockerfileReader())
    return reader.read(root / dockerfile, root / folder, root)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    root.mkdir()
    (root / "Dockerfile").write_text("FROM x\n")
    (root / "a.log").write_bytes(b"12")
    (root / "b").write_bytes(b"123")
    return root


def test_sizes_and_texts_of_context_files(root: Path) -> None:
    (root / "main.go").write_bytes(b"package main \xff")
    (root / "zero.go").symlink_to("/dev/zero")
    (root / "etc").symlink_to("/etc")
    context = read(root)
    assert context.file_sizes.keys() == {"Dockerfile", "a.log", "b", "main.go", "zero.go", "etc"}
    assert context.read_text("main.go") == "package main \N{REPLACEMENT CHARACTER}"
    assert context.read_text("zero.go") == context.read_text("gone.go") == ""
    assert context.read_text("etc/passwd") == context.read_text("../x") == ""


def test_small_files_of_the_repository_can_be_read(root: Path) -> None:
    (root.parent / "secret").write_text("x")
    (root / "deep").mkdir()
    (root / ".env.example").write_text("PORT=80\n")
    (root / ".env.sample").symlink_to("../secret")
    (root / "large").write_bytes(b"x" * 200_000)
    read_text = read(root, folder="deep").read_repository_text
    assert read_text(".env.example") == "PORT=80\n"
    for path in (".env.sample", "../secret", "large", "deep", "none", "/etc/passwd"):
        assert read_text(path) == ""


def test_a_small_yaml_file_is_read_to_values(root: Path) -> None:
    (root / "compose.yml").write_text("services: {a: {build: .}}\n")
    (root / "broken.yml").write_text("a: [1\n")
    read_yaml = read(root).read_repository_yaml
    assert read_yaml("compose.yml") == {"services": {"a": {"build": "."}}}
    assert [read_yaml(path) for path in ("broken.yml", "missing.yml")] == [None, None]


def test_the_repository_is_found_where_the_checkout_is_the_machine(root: Path) -> None:
    (root / ".env.example").write_text("A=1\n")
    (root / "deep").mkdir()
    reader, top = FolderContextReader(DockerfileReader()), Path(root.anchor)
    example = (root / ".env.example").relative_to(top).as_posix()
    alone = reader.read(root / "deep/Dockerfile", root / "deep", top)
    assert alone.repository_folder == (root / "deep").relative_to(top).as_posix()
    assert alone.read_repository_text(example) == ""
    (root / ".git").mkdir()
    context = reader.read(root / "deep/Dockerfile", root / "deep", top)
    assert context.repository_folder == root.relative_to(top).as_posix()
    assert context.read_repository_text(example) == "A=1\n"


def test_ignored_files_are_not_listed(root: Path) -> None:
    (root / "d").mkdir()
    (root / "d/x").touch()
    (root / ".dockerignore").write_text("*\n!b\n!d\nd/x\n")
    context = read(root)
    assert context.file_sizes == {"b": 3}
    assert context.has_ignore_file


def test_the_ignore_file_of_the_dockerfile_wins(root: Path) -> None:
    (root / ".dockerignore").write_text("a.log\n")
    (root / "Dockerfile.dockerignore").write_text("b\n*ignore\n")
    assert read(root).file_sizes.keys() == {"Dockerfile", "a.log"}


@pytest.mark.parametrize(
    "target",
    ["/proc/self/mem", "/proc/kmsg", "/dev/zero", "../patterns", "none", ".", "/etc/group"],
)
@pytest.mark.parametrize("name", [".dockerignore", "Dockerfile.dockerignore"])
def test_an_ignore_file_that_leads_elsewhere_is_none(root: Path, name: str, target: str) -> None:
    (root.parent / "patterns").write_text("*\n")
    (root / name).symlink_to(target)
    context = read(root)
    assert context.file_sizes.keys() == {"Dockerfile", "a.log", "b", name}
    assert not context.has_ignore_file


def test_an_ignore_file_may_be_a_link_to_its_neighbour(root: Path) -> None:
    (root / "ignore").write_text("*.log\n")
    (root / ".dockerignore").symlink_to("ignore")
    assert read(root).file_sizes.keys() == {"Dockerfile", "b", "ignore", ".dockerignore"}


@pytest.mark.parametrize("text", ["[", "b\n[a]{1000}\n" * 101, "x*[\n", "#" * 100_001])
def test_of_an_unusable_ignore_file_nothing_is_obeyed(root: Path, text: str) -> None:
    (root / ".dockerignore").write_text(text)
    assert read(root).file_sizes.keys() == {"Dockerfile", "a.log", "b", ".dockerignore"}


@pytest.mark.parametrize(
    ("dockerfile", "folder"), [("Dockerfile", "out"), ("out/Dockerfile", "."), ("Dockerfile", "..")]
)
def test_nothing_outside_of_the_root_is_walked(root: Path, dockerfile: str, folder: str) -> None:
    (root.parent / "Dockerfile").write_text("FROM x\n")
    (root / "out").symlink_to("..")
    assert read(root, dockerfile, folder).file_sizes == {}


def test_siblings_are_read_if_they_are_short_regular_files(root: Path) -> None:
    (root / "web.Dockerfile").write_text("FROM y\n")
    (root / "broken.Dockerfile").write_text("RUN x\n")
    (root / "long.Dockerfile").write_text("FROM y\n" + "#" * 100_000)
    (root / "linked.Dockerfile").symlink_to("web.Dockerfile")
    os.mkfifo(root / "pipe.sh")
    (root / "build.sh").write_text("echo\n")
    (root / "x.bash").symlink_to("/dev/zero")
    context = read(root)
    assert context.other_dockerfiles.keys() == {"web.Dockerfile"}
    assert context.shell_scripts.keys() == {"build.sh"}


def test_names_that_are_no_text_can_be_printed(root: Path) -> None:
    (root / os.fsdecode(b"\xff.log")).touch()
    assert "\N{REPLACEMENT CHARACTER}.log" in read(root).file_sizes


def test_a_folder_that_is_gone_is_empty(root: Path) -> None:
    assert read(root, "gone/Dockerfile", "gone").file_sizes == {}
