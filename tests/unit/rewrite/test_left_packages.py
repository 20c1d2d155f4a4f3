"""Packages that stay in the build stage, and what keeps one in the last stage."""

import re

import pytest

from tests.support.rewrite_world import cut_last_stage, make_candidate, rewrite_text

FILE = """FROM python:3.12
RUN apt-get update && apt-get install -y {packages}
COPY requirements.txt .
RUN pip install -r requirements.txt
WORKDIR /app
COPY . .
CMD ["python3", "app.py"]
"""
LISTING = """
    base 900MB
    base CMD ["python3"]
    usr/bin/python3 6MB base 755
    usr/bin/gcc 6MB base 755
    deb gettext 8MB @2 brings usr/bin/msgfmt
    deb git 40MB @2 brings usr/bin/git
    deb gcc-12 90MB @2 brings usr/bin/gcc-12
    deb libpq-dev 9MB @2 brings usr/include/libpq.h
    usr/local/lib/python3.12/site-packages/flask/app.py 2kB @4 = import os
    app/app.py 1kB @6 = print(1)
"""
DJANGO = """
    usr/local/lib/python3.12/site-packages/django/utils.py 1kB @4 = from subprocess import run
    usr/local/lib/python3.12/site-packages/django/compile.py 1kB @4 = program = "msgfmt"
"""
LEFT = "these stay in the build stage: "


def rewrite(packages: str, *lines: str) -> tuple[str, str]:
    """Return the message behind its fixed part, and the last stage."""
    candidate = make_candidate(FILE.format(packages=packages), "\n".join([LISTING, *lines]))
    text = candidate.dockerfile.decode()
    return candidate.message.partition(LEFT)[2], text[text.rindex("\nFROM ") :]


def test_each_package_that_stays_is_named_with_the_reason() -> None:
    message, stage = rewrite("gcc-12 libpq-dev git gettext")
    assert message == (
        "gcc-12, libpq-dev (only compiling calls them); git, gettext (no source, script or library"
        " that is shipped names their programs)."
    )
    assert "apt-get" not in stage


def test_what_a_library_calls_is_installed_again() -> None:
    message, stage = rewrite("git gettext", DJANGO)
    assert message.startswith("git (")
    assert " gettext " in stage


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("app/tasks.py 1kB @6 = import subprocess\\nLOG = ['git', 'log']", ""),
        ("app/log.sh 1kB @6 = git log", ""),
        ("app/tests/tasks.py 1kB @6 = import subprocess\\nLOG = ['git', 'log']", "git ("),
        ("app/words.py 1kB @6 = WORDS = 'git'", "git ("),
    ],
)
def test_what_the_application_calls_is_installed_again(line: str, message: str) -> None:
    result, stage = rewrite("git", line)
    assert (result[:5], " git " in stage) == (message, not message)


def test_what_was_removed_again_is_not_named() -> None:
    assert rewrite("git make")[0].startswith("git (")
    assert "make" not in rewrite("git make")[0]


@pytest.mark.parametrize(
    ("line", "is_kept"),
    [("app/log.sh 1kB @7 = git log", True), ("app/words.py 1kB @7 = WORDS = 'git'", False)],
)
def test_debconf_asks_nothing_where_a_package_is_installed_again(line: str, is_kept: bool) -> None:
    argument = "ARG DEBIAN_FRONTEND=noninteractive\n"
    text = FILE.format(packages="git").replace("RUN apt-get", argument + "RUN apt-get")
    listing = re.sub(r"@(\d)", lambda match: f"@{int(match[1]) + 1}", LISTING)
    stage = "\n".join(cut_last_stage(rewrite_text(text, f"{listing}\n{line}")))
    assert (argument in stage, " git " in stage) == (is_kept, is_kept)
    assert not is_kept or stage.index(argument) < stage.index("apt-get install")
