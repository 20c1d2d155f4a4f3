"""The packages of programs that scripts and health checks call."""

import pytest

from bot.rewrite.called_programs import find_called_packages, find_script_packages
from tests.support.rewrite_world import make_facts, read_image_startup

FILES = """
    base 100MB
    deb bash 1MB base basic brings bin/bash
    deb curl 1MB base brings usr/bin/curl
    deb wget 1MB base brings usr/bin/wget
    deb jq 1MB base brings usr/bin/jq
    deb git 1MB base brings usr/bin/git
    usr/bin/get -> wget base
    bin/sh -> bash base
    run.sh 1kB @2 755 = #!/bin/sh\\nif jq . /x; then echo git; fi\\nexec /app
    app 9MB @2 755 = ELF go
"""


@pytest.mark.parametrize(
    ("lines", "packages"),
    [
        ('CMD ["/app"]', set()),
        ('CMD ["/app"]\nHEALTHCHECK CMD curl -f http://x || exit 1', {"curl"}),
        ('CMD ["/app"]\nHEALTHCHECK CMD ["get", "-q", "x"]', {"wget"}),
        ('CMD ["/app"]\nHEALTHCHECK NONE', set()),
        ('CMD ["/run.sh"]', {"jq", "git"}),
        ("CMD jq . /x && /app", {"jq"}),
        ('CMD ["/app", "git"]', set()),
        ("CMD $PROGRAM", set()),
    ],
)
def test_packages_of_called_programs(lines: str, packages: set[str]) -> None:
    facts = make_facts(f"FROM x\nCOPY . /\n{lines}\n", FILES)
    assert find_called_packages(facts, read_image_startup(facts)) - {"bash"} == packages


def test_a_program_that_is_built_as_well_as_installed() -> None:
    files = (
        "deb elixir 1MB base brings usr/bin/elixir\ndeb systemd-sysv 1MB base brings sbin/reboot\ndeb make 1MB @3 brings usr/bin/make\n"
        'run/shop 1kB @2 755 = #!/bin/sh\\nstart "elixir" --no-halt\\nnodetool reboot\\nhome=$(command -v elixir)\\nexec make\n'
        "run/releases/1/elixir 1kB @2 755\n"
    )
    text = 'FROM x\nCOPY . /\nRUN apt-get install make\nCMD ["/run/shop"]\n'
    facts = make_facts(text, FILES + files)
    assert find_called_packages(facts, read_image_startup(facts)) - {"bash"} == {"make"}


def test_packages_of_programs_in_scripts() -> None:
    files = (
        f"{FILES}\n    node_modules/x.sh 1kB @3 755 = curl x\n    jobs/y.sh 1kB @3 755 = wget x\n"
    )
    facts = make_facts('FROM x\nCOPY . /\nRUN make\nCMD ["/app"]\n', files)
    assert find_script_packages(facts) - {"bash"} == {"jq", "git", "wget"}
