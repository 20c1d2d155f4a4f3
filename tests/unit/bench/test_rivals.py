"""The other tools of the benchmark, by stand-ins of their programs."""

from pathlib import Path

import pytest

from bench.rivals import RIVALS, Rival


def make_tool(folder: Path, answer: str) -> Rival:
    program = folder / "tool"
    program.write_text(f"#!/bin/sh\necho '{answer}'\n")
    program.chmod(0o755)
    return Rival(str(program), "`tool`", (str(program), "--version"), "cp {image} {folder}/copy")


@pytest.mark.parametrize(
    ("answer", "title"),
    [("dive 0.13.1", "`tool` 0.13.1"), ("v0.20.2", "`tool` 0.20.2"), ("none", "`tool`")],
)
def test_a_tool_is_named_with_its_version(answer: str, title: str, tmp_path: Path) -> None:
    tool = make_tool(tmp_path, answer)
    assert tool.is_installed
    assert tool.describe() == title


def test_a_tool_that_is_not_there() -> None:
    assert not Rival("/nonexistent/tool", "", (), "").is_installed


def test_a_tool_that_cannot_read_an_image_is_noticed(tmp_path: Path) -> None:
    tool = make_tool(tmp_path, "tool 1.0")
    (tmp_path / "app").touch()
    assert tool.can_read(str(tmp_path / "app"), tmp_path)
    assert not tool.can_read(str(tmp_path / "other"), tmp_path)


def test_a_command_names_the_image_and_an_empty_folder(tmp_path: Path) -> None:
    *_, script = RIVALS[-1].make_command("app:1", tmp_path)
    assert f"rm -rf {tmp_path}/rival; mkdir {tmp_path}/rival;" in script
    assert f"docker save --output {tmp_path}/rival/tar app:1 " in script
    assert script.endswith(f"docker-archive:{tmp_path}/rival/tar dir:{tmp_path}/rival/copy")
