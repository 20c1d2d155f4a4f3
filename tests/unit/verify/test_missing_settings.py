"""Settings that a program says are missing."""

import pytest

from bot.verify.missing_settings import find_missing_file, find_missing_setting


@pytest.mark.parametrize(
    "output",
    [
        "    raise KeyError(key)\nKeyError: 'JWT_SECRET'",
        "decouple.UndefinedValueError: JWT_SECRET not found. Declare it as envvar",
        "Error: JWT_SECRET is not defined",
        "JWT_SECRET is required",
        "JWT_SECRET must be set",
        "Set the JWT_SECRET environment variable",
        'Environment variable "JWT_SECRET" not set',
        "Missing required env var: JWT_SECRET",
        "Settings\nJWT_SECRET\n  Field required [type=missing]",
    ],
)
def test_messages_name_a_variable(output: str) -> None:
    assert find_missing_setting(output) == "the variable JWT_SECRET"
    assert not find_missing_setting(output, (), {"JWT_SECRET"})


def test_a_variable_that_sources_read_is_meant() -> None:
    read = {"DB_HOST", "DB_USER"}
    assert find_missing_setting("set DB_HOST", read) == "the variable DB_HOST"
    assert (
        find_missing_setting("please provide DB_USER, DB_HOST", read)
        == "the variables DB_HOST, DB_USER"
    )


def test_a_variable_that_a_command_line_sets_is_not_missing() -> None:
    output = "$ MODE=production node app.js\nMODE: production\nError: no such module\n"
    assert not find_missing_setting(output, {"MODE"})
    assert not find_missing_setting("set MODE=production", {"MODE"})


@pytest.mark.parametrize(
    ("output", "path"),
    [
        ("Error loading .env file", ".env"),
        ("open .env: no such file or directory", ".env"),
        (".env file not found", ".env"),
        ("panic: open config.json: no such file or directory", "config.json"),
        ("[Errno 2] No such file or directory: '/app/config.json'", "/app/config.json"),
        ("ENOENT: no such file or directory, open 'data/a.db'", "data/a.db"),
        ("Error: Unable to access jarfile target/app.jar", "target/app.jar"),
    ],
)
def test_messages_name_a_file(output: str, path: str) -> None:
    text = f"start\n{output}\n\ngoroutine 1 [running]:\n"
    assert find_missing_file(text) == f"the file {path}"


@pytest.mark.parametrize(
    ("output", "name"),
    [
        ("Error: Cannot find module '/app/dist/main.js'", "/app/dist/main.js"),
        ("Cannot find package 'dotenv' imported from /app/a.mjs", "dotenv"),
        ("ModuleNotFoundError: No module named 'shop.db'", "shop.db"),
    ],
)
def test_messages_name_a_module(output: str, name: str) -> None:
    assert find_missing_file(f"start\n{output}\n") == f"the module {name}"


@pytest.mark.parametrize("output", ["", "no database", "ERROR: THE END", "KeyError: 'name'"])
def test_other_output_names_no_setting(output: str) -> None:
    assert not find_missing_setting(output)
    assert not find_missing_file(output)
