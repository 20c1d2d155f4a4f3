"""The rooms of the house, and who may go where."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "bot").rglob("*.py"))

# A room -> the rooms it may import. What is missing here has no business importing anything of ours.
OURS = {
    "core": {"core"},
    "image": {"image", "core"},
    "advise": {"advise", "core"},
    "report": {"report", "core", "bot"},
    "prove": {"prove", "core"},
    "proving": {"prove", "core", "errors", "image", "measurer", "ports"},
    "errors": set(),
    "ports": {"core", "image"},
    "config": {"core", "errors"},
    "inputs": {"core", "errors"},
    "arguments": {"core", "bot"},
    "declare": {"core", "config", "errors", "ports"},
    "measurer": {"core", "image", "ports"},
    "existing": {"core", "measurer"},
    "rewriting": {"advise", "core", "errors", "image", "measurer", "ports"},
    "advisor": {"advise", "core", "ports", "proving", "rewriting"},
    "line": {"advisor", "core", "declare", "errors", "measurer", "ports"},
    "edge": {"edge", "core", "image", "errors", "ports"},
}
ROOTS = {
    "main",
    "commands",
    "action",
    "wiring",
    "__main__",
}  # the composition roots wire everything together

PACKAGES_OF_EDGE = {
    "docker",
    "dockerfile_parse",
    "github",
    "requests",
    "subprocess",
    "tree_sitter",
    "tree_sitter_bash",
    "urllib3",
}
PURE = {"core", "report", "prove"}
IMPURE = {
    "os",
    "time",
    "datetime",
    "random",
    "secrets",
    "socket",
    "tempfile",
    "shutil",
    "subprocess",
}


def room_of(path: Path) -> str:
    """The folder or module right under bot/ that a file is in."""
    inside = path.parts[len(path.parts) - path.parts[::-1].index("bot") :]
    return inside[0].removesuffix(".py")


def imports(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module


def offences(path: Path) -> Iterator[str]:
    room = room_of(path)
    for line, module in imports(path):
        top, *rest = module.split(".")
        where = f"{path}:{line}: {room} may not import {module}"
        if top == "bot" and room not in ROOTS and room != "__init__":
            wanted = rest[0] if rest else "bot"
            if wanted not in OURS[room]:
                yield where
        if top in PACKAGES_OF_EDGE and room != "edge":
            yield where
        if room in PURE and top in IMPURE:
            yield where


def test_no_room_imports_what_it_may_not() -> None:
    assert [line for path in MODULES for line in offences(path)] == []


def test_the_core_needs_nothing_but_the_standard_library() -> None:
    foreign = [
        f"{path.name}:{line}: {module}"
        for path in MODULES
        if room_of(path) == "core"
        for line, module in imports(path)
        if module.split(".")[0] not in {*sys.stdlib_module_names, "bot"}
    ]
    assert foreign == []


def test_one_module_reads_the_environment() -> None:
    readers = {
        path.relative_to(ROOT).as_posix()
        for path in MODULES
        if "os.environ" in path.read_text("utf-8") or "getenv" in path.read_text("utf-8")
    }
    assert readers == {"bot/adapters/environment.py"}


@pytest.mark.parametrize("path", sorted((ROOT / "tests").rglob("*.py")), ids=lambda p: p.name)
def test_nothing_is_mocked(path: Path) -> None:
    forbidden = ("unittest." + "mock", "monkeypatch." + "setattr", "Magic" + "Mock")
    text = path.read_text("utf-8")
    assert not [word for word in forbidden if word in text]


def test_the_walls_would_notice(tmp_path: Path) -> None:
    """A wall that cannot fail is none: the same check on a module that breaks it thrice."""
    module = tmp_path / "bot" / "core" / "plan.py"
    module.parent.mkdir(parents=True)
    module.write_text("import docker\nfrom bot.edge import git\nimport os\nimport re\n", "utf-8")
    assert [line.partition(": core ")[2] for line in offences(module)] == [
        "may not import docker",
        "may not import bot.edge",
        "may not import os",
    ]
