"""The folder that a build copies from."""

from pathlib import Path

from bot.adapters.parsing.build_context import FolderContexts
from bot.adapters.parsing.dockerfile_parser import DockerfileReader


def test_texts_of_the_context(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM x\n")
    (tmp_path / "main.go").write_bytes(b"package main \xff")
    (tmp_path / "zero.go").symlink_to("/dev/zero")
    context = FolderContexts(DockerfileReader()).read(tmp_path / "Dockerfile", tmp_path)
    assert context.files.keys() == {"Dockerfile", "main.go", "zero.go"}
    assert context.read("main.go") == "package main \N{REPLACEMENT CHARACTER}"
    assert context.read("zero.go") == context.read("gone.go") == ""
