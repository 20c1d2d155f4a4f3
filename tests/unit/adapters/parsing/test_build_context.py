"""The folder that a build copies from."""

from pathlib import Path

from bot.adapters.parsing.build_context import FolderContextReader
from bot.adapters.parsing.dockerfile_parser import DockerfileReader


def test_sizes_and_texts_of_context_files(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM x\n")
    (tmp_path / "main.go").write_bytes(b"package main \xff")
    (tmp_path / "zero.go").symlink_to("/dev/zero")
    context = FolderContextReader(DockerfileReader()).read(tmp_path / "Dockerfile", tmp_path)
    assert context.file_sizes.keys() == {"Dockerfile", "main.go", "zero.go"}
    assert context.read_text("main.go") == "package main \N{REPLACEMENT CHARACTER}"
    assert context.read_text("zero.go") == context.read_text("gone.go") == ""
