"""Scripts that build or publish the image that they would be in."""

import pytest

from bot.rewrite.host_scripts import is_host_script
from tests.support.rewrite_world import make_facts

TEXT = 'FROM x\nWORKDIR /app\nCOPY . .\nCMD ["./run"]\n'


@pytest.mark.parametrize(
    ("text", "is_host"),
    [
        ("docker build -t shop .\\n", True),
        ("set -e\\n  sudo kubectl apply -f k8s\\n", True),
        ("docker-compose up\\n", True),
        ("dockerize -wait tcp://db\\n", False),
        ("echo docker build\\n", False),
        ("command -v docker && exit\\ndocker ps\\n", False),
    ],
)
def test_scripts_by_what_they_call(text: str, is_host: bool) -> None:
    facts = make_facts(TEXT, f"base 1MB\napp/x.sh 1kB @3 = {text}\n")
    assert is_host_script(facts, "app/x.sh") is is_host


def test_a_program_that_is_there_can_be_called() -> None:
    script = "base 1MB\napp/x.sh 1kB @3 = docker ps\\n\n"
    assert is_host_script(make_facts(TEXT, script), "app/x.sh")
    facts = make_facts(TEXT, script + "usr/bin/docker 1MB base 755\n")
    assert not is_host_script(facts, "app/x.sh")
