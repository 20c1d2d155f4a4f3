"""Probes: what an image can import, and what it is asked with."""

import json

from bot.verify.probes import make_probes
from tests.support.image_pair_world import SHELL, make_image, make_image_pair
from tests.unit.verify.checks.test_lost_files import distribution

PYTHON = {**SHELL, "!usr/bin/python3": "x", "!usr/bin/node": "x"}


def test_distributions_are_imported_but_for_tools() -> None:
    files = {**distribution("flask", "jinja"), **distribution("jinja"), **distribution("pytest")}
    (probe,) = make_probes(make_image_pair(make_image(PYTHON, run=files), make_image(SHELL)))
    assert probe.arguments[:2] == ("python3", "-c")
    assert "for name in ['flask', 'jinja']:" in probe.arguments[2]
    compile(probe.arguments[2], "probe", "exec")
    assert probe.description == "import of 2 Python modules"


def test_the_interpreter_is_that_of_the_command() -> None:
    files = {
        **distribution("flask"),
        "!opt/venv/bin/web": "#!/opt/venv/bin/python\n",
        "!opt/venv/bin/python": "x",
    }
    (probe,) = make_probes(
        make_image_pair(
            make_image(PYTHON, run=files, command=("/opt/venv/bin/web",)), make_image(SHELL)
        )
    )
    assert probe.arguments[0] == "/opt/venv/bin/python"


def test_dependencies_of_the_package_json() -> None:
    package_json = json.dumps(
        {"dependencies": {"express": "1", "gone": "1"}, "devDependencies": {"jest": "1"}}
    )
    files = {"app/package.json": package_json, "app/node_modules/express/index.js": "x"}
    old = make_image(PYTHON, copy=files, workdir="/app")
    (probe,) = make_probes(make_image_pair(old, make_image(PYTHON)))
    assert probe.arguments[:2] == ("node", "-e")
    assert 'of ["express"]' in probe.arguments[2]
    assert list(make_probes(make_image_pair(old, make_image(SHELL)))) == []


def test_an_image_without_dependencies_has_no_probe() -> None:
    assert list(make_probes(make_image_pair(make_image(SHELL), make_image(SHELL)))) == []
    broken = make_image(PYTHON, copy={"app/package.json": "{"}, workdir="/app")
    assert list(make_probes(make_image_pair(broken, make_image(SHELL)))) == []
