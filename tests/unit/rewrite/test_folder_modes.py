"""The modes of folders that matter in the last stage."""

import pytest

from bot.rewrite.folder_modes import is_mode_needed, runs_other_users
from tests.support.rewrite_world import make_facts

TEXT = 'FROM x\nCOPY . /app\nRUN make\nCMD ["/app/run"]\n'
FILES = "base 1MB\napp/run 1MB @2 755\n"


@pytest.mark.parametrize(
    ("lines", "files", "is_other"),
    [
        ("", "", False),
        ("USER root\n", "", False),
        ("USER 0:0\n", "", False),
        ("USER app\n", "", True),
        ("RUN useradd app\n", "user app 1000:1000 /home/app /bin/sh\n", True),
        ("", "app/data 1kB @2 644 ~7:7\n", True),
        ("", "app/data/ @2 755 ~7:7\n", True),
        ("", "var/log/apt/term.log 1kB @2 640 ~0:4\n", False),
        ("", "var/cache/apt/archives/partial/ @2 700 ~42:0\n", False),
        ("", "etc/shadow 1kB @2 640 ~0:42\n", False),
        ("", "var/log/app.log 1kB @2 640 ~0:4\n", True),
        ('ENTRYPOINT ["gosu", "app"]\n', "", True),
        ('ENTRYPOINT ["apache2-foreground"]\n', "", True),
        ('ENTRYPOINT ["/go.sh"]\n', "go.sh 1kB @2 755 = #!/bin/sh\\nexec su-exec app $@\n", True),
        ('ENTRYPOINT ["/go.sh"]\n', "go.sh 1kB @2 755 = #!/bin/sh\\nexec ./sudoku\n", False),
    ],
)
def test_users_other_than_root(lines: str, files: str, is_other: bool) -> None:
    assert runs_other_users(make_facts(TEXT + lines, FILES + files)) is is_other


@pytest.mark.parametrize(
    ("mode", "command", "is_common", "is_needed"),
    [
        ("755", "chmod 755 /app", False, False),
        ("777", "make", False, True),
        ("777", "make", True, False),
        ("777", "chmod 777 /app", True, True),
        ("777", "chmod -R 777 /", True, True),
        ("777", "chmod -fR 777 /", True, True),
        ("700", "make", False, False),
        ("700", "mkdir -m 700 /app", False, True),
        ("700", "install -d -m 700 /app", False, True),
    ],
)
def test_modes_of_folders(mode: str, command: str, is_common: bool, is_needed: bool) -> None:
    facts = make_facts(TEXT.replace("make", command), FILES + f"app/ @3 {mode}\n")
    assert is_mode_needed(facts, "app", is_common=is_common) is is_needed
