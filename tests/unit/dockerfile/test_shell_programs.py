"""The sets of shells, wrappers and installers, and the reasons why they differ."""

import pytest

from bot.dockerfile.shell_calls import iter_script_calls
from bot.dockerfile.shell_programs import (
    APT_PROGRAMS,
    INSTALL_SUBCOMMANDS,
    INTERACTIVE_SHELLS,
    POSIX_SHELLS,
    STARTUP_WRAPPER_OPERANDS,
    WRAPPER_OPERANDS,
)
from tests.support.open_image_world import parse_script


def call_names(text: str) -> list[str]:
    return [call.name for call in iter_script_calls(parse_script(text))]


def test_fish_is_interactive_and_not_parsed() -> None:
    assert {"fish"} == INTERACTIVE_SHELLS - POSIX_SHELLS


@pytest.mark.parametrize(
    "text",
    [
        "sudo pip install x",
        "sudo -E env A=b pip install x",
        "timeout 60 pip install x",
        "nohup pip install x",
        "stdbuf -oL pip install x",
        "command time pip install x",
    ],
)
def test_wrappers_of_the_same_user_are_skipped_in_a_run(text: str) -> None:
    assert call_names(text) == ["pip"]


@pytest.mark.parametrize("text", ["gosu app npm ci", "su-exec app npm ci", "chroot /mnt npm ci"])
def test_wrappers_that_change_user_or_root_are_kept_in_a_run(text: str) -> None:
    """Another user's caches are elsewhere, and another root is no part of this image's packages."""
    assert call_names(text) == [text.split(maxsplit=1)[0]]


def test_start_commands_may_use_wrappers_that_change_the_user() -> None:
    assert WRAPPER_OPERANDS.items() <= STARTUP_WRAPPER_OPERANDS.items()
    assert {"gosu", "su-exec", "tini", "dumb-init"} <= STARTUP_WRAPPER_OPERANDS.keys()
    assert "chroot" not in STARTUP_WRAPPER_OPERANDS  # its program lies in another root


def test_each_installer_has_its_subcommand() -> None:
    assert INSTALL_SUBCOMMANDS["apk"] == ("add",)
    assert set(APT_PROGRAMS) <= INSTALL_SUBCOMMANDS.keys()
    assert "dpkg" not in INSTALL_SUBCOMMANDS  # it installs files, not packages by their names
