"""The rooms of bot/, and which of them may import which."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "bot").rglob("*.py"))

# A room -> the other rooms that it may import. ARCHITECTURE.md draws the same table.
ALLOWED = {
    "model": set[str](),
    "errors": set[str](),
    "doc_links": set[str](),
    "parallel": set[str](),
    "pattern_lists": set[str](),
    "redaction": {"model", "pattern_lists"},
    "dockerfile": {"model"},
    "records": {"model"},
    "budget": {"model", "records"},
    "project": {"model", "errors", "doc_links", "pattern_lists"},
    "pull_request": {"model", "doc_links", "redaction"},
    "image": {"model", "dockerfile", "parallel", "pattern_lists"},
    "compare": {"model", "image"},
    "audit": {"model"},
    "since": {"model", "records"},
    "advise": {"model", "dockerfile", "image", "pattern_lists"},
    "rewrite": {"model", "dockerfile", "image", "advise", "pattern_lists"},
    "verify": {"model", "dockerfile", "image", "pattern_lists"},
    "report": {"model", "image", "compare", "audit", "pull_request", "doc_links", "bot"},
    "line": {
        *("model", "errors", "dockerfile", "image", "compare", "advise", "rewrite", "verify"),
        *("audit", "budget", "project", "pull_request", "records", "since"),
    },
    "adapters": {
        *("model", "errors", "doc_links", "parallel", "redaction", "dockerfile", "image"),
        *("project", "pull_request", "line", "records", "report", "pattern_lists", "bot"),
    },
    "wiring": {"adapters", "line"},
}
# The entry points: they read options, wire the adapters to the line, and post or print the result.
ENTRY_POINTS = {"__main__", "cli", "action"}

# The verifier must not share the rewriter's judgement: what the rewriter wrongly takes for build
# residue would pass as residue in the verifier, too. Facts that both need are in image/ or dockerfile/.
INDEPENDENT = [("verify", "rewrite"), ("verify", "advise"), ("rewrite", "verify")]

ADAPTERS_ONLY = {
    "docker",
    "dockerfile_parse",
    "github",
    "requests",
    "subprocess",
    "tree_sitter",
    "tree_sitter_bash",
    "urllib3",
}
# Rooms without input and output, clock and chance. `image` is not among them: it reads archives that
# it is handed as files (os.SEEK_SET, and a second process by bot/parallel.py for large layers).
PURE = {
    "advise",
    "audit",
    "budget",
    "compare",
    "dockerfile",
    "model",
    "project",
    "pull_request",
    "records",
    "report",
    "rewrite",
    "since",
    "verify",
}
IMPURE_MODULES = {
    "datetime",
    "multiprocessing",
    "os",
    "random",
    "secrets",
    "shutil",
    "socket",
    "subprocess",
    "tempfile",
    "threading",
    "time",
}
# Rooms that get by with the standard library. `project` reads YAML, `image` compressed layers and ELF.
STANDARD_LIBRARY_ONLY = {
    *("advise", "audit", "budget", "compare", "dockerfile", "model", "pull_request", "records"),
}


def room_of(path: Path) -> str:
    """Return the folder or module right under bot/ that a file belongs to."""
    below_bot = path.parts[len(path.parts) - path.parts[::-1].index("bot") :]
    return below_bot[0].removesuffix(".py")


def imports(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module


def violations(path: Path) -> Iterator[str]:
    room = room_of(path)
    for line, module in imports(path):
        top, *rest = module.split(".")
        message = f"{path}:{line}: {room} may not import {module}"
        if top == "bot" and room not in ENTRY_POINTS and room != "__init__":
            imported = rest[0] if rest else "bot"
            if imported not in ALLOWED[room] | {room}:
                yield message
        if top in ADAPTERS_ONLY and room != "adapters":
            yield message
        if room in PURE and top in IMPURE_MODULES:
            yield message


def test_rooms_import_only_what_the_table_allows() -> None:
    assert len(MODULES) > 200
    assert [line for path in MODULES for line in violations(path)] == []


def test_every_room_is_in_the_table() -> None:
    rooms = {room_of(path) for path in MODULES} - {"__init__"}
    assert rooms == ALLOWED.keys() | ENTRY_POINTS


def test_the_table_has_no_cycle() -> None:
    placed: set[str] = {"bot"}
    while len(placed) <= len(ALLOWED):
        ready = {room for room, below in ALLOWED.items() if below <= placed} - placed
        assert ready, f"a cycle among {sorted(ALLOWED.keys() - placed)}"
        placed |= ready


@pytest.mark.parametrize(("room", "other"), INDEPENDENT)
def test_the_verifier_does_not_share_the_rewriters_judgement(room: str, other: str) -> None:
    assert other not in ALLOWED[room]


def test_pure_rooms_need_little_more_than_the_standard_library() -> None:
    others = [
        f"{path.name}:{line}: {module}"
        for path in MODULES
        if room_of(path) in STANDARD_LIBRARY_ONLY
        for line, module in imports(path)
        if module.split(".")[0] not in {*sys.stdlib_module_names, "bot"}
    ]
    assert others == []


def test_one_module_reads_the_environment() -> None:
    readers = {
        path.relative_to(ROOT).as_posix()
        for path in MODULES
        if "os.environ" in path.read_text("utf-8") or "getenv" in path.read_text("utf-8")
    }
    assert readers == {"bot/adapters/environment.py"}


@pytest.mark.parametrize("path", sorted((ROOT / "tests").rglob("*.py")), ids=lambda path: path.name)
def test_nothing_is_mocked(path: Path) -> None:
    forbidden = ("unittest." + "mock", "monkeypatch." + "setattr", "Magic" + "Mock", "mock" + "er")
    text = path.read_text("utf-8")
    assert not [word for word in forbidden if word in text]


def test_a_violation_is_noticed(tmp_path: Path) -> None:
    """The same check finds all three violations in a module made for the purpose."""
    module = tmp_path / "bot" / "compare" / "example.py"
    module.parent.mkdir(parents=True)
    module.write_text(
        "import docker\nfrom bot.adapters import git\nimport os\nimport re\n", "utf-8"
    )
    assert [line.partition(": compare ")[2] for line in violations(module)] == [
        "may not import docker",
        "may not import bot.adapters",
        "may not import os",
    ]


def test_the_page_has_the_same_table() -> None:
    """ARCHITECTURE.md has the table of imports; `line` is summed up there."""
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    rows = re.findall(
        r"^\| ((?:`\w+`(?:, )?)+) \| ((?:`\w+`(?:, )?)+|nothing) \|$", text, re.MULTILINE
    )
    table = {
        room: set(re.findall(r"`(\w+)`", allowed))
        for rooms, allowed in rows
        for room in re.findall(r"`(\w+)`", rooms)
    }
    assert table.keys() == ALLOWED.keys() - {"line"}
    assert table == {room: ALLOWED[room] - {"bot"} for room in table}


def test_the_page_names_every_room_and_files_that_exist() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    rows = re.findall(r"^\| ((?:`\w+/`(?:, )?)+) \| .* \| (.*) \|$", text, re.MULTILINE)
    named = {
        room: set(re.findall(r"`([\w/.]+)`", first))
        for rooms, first in rows
        for room in re.findall(r"`(\w+)/`", rooms)
    }
    folders = {path.parent.name for path in (ROOT / "bot").glob("*/__init__.py")}
    assert named.keys() == folders
    for room, files in named.items():
        assert any(
            (ROOT / "bot" / room / file).is_file() or (ROOT / "bot" / file).is_file()
            for file in files
        )
