"""The started command exists in the new image, down to programs that scripts call."""

from typing import Any

import pytest

from bot.verify.checks.entry_point import check
from bot.verify.started_programs import read_interpreter
from tests.support.image_pair_world import SHELL, list_subjects, make_image, make_image_pair

TOOLS = {
    **SHELL,
    "!usr/bin/env": "\x7fELF",
    "!usr/bin/curl": "\x7fELF",
    "!usr/bin/python3": "\x7fELF",
}
BARE = {"etc/passwd": ""}


def list_regressions(
    old: dict[str, str], new: dict[str, str], *command: str, **fields: Any
) -> list[str]:
    settings = {"command": command, "workdir": "/app", **fields}
    return list_subjects(
        check(
            make_image_pair(
                make_image(TOOLS, copy=old, **settings), make_image(SHELL, copy=new, **settings)
            )
        )
    )


def test_a_program_by_its_path_its_name_and_its_folder() -> None:
    app = {"!app/run": "\x7fELF"}
    assert list_regressions(app, app, "/app/run") == list_regressions(app, app, "./run") == []
    assert list_regressions(app, app, "run", env={"PATH": "/app"}) == []
    assert list_regressions(app, {}, "/app/run") == ["/app/run"]
    assert list_regressions(app, {"app/run": "\x7fELF"}, "./run") == ["./run"]
    assert list_regressions(app, {"@app/run": "gone"}, "./run") == ["./run"]


@pytest.mark.parametrize(
    ("script", "missing"),
    [
        ("#!/bin/sh\nexec true\n", []),
        ("#!/usr/bin/env python3\n", ["/usr/bin/env", "python3"]),
        ("#!/usr/bin/python3\nprint()\n", ["/usr/bin/python3"]),
        ("#!/bin/sh\nset -e\nif ! curl -f x; then exit 1; fi\n", ["curl"]),
        ("#!/bin/sh\nX=$(curl x) exec other\n", ["curl"]),
        ("#!/bin/sh\nexec env A=b curl x\n", ["env", "curl"]),
        ("#!/bin/sh\nls | xargs -n1 curl\n", ["curl"]),
        ("#!/bin/sh\nchroot /jail curl x\n", ["curl"]),
        ("#!/bin/sh\nwget x\n", []),
    ],
)
def test_programs_that_a_script_starts(script: str, missing: list[str]) -> None:
    files = {"!app/start": script}
    assert list_regressions(files, files, "/app/start") == missing


def test_a_command_in_a_shells_words() -> None:
    assert list_regressions({}, {}, "/bin/sh", "-c", "curl x && exec python3 app.py") == [
        "curl",
        "python3",
    ]
    without = make_image_pair(
        make_image(SHELL, command=("/bin/sh", "-c", "x")),
        make_image(BARE, command=("/bin/sh", "-c", "x")),
    )
    assert list_subjects(check(without)) == ["/bin/sh"]


def test_the_arguments_of_an_entry_script() -> None:
    files = {"!entry.sh": '#!/bin/sh\nexec "$@"\n'}
    assert list_regressions(files, files, "python3", "app.py", entrypoint=("/entry.sh",)) == [
        "python3"
    ]


def test_files_that_the_command_names() -> None:
    files = {"app/main.py": "", "app/conf/x.yml": ""}
    command = ("/bin/sh", "main.py", "--config", "conf/x.yml")
    assert list_regressions(files, files, *command) == []
    assert list_regressions(files, {}, *command) == ["app/main.py", "app/conf/x.yml"]


def test_a_command_that_was_missing_before_is_no_regression() -> None:
    assert list_regressions({}, {}, "serve-all", "x") == []
    old, new = make_image(SHELL, command=("/bin/sh",)), make_image(SHELL, command=("serve-all",))
    assert list_subjects(check(make_image_pair(old, new))) == ["serve-all"]


def test_no_command_at_all() -> None:
    none = make_image_pair(make_image(SHELL), make_image(SHELL, command=()))
    assert list_subjects(check(none)) == ["CMD"]


def test_the_interpreter_of_a_script() -> None:
    assert read_interpreter(b"#!/bin/sh -e\n") == ("/bin/sh",)
    assert read_interpreter(b"#! /usr/bin/env -S node --x\n") == ("/usr/bin/env", "node")
    assert read_interpreter(b"\x7fELF") == read_interpreter(b"") == ()
