"""Installed Python distributions that only build."""

from bot.rewrite.ecosystems.python import ECOSYSTEM as PYTHON
from bot.rewrite.file_selection import FileSelection
from bot.rewrite.python_tools import PythonTools, find_python_tools
from tests.support.rewrite_world import (
    cut_build_stage,
    cut_last_stage,
    make_facts,
    read_image_startup,
    rewrite_text,
)

SITE = "usr/local/lib/python3.12/site-packages"
TEXT = (
    "FROM python:3.12\nWORKDIR /app\nCOPY . .\nRUN pip install poetry && poetry install\n"
    'CMD ["gunicorn", "shop:app"]\n'
)
BASE = """
    base 900MB
    usr/local/bin/python3.12 15MB base 755
    usr/local/bin/pip 1kB base 755
    deb gcc 150MB base brings usr/bin/gcc
    app/shop.py 3kB @3
"""


def distribution(name: str, requires: str = "", script: str = "") -> str:
    """Return the lines of a distribution that the RUN installed."""
    information = f"{SITE}/{name}-1.0.dist-info"
    record = f"{name}/core.py,,\\n" + (f"../../../bin/{script},,\\n" if script else "")
    needs = "".join(f"Requires-Dist: {x}\\n" for x in requires.split(", ") if x)
    lines = [
        f"{SITE}/{name}/core.py 2MB @4",
        f"{information}/RECORD 1kB @4 = {record}",
        f"{information}/METADATA 1kB @4 = Name: {name}\\n{needs}",
    ]
    if script:
        lines.append(f"usr/local/bin/{script} 1kB @4 755 = #!/usr/local/bin/python3.12")
    return "\n".join(lines) + "\n"


INSTALLED = (
    distribution("poetry", "dulwich (>=0.21), packaging, Requests", "poetry")
    + distribution("dulwich", "urllib3", "dul-receive-pack")
    + distribution("packaging")
    + distribution("requests", "urllib3")
    + distribution("urllib3")
    + distribution("gunicorn", "packaging", "gunicorn")
    + distribution("Flask_Login", 'urllib3; extra == "http"')
)


def find_tools(listing: str, text: str = TEXT) -> PythonTools:
    facts = make_facts(text, BASE + listing)
    return find_python_tools(facts, read_image_startup(facts))


def test_a_tool_that_the_application_imports_is_kept() -> None:
    pytest = distribution("pytest", "pluggy", "pytest") + distribution("pluggy")
    assert find_tools(pytest).names == ("pluggy", "pytest")
    importing = "app/views.py 1kB @3 = import os, pytest\\n\n"
    assert find_tools(pytest + importing).names == ()
    for test in ("app/tests/shop.py", "app/test_shop.py"):
        assert find_tools(f"{pytest}{test} 1kB @3 = import pytest\\n\n").names == (
            "pluggy",
            "pytest",
        )


def test_tools_and_what_they_alone_require() -> None:
    tools = find_tools(INSTALLED)
    assert tools.names == ("dulwich", "poetry", "requests")
    assert tools.scripts == ("usr/local/bin/dul-receive-pack", "usr/local/bin/poetry")


def test_an_extra_for_tests_is_no_reason_to_keep_a_tool() -> None:
    listing = distribution("gunicorn", 'pytest; extra == "testing"', "gunicorn")
    assert find_tools(
        listing + distribution("pytest", "pluggy") + distribution("pluggy")
    ).names == (
        "pluggy",
        "pytest",
    )


def test_a_tool_that_is_started_stays() -> None:
    text = TEXT.replace('"gunicorn", ', '"poetry", "run", "gunicorn", ')
    assert find_tools(INSTALLED, text).names == ()


def test_a_tool_that_the_application_requires_stays() -> None:
    listing = INSTALLED + distribution("shop", "poetry")
    assert find_tools(listing).names == ()


def test_distributions_of_another_environment_are_not_uninstalled() -> None:
    listing = INSTALLED.replace("usr/local/lib", "app/.venv/lib")
    assert find_tools(listing).names == ()


def test_the_build_stage_uninstalls_them() -> None:
    output = rewrite_text(TEXT, BASE + INSTALLED)
    assert cut_build_stage(output).endswith("RUN pip uninstall -y dulwich poetry requests\n")
    last_stage = "\n".join(cut_last_stage(output))
    assert "/usr/local/bin/gunicorn" in last_stage
    assert "/usr/local/bin/poetry" not in last_stage


def test_the_programs_stay_where_nothing_is_uninstalled() -> None:
    facts = make_facts(TEXT, BASE + INSTALLED)
    startup = read_image_startup(facts)
    pruned = FileSelection(facts, startup, PYTHON).selected_paths
    whole = FileSelection(facts, startup, PYTHON, skip_pruning=True).selected_paths
    assert whole - pruned == {"usr/local/bin/dul-receive-pack", "usr/local/bin/poetry"}


def test_nothing_is_uninstalled_where_only_the_application_is() -> None:
    assert "uninstall" not in rewrite_text(TEXT, BASE + distribution("gunicorn", "", "gunicorn"))
