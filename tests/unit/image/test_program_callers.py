"""The scripts in an image that call programs, those of its libraries included."""

import json
from collections.abc import Mapping

import pytest

from bot.image.program_callers import find_program_callers, is_installer_file
from tests.support.image_pair_world import SHELL, make_image

DJANGO = "usr/local/lib/python3.12/site-packages/django"
PROGRAMS = frozenset({"git", "msgfmt", "file"})


def callers(files: Mapping[str, str], without: str = "?") -> Mapping[str, str]:
    image = make_image(SHELL, run=files)
    return find_program_callers(image, PROGRAMS, lambda path: without not in path)


def test_a_library_names_its_programs_elsewhere_than_it_starts_them() -> None:
    command = f"{DJANGO}/core/management/commands/compilemessages.py"
    files = {
        f"{DJANGO}/core/management/utils.py": "from subprocess import run\n",
        command: 'class Command:\n    program = "msgfmt"\n',
    }
    assert callers(files) == {"msgfmt": command}
    assert callers({command: files[command]}) == {}
    assert callers(files, without="django") == {}


def test_a_library_that_starts_nothing_calls_nothing() -> None:
    files = {
        "app/node_modules/icons/index.js": "exports.names = ['git']",
        "app/node_modules/runner/index.js": "require('child_process')",
    }
    assert callers(files) == {}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("app/tasks.py", "import subprocess\nLOG = ['git', 'log']\n"),
        ("app/backup.sh", "if true; then git push; fi\n"),
        ("!app/backup", "#!/bin/sh\ngit push\n"),
        ("!start", "#!/bin/sh\ngit pull\n"),
        ("!app/bin/task", "#!/usr/bin/env ruby\nputs `git log`\n"),
        ("app/lib/tasks/log.rake", "task(:log) { sh 'git log'; system 'x' }\n"),
        ("app/Rakefile", "task :log do\n  sh 'git log'\nend\n"),
        ("app/artisan", "<?php\nshell_exec('git log');\n"),
        ("app/package.json", json.dumps({"scripts": {"log": "git log"}})),
        ("app/main.go", 'package main\nimport "os/exec"\nvar tool = "git"\n'),
    ],
)
def test_scripts_of_the_application(path: str, text: str) -> None:
    assert callers({path: text}) == {"git": path.removeprefix("!")}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("app/package.json", json.dumps({"scripts": {"prepare": "git log", "test:e2e": "git x"}})),
        ("app/package.json", "{"),
        ("app/node_modules/x/package.json", json.dumps({"scripts": {"log": "git log"}})),
        ("app/readme.md", "`git log` import subprocess"),
        ("app/LICENSE", "`git log` import subprocess"),
        ("app/Rakefile", "desc 'install git'\ntask(:log) { puts 'file' }\n"),
        ("!app/program", "\x7fELF subprocess 'git'"),
        ("usr/lib/python3/dist-packages/pip/vcs.py", "import subprocess\nname = 'git'\n"),
    ],
)
def test_what_calls_nothing(path: str, text: str) -> None:
    assert callers({path: text}) == {}


def test_installers() -> None:
    assert is_installer_file("opt/venv/lib/python3.12/site-packages/pandas/_version.py")
    assert is_installer_file("opt/venv/lib/python3.12/site-packages/django/utils/version.py")
    assert is_installer_file("usr/lib/python3.11/venv/__init__.py")
    assert is_installer_file("usr/local/lib/node_modules/npm/lib/x.js")
    assert not is_installer_file("app/node_modules/simple-git/x.js")
