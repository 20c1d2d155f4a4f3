"""Programs that scripts call which nobody names."""

import pytest

from bot.verify.checks.executed_programs import check
from tests.support.image_pair_world import SHELL, list_subjects, make_image, make_image_pair

STARTS = {"app/run.py": "import subprocess\n"}


def list_missed(files: dict[str, str]) -> list[str]:
    """Return the missed ones of some tools, which the new image all lacks."""
    tools = {f"!usr/bin/{name}": "x" for name in ("git", "xz", "python3", "make")}
    packages = {path[1:]: "package" for path in tools}
    old = make_image({**SHELL, **tools}, copy=files, packages=packages, workdir="/app")
    new = make_image(SHELL, copy=files, workdir="/app")
    return sorted(list_subjects(check(make_image_pair(old, new))))


@pytest.mark.parametrize(
    ("files", "missed"),
    [
        ({"!app/bin/backup": "#!/bin/bash\nset -e\nxz --stdout a > b\n"}, ["xz"]),
        ({"!app/bin/backup": "#!/bin/sh\nexec git gc\n"}, ["git"]),
        ({"!app/bin/backup": "#!/bin/sh\necho git\n"}, []),
        ({"app/bin/backup": "#!/bin/sh\nxz a\n"}, []),
        ({"!app/bin/backup": "#!\nxz a\n"}, []),
        ({"!app/bin/build": "#!/bin/sh\nmake all\n"}, []),
        ({"!app/bin/report": "#!/usr/bin/perl\nmy $log = qx{git log -1};\n"}, ["git"]),
        ({"!app/hooks/notify": "#!/usr/bin/env python3\n"}, ["python3"]),
        ({"!app/hooks/notify.py": "#!/usr/bin/env python3\n", **STARTS}, ["python3"]),
        ({"!app/hooks/notify.py": "#!/usr/bin/env python3\n"}, []),
        ({"!app/hooks/deploy-notice": "#!/usr/bin/env python3\n", **STARTS}, ["python3"]),
        ({"!app/.githooks/pre-commit": "#!/usr/bin/env python3\n", **STARTS}, []),
        ({"!app/cgi-bin/log.cgi": "#!/bin/sh\ngit log\n", **STARTS}, ["git"]),
    ],
)
def test_scripts(files: dict[str, str], missed: list[str]) -> None:
    assert list_missed(files) == missed


@pytest.mark.parametrize(
    ("path", "table", "missed"),
    [
        ("etc/cron.d/shop", "SHELL=/bin/sh\n*/5 * * * * root git -C /pages pull\n", ["git"]),
        ("app/crontab", "@daily xz -9 a\n", ["xz"]),
        ("app/jobs.cron", "15 3 * * 1-5 cd /data && xz a\n", ["xz"]),
        ("app/crontab", "# */5 * * * * git pull\n", []),
        ("app/notes", "*/5 * * * * git pull\n", []),
    ],
)
def test_crontabs(path: str, table: str, missed: list[str]) -> None:
    assert list_missed({path: table}) == missed


@pytest.mark.parametrize(
    ("data", "missed"),
    [
        ("steps:\n  - git init x\n  - cd x && git add .\n", ["git"]),
        ("command: [xz, --force, x]\n", ["xz"]),
        ("command: git fetch origin\n", ["git"]),
        ("command: make report\n", ["make"]),
        ('{"exec": ["make", "report"]}', ["make"]),
        ("- make report\n", []),
        ("description: git fetch origin\n", []),
        ("note: git is needed\n", []),
    ],
)
def test_commands_in_data(data: str, missed: list[str]) -> None:
    assert list_missed({"app/jobs.yml": data, **STARTS}) == missed
    assert list_missed({"app/jobs.yml": data}) == []
