"""The own files that the last stage needs."""

import pytest

from bot.rewrite.ecosystems.node import ECOSYSTEM as NODE
from bot.rewrite.ecosystems.python import ECOSYSTEM as PYTHON
from bot.rewrite.ecosystems.rust import ECOSYSTEM as RUST
from tests.unit.rewrite.test_copy_plan import TEXT, list_copied, make_copy_plan


@pytest.mark.parametrize(
    "line",
    [
        "app/.git/config 1kB @4",
        "app/.git/objects/pack/p 80MB @4",
        "app/.git/config @5 = [core]\napp/.git/HEAD 1kB @5",
        "app/.gitignore 1kB @4",
        "app/Dockerfile 1kB @4",
        "app/docker-compose.yml 1kB @4",
        "app/README.md 1kB @4",
        "app/CODE_OF_CONDUCT.md 1kB @4",
        "app/tailwind.config.cjs 1kB @4",
        "app/AUTHORS 1kB @4",
        "app/.aws/task-definition.json 1kB @4",
        "app/terraform/network.tf 1kB @4",
        "app/main.c 400kB @4",
        "app/main.o 400kB @5",
        "root/.cache/pip/x 9MB @5",
        "home/bob/.npm/x 9MB @5",
        "tmp/x 9MB @5",
        "var/log/apt/history.log 1kB @2",
        "var/lib/dpkg/status-old 1MB @2",
        "etc/ssl/openssl.cnf 1kB @2",
        "usr/share/doc/y/copyright 1kB @2",
        "deb y 9MB @2 brings usr/bin/y",
        "usr/local/include/x.h 1kB @5",
        "etc/passwd 1kB @2",
        "usr/bin/inherited 9MB base 755",
    ],
)
def test_files_that_are_left_out(line: str) -> None:
    assert list_copied(line) == ["app/run"]


@pytest.mark.parametrize(
    ("line", "pieces"),
    [
        ("app/schema.sql 1kB @4", ["app/"]),
        ("app/.env 1kB @4", ["app/"]),
        ("app/LICENSE 1kB @4", ["app/"]),
        ("app/.aws/config 1kB @4", ["app/"]),
        ("app/todo.md 1kB @4", ["app/"]),
        ("opt/x/a 1kB @5\nopt/x/b 1kB @5", ["app/run", "opt/x/"]),
        ("opt/My Notes.txt 1kB @4", ["app/run", "opt/My Notes.txt"]),
        ("usr/local/bin/tool 1kB @5 755", ["app/run", "usr/local/bin/tool"]),
        ("usr/local/lib/libx.so.1 1MB @5", ["app/run", "usr/local/lib/libx.so.1"]),
        ("etc/app/a.conf 1kB @4\netc/app/b.conf 1kB @4", ["app/run", "etc/app/"]),
        (
            'opt/repo/.git/config @5 = [remote "origin"]\nopt/repo/a 1kB @5',
            ["app/run", "opt/repo/"],
        ),
        ("root/.bashrc 1kB @4", ["app/run", "root/.bashrc"]),
        ("srv/www/index.html 1kB @4", ["app/run", "srv/www/"]),
    ],
)
def test_files_that_are_kept(line: str, pieces: list[str]) -> None:
    """Files that were in the image stay; a `.env` of the context does not become a secret."""
    assert sorted(list_copied(line)) == pieces


def test_the_started_program_is_kept_wherever_it_lies() -> None:
    files = "app/target/release/run 9MB @5 755 = ELF\napp/target/release/deps/x.rlib 99MB @5\n"
    text = TEXT.replace("/app/run", "target/release/run")
    plan = make_copy_plan(files, RUST, text=text)
    assert "app/target/release/run" in [x.path for x in plan.items]
    assert "app/target/release/deps/x.rlib" in plan.dropped_sizes


def test_a_build_tree_is_left_out_wherever_it_lies() -> None:
    files = "app/out/CMakeCache.txt 1kB @5\napp/out/run 9MB @5 755\napp/out/x.dat 9MB @5"
    assert list_copied(files) == ["app/run"]


@pytest.mark.parametrize(
    "name",
    [
        ".taprc",
        ".mocharc.yml",
        "jest.config.js",
        "nest-cli.json",
        "main.js.bak",
        ".svelte-kit/tsconfig.json",
    ],
)
def test_settings_of_linters_and_tests_stay_behind(name: str) -> None:
    assert list_copied(f"app/{name} 1kB @4\napp/dist/a.js 1kB @5", NODE) == [
        "app/dist/",
        "app/run",
    ]


def test_declarations_and_sources_of_typescript() -> None:
    files = "app/src/a.ts 1MB @4\napp/dist/a.js 1kB @5\napp/dist/a.d.ts 1kB @5\napp/.eslintrc.json 1kB @4"
    assert list_copied(files, NODE) == ["app/dist/", "app/run"]


@pytest.mark.parametrize(
    ("line", "is_kept"),
    [
        ("etc/y.conf 1kB @4", True),
        ("usr/share/y/logo.png 1kB @4", True),
        ("etc/y.conf 1kB @5", True),
        ("etc/y.conf 1kB @2", False),
        ("usr/share/y/logo.png 1kB @5", False),
    ],
)
def test_a_changed_file_of_a_package_is_kept(line: str, is_kept: bool) -> None:
    package = f"deb y 1MB @2 brings {line.split(maxsplit=1)[0]}\n"
    assert (line.split(maxsplit=1)[0] in list_copied(package + line)) is is_kept


@pytest.mark.parametrize(
    ("folder", "command", "line", "is_kept"),
    [
        ("/usr/src/app", '["python", "main.py"]', 4, True),
        ("/", '["python", "/usr/src/app/main.py"]', 4, True),
        ("/app", '["python", "-m", "other"]', 4, False),
        ("/app", '["python", "-m", "other"]', 3, True),
    ],
)
def test_the_applications_folder_holds_no_residue(
    folder: str, command: str, line: int, is_kept: bool
) -> None:
    text = f"FROM python:3.12\nWORKDIR {folder}\nCOPY . /usr/src/app\nRUN true\nRUN true\nCMD {command}\n"
    plan = make_copy_plan(f"usr/src/app/main.py 1kB @{line}\n", PYTHON, text=text)
    assert any("usr/src/app/main.py".startswith(x.path) for x in plan.items) is is_kept
